"""By when somebody must do something about a handoff, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connector.locale.format import span
from connector.model.handoff import Handoff
from connector.steps.telling.words import N_, Words

#: Where a lead stands in an inbox.
Section = Literal["overdue", "hot", "today", "later", "work"]
SECTIONS: dict[Section, str] = {
    "overdue": N_("Overdue"),
    "hot": N_("Hot"),
    "today": N_("Due today"),
    "later": N_("Later"),
    "work": N_("Accepted and in work"),
}
WHAT = {"contact": N_("first contact"), "accept": N_("accept or reject"), "review": N_("release or return")}


@dataclass(frozen=True, slots=True)
class Due:
    """What is due next: `what` (of `WHAT`, "" for nothing), and when (None: no time was agreed)."""

    what: str = ""
    at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether the time is over."""
        return self.at is not None and self.at <= now


def due_of(handoff: Handoff) -> Due:
    """What a rep is to do next: of contact and acceptance, whichever is due first."""
    waits = [("contact", handoff.due_at)] if handoff.contacted_at is None else []
    waits += [("accept", handoff.accept_due_at)] if handoff.accepted_at is None else []
    timed = [(at, what) for what, at in waits if at is not None]
    if timed:
        at, what = min(timed)
        return Due(what, at)
    return Due(waits[0][0]) if waits else Due()


def section_of(handoff: Handoff, words: Words) -> Section:
    """Where a lead stands in an inbox now."""
    due = due_of(handoff)
    if due.is_over(words.now):
        return "overdue"
    if handoff.accepted_at is not None:
        return "work"
    if handoff.hot:
        return "hot"
    if due.at is not None and due.at.astimezone(words.zone).date() <= words.now.astimezone(words.zone).date():
        return "today"
    return "later"


def in_words(due: Due, words: Words) -> str:
    """`first contact in 25 min`, `first contact: overdue since 2 hours`."""
    if not due.what:
        return ""
    what = words.translate(WHAT[due.what])
    if due.at is None:
        return what
    length = span((due.at - words.now).total_seconds(), words.language)
    text = N_("%(what)s: overdue since %(span)s") if due.is_over(words.now) else N_("%(what)s in %(span)s")
    return words.say(text, what=what, span=length)
