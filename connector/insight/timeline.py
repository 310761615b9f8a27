"""One time line of a lead, from first touch to outcome: everything that is stored about it, by date.

It is data: for a text there is `timeline_text`, for a page the same entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.insight import handed, happened, written
from connector.insight.entries import Entry
from connector.model.activity import Activity
from connector.model.before_image import BeforeImage
from connector.model.consent import ConsentEvent
from connector.model.handoff import Handoff, HandoffEvent, Turn
from connector.model.joining import Joining
from connector.model.lead import Lead, Link
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.model.stages import Transition
from connector.steps.changes import Key
from connector.steps.replaying import Replayed
from connector.steps.shares import Share
from connector.steps.telling.words import N_, Words

__all__ = ["Entry", "Past", "Timeline", "timeline"]


@dataclass(frozen=True, slots=True)
class Past:
    """What is stored about one lead, in any order.

    `turns` and `reviews` may hold those of others. `points` says what activities gave, `replayed` how decisions came
    out when taken again. `complete` says by table from when on it is complete, `deleted` how many activities of the
    lead are only counted by now.
    """

    activities: Sequence[Activity] = ()
    points: Mapping[Key, Sequence[Share]] = field(default_factory=dict)
    transitions: Sequence[Transition] = ()
    replayed: Sequence[Replayed] = ()
    handoffs: Sequence[Handoff] = ()
    turns: Sequence[Turn] = ()
    happened: Mapping[int, Sequence[HandoffEvent]] = field(default_factory=dict)
    images: Sequence[BeforeImage] = ()
    rows: Sequence[OutboxRow] = ()
    links: Sequence[Link] = ()
    joinings: Sequence[Joining] = ()
    consents: Sequence[ConsentEvent] = ()
    reviews: Sequence[ReviewItem] = ()
    complete: Mapping[str, datetime] = field(default_factory=dict)
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Entries by date, the oldest first; `due` are still to come. `gaps` say in words what is no longer kept.

    `complete` is from when on nothing is missing, None where nothing ever was deleted that could be of this lead.
    """

    entries: tuple[Entry, ...] = ()
    due: tuple[Entry, ...] = ()
    gaps: tuple[str, ...] = ()
    complete: datetime | None = None


def timeline(lead: Lead, past: Past, words: Words, *, whole: bool = False) -> Timeline:
    """Everything that happened to `lead`. Unless `whole`, what was done alike on one day is one entry."""
    email = str(lead.fields.get("email") or "")
    reviews = [item for item in past.reviews if item.lead_id == lead.id]
    found = [
        *happened.first_sight(lead, past.links, words),
        *happened.activities(past.activities, past.points, words, whole=whole),
        *happened.moves(past.transitions, past.replayed, words),
        *handed.handoffs(past.handoffs, past.turns, past.happened, words),
        *written.writes(past.images, past.rows, words, whole=whole),
        *happened.answers(lead, words),
        *happened.consents(past.consents, email, words),
        *happened.joinings(lead.id, past.joinings, words),
        *happened.troubles(past.rows, reviews, words),
    ]
    found.sort(key=lambda one: one.at)
    return Timeline(
        tuple(one for one in found if one.kind != "due"),
        tuple(one for one in found if one.kind == "due"),
        *_gaps(lead, past, words),
    )


def _gaps(lead: Lead, past: Past, words: Words) -> tuple[tuple[str, ...], datetime | None]:
    """What was deleted because it was older than it is kept, and from when on everything is there."""
    told, since = [], []
    for table, at in past.complete.items():
        day = words.day(at.date(), year=True)
        if table == "activities" and past.deleted:
            what = N_("activities before %(date)s were deleted: %(count)s of this lead, which still count")
            told.append(words.say(what, date=day, count=past.deleted))
            since.append(at)
        elif table == "decisions" and lead.created_at is not None and lead.created_at < at:
            told.append(words.say(N_("moves and briefs before %(date)s were deleted"), date=day))
            since.append(at)
    return tuple(told), max(since, default=None)
