"""What a person said about being contacted, and what stands of it, for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.model.consent import CHANNELS, EXPLICIT, ConsentEvent
from connector.steps.consent import Standing, reachable, scopes
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, Words

HOW_NAMES = {
    "unsubscribe": N_("they unsubscribed"), "subscribe": N_("they subscribed"), "form": N_("they said so in a form"),
    "field": N_("a field of the record"), "bounce": N_("mail came back for good"),
    "person": N_("somebody here said so"), "merge": N_("two records became one"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """One line of the ledger. `counts` says why it does not reopen anything, "" where it may."""

    at: datetime
    channel: str
    given: bool
    source: str
    how: str
    scope: str
    evidence: str
    certain: bool
    what: str
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """`stands` is what stands by channel (or subscription), in words; `words` all that was said, oldest first."""

    stands: tuple[tuple[str, str], ...] = ()
    words: tuple[Word, ...] = ()


def consent_of(events: Sequence[ConsentEvent], address: str, words: Words) -> Consent:
    """The ledger of one lead, whose present email is `address`."""
    return Consent(
        tuple(_stands(events, address, words)),
        tuple(_word(one, words) for one in sorted(events, key=lambda one: (one.at, one.id))),
    )


def _stands(events: Sequence[ConsentEvent], address: str, words: Words) -> Iterator[tuple[str, str]]:
    each = reachable(events, words.now, address)
    for channel in CHANNELS:
        if each[channel].by is not None:
            yield words.translate(vocabulary.CHANNELS[channel]), _standing(each[channel], words)
    for scope, one in scopes(events, words.now).items():
        yield words.say(N_("subscription %(name)s"), name=scope), _standing(one, words)


def _standing(one: Standing, words: Words) -> str:
    by = one.by
    if by is None:
        return ""
    said = {"when": words.moment(by.at), "source": by.source, "how": words.translate(HOW_NAMES[by.how])}
    if one.state == "out":
        return words.say(N_("NO since %(when)s (%(source)s: %(how)s)"), **said)
    return words.say(N_("yes since %(when)s (%(source)s: %(how)s)"), **said)


def _word(one: ConsentEvent, words: Words) -> Word:
    channel = words.translate(vocabulary.CHANNELS[one.channel])
    scope = words.say(N_("(only %(scope)s)"), scope=one.scope) if one.scope else ""
    answer = words.translate(N_("yes") if one.given else N_("NO"))
    parts = (words.say(N_("%(channel)s: %(answer)s"), channel=channel, answer=answer), scope,
             words.translate(HOW_NAMES[one.how]))  # fmt: skip
    return Word(
        one.at, one.channel, one.given, one.source, one.how, one.scope, one.evidence, one.certain,
        " · ".join(part for part in parts if part), _counts(one, words),
    )  # fmt: skip


def _counts(one: ConsentEvent, words: Words) -> str:
    if not one.given:
        return ""
    if one.how not in EXPLICIT:
        return words.translate(N_("reopens nothing: not their own word"))
    return "" if one.certain else words.translate(N_("reopens nothing: nobody knows when it was said"))
