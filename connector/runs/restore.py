"""What follows from a restore: an older state of the store stands beside a world that has gone on.

Nothing that may have been done since is done again unasked: each undelivered create is looked up first,
and nothing is handed over before what changed in the CRM meanwhile was read. Nothing that was given
since is given anew: numbers jump beyond all that can have been given (docs/decisions/020).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.model import sentences
from connector.model.adapter import CrmCapabilities
from connector.model.errors import StateError
from connector.model.mirror import CrmRecord
from connector.model.ports import Transaction

#: Numbers that stand in keys outside.
IN_KEYS = ("leads", "handoffs")
#: From here the minutes are counted that numbers begin with after a restore.
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
#: So many numbers are never given within a minute.
IN_A_MINUTE = 1_000_000
#: Words about a CRM that are true of the moment of the copy only: that it was read, who was looked up.
OF_THE_MOMENT = ("read_in:", "looked_up:")
#: The store's word that it was set back without a restore, and the connection that showed it.
SET_BACK = "set_back"
#: The last numbers that had been given at the latest restore: what has one up to it may have gone out since.
LAST = "restored:"
#: The store's word that says when it was put back last.
RESTORED_AT = "restored_at"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has led to: creates that are looked up first, how often the store was restored by now."""

    unknown: int
    restores: int


def after_restore(
    tx: Transaction, now: datetime, given: Mapping[str, int] | None = None, restores: int = 0
) -> Restored:
    """Everything that follows, within one transaction.

    `given` are the last numbers that the store which was there before had given, `restores` how often that
    one was restored.
    """
    unknown = tx.outbox.all_unknown(now)
    tx.leases.end_all()
    known, begin = tx.admin.numbers(), round_minutes(now)
    for name in IN_KEYS:
        last = max(known.get(name, 0), (given or {}).get(name, 0))
        tx.admin.set_meta(LAST + name, str(last))
        tx.admin.begin_numbers_after(name, max(last, begin))
    for prefix in OF_THE_MOMENT:
        for word in tx.admin.metas(prefix):
            tx.admin.set_meta(word, "")
    count = max(int(tx.admin.meta("epoch")), restores + 1)
    tx.admin.set_meta("epoch", str(count))
    tx.admin.set_meta(SET_BACK, "")
    tx.admin.set_meta(RESTORED_AT, now.isoformat())
    return Restored(unknown, count)


def round_minutes(now: datetime) -> int:
    """The last number before those of this minute; 0 under a clock that stands before all of them."""
    return max((now - BEGINNING) // timedelta(minutes=1), 0) * IN_A_MINUTE


def is_restored(tx: Transaction) -> bool:
    """Whether the store was ever put back."""
    return tx.admin.meta("epoch") not in ("", "0")


def given_before(tx: Transaction, name: str) -> int:
    """The last number of `leads` or `handoffs` that was given before the latest restore, 0 where there was none."""
    return int(tx.admin.meta(LAST + name) or 0)


class SetBackError(StateError):
    """The CRM knows more of this store than the store does."""


def ask_whether_set_back(tx: Transaction, connection: str, store_id: str, records: Iterable[CrmRecord]) -> None:
    """Raises SetBackError where a record carries a number of ours that was never given."""
    begin = f"{store_id}-"
    numbers = [record.our_key.removeprefix(begin) for record in records if record.our_key.startswith(begin)]
    highest = max((int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) < 19), default=0)
    if highest and highest > tx.admin.numbers().get("leads", 0):
        raise SetBackError(sentences.SET_BACK % {"connection": connection})


def refuse_if_set_back(tx: Transaction) -> None:
    """Raises StateError where the store was found to be set back, and nobody has said since what follows."""
    if connection := tx.admin.meta(SET_BACK):
        raise SetBackError(sentences.SET_BACK % {"connection": connection})


def may_have_come(tx: Transaction, at: datetime) -> bool:
    """Whether what was due at a moment may have been told before the store was put back, in what was lost by that."""
    restored = tx.admin.meta(RESTORED_AT)
    return bool(restored) and at <= datetime.fromisoformat(restored)


def has_settled(tx: Transaction, capabilities: CrmCapabilities, now: datetime) -> bool:
    """Whether all that was sent before the latest restore has taken effect in a CRM by now, and can be found there."""
    at = tx.admin.meta(RESTORED_AT)
    if not at:
        return True
    objects = [capabilities, *(capabilities.of(object) for object in capabilities.exceptions)]
    longest = max(one.settle + one.lag for one in objects) + capabilities.read_back_lag
    return now >= datetime.fromisoformat(at) + timedelta(seconds=longest)
