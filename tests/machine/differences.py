"""Where both platforms and the store differ from the truth, once all is quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from typing import Any

from connector.model.handoff import HANDOFF_STATES
from connector.model.ports import Transaction
from connector.model.refusals import kind_of
from tests.machine.process import Process
from tests.machine.truth import IN_HAND, PLAIN, Record, Truth, blank

EVERY = 100_000


def differences(ground: Process, truth: Truth) -> list[str]:
    """All of them, in words."""
    with ground.app.store.read() as tx:
        return [
            *_left(tx, ground), *_handoffs(tx), *_points(tx), *_handed_over(tx, ground, truth), *_tasks(ground, truth),
            *_fields(tx, ground, truth), *_told(tx, ground, truth),
        ]  # fmt: skip


def _left(tx: Transaction, ground: Process) -> Iterator[str]:
    left = tx.outbox.rows(states=("waiting", "in_flight", "unknown", "dead", "parked"), limit=EVERY)
    # Who is there already, as a refusal says, is looked up once the flow is live.
    kinds = ground.app.crm(ground.names["crm"]).capabilities.refusal_kinds
    there = {row.lead_id for row in left if ground.mode == "observe" and kind_of(row.code, kinds) == "duplicate"}
    for row in (row for row in left if row.lead_id not in there):
        yield f"left: {row.target} {row.kind} {row.object} {row.our_key} {row.state} {row.reason} {row.code}"
    yield from (f"lease {name} is held by {owner}" for name, owner, _ in tx.leases.holders())


def _handoffs(tx: Transaction) -> Iterator[str]:
    every = [one for state in HANDOFF_STATES for one in tx.handoffs.in_state("b2b", state, EVERY)]
    live = Counter((one.lead_id, one.stage) for one in every if one.state != "closed")
    yield from (f"lead {place} has {count} open handoffs" for place, count in live.items() if count > 1)
    turns = tx.handoffs.turns("sales", EVERY)
    twice = Counter(turn.handoff_id for turn in turns)
    yield from (f"{count} turns for handoff {id}" for id, count in twice.items() if count > 1)
    given = {one.id for one in every if one.opened_at and one.team == "sales"}
    if given != set(twice):
        yield f"turns of {sorted(twice)} for handoffs {sorted(given)}"
    counts = Counter(turn.email for turn in turns)
    if (
        counts
        and max(counts.values()) - min(counts[rep] for rep in ("lena@northwind.example", "tom@northwind.example")) > 1
    ):
        yield f"turns are not fair: {dict(counts)}"


def _points(tx: Transaction) -> Iterator[str]:
    for lead in tx.intake.leads(tx.intake.lead_numbers(limit=EVERY)).values():
        if lead.score is not None and not lead.merged_into:
            total = sum(one.points for one in lead.score.contributions)
            if total != lead.score.total:
                yield f"lead {lead.id}: contributions make {total}, not {lead.score.total}"


def _live(truth: Truth, number: int) -> list[Record]:
    return [one for one in truth.group_records(number) if not one.gone]


def _is_ours(ground: Process, record: Record) -> bool:
    """Whether a record was handed over: it has a task of ours."""
    made = (one for one in ground.crm.things("task", gone=True) if one.our_key)
    return not record.by_hand or any(one.parent_id == record.crm_id for one in made)


def _speaking(truth: Truth, number: int) -> list[Record]:
    """Records that say what becomes of these people: of several that were handed over, each may have spoken last."""
    had = truth.group_records(number)
    return [one for one in had if not one.into] or had


def _handed_over(tx: Transaction, ground: Process, truth: Truth) -> Iterator[str]:
    for number, person in truth.people.items():
        had = truth.group_records(number)
        mine = [one for one in truth.records.values() if one.number == number and not one.by_hand]
        # Of those who are one by now each may have been on its way.
        if len(mine) > len(truth.group(number)) and not truth.is_open(number):
            yield f"person {number} has {len(mine)} leads in the CRM"
        if mine and not person.may_be_mql:
            yield f"person {number} was handed over and never over the line"
        if truth.is_open(number):
            continue
        must = ground.mode == "live" and person.there and not person.was_gone and truth.passes(number, ground.now)
        if must and not had:
            yield f"person {number} is over the line and not in the CRM"


def _tasks(ground: Process, truth: Truth) -> Iterator[str]:
    for object in ground.once:
        made = [one for one in ground.crm.things(object, gone=True) if one.our_key]
        parents = Counter(one.parent_id for one in made)
        for record in (one for one in truth.records.values() if not truth.is_open(one.number)):
            # Who is in a deal, or a customer, has the task there.
            places = {record.crm_id, record.contact, record.deal, record.account} - {""}
            count = sum(parents[place] for place in places)
            only, live = truth.only(record.number), ground.mode == "live"
            alone = len(truth.group_records(record.number)) == 1
            must = not record.by_hand or (only and alone and live and truth.passes(record.number, ground.now))
            if must and count == 0 and not record.ever_gone and not record.into:
                yield f"{record.crm_id} has no {object}"


def _fields(tx: Transaction, ground: Process, truth: Truth) -> Iterator[str]:
    marketing = ground.app.config.connections[ground.names["portal"]].mapping
    told = {name for of in marketing.origins("contact").values() for name in of}
    origins = ground.app.config.connections[ground.names["crm"]].mapping.origins("lead")
    for record in truth.records.values():
        only = truth.only(record.number)
        thing = ground.crm.thing(record.contact or record.crm_id)
        if record.gone or thing is None or truth.is_open(record.number) or len(_live(truth, record.number)) != 1:
            continue
        in_hand = record.stages <= IN_HAND and ground.mode != "observe" and _is_ours(ground, record)
        notices = [item.key for item in tx.reviews.open("notice", EVERY)]
        begins = f"fight:{ground.names['crm']}:{thing.object}."
        left = {key.removeprefix(begins).partition(":")[0] for key in notices if key.startswith(begins)}
        fought = {name for there in left for name in (there, *origins.get(there, ()))}
        for name in () if record.contact else PLAIN:
            if in_hand and only and name not in fought:
                there, said = thing.values.get(name), only.said.get(name, "")
                if truth.rule in ("", "prefer_crm_unless_blank"):
                    # A rep's word, written by us as well: to another record of theirs, of which it stays though the
                    # first is gone, or over itself.
                    copied = there in record.ours.get(name, ()) and there in truth.said_by_reps(record.number, name)
                    told_so = copied and _in_force(tx, ground, thing.crm_id, name)
                    yield from _plain(record, name, there, there if told_so == there else said)
                plain = not (record.by_hand or record.ever_gone) and len(truth.group_records(record.number)) == 1
                if plain and name in told and not _undecided(notices, thing.our_key, name):
                    yield from _sides(truth.rule, record, name, there, said)
        open_title = _undecided(notices, thing.our_key, "job_title")
        points = truth.scores(record.number, ground.now, ever=open_title)
        if in_hand and only and "score.total" not in fought:
            there = thing.values.get("score.total")
            if there not in points:
                yield f"{thing.crm_id}: score.total is {there}, and must be one of {points}"


def _undecided(notices: Container[str], our_key: str, name: str) -> bool:
    """Whether nobody can tell which side said this of a record last: then all is as it was."""
    return f"undecided:{our_key.rpartition('-')[2]}:{name}" in notices


def _in_force(tx: Transaction, ground: Process, crm_id: str, name: str) -> Any:
    """The value of the lead that has this record."""
    receipts = tx.outbox.receipts_by_crm_id(ground.names["crm"], "lead", ground.known_as(crm_id)).values()
    leads = tx.intake.leads([one.lead_id for one in receipts]).values()
    last = tx.intake.leads([lead.merged_into or lead.id for lead in leads]).values()
    return next((lead.fields.get(name) for lead in last), None)


def _plain(record: Record, name: str, there: Any, newest: str) -> Iterator[str]:
    """The default rule: a person's value stays, else the newest stands there."""
    mine, said = record.ours.get(name, []), record.theirs.get(name)
    if blank(newest):
        return
    if said is not None and (blank(said[0]) or said[0] not in mine):
        return  # It is theirs, or was cleared and waits for the next change.
    if there != newest:
        yield f"{record.crm_id}: {name} is {there!r}, must be {newest!r} (ours were {mine}, theirs is {said})"


def _sides(rule: str, record: Record, name: str, crm: Any, marketing: str) -> Iterator[str]:
    """What the rule says of both sides, wherever the words were read."""
    same = (crm or "") == marketing
    # Where one side never had anything to say, nothing travels to the other.
    silent = blank(crm) and name not in record.ours and name not in record.theirs
    ends = {
        "always_crm": same or blank(crm),
        "always_marketing": same or blank(marketing),
        "fill_blank": same or not silent or blank(marketing),
        "never": not [value for value in record.ours.get(name, ()) if not blank(value)],
    }
    # A clearing in marketing does not travel, nor is our copy in the CRM taken for a word against it.
    said = record.theirs.get(name)
    copy = said is None or said[0] in record.ours.get(name, [])
    kept = blank(marketing) and copy and rule in ("", "prefer_crm_unless_blank", "always_crm")
    if not ends.get(rule, same) and not kept:
        yield f"{record.crm_id}: {name} is {crm!r}, in marketing {marketing!r}, under {rule or 'the default rule'}"


def _told(tx: Transaction, ground: Process, truth: Truth) -> Iterator[str]:
    notices = [item.key for item in tx.reviews.open("notice", EVERY)]
    for number, person in truth.people.items():
        contact = ground.portal.thing(str(number))
        if contact is None or not person.there or person.was_gone or truth.is_open(number) or ground.mode == "observe":
            continue
        stage, records = contact.values.get("stage"), _speaking(truth, number)
        if not records:
            allowed = {None, "known", "warm", "mql"}
        else:
            allowed = {stage for one in records for stage in one.stages}
            if any(not one.gone for one in records):
                # Of two records of one person, what was reached in one holds though it is deleted.
                allowed |= {stage for one in records if one.gone for stage in one.stood}
                # Who of them waits for a rep, and is in no record yet, goes on waiting.
                waiting = truth.group(number) - {one.number for one in records}
                allowed |= {"mql" for one in waiting if truth.people[one].may_be_mql}
            if any(one.by_hand for one in records):
                allowed |= {None, "known", "warm", "mql"}
        if stage is not None and not person.may_be_warm and not person.may_be_mql:
            yield f"contact {number} was told {stage}, and never left known"
        if stage not in allowed:
            yield f"contact {number} was told {stage!r}, must be one of {sorted(map(str, allowed))}"
        # What somebody did who is gone may have been nobody's by the time it was read.
        gone = any(truth.people[one].was_gone for one in truth.group(number))
        things = [ground.crm.thing(one.crm_id) for one in records]
        open_title = any(_undecided(notices, thing.our_key, "job_title") for thing in things if thing)
        points, told = truth.scores(number, ground.now, ever=open_title), contact.values.get("score.total")
        if stage is not None and not gone and told not in points:
            yield f"contact {number} was told {told} points, must be one of {points}"
        live = [one for one in records if not one.gone and not one.into and not one.contact]
        # Who is one of them and in no record: nobody's while a second handoff waits for a review, or theirs to whom
        # they were given before they were one, while the record stays whose it is.
        others = truth.group(number) - {one.number for one in truth.group_records(number)}
        apart = any(truth.people[one].may_be_mql for one in others)
        if (
            len(records) == 1
            and live
            and _is_ours(ground, live[0])
            # Who was nobody's in the CRM stays so there: the task is the rep's.
            and not apart
            and not (live[0].by_hand and _owner(ground, live[0]) == "None")
            and contact.values.get("owner") != _owner(ground, live[0])
        ):
            yield f"contact {number} was told the owner {contact.values.get('owner')}, is {_owner(ground, live[0])}"


def _owner(ground: Process, record: Record) -> str:
    thing = ground.crm.thing(record.crm_id)
    return str(thing.values.get("owner")) if thing else ""
