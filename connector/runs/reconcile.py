"""Compare the store with what the platforms hold, whole or by sample; nothing is written outside, and nothing kept.

Every receipt is asked about in batches: what we made, and what we told marketing. Then, of people in a CRM, whether
several records are of one of them, and whether any carries our key that is none of ours: those as far as the mirror
knows them, looked at once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from connector.model import sentences
from connector.model.adapter import FindItem
from connector.model.lead import CONTACT
from connector.model.mirror import CrmRecord, Wanted
from connector.model.outbox import Receipt
from connector.runs.drift import Batch, Drift
from connector.runs.live import what_stands, who_is_there
from connector.runs.respect import PEOPLE
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime
from connector.runs.vocabulary import Words as Accepted
from connector.steps.vocabulary import Vocabulary

PAGE, BATCH = 500, 100


@dataclass(slots=True)
class Reconciled:
    """What was found. `compared` records and those `not_compared`, by connection; `seed` of the sample, if any."""

    seed: int | None = None
    compared: Counter[str] = field(default_factory=Counter)
    not_compared: Counter[str] = field(default_factory=Counter)
    found: list[Drift] = field(default_factory=list)


def reconcile(
    runtime: Runtime, rows: Callable[[int], Rows], *, flow: str = "", sample: int = 0, seed: int | None = None
) -> Reconciled:
    """Compare. Raises AuthError, ConfigError, RetryableError (a platform cannot be asked)."""
    done = Reconciled(seed if sample else None)
    comparing = _Comparing(runtime, rows(0), done, flow)
    chosen = comparing.sampled(sample, seed or 0) if sample else None
    for target in comparing.targets():
        comparing.compare(target, chosen)
        if chosen is None and target in {one.crm for one in runtime.config.flows.values()}:
            comparing.orphans(target)
    return done


@dataclass(slots=True)
class _Comparing:
    """Compares one store."""

    runtime: Runtime
    rows: Rows
    done: Reconciled
    flow: str

    def targets(self) -> list[str]:
        """CRMs of the flows, and the sources that are told something."""
        flows = [one for one in self.runtime.config.flows.values() if self.flow in ("", one.name)]
        used = {flow.crm for flow in flows}
        told = {name for flow in flows for name in flow.sources if CONTACT in self.rows.objects_of(name)}
        return [name for name in self.runtime.config.connections if name in used | told]

    def sampled(self, most: int, seed: int) -> set[tuple[str, str, str]]:
        """So many receipts, as the seed has it: each as likely as any other."""
        random, kept = Random(seed), list[tuple[str, str, str]]()  # noqa: S311 - a sample, not a secret
        seen = 0
        for target in self.targets():
            for receipt in (one for page in self._pages(target) for one in page):
                seen += 1
                place = (target, receipt.object, receipt.our_key)
                if len(kept) < most:
                    kept.append(place)
                elif (at := random.randrange(seen)) < most:
                    kept[at] = place
        return set(kept)

    def _pages(self, target: str) -> Iterator[list[Receipt]]:
        """Receipts of people that are not known to be gone, of the flow that is asked for."""
        for object in PEOPLE:
            after = ""
            while True:
                with self.runtime.store.read() as tx:
                    found = tx.outbox.receipts_after(target, object, after, PAGE)
                    leads = tx.intake.leads([one.lead_id for one in found]) if self.flow else {}
                live = [one for one in found if not one.gone and one.crm_id]
                yield [one for one in live if not self.flow
                       or (one.lead_id in leads and leads[one.lead_id].flow == self.flow)]  # fmt: skip
                if len(found) < PAGE:
                    break
                after = found[-1].our_key

    def compare(self, target: str, chosen: set[tuple[str, str, str]] | None) -> None:
        """Ask about all receipts of a platform, or those that were chosen."""
        accepted = Accepted(self.runtime, target, self.runtime.crm(target)).current()
        for page in self._pages(target):
            mine = [one for one in page if chosen is None or (target, one.object, one.our_key) in chosen]
            for start in range(0, len(mine), BATCH):
                if self.runtime.stop.is_set():
                    return
                self._batch(target, mine[start : start + BATCH], accepted)

    def _batch(self, target: str, some: Sequence[Receipt], accepted: Vocabulary | None) -> None:
        standing = what_stands(self.runtime, target, [FindItem(one.object, one.our_key, one.crm_id) for one in some])
        known = sum(one is not None for one in standing.values())
        self.done.compared[target] += known
        self.done.not_compared[target] += len(standing) - known
        self.done.found += Batch(self.runtime, self.rows, target, some, standing, accepted).drifts()
        if target in {one.crm for one in self.runtime.config.flows.values()}:
            self._duplicates(target, [one for one in some if standing[one.object, one.our_key]])
        self.runtime.progress(f"{target}: compared", self.done.compared)

    # several, and none of ours

    def _duplicates(self, target: str, some: Sequence[Receipt]) -> None:
        """People of whom there are several live records, by address or by our key."""
        with self.runtime.store.read() as tx:
            leads = tx.intake.leads([one.lead_id for one in some if one.lead_id])
            emails = {id: str(lead.fields.get("email") or "").casefold() for id, lead in leads.items()}
            same_key = tx.mirror.find(target, "our_key", [one.our_key for one in some], PEOPLE)
            by_email = tx.mirror.find(target, "email", sorted(filter(None, emails.values())), PEOPLE)
        asked = who_is_there(self.runtime, target, [Wanted(email) for email in emails.values() if email])
        if self.runtime.crm(target).capabilities.look_up_batch:
            by_email = {}
            for record in asked:
                by_email.setdefault(record.email, []).append(record)
        for one in some:
            own = _live(same_key.get(one.our_key, ()))
            others = _live(by_email.get(emails.get(one.lead_id, ""), ()))
            if len(own) > 1:
                self._several(one, own, sentences.SAME_KEY_THERE, target)
            elif len({*others, one.crm_id}) > 1 and others:
                self._several(one, {*others, one.crm_id}, sentences.SAME_PERSON_THERE, target)

    def _several(self, one: Receipt, ids: set[str], why: str, target: str) -> None:
        said = why % {"ids": ", ".join(sorted(ids))}
        self.done.found.append(Drift("duplicate", target, one.object, one.crm_id, one.our_key, one.lead_id, said))

    def orphans(self, target: str) -> None:
        """Records that carry a key of this store, and are no lead's."""
        begin = our_key(self.rows.store_id, 0)[:-1]
        for object in PEOPLE:
            after = ""
            while True:
                with self.runtime.store.read() as tx:
                    records = tx.mirror.listing(target, object, after, PAGE)
                    mine = [one for one in records if one.our_key.startswith(begin)]
                    numbers = {one.our_key: _number(one.our_key, begin) for one in mine}
                    leads = tx.intake.leads(sorted(set(numbers.values())))
                    known = {kind: tx.outbox.receipts(target, kind, list(numbers)) for kind in PEOPLE} if mine else {}
                lost = [
                    one for one in mine
                    if numbers[one.our_key] not in leads and not any(one.our_key in some for some in known.values())
                ]  # fmt: skip
                self._orphans(target, lost)
                if len(records) < PAGE:
                    break
                after = records[-1].id

    def _orphans(self, target: str, lost: Sequence[CrmRecord]) -> None:
        kind = "lead" if self.runtime.crm(target).capabilities.lead_is == "contact" else ""
        items = [FindItem(kind or one.object, one.our_key, one.id) for one in lost]
        standing = what_stands(self.runtime, target, items) if items else {}
        for item, one in zip(items, lost, strict=True):
            found = standing.get((item.object, item.our_key))
            if found is not None and one.id in found.crm_ids:
                self.done.found.append(
                    Drift("orphan", target, one.object, one.id, one.our_key, 0, sentences.ORPHAN_THERE)
                )


def _live(records: Sequence[CrmRecord]) -> set[str]:
    return {one.id for one in records if one.object in PEOPLE and not (one.gone or one.merged_into or one.converted_to)}


def _number(key: str, begin: str) -> int:
    said = key.removeprefix(begin)
    return int(said) if said.isascii() and said.isdigit() and len(said) < 18 else 0
