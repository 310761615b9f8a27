"""Our key on the records that are leads of ours: proposed as a plan, applied once a person has looked at it.

A plan names each record with the field, what it holds, and what it was judged on. Applying asks
the CRM once more; what has changed since is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any

from connector.config.types import Identity
from connector.locale import translator
from connector.model import sentences
from connector.model.adapter import CrmCapabilities
from connector.model.errors import ConfigError
from connector.model.mirror import CrmRecord
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.look_up import known
from connector.runs.planning.document import NO_PLAN, seal, unseal
from connector.runs.read_in import is_read_in
from connector.runs.rows import our_key
from connector.runs.runtime import Runtime
from connector.steps.matching import Match

KIND = "stamps"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Stamp:
    """One record that is to carry our key: `field` holds `old` and shall hold `new`, the key of lead `lead_id`.

    `object` and `id` are the CRM's. `why` says how it was found. `basis` is a digest of what that
    was judged on, `modified_at` when the record had changed last.
    """

    connection: str
    object: str
    id: str
    field: str
    old: str
    new: str
    lead_id: int
    why: str
    basis: str
    modified_at: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """A record that is left alone, and why (an English sentence that is kept)."""

    connection: str
    object: str
    id: str
    why: str


@dataclass(slots=True)
class Proposed:
    """Stamps, what is left alone, and how many records carry our key already."""

    stamps: list[Stamp] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    stamped: int = 0


def basis_of(record: CrmRecord) -> str:
    """A digest of what says who a record is, and that it is live."""
    judged = (
        record.email, record.phone, record.other_phone, record.name, record.given_name, record.family_name,
        record.company, record.account, record.is_open,
        sorted(record.converted_to.items()), record.merged_into, record.gone,
    )  # fmt: skip
    return blake2b(repr(judged).encode(), digest_size=12).hexdigest()


def propose(runtime: Runtime, store_id: str, flow: str = "") -> Proposed:
    """The stamps that the matched records lack, in the CRMs of the flows (of `flow` only, where given) that were read.

    Raises AuthError, ConfigError.
    """
    found = Proposed()
    flows = [one for one in runtime.config.flows.values() if flow in ("", one.name)]
    for name in dict.fromkeys(one.crm for one in flows):
        capabilities = runtime.crm(name).capabilities
        with runtime.store.read() as tx:
            if capabilities.key_fields and is_read_in(tx, name):
                translate = translator(runtime.config.language)
                _Proposal(tx, name, capabilities, store_id, translate, found, runtime.config.identity).run()
    return found


def place_of(record: CrmRecord, capabilities: CrmCapabilities) -> str:
    """Our name of what a record is: where leads are contacts, they are our leads."""
    return "lead" if record.object == capabilities.lead_is else record.object


class _Proposal:
    """Looks for the stamps of one CRM."""

    def __init__(
        self,
        tx: Transaction,
        target: str,
        capabilities: CrmCapabilities,
        store_id: str,
        translate: Any,
        found: Proposed,
        identity: Identity,
    ) -> None:
        self.tx, self.target, self.capabilities, self.store_id = tx, target, capabilities, store_id
        self.translate, self.found, self.identity = translate, found, identity
        self.taken: set[tuple[str, str]] = set()

    def run(self) -> None:
        """Every lead of ours, in the order of their numbers: of two that are one record there, the older has it."""
        after = 0
        while ids := self.tx.intake.lead_numbers(after, BATCH):
            after = ids[-1]
            leads = [lead for lead in self.tx.intake.leads(ids).values() if not lead.merged_into]
            plain = self.capabilities.lead_is == "contact"
            side = known(self.tx, self.target, self.store_id, leads, self.identity, plain=plain)
            receipts = self._receipts(side.matches)
            for lead_id, one in sorted(side.matches.items()):
                self._one(lead_id, one, receipts)

    def _receipts(self, lead_ids: Iterable[int]) -> dict[tuple[str, str], Receipt]:
        keys = [our_key(self.store_id, lead_id) for lead_id in lead_ids]
        return {
            (object, key): receipt
            for object in ("lead", "contact")
            for key, receipt in self.tx.outbox.receipts(self.target, object, keys).items()
            if not receipt.gone
        }

    def _one(self, lead_id: int, one: Match, receipts: Mapping[tuple[str, str], Receipt]) -> None:
        record, key = one.person, our_key(self.store_id, lead_id)
        name = self.capabilities.key_fields.get(place_of(record, self.capabilities), "")
        if not name:
            return
        if record.our_key == key:
            self.found.stamped += 1
            return
        receipt = receipts.get((place_of(record, self.capabilities), key))
        why = ""
        if record.our_key or (record.object, record.id) in self.taken:
            why = sentences.CARRIES_OTHER_KEY
        elif receipt is not None and receipt.crm_id != record.id:
            why = sentences.LEAD_IS_ELSEWHERE
        if why:
            self.found.left.append(Left(self.target, record.object, record.id, why))
            return
        self.taken.add((record.object, record.id))
        changed = record.modified_at.isoformat() if record.modified_at else ""
        self.found.stamps.append(
            Stamp(
                self.target, record.object, record.id, name, record.our_key, key, lead_id,
                one.why(self.translate), basis_of(record), changed,
            )
        )  # fmt: skip


# --- the plan as a file


def document(runtime: Runtime, store_id: str, found: Proposed) -> dict[str, Any]:
    """The plan as JSON holds it: for this store only, and signed, so that what is applied is what was looked at."""
    stamps = [asdict(stamp) for stamp in found.stamps]
    return seal(runtime, {"kind": KIND, "store": store_id, "at": runtime.clock().isoformat(), "stamps": stamps})


def opened(runtime: Runtime, store_id: str, plan: Any) -> list[Stamp]:
    """The stamps of a plan that was kept. Raises ConfigError where it is none, of another store, or was changed."""
    if not isinstance(plan, dict) or plan.get("kind") != KIND:
        raise ConfigError(NO_PLAN)
    unseal(runtime, store_id, plan)
    return [Stamp(**stamp) for stamp in plan["stamps"]]
