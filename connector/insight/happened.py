"""What happened to one lead, as entries of its time line in the words of one reader: a function for each sort."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.insight.consented import consent_of
from connector.insight.duplicates import joined
from connector.insight.entries import Entry
from connector.insight.written import object_name
from connector.model.activity import Activity
from connector.model.consent import ConsentEvent
from connector.model.joining import Joining
from connector.model.lead import Lead, Link
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.model.stages import Transition
from connector.steps.changes import Key, key
from connector.steps.qualification import GATE_ENDED
from connector.steps.replaying import Replayed
from connector.steps.shares import Share
from connector.steps.telling import vocabulary
from connector.steps.telling.deeds import Deed, deeds, told
from connector.steps.telling.words import N_, Words, field_name, rule_name, sentence, stage

#: What sales says of a lead and of its deal.
_OF_SALES = (
    "budget", "authority", "need", "timing", "fit_confirmed", "conversation", "opportunity.stage", "opportunity.amount",
    "opportunity.currency", "opportunity.id", "outcome",
)  # fmt: skip
_STUCK = ("unknown", "dead", "parked")


def first_sight(lead: Lead, links: Sequence[Link], words: Words) -> Iterator[Entry]:
    """When Baton first saw a lead, from where, and as whom the systems know it."""
    if lead.created_at is None:
        return
    origins = sorted({connection for connection, _at in lead.said.values() if connection})
    more = [words.say(N_("from %(sources)s"), sources=", ".join(origins))] if origins else []
    known = [f"{link.connection}:{link.object}:{link.external_id}" for link in links]
    yield Entry(lead.created_at, "first_seen", words.say(N_("first seen by Baton")), tuple(more),
                {"connections": origins, "links": known}, tuple(f"link:{one}" for one in known))  # fmt: skip


def activities(
    done: Sequence[Activity], points: Mapping[Key, Sequence[Share]], words: Words, *, whole: bool
) -> Iterator[Entry]:
    """What a lead did: one by one, or one entry for all of a kind on one day."""
    ordered = sorted(done, key=lambda one: (one.at, one.source_id))
    if whole:
        groups = [[one] for one in ordered]
    else:
        by_day: dict[tuple[object, str], list[Activity]] = {}
        for one in ordered:
            by_day.setdefault((one.at.astimezone(words.zone).date(), one.kind), []).append(one)
        groups = list(by_day.values())
    for group in groups:
        yield _deed(group, points, words)


def _deed(group: Sequence[Activity], points: Mapping[Key, Sequence[Share]], words: Words) -> Entry:
    found = deeds(group)
    abouts = list(dict.fromkeys(one.about for one in found if one.about))
    about = ", ".join(abouts[:2]) + (" …" if len(abouts) > 2 else "")
    seconds = sum(one.seconds for one in found)
    campaigns = list(dict.fromkeys(one.campaign for one in group if one.campaign))
    text = told(Deed(group[-1].kind, about, group[0].at, group[-1].at, len(group), seconds), words)
    given = _summed([share for one in group for share in points.get(key(one), ())])
    more = [" · ".join(_points(share, words) for share in given)] if given else []
    more += [words.say(N_("campaign %(name)s"), name=", ".join(campaigns))] if campaigns else []
    values = {
        "kind": group[-1].kind, "seconds": seconds, "campaigns": campaigns,
        "points": [{"rule": one.rule, "gave": one.gave, "left": one.left} for one in given],
    }  # fmt: skip
    sources = tuple(f"activity:{one.connection}:{one.source_id}" for one in group)
    return Entry(group[-1].at, "activity", text, tuple(more), values, sources, len(group))


def _summed(given: Sequence[Share]) -> list[Share]:
    rules = dict.fromkeys(one.rule for one in given)
    return [
        Share(
            rule,
            sum(one.gave for one in given if one.rule == rule),
            sum(one.left for one in given if one.rule == rule),
        )
        for rule in rules
    ]


def _points(share: Share, words: Words) -> str:
    told = {"points": f"{share.gave:+}", "rule": rule_name(share.rule, words.translate), "left": share.left}
    if share.left == share.gave:
        return words.say(N_("%(points)s points: %(rule)s"), **told)
    if not share.left:
        return words.say(N_("%(points)s points: %(rule)s; none left now"), **told)
    return words.say(N_("%(points)s points: %(rule)s; %(left)s left now"), **told)


def moves(transitions: Iterable[Transition], replayed: Sequence[Replayed], words: Words) -> Iterator[Entry]:
    """Moves from stage to stage, with the criteria and the gates of then, as far as they can be told anew."""
    say, translate = words.say, words.translate
    by_move = {(one.decision.at, one.decision.to): one for one in replayed}
    for one in transitions:
        to = stage(one.to, translate)
        what = say(N_("%(origin)s → %(to)s"), origin=stage(one.origin, translate), to=to) if one.origin else to
        # What a CRM calls the stage is no reason.
        why = "" if one.why == one.to else words.retell(one.why)
        why = translate(vocabulary.WHYS[one.why]) if one.why in vocabulary.WHYS else why
        by = "" if one.by == "baton" else say(N_("by %(who)s"), who=one.by)
        at_that = say(N_("%(total)s points, grade %(grade)s"), total=one.total, grade=one.grade or "–")
        version = say(N_("criteria %(version)s"), version=one.version) if one.version else ""
        detail = " · ".join(part for part in (why, by, at_that if one.version else "", version) if part)
        again = by_move.get((one.at, one.to))
        gates = _gates(again, words) if again is not None and again.result == "same" else []
        values: dict[str, Any] = {
            "from": one.origin, "to": one.to, "why": one.why, "by": one.by, "version": one.version, "total": one.total,
            "grade": one.grade, "flow": one.flow,
        }  # fmt: skip
        if again is not None:
            values["replayed"] = again.result
            values["gates"] = {name: tree.passed for name, tree in again.gates.items()}
        yield Entry(one.at, "stage", what, tuple(part for part in (detail, *gates) if part), values,
                    (f"transition:{one.id}",))  # fmt: skip


def _gates(again: Replayed, words: Words) -> list[str]:
    """Which gates were passed then and which were not, and by what the MQL gate was."""
    names: dict[bool, list[str]] = {True: [], False: []}
    for name, tree in again.gates.items():
        if name == "mql_ends" and again.decision.why != GATE_ENDED:
            continue
        names[tree.passed].append(words.translate(vocabulary.GATES.get(name, name)))
    passed, failed = (words.translate(N_(", ")).join(names[one]) for one in (True, False))
    told = [words.say(N_("passed: %(gates)s"), gates=passed)] if passed else []
    told += [words.say(N_("not passed: %(gates)s"), gates=failed)] if failed else []
    mql = again.gates.get("mql")
    found = [" · ".join(told)] if told else []
    if again.decision.to == "mql" and mql is not None and mql.passed:
        found.insert(0, words.say(N_("for: %(what)s"), what=sentence(mql, words.translate)))
    return found


def answers(lead: Lead, words: Words) -> Iterator[Entry]:
    """What sales answered and says of the deal: an entry for each time as of which something was said last."""
    by_time: dict[tuple[str, str], list[str]] = {}
    for name in _OF_SALES:
        by, at = lead.said.get(name, ("", ""))
        if at and name in lead.fields:
            by_time.setdefault((at, by), []).append(name)
    for (at, by), names in by_time.items():
        told = [f"{field_name(name, words.translate)}: {words.value(name, lead.fields[name])}" for name in names]
        values = {name: lead.fields[name] for name in names}
        what = words.say(N_("%(source)s says: %(what)s"), source=by, what=words.translate(N_(", ")).join(told))
        sources = tuple(f"field:{name}" for name in names)
        yield Entry(datetime.fromisoformat(at), "answer", what, (), {"connection": by, **values}, sources)


def consents(events: Sequence[ConsentEvent], address: str, words: Words) -> Iterator[Entry]:
    """What was said of being contacted."""
    for one in consent_of(events, address, words).words:
        more = " · ".join(part for part in (one.evidence, one.counts) if part)
        values = {"channel": one.channel, "given": one.given, "source": one.source, "how": one.how, "scope": one.scope}
        what = f"{one.source}: {one.what}"
        yield Entry(one.at, "consent", what, (more,) if more else (), values, (f"consent:{one.source}:{one.channel}",))


def joinings(lead_id: int, made: Sequence[Joining], words: Words) -> Iterator[Entry]:
    """With whom a lead was made one, and taken apart again."""
    for one in made:
        for at, text in joined(lead_id, [one], words):
            values = {"winner": one.winner, "loser": one.loser, "how": one.how, "by": one.by}
            yield Entry(at, "joining", text, (), values, (f"joining:{one.id}",))


def troubles(rows: Sequence[OutboxRow], reviews: Sequence[ReviewItem], words: Words) -> Iterator[Entry]:
    """What was refused, what nobody knows of, and what waits in the fix queue."""
    for row in rows:
        at = row.sent_at or row.created_at
        if row.state in _STUCK and row.kind in ("state", "once") and at is not None:
            state = words.translate(vocabulary.ROW_STATES[row.state])
            values = {"target": row.target, "object": row.object, "state": row.state, "code": row.code}
            what = f"{row.target}: {object_name(row.object, words)}: {state}"
            more = (words.retell(row.reason),) if row.reason else ()
            yield Entry(at, "trouble", what, more, values, (f"outbox:{row.id}",))
    for item in reviews:
        if item.first_at is not None:
            said = words.retell(item.reason)
            what = words.say(N_("waits in the fix queue: %(reason)s"), reason=said)
            about = {"kind": item.kind, "field": item.field, "seen": item.seen}
            yield Entry(item.first_at, "trouble", what, (), about, (f"review:{item.id}",))
