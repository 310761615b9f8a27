"""Handovers that are taken back: the handoff is closed, what was made for it is marked, its task ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connector.locale import translator
from connector.locale.format import moment
from connector.model import sentences
from connector.model.before_image import BeforeImage
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import LANES, OutboxRow
from connector.model.ports import Transaction
from connector.model.stages import Stage, Transition
from connector.runs.bring_back import bring_back
from connector.runs.deleting import Deleting
from connector.runs.respect import PEOPLE
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime
from connector.runs.undone import BATCH, HANDOFF, Asked, Undone, left, undo_row
from connector.runs.vocabulary import Words
from connector.steps.feedback import meaning
from connector.steps.undoing import Verdict, Written

#: The reason that a handoff taken back is closed with; it has no effect of its own.
REASON = "taken_back"
CLOSED: Stage = "rejected"
#: Stages in which nobody has begun to work with the lead.
NOT_BEGUN = ("known", "warm", "mql")


@dataclass(slots=True)
class Case:
    """What a run made for one lead: the lead's own record, where it made one, its tasks, and all else."""

    lead_id: int
    person: Written | None = None
    tasks: list[Written] = field(default_factory=list)
    others: list[Written] = field(default_factory=list)

    @property
    def all(self) -> list[Written]:
        """Everything."""
        return [*([self.person] if self.person else []), *self.tasks, *self.others]


def cases(found: Sequence[Written]) -> list[Case]:
    """What a run made, by lead."""
    made: dict[int, Case] = {}
    for one in found:
        case = made.setdefault(one.lead_id, Case(one.lead_id))
        if one.object in PEOPLE:
            case.person = one
        elif one.object == "task":
            case.tasks.append(one)
        else:
            case.others.append(one)
    return list(made.values())


class Closing:
    """Closes what a run made in one target."""

    def __init__(
        self, runtime: Runtime, rows: Rows, done: Undone, asked: Asked, counts: Counter[str], *, dry_run: bool
    ) -> None:
        self.runtime, self.rows, self.done, self.asked, self.dry_run = runtime, rows, done, asked, dry_run
        self.counts = counts
        self.target, self.capabilities = asked.target, asked.crm.capabilities
        self.mapping = runtime.config.connections[asked.target].mapping
        self.reading = self.mapping.stage

    def run(self, made: Sequence[Written], *, delete: bool) -> None:
        """Close, or delete where that was asked for and nobody has touched it."""
        found = cases(made)
        if not found:
            return
        if self.capabilities.streams and not self.dry_run:
            # Who works with a lead by now is told there: it is not taken from them.
            bring_back(self.runtime, self.rows, self.target, self.counts)
        word = self._word([one.person for one in found if one.person])
        deleting = Deleting(self) if delete else None
        for start in range(0, len(found), BATCH):
            if self.runtime.stop.is_set():
                return
            some = found[start : start + BATCH]
            asked = [one for case in some for one in (*([case.person] if case.person else []), *case.tasks)]
            said = self._said(asked)
            if deleting:
                some = deleting.run(some, said)
            self._close(some, said, word)

    def _said(self, asked: Sequence[Written]) -> dict[tuple[str, str, str], Verdict]:
        said: dict[tuple[str, str, str], Verdict] = {}
        for object in dict.fromkeys(one.object for one in asked):
            mine = [one for one in asked if one.object == object]
            for start in range(0, len(mine), self.asked.most):
                part = mine[start : start + self.asked.most]
                said |= {one.place: verdict for one, verdict in zip(part, self.asked.verdicts(part), strict=True)}
        return said

    def _word(self, people: Sequence[Written]) -> str:
        """The target's word for what is rejected, as it takes it; "" where there is none."""
        if self.reading is None or not people:
            return ""
        words = [theirs for theirs, ours in self.reading.stages.items() if ours == CLOSED]
        known = Words(self.runtime, self.target, self.asked.crm).current()
        object, name = people[0].object, self.reading.field
        return next((one for one in words if known is None or known.offers(object, name, one)), "")

    # one batch, in one transaction

    def put_down_only(self, tx: Transaction, some: Sequence[Case]) -> None:
        """Close the handoffs alone: what was made for them is deleted."""
        leads = tx.intake.leads([case.lead_id for case in some])
        handoffs = tx.handoffs.of_leads([case.lead_id for case in some])
        pairs = [(leads[case.lead_id], handoffs[case.lead_id][-1]) for case in some]
        put_down(tx, pairs, self.rows.run_id, self.done.run_id, self.runtime.clock())

    def _close(self, some: Sequence[Case], said: Mapping[tuple[str, str, str], Verdict], word: str) -> None:
        if self.dry_run:
            with self.runtime.store.read() as tx:
                self._decide(tx, some, said, word)
            return
        with self.runtime.store.write() as tx:
            rows, undone = self._decide(tx, some, said, word)
            tx.outbox.put(rows, self.runtime.clock())
            tx.images.mark_undone([id for one in undone for id in one.ids], self.runtime.clock())

    def _decide(
        self, tx: Transaction, some: Sequence[Case], said: Mapping[tuple[str, str, str], Verdict], word: str
    ) -> tuple[list[OutboxRow], list[Written]]:
        leads = tx.intake.leads([case.lead_id for case in some])
        handoffs = tx.handoffs.of_leads([case.lead_id for case in some])
        rows: list[OutboxRow] = []
        undone: list[Written] = []
        closed: list[tuple[Lead, Handoff]] = []
        for case in some:
            lead = leads.get(case.lead_id)
            handoff = next((one for one in reversed(handoffs.get(case.lead_id, ())) if one.state == "open"), None)
            if why := self._kept(case, lead, handoff, said):
                self.done.left += [left(one, why) for one in case.all[:1]]
            elif lead is not None and handoff is not None:
                closed.append((lead, handoff))
                rows += self._rows(case, lead, handoff, said, word)
                undone += case.all
        if not self.dry_run:
            put_down(tx, closed, self.rows.run_id, self.done.run_id, self.runtime.clock())
        self.done.closed += len(closed)
        return rows, undone

    def _kept(
        self, case: Case, lead: Lead | None, handoff: Handoff | None,
        said: Mapping[tuple[str, str, str], Verdict],
    ) -> str:  # fmt: skip
        """Why what was made for a lead stays as it is, "" where it is closed."""
        if lead is None or not (case.person or case.tasks):
            return sentences.STAYS
        verdict = said[case.person.place] if case.person else None
        if verdict and not verdict.there:
            return verdict.left[""]
        if lead.stage not in NOT_BEGUN or handoff is None:
            return sentences.WORKED_ON
        word = verdict.values.get(self.reading.field.casefold()) if verdict and self.reading else None
        stage = meaning(self.reading.stages, str(word or "").strip()) if self.reading else ""
        return sentences.WORKED_ON if stage and stage not in NOT_BEGUN else ""

    def _rows(
        self, case: Case, lead: Lead, handoff: Handoff, said: Mapping[tuple[str, str, str], Verdict], word: str
    ) -> Iterator[OutboxRow]:
        text = self._text(handoff)
        if case.person and (marks := self._marks(case.person, word)):
            yield undo_row(case.person, marks, self.rows.run_id)
        has_notes = "note" in self.rows.objects_of(self.target)
        for task in case.tasks:
            ended = dict(self.capabilities.ended.get("task", {}))
            verdict = said[task.place]
            if not verdict.there or not ended:
                self.done.left.append(left(task, verdict.left.get("", sentences.NO_WAY_TO_END)))
                continue
            if not has_notes:
                ended |= {name: f"{text}\n\n{task.written.get(name) or ''}" for name in self._text_names()}
            yield undo_row(task, ended, self.rows.run_id)
        self.done.left += [left(one, sentences.STAYS) for one in case.others if one.object != "note"]
        if has_notes:
            yield self._note(lead, handoff, text)

    def _marks(self, person: Written, word: str) -> dict[str, Any]:
        """What says there that a lead is rejected: its status, and what the mapping fills from our stage."""
        ours, _ = self.mapping.to_platform(person.object, {"stage": CLOSED}, creating=False)
        origins = self.mapping.origins(person.object)
        marks = {name: value for name, value in ours.items() if origins.get(name) == ("stage",)}
        return marks | ({self.reading.field: word} if word and self.reading else {})

    def _text(self, handoff: Handoff) -> str:
        config = self.runtime.config
        language = config.language_of(handoff.owner)
        at = moment(self.runtime.clock(), config.zone_of(handoff.owner), language, year=True)
        return translator(language)(sentences.TAKEN_BACK_NOTE) % {"time": at, "run": self.done.run_id}

    def _text_names(self) -> list[str]:
        """The fields of a task that hold its text."""
        return [name for name, origins in self.mapping.origins("task").items() if origins == ("task.text",)]

    def _note(self, lead: Lead, handoff: Handoff, text: str) -> OutboxRow:
        event = f"{self.rows.store_id}:handoff-{handoff.id}:undo-{self.done.run_id}:1"
        there = handoff.record.partition(":")[0]
        values = self.rows.mapped(lead, replace(handoff, brief=text), "note", {})
        return OutboxRow(
            target=self.target, kind="once", object="note", our_key=event, key=f"{self.target}:{event}",
            values=values if values is not None else {"text": text}, lead_id=lead.id, lane=LANES["normal"],
            parent=our_key(self.rows.store_id, lead.id), parent_object=there or "lead", run_id=self.rows.run_id,
        )  # fmt: skip


def put_down(
    tx: Transaction, closed: Sequence[tuple[Lead, Handoff]], by: int, run_id: int, now: datetime, *, again: bool = True
) -> None:
    """Close handoffs in the store, so that nobody is handed over again by itself.

    `by` is the run that takes `run_id` back. `again`: they are open once more where that is taken back in turn.
    """
    images, moves = [], []
    for lead, handoff in closed:
        written = {"state": "closed", "reason": REASON, "stage": CLOSED}
        before = {"state": handoff.state, "reason": handoff.reason, "stage": lead.stage}
        place = ("", HANDOFF, str(handoff.id), "")
        images.append(BeforeImage(by, *place, written, before, False, now, lead.id, lead.flow))
        moves.append(_move(lead, CLOSED, now, sentences.TAKEN_BACK % {"run": run_id}))
        handoff.state, handoff.reason, handoff.closed_at = "closed", REASON, now
    _store(tx, closed, moves, now)
    tx.images.add(images if again else [])


def close_unsent(tx: Transaction, lead_ids: Sequence[int], by: int, run_id: int, now: datetime) -> int:
    """Close the handoffs of leads of whom nothing has gone out; returns how many."""
    leads, handoffs = tx.intake.leads(lead_ids), tx.handoffs.of_leads(lead_ids)
    pairs = [
        (lead, given[-1]) for id, lead in leads.items()
        if lead.stage in NOT_BEGUN and (given := [one for one in handoffs.get(id, ()) if one.state == "open"])
    ]  # fmt: skip
    put_down(tx, pairs, by, run_id, now, again=False)
    return len(pairs)


_STANDING = ("state", "reason", "stage")


def _move(lead: Lead, to: Stage, now: datetime, why: str) -> Transition:
    score = lead.score
    total, grade, version = (score.total, score.grade, score.version) if score else (0, "", "")
    was, lead.stage, lead.stage_since = lead.stage, to, now
    return Transition(lead.id, lead.flow, was, to, now, "baton", why, version, total, grade)


def _store(tx: Transaction, pairs: Sequence[tuple[Lead, Handoff]], moves: Sequence[Transition], now: datetime) -> None:
    tx.handoffs.save([handoff for _, handoff in pairs])
    tx.intake.update_leads([lead for lead, _ in pairs], now)
    tx.scores.add_transitions(moves)
    # Marketing is told with their next scoring.
    tx.scores.mark_due([lead.id for lead, _ in pairs], now)


def open_again(tx: Transaction, found: Sequence[Written], run_id: int, now: datetime) -> list[Written]:
    """Open handoffs again that an undo has closed, where neither they nor their leads have moved since."""
    handoffs = tx.handoffs.by_ids([int(one.our_key) for one in found])
    leads = tx.intake.leads([one.lead_id for one in found])
    of_leads = tx.handoffs.of_leads([one.lead_id for one in found])
    opened, pairs, moves = [], [], []
    for one in found:
        lead, handoff = leads.get(one.lead_id), handoffs.get(int(one.our_key))
        others = [other for other in of_leads.get(one.lead_id, ()) if other.id != int(one.our_key)]
        if lead is None or handoff is None or any(other.state != "closed" for other in others):
            continue
        if (handoff.state, handoff.reason, lead.stage) != tuple(one.written[name] for name in _STANDING):
            continue
        stage: Any = one.before["stage"]
        moves.append(_move(lead, stage, now, sentences.GIVEN_AGAIN % {"run": run_id}))
        handoff.state, handoff.reason, handoff.closed_at = one.before["state"], one.before["reason"], None
        # Its clocks go on.
        handoff.next_at = now
        opened.append(one)
        pairs.append((lead, handoff))
    _store(tx, pairs, moves, now)
    return opened
