"""What stands of all that was said about contacting one person: a ratchet.

An opt-out stands until the person says otherwise, later, and it is certain when: a subscription, an answer in a
form, or a colleague who says so for them. A field that flips back, an import, a merge or a record without a time
of its own never reopens anything. What stands depends on what was said alone, not on when we heard it.

Mail that came back for good closes one address, and says nothing of the person's will; what was said of one
subscription is told, and closes no channel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connector.model.activity import Activity
from connector.model.consent import CHANNELS, EXPLICIT, Channel, ConsentEvent
from connector.model.fields import Value
from connector.model.lead import Lead
from connector.model.sentences import MAIL_CAME_BACK
from connector.steps.normalise.text import fold
from connector.steps.normalise.values import boolean

#: The fields that say what stands, by channel.
FIELDS: Mapping[Channel, str] = {channel: f"consent.{channel}" for channel in CHANNELS}
CHANNEL_OF: Mapping[str, Channel] = {name: channel for channel, name in FIELDS.items()}
#: All that a lead has of it: the channels, and since when and by whom.
OF_CONSENT = frozenset({*FIELDS.values(), "consent.at", "consent.source"})
#: Kinds of activities that say something about being contacted.
KINDS = frozenset({"unsubscribe", "subscribe", "bounce"})

State = Literal["given", "out", "unknown"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of one channel, and by which word; None where nobody has said anything."""

    state: State = "unknown"
    by: ConsentEvent | None = None

    @property
    def since(self) -> datetime | None:
        """When that was said."""
        return self.by.at if self.by else None


def standing(events: Iterable[ConsentEvent], channel: Channel, now: datetime, address: str = "") -> Standing:
    """What stands of `channel`, whatever the order of the events; nothing yet to come reopens it.

    Of a channel that is closed, the first word that closed it since it was last open. `address` is the person's
    present one: mail that came back from another one does not count.
    """
    said = sorted((one for one in events if _is_about(one, channel, address)), key=_order)
    reopened = max((one.at for one in said if _reopens(one, now)), default=None)
    mended = max((one.at for one in said if one.how == "person" and _reopens(one, now)), default=None)
    for one in said:
        ended = mended if one.how == "bounce" else reopened
        if not one.given and (ended is None or one.at >= ended):
            return Standing("out", one)
    given = [one for one in said if one.given]
    return Standing("given", given[-1]) if given else Standing()


def _is_about(event: ConsentEvent, channel: Channel, address: str) -> bool:
    if event.how == "bounce":
        return channel == "email" and bool(address) and event.scope == address.casefold()
    return not event.scope and event.channel in (channel, "all")


def _reopens(event: ConsentEvent, now: datetime) -> bool:
    return event.given and event.how in EXPLICIT and event.certain and event.at <= now


def _order(event: ConsentEvent) -> tuple[object, ...]:
    return (event.at, event.source, event.how, event.channel, event.given, event.scope, event.certain, event.evidence)


def reachable(events: Iterable[ConsentEvent], now: datetime, address: str = "") -> dict[Channel, Standing]:
    """What stands of every channel, `all` among them."""
    said = list(events)
    return {channel: standing(said, channel, now, address) for channel in CHANNELS}


def scopes(events: Iterable[ConsentEvent], now: datetime) -> dict[str, Standing]:
    """What stands of single subscriptions, by their names; they close no channel."""
    by_scope: dict[str, list[ConsentEvent]] = {}
    for one in events:
        if one.scope and one.how != "bounce":
            by_scope.setdefault(one.scope, []).append(_whole(one))
    return {scope: standing(some, "email", now) for scope, some in sorted(by_scope.items())}


def _whole(one: ConsentEvent) -> ConsentEvent:
    return ConsentEvent(one.lead_id, one.channel, one.given, one.at, one.source, one.how, "", one.certain, one.evidence)


def told(events: Iterable[ConsentEvent], now: datetime) -> dict[str, Value]:
    """The fields of a lead that follow: a channel of which nothing is known is absent.

    Who has left everything and came back for one channel is out of the other alone. Addresses that mail came
    back from are no word of theirs, and no field.
    """
    said = [one for one in events if one.how != "bounce"]
    each = reachable(said, now)
    if each["all"].state == "out" and "given" in (each["email"].state, each["phone"].state):
        each["all"] = Standing()
    found: dict[str, Value] = {
        FIELDS[channel]: one.state == "given" for channel, one in each.items() if one.state != "unknown"
    }
    closed = [one for one in each.values() if one.state == "out"]
    latest = [one.by for one in closed or each.values() if one.by]
    if found and latest:
        by = max(latest, key=_order)
        found |= {"consent.at": by.at.isoformat(), "consent.source": by.source}
    return found


def ways_left(each: Mapping[Channel, Standing], touches: Iterable[str]) -> list[Channel]:
    """The channels by which a person may be reached, of those that `touches` (call, email, meeting) go by.

    A meeting is agreed on by either.
    """
    by: dict[str, tuple[Channel, ...]] = {"call": ("phone",), "email": ("email",)}
    asked = {channel for touch in touches for channel in by.get(touch, ("email", "phone"))}
    return [
        channel for channel in CHANNELS if channel in (asked or {"email", "phone"}) and each[channel].state != "out"
    ]


def is_out(lead: Lead) -> bool:
    """Whether a lead is out of any channel."""
    return any(lead.fields.get(name) is False for name in FIELDS.values())


def has_left(lead: Lead) -> bool:
    """Whether a lead said that it wants no mail."""
    return False in (lead.fields.get("consent.email"), lead.fields.get("consent.all"))


def no_mail(lead: Lead) -> bool:
    """Whether a lead must not be written to: it opted out, or mail to its address came back for good."""
    return has_left(lead) or lead.flags.get("email") == MAIL_CAME_BACK


def no_calls(lead: Lead) -> bool:
    """Whether a lead must not be called."""
    return False in (lead.fields.get("consent.phone"), lead.fields.get("consent.all"))


def consent_names(origins: Mapping[str, Collection[str]]) -> frozenset[str]:
    """A platform's names of the fields that hold consent, and nothing else."""
    return frozenset(name for name, fields in origins.items() if fields and OF_CONSENT.issuperset(fields))


def word_of(activity: Activity, address: str) -> ConsentEvent | None:
    """What an activity says about being contacted; None for any that says nothing.

    Its topic names the subscription that it is about. `address` is the lead's, for events that do not name one.
    """
    if activity.kind not in KINDS:
        return None
    given, scope, how = activity.kind == "subscribe", activity.topic, activity.kind
    if how == "bounce":
        scope = (activity.person if "@" in activity.person else address).casefold()
    return ConsentEvent(
        activity.lead_id, "email", given, activity.at, activity.connection, how,  # type: ignore[arg-type]
        scope, True, activity.source_id,
    )  # fmt: skip


def answers_of(activity: Activity, questions: Mapping[str, Channel]) -> Iterator[ConsentEvent]:
    """What the answers of a form say: `questions` (folded) with the channel that each is about.

    What is neither yes nor no is no answer.
    """
    for question, answer in activity.answers.items() if questions else ():
        channel = questions.get(fold(question))
        given = boolean(answer)[0] if channel else None
        if channel and given is not None:
            yield ConsentEvent(
                activity.lead_id, channel, given, activity.at, activity.connection, "form", "", True, activity.source_id
            )


def said_again(word: ConsentEvent, known: Iterable[ConsentEvent]) -> bool:
    """Whether a field says what it said last: a record that is read anew is no new word."""
    same = [
        one for one in known
        if (one.how, one.source, one.channel, one.scope) == (word.how, word.source, word.channel, word.scope)
        and one.evidence == word.evidence
    ]  # fmt: skip
    return bool(same) and max(same, key=lambda one: (one.at, one.id)).given == word.given


def field_words(
    values: Mapping[str, Value], lead_id: int, source: str, at: datetime, evidence: str
) -> Iterator[ConsentEvent]:
    """What the fields of a record say of each channel. When it was said is not certain: the time is the record's."""
    for name, channel in CHANNEL_OF.items():
        if isinstance(given := values.get(name), bool):
            yield ConsentEvent(lead_id, channel, given, at, source, "field", "", False, f"{name} {evidence}".strip())
