"""Two leads side by side: field by field, what speaks for one person and what against, and who knows each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from connector.locale.columns import aligned
from connector.model.fields import Value
from connector.model.joining import Joining, Pair
from connector.model.lead import Lead, Link, display_name
from connector.steps.normalise.text import fold
from connector.steps.normalise.values import company_key
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, Words, field_name

Agreement = Literal["same", "close", "differs", "one"]
AGREEMENTS: Mapping[Agreement, str] = {
    "same": N_("same"),
    "close": N_("close"),
    "differs": N_("differs"),
    "one": N_("only one"),
}
#: How two leads became one.
HOW = {
    "matching": N_("surely alike"),
    "person": N_("a person"),
    "marketing": N_("merged in marketing"),
    "crm": N_("merged in the CRM"),
}
#: From this share of letters on two texts are close.
CLOSE = 0.8
#: Names of fields that say nothing about who somebody is.
_NOT_THEIRS = ("first.", "links.", "opportunity.")
_PLACES = {name: place for place, name in enumerate(vocabulary.FIELDS)}


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of two leads; a value that one has not is None."""

    field: str
    agreement: Agreement
    one: Value | None
    other: Value | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of two leads, beside its fields. `known_as` are (connection, object, id)."""

    lead: int
    known_as: list[tuple[str, str, str]] = field(default_factory=list)
    owner: str = ""
    stage: str = ""
    last_activity: datetime | None = None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A pair, told. `findings` are (what was found, in words; points), `sure` and `perhaps` where the bands begin."""

    pair: Pair
    sides: tuple[Side, Side]
    fields: list[Compared]
    findings: list[tuple[str, int]]
    points: int
    sure: int
    perhaps: int


def side(lead: Lead, links: Sequence[Link], last_activity: datetime | None) -> Side:
    """What is told of a lead beside its fields."""
    known = sorted({(one.connection, one.object, one.external_id) for one in links})
    return Side(lead.id, known, lead.owner, lead.stage, last_activity)


def compared(one: Lead, other: Lead) -> list[Compared]:
    """The fields of two leads, in the order of the vocabulary."""
    names = {name for name in one.fields.keys() | other.fields.keys() if not name.startswith(_NOT_THEIRS)}
    return [
        Compared(name, agreement(one.fields.get(name), other.fields.get(name), name), one.fields.get(name),
                 other.fields.get(name))
        for name in sorted(names, key=lambda name: (_PLACES.get(name, len(_PLACES)), name))
    ]  # fmt: skip


def agreement(one: Value | None, other: Value | None, field: str = "") -> Agreement:
    """How far two values of a field agree."""
    if one is None or other is None:
        return "one"
    if one == other:
        return "same"
    if not isinstance(one, str) or not isinstance(other, str):
        return "differs"
    if field == "company.name":
        one, other = company_key(one), company_key(other)
    left, right = ("".join(filter(str.isalnum, fold(text))) for text in (one, other))
    if left == right:
        return "close"
    from connector.steps.alike.similar import share

    return "close" if left and right and share(left, right) >= CLOSE else "differs"


def name_of(lead: Lead) -> str:
    """What somebody is called in a listing: name and address."""
    parts = (display_name(lead), str(lead.fields.get("email") or ""))
    return " ".join(part if place == 0 else f"<{part}>" for place, part in enumerate(parts) if part)


def joined(lead_id: int, joinings: Sequence[Joining], words: Words) -> Iterator[tuple[datetime, str]]:
    """When a lead became one with others, and when it was two again, in words."""
    for one in joinings:
        about = {"other": one.loser, "how": words.translate(HOW[one.how]), "number": one.id, "id": one.winner}
        if one.winner == lead_id:
            yield one.at, words.say("lead %(other)s has become this one (%(how)s; joining %(number)s)", **about)
        else:
            yield one.at, words.say("became one with lead %(id)s (%(how)s; joining %(number)s)", **about)
        if one.undone_at is not None:
            yield one.undone_at, words.say("joining %(number)s was taken apart (%(by)s)", number=one.id,
                                           by=one.undone_by)  # fmt: skip


def to_json(told: SideBySide) -> dict[str, Any]:
    """As one document."""
    return {
        "number": told.pair.id,
        "state": told.pair.state,
        "band": told.pair.band,
        "points": told.points,
        "sure_from": told.sure,
        "perhaps_from": told.perhaps,
        "findings": [
            {"field": of, "level": level, "points": points, "text": text}
            for (of, level, points), (text, _) in zip(told.pair.findings, told.findings, strict=True)
        ],
        "leads": [asdict(one) for one in told.sides],
        "fields": [asdict(one) for one in told.fields],
        "note": told.pair.note,
        "decided_by": told.pair.decided_by,
        "decided_at": told.pair.decided_at,
    }


def render(told: SideBySide, words: Words, columns: int) -> Iterator[str]:
    """As lines: fields side by side, then the points."""
    one, other = told.sides
    rows = [("", words.say("lead %(id)s", id=one.lead), words.say("lead %(id)s", id=other.lead), "")]
    for found in told.fields:
        shown = [words.value(found.field, value) if value is not None else "" for value in (found.one, found.other)]
        rows.append(
            (field_name(found.field, words.translate), shown[0], shown[1], words.translate(AGREEMENTS[found.agreement]))
        )
    yield from aligned(rows, columns=columns)
    yield ""
    yield from aligned(list(_beside(told, words)), columns=columns)
    yield ""
    yield from _points(told, words, columns)


def _beside(told: SideBySide, words: Words) -> Iterator[tuple[str, str, str]]:
    _ = words.translate
    sides = told.sides
    most = max(len(one.known_as) for one in sides)
    for place in range(most):
        known = [one.known_as[place] if place < len(one.known_as) else None for one in sides]
        shown = [f"{place[0]}: {_(vocabulary.OBJECTS.get(place[1], place[1]))} {place[2]}" if place else ""
                 for place in known]  # fmt: skip
        yield _("known as") if place == 0 else "", shown[0], shown[1]
    yield _("owner"), sides[0].owner, sides[1].owner
    stages = [_(vocabulary.STAGES.get(one.stage, one.stage)) for one in sides]
    yield _("stage"), stages[0], stages[1]
    times = [words.moment(one.last_activity) if one.last_activity else "" for one in sides]
    yield _("last activity"), times[0], times[1]


def _points(told: SideBySide, words: Words, columns: int) -> Iterator[str]:
    rows = [(text, f"{points:+d}") for text, points in told.findings]
    rows.append((words.translate("together"), f"{told.points:+d}"))
    yield from aligned(rows, right=(1,), columns=columns)
    yield words.say("surely one from %(sure)s points on, perhaps from %(perhaps)s", sure=told.sure,
                    perhaps=told.perhaps)  # fmt: skip
    if told.points >= told.sure and told.pair.band == "perhaps":
        yield words.say(N_("a person is asked all the same: something in it may be of two people, such as the names"))
