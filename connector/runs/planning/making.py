"""A plan against the live CRM: the line goes ahead in a rehearsal, then every record it would write is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from connector.insight.forecast import Limit
from connector.model import sentences
from connector.model.errors import BatonError
from connector.model.mirror import CrmRecord
from connector.model.outbox import Found
from connector.model.plans import PLAN_ACTIONS, Plan, PlannedField, PlannedRow
from connector.runs.live import Place, what_stands, who_is_there
from connector.runs.plan import gone_ahead
from connector.runs.planning import basis
from connector.runs.planning.costs import costs
from connector.runs.planning.document import versions_of
from connector.runs.planning.drafts import Draft, drafts, with_receipts
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.runs.vocabulary import Words as Accepted
from connector.steps.field_rules import alike
from connector.steps.planned import Held, Wish, from_store, held_against
from connector.steps.telling.words import Words
from connector.steps.vocabulary import Vocabulary

#: The limits of a connection's account as they stand; none where nobody can tell.
Limits = Callable[[str], Sequence[Limit]]
#: What is written: the rest is there to be read.
WRITTEN = ("create", "update")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to make a plan of: the leads of one `flow`, the lead `only`; `as_live` as if every flow were live."""

    flow: str = ""
    only: int = 0
    as_live: bool = False


def make(runtime: Runtime, rows: Rows, words: Words, asked: Asked, limits: Limits) -> Plan:
    """The plan, held against what stands outside now. What could not be asked says so."""
    found, covers, versions = _rehearsed(runtime, rows, words, asked, {})
    side = Side(runtime)
    if seen := side.look_up(found):
        # Somebody came in since the CRM was read last: the line decides anew, and knows them.
        found, covers, versions = _rehearsed(runtime, rows, words, asked, seen)
    side.ask(found)
    judged = [side.judged(draft) for draft in found]
    plan = _plan(runtime, rows, asked, together(judged), limits, asked_about=side.questions)
    return replace(plan, covers=covers, versions=versions)


def stored(runtime: Runtime, rows: Rows, words: Words, asked: Asked, limits: Limits) -> Plan:
    """The plan as the store alone tells it: nobody is asked, and it is not to be applied."""
    found, _, versions = _rehearsed(runtime, rows, words, asked, {})
    judged = [_unasked(draft) for draft in found]
    plan = _plan(runtime, rows, asked, together(judged), limits, asked_about={})
    return replace(plan, asked=False, versions=versions)


def _rehearsed(
    runtime: Runtime, rows: Rows, words: Words, asked: Asked, seen: Mapping[str, Sequence[CrmRecord]]
) -> tuple[list[Draft], tuple[str, ...], Mapping[str, str]]:
    """The rows, what they cover whole, and what they were made under: changed criteria may be taken, or wait."""
    with gone_ahead(runtime, rows, words, as_live=asked.as_live, seen=seen) as look:
        whole = [place for place in look.covers if not asked.only and asked.flow in ("", place.partition(":")[0])]
        found, versions = drafts(look, asked.flow, asked.only), versions_of(look.runtime.config)
    with runtime.store.read() as tx:
        with_receipts(tx, found)
    return found, tuple(whole), versions


def _plan(
    runtime: Runtime, rows: Rows, asked: Asked, found: Sequence[PlannedRow], limits: Limits,
    asked_about: Mapping[str, Mapping[str, int]],
) -> Plan:  # fmt: skip
    numbered = tuple(replace(row, number=number) for number, row in enumerate(ordered(found), 1))
    return Plan(
        "line", rows.store_id, runtime.clock(), numbered, versions_of(runtime.config),
        costs(runtime, numbered, limits, asked_about), asked.flow, asked.as_live,
    )  # fmt: skip


def _unasked(draft: Draft) -> tuple[PlannedRow, Draft]:
    if draft.wish is None:
        return draft.row, draft
    fields = from_store(draft.wish)
    if draft.row.action == "create":
        fields = tuple(replace(one, old=None) for one in fields)
    return replace(draft.row, fields=fields), draft


def together(judged: Iterable[tuple[PlannedRow, Draft]]) -> list[PlannedRow]:
    """The rows; of a lead with a record that cannot be written, none is: it would stand between two decisions."""
    found: list[PlannedRow] = []
    for _, some in groupby(judged, lambda pair: pair[0].lead_id):
        mine = list(some)
        if any(stops(row, draft) for row, draft in mine):
            mine = [(left(row) if row.action in WRITTEN else row, draft) for row, draft in mine]
        found += [row for row, _ in mine]
    return found


def stops(row: PlannedRow, draft: Draft) -> bool:
    """Whether a row keeps the others of its lead back: it would be written, and must not be now."""
    held_back = row.action == "skip" and draft.fresh and row.kind != sentences.SAYS_IT_ALREADY
    return row.action in ("conflict", "unknown") or held_back


def left(row: PlannedRow) -> PlannedRow:
    """A row that is not written since another one of its lead is not."""
    words = sentences.WITH_ANOTHER
    return replace(row, action="skip", kind=words, reason=words, fields=())


def ordered(rows: Sequence[PlannedRow]) -> list[PlannedRow]:
    """Rows by lead, in the order of what happens to its first record, best first: they are written in this order."""
    rank = {action: place for place, action in enumerate(PLAN_ACTIONS)}
    first: dict[int, tuple[int, bool, int, int]] = {}
    for row in rows:
        first.setdefault(row.lead_id, (rank[row.action], not row.hot, -row.total, row.lead_id))
    return sorted(rows, key=lambda row: first[row.lead_id])


@dataclass(slots=True)
class Side:
    """What stands outside at the moment, as far as it was asked; who could not be asked, and why."""

    runtime: Runtime
    found: dict[str, dict[Place, Found | None]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    accepted: dict[str, Vocabulary | None] = field(default_factory=dict)
    #: How many records and people were asked about, in calls, by connection.
    questions: dict[str, dict[str, int]] = field(default_factory=dict)

    def look_up(self, found: Sequence[Draft]) -> dict[str, list[CrmRecord]]:
        """Whom the CRMs have of those that would be made there, by connection; nobody, and it is not in it."""
        seen: dict[str, list[CrmRecord]] = {}
        for target in sorted({draft.row.target for draft in found if draft.wanted}):
            people = [draft.wanted for draft in found if draft.wanted and draft.row.target == target]
            try:
                records = who_is_there(self.runtime, target, people)
                most = self.runtime.crm(target).capabilities.look_up_batch
            except BatonError as error:
                self.failed[target] = str(error)
                continue
            if most:
                self.questions.setdefault(target, {})["people"] = -(-len(set(people)) // most)
            if records:
                seen[target] = records
        return seen

    def ask(self, found: Sequence[Draft]) -> None:
        """Ask every target what stands in the records that would be written."""
        for target in sorted({draft.row.target for draft in found if draft.wish is not None}):
            items = [draft.item for draft in found if draft.asks and draft.row.target == target]
            if target in self.failed:
                continue
            try:
                crm = self.runtime.crm(target)
                self.accepted[target] = Accepted(self.runtime, target, crm).current()
                self.found[target] = what_stands(self.runtime, target, items)
            except BatonError as error:
                self.failed[target] = str(error)
                continue
            if items and not crm.capabilities.in_store:
                self.questions.setdefault(target, {})["records"] = -(-len(items) // crm.capabilities.max_batch)

    def judged(self, draft: Draft) -> tuple[PlannedRow, Draft]:
        """The row that becomes of a draft, now that it is known what stands there."""
        if draft.wish is None:
            return draft.row, draft
        draft, wish = self._fitted(draft, draft.wish)
        row, found = draft.row, self.found.get(draft.row.target, {}).get((draft.row.object, draft.row.our_key))
        if not draft.asks and row.target not in self.failed:
            return _with_basis(replace(row, fields=from_store(wish)), draft, None), draft
        if found is None:
            return self._unknown(row, wish), draft
        tells = self.runtime.crm(row.target).capabilities.tells_blank
        if not found.crm_ids:
            return self._nothing_there(row, draft, wish), draft
        if not row.crm_id:
            words = sentences.CARRIES_OUR_KEY
            row = replace(row, action="update", crm_id=found.crm_ids[0], kind=words, reason=row.reason or words)
        held = held_against(wish, found.values[0] if found.values else {}, tells_blank=tells)
        row, held = self._forward(row, wish, held)
        return self._held(row, draft, held, found), draft

    def _forward(self, row: PlannedRow, wish: Wish, held: Held) -> tuple[PlannedRow, Held]:
        """Without fields that only go forward and that others have set further: these stay, and it is said."""
        accepted = self.accepted.get(row.target)
        stays = [
            one for one in held.fields
            if accepted and not alike(one.old, wish.last.get(one.name))
            and accepted.is_further(row.object, one.name, one.old, wish.sent[one.name])
        ]  # fmt: skip
        said = tuple((one.name, sentences.FURTHER_THERE % {"value": one.old}) for one in stays)
        left = tuple(one for one in held.fields if one not in stays)
        return replace(row, left_out=(*row.left_out, *said)), replace(held, fields=left)

    def _fitted(self, draft: Draft, wish: Wish) -> tuple[Draft, Wish]:
        """With values as the platform takes them; what it does not take is left out, and said."""
        accepted = self.accepted.get(draft.row.target)
        if accepted is None:
            return draft, wish
        sent, left_out = accepted.fit(draft.row.object, wish.values)
        said = tuple((one.field, one.reason) for one in left_out)
        row = replace(draft.row, left_out=(*draft.row.left_out, *said))
        return replace(draft, row=row), replace(wish, sent=sent)

    def _unknown(self, row: PlannedRow, wish: Wish) -> PlannedRow:
        failed = row.target in self.failed
        words = (sentences.COULD_NOT_BE_ASKED if failed else sentences.CANNOT_BE_TOLD) % {"target": row.target}
        fields = tuple(replace(one, old=None, known=False) for one in from_store(wish))
        reason = f"{words}: {self.failed[row.target]}" if failed else words
        return replace(row, action="unknown", kind=words, reason=reason, fields=fields)

    def _nothing_there(self, row: PlannedRow, draft: Draft, wish: Wish) -> PlannedRow:
        if row.crm_id:
            gone = sentences.GONE_THERE % {"target": row.target}
            return replace(row, action="skip", kind=gone, reason=gone)
        fields = tuple(replace(one, old=None, known=True) for one in from_store(wish))
        return _with_basis(replace(row, action="create", fields=fields), draft, Found())

    def _held(self, row: PlannedRow, draft: Draft, held: Held, found: Found) -> PlannedRow:
        if held.conflicts:
            words, fields = sentences.CHANGED_SINCE_READ, held.conflicts
            return replace(row, action="conflict", kind=words, reason=words, fields=self._read(row, fields))
        if held.fields or row.also:
            row = replace(row, action="update", fields=self._read(row, held.fields))
            return _with_basis(row, draft, found)
        words = sentences.SAYS_IT_ALREADY
        row = replace(row, action="skip", kind=words, reason=words, fields=self._read(row, held.same))
        return _with_basis(row, draft, found)

    def _read(self, row: PlannedRow, fields: Sequence[PlannedField]) -> tuple[PlannedField, ...]:
        """Old values as an admin writes them."""
        accepted = self.accepted.get(row.target)
        if accepted is None:
            return tuple(fields)
        return tuple(replace(one, old=accepted.read(row.object, one.name, one.old)) for one in fields)


def _with_basis(row: PlannedRow, draft: Draft, found: Found | None) -> PlannedRow:
    names = [one.name for one in row.fields]
    return replace(row, basis=f"{draft.judged}.{basis.of_record(draft.before, found, names)}")
