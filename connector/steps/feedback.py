"""What a CRM's records tell about a lead that we handed over: stage, owner, reason, rating, contact, outcome.

A word is news only where it changed since the record was last seen, and is not what we wrote
ourselves: both are told by the value, never by the time of the change. Our newest word coming back is
an echo, unless somebody had said another one in between; an older one of ours is a late write, and
nobody's word.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.model.fields import Value
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.stages import Stage
from connector.steps.field_rules import alike
from connector.steps.mapping.stage import StageReading
from connector.steps.normalise.text import fold

#: What a person did that counts as contact, as adapters name it in a task's `stage`.
TOUCHES = ("call", "email", "meeting")
#: Where the verdict of a form stands among its values; its words are those of the stage.
FORM = "feedback"
#: Where a lead is further than accepted.
PAST_ACCEPTANCE: tuple[Stage, ...] = ("sql", "opportunity", "won", "lost")
#: The shipped reason for what none of the others says.
OTHER = "other"
#: Letters of a rep's words that are kept.
LONGEST = 2000
#: What a lead has of its opportunity.
OF_OPPORTUNITY = ("opportunity.id", "opportunity.stage", "opportunity.amount", "opportunity.currency", "outcome")


@dataclass(frozen=True, slots=True)
class Told:
    """What one change tells; what is empty is no news.

    `why` names the word that said so. `owner` is an email, `words` are a rep's own about the lead. Of `fields`, ""
    stands for what is there no more. `unknown` are words of theirs that the mapping's tables do not name, as (their
    field, the word).
    """

    stage: Stage | None = None
    why: str = ""
    owner: str = ""
    reason: str = ""
    rating: int | None = None
    words: str = ""
    contacted_at: datetime | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    unknown: tuple[tuple[str, str], ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is no news at all."""
        return self == Told() or self == Told(unknown=self.unknown)


def of_person(
    before: CrmRecord | None,
    after: CrmRecord,
    reading: StageReading | None,
    written: Mapping[str, Any],
    users: Mapping[str, str],
    earlier: Sequence[Mapping[str, Any]] = (),
) -> Told:
    """What a lead or contact tells.

    `written` are the values that we last wrote to it, `earlier` those that we wrote before; `users` are
    emails by user id.
    """
    owner = users.get(after.owner, "") if before is None or before.owner != after.owner else ""
    if reading is None:
        return Told(owner=owner)
    news = _News(before, after, written, earlier)
    word = news.word(reading.field)
    reason_word, rating_word = news.word(reading.reason_field), news.word(reading.rating_field)
    stage, reason = meaning(reading.stages, word), reason_in(reading, reason_word)
    if stage == "rejected" and not reason:
        # The reason may have been said before the status was.
        reason = reason_in(reading, _text(after.values.get(reading.reason_field)))
    unknown = [(reading.field, word)] if word and not stage and reading.stages else []
    unknown += [(reading.reason_field, reason_word)] if reason_word and not reason and reading.reasons else []
    return Told(
        stage=stage or None,  # type: ignore[arg-type]
        why=word if stage else "",
        owner=owner,
        reason=reason or (reason_word if not reading.reasons else ""),
        rating=_number(rating_word),
        words=news.word(reading.words_field)[:LONGEST],
        unknown=tuple(unknown),
    )


def of_form(
    before: CrmRecord | None, after: CrmRecord, reading: StageReading | None, lead: Lead, opened_at: datetime | None
) -> Told:
    """What feedback in a form of its own tells of the lead that it names: verdict, reason, rating, words.

    It counts for what was handed over before it was said, and where it is changed, by what is new in it. Reason and
    rating stand in fields of the names that `[read.stage]` gives those of the lead itself. Whoever is further than
    accepted is not set back by having been accepted.
    """
    if reading is None or opened_at is None or after.modified_at is None or after.modified_at < opened_at:
        return Told()
    was = before if before is not None and not before.gone else CrmRecord("feedback", after.id)
    news = _News(was, after, {}, ())
    word, rating_word = news.word(FORM), news.word(reading.rating_field)
    reason_word = news.word(reading.reason_field)
    stage, reason = meaning(reading.stages, word), meaning(reading.reasons, reason_word)
    unknown = [(FORM, word)] if word and not stage else []
    stage = "" if stage == "sal" and lead.stage in PAST_ACCEPTANCE else stage
    unknown += [(reading.reason_field, reason_word)] if reason_word and not reason and reading.reasons else []
    return Told(
        stage=stage or None,  # type: ignore[arg-type]
        why=word if stage else "",
        reason=reason or (reason_word if not reading.reasons else ""),
        rating=_number(rating_word),
        unknown=tuple(unknown),
        words=after.name[:LONGEST] if after.name != was.name else "",
    )


@dataclass(frozen=True, slots=True)
class _News:
    before: CrmRecord | None
    after: CrmRecord
    written: Mapping[str, Any]
    earlier: Sequence[Mapping[str, Any]]

    def word(self, name: str) -> str:
        """The word of a field, where it is news; "" where it is not."""
        word = _text(self.after.values.get(name)) if name else ""
        was = _text(self.before.values.get(name)) if self.before is not None and name else ""
        if not word or word == was:
            return ""
        if alike(word, self.written.get(name)):
            return word if was and not self._ours_before(name, was) else ""
        return "" if self._ours_before(name, word) else word

    def _ours_before(self, name: str, word: str) -> bool:
        return any(name in values and alike(values[name], word) for values in self.earlier)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def meaning(table: Mapping[str, str], word: str) -> str:
    """Our word for theirs, whatever its case and width; "" where the table does not name it."""
    if not word or word in table:
        return table.get(word, "")
    folded = fold(word)
    return next((ours for theirs, ours in table.items() if fold(theirs) == folded), "")


def reason_in(reading: StageReading, word: str) -> str:
    """The reason that a word of theirs stands for.

    A field that has the rep's own words, too, is free text: it begins with the reason, and any other text is another
    reason.
    """
    if not word or not reading.reasons or reading.reason_field != reading.words_field:
        return meaning(reading.reasons, word)
    said = fold(word)
    named = [theirs for theirs in reading.reasons if begins_with(said, fold(theirs))]
    return reading.reasons[max(named, key=len)] if named else OTHER


def begins_with(said: str, word: str) -> bool:
    """Whether a text begins with a word, and with no longer one; Japanese has no blanks between words."""
    after = said.removeprefix(word)[:1]
    return said.startswith(word) and not (after.isalnum() and word.isascii())


def is_named(reading: StageReading, field: str, word: str) -> bool:
    """Whether a word of one of their fields means something by now."""
    if field in (reading.field, FORM):
        return bool(meaning(reading.stages, word))
    return field == reading.reason_field and bool(meaning(reading.reasons, word))


def _number(word: str) -> int | None:
    try:
        return round(float(word))
    except (ValueError, OverflowError):
        return None


def of_opportunity(record: CrmRecord, lead: Lead) -> Told:
    """What an opportunity of the lead tells.

    Of several, the one first seen stays the lead's until it is lost or gone, or a rep has moved the lead elsewhere.
    """
    mine = str(lead.fields.get("opportunity.id") or "")
    if mine not in ("", record.id) and lead.stage in ("opportunity", "won"):
        return Told()
    stage: Stage = "opportunity" if record.is_open else "won" if record.won else "lost"
    fields: dict[str, Value] = {
        "opportunity.id": record.id,
        "opportunity.stage": record.stage,
        "opportunity.amount": "" if record.amount is None else record.amount,
        "opportunity.currency": record.currency,
        "outcome": "" if stage == "opportunity" else stage,
    }
    moved = stage if stage != lead.stage else None
    return Told(stage=moved, why=record.stage if moved else "", fields=_differing(fields, lead))


def of_lost_opportunity(record: CrmRecord, lead: Lead, why: str) -> Told:
    """What it tells that an opportunity was deleted: the lead has none any more, and is what it was before."""
    if lead.fields.get("opportunity.id") != record.id:
        return Told()
    back: Stage | None = "sql" if lead.stage == "opportunity" else None
    return Told(stage=back, why=why if back else "", fields=_differing(dict.fromkeys(OF_OPPORTUNITY, ""), lead))


def _differing(fields: Mapping[str, Value], lead: Lead) -> dict[str, Value]:
    return {name: value for name, value in fields.items() if lead.fields.get(name, "") != value}


def is_news_of(record: CrmRecord, before: CrmRecord | None, lead: Lead, opened_at: datetime | None) -> bool:
    """Whether an opportunity's change counts for a lead that was handed over at `opened_at`.

    One that was there before tells by changing only, and where it was over by then, by being opened again.
    """
    if record.modified_at is None or opened_at is None or record.modified_at < opened_at:
        return False
    mine = lead.fields.get("opportunity.id") == record.id
    return mine or before is None or before.gone or before.is_open or record.is_open


def of_touch(
    record: CrmRecord, handoff: Handoff, touch: Collection[str], not_by: Collection[str], senders: Mapping[str, str]
) -> Told:
    """When the lead was contacted: a finished call, mail or meeting by a person after the handoff.

    `touch` are the kinds that count, as adapters name them in a task's `stage`; `not_by` names of automatic
    senders (in a task's subject or its owner's address), `senders` emails by user id. A task of
    our own is a reminder, not a contact.
    """
    when = touched_at(record, handoff, touch, not_by, senders)
    earlier = when is None or (handoff.contacted_at is not None and handoff.contacted_at <= when)
    return Told() if earlier else Told(contacted_at=when)


def touched_at(
    record: CrmRecord, handoff: Handoff, touch: Collection[str], not_by: Collection[str], senders: Mapping[str, str]
) -> datetime | None:
    """When a person got in touch after the handoff, by what a task says; None where it says nothing of that."""
    when = record.modified_at
    if record.is_open or record.our_key or record.stage not in touch or when is None or handoff.opened_at is None:
        return None
    said = fold(f"{record.name} {senders.get(record.owner, '')}")
    if when < handoff.opened_at or any(fold(name) in said for name in not_by):
        return None
    return when
