"""What a platform holds at this moment: asked record by record, in batches, outside of any transaction.

It is read only, in the lane of backfills: whoever looks at a plan takes nothing from what is urgent. What could not be
asked, or what the platform cannot tell, is None: that is not the same as a record that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar, cast

from connector.model.adapter import Crm, FindItem, InStoreCrm, ReadableCrm
from connector.model.errors import BatonError
from connector.model.mirror import CrmRecord, Wanted
from connector.model.outbox import LANES, Found
from connector.runs.runtime import Runtime
from connector.steps.matching import normalised

T = TypeVar("T")
#: Which record is meant: (object, our key).
Place = tuple[str, str]
#: The lane of all that is asked here.
LANE = LANES["backfill"]


def what_stands(runtime: Runtime, target: str, items: Sequence[FindItem]) -> dict[Place, Found | None]:
    """What stands in the records of `target` that are meant, by (object, our key).

    None where the platform gave no answer, or cannot tell. Raises AuthError, ConfigError, RetryableError: then
    nothing is known of any of them.
    """
    crm, found = runtime.crm(target), dict[Place, Found | None]()
    for some in _batches(items, crm.capabilities.max_batch):
        asked = [replace(one, lane=LANE) for one in some]
        for item, answer in zip(some, _asked(runtime, crm, asked), strict=True):
            found[item.object, item.our_key] = answer if answer is not None and answer.reliable else None
    return found


def _asked(runtime: Runtime, crm: Crm, items: Sequence[FindItem]) -> list[Found | None]:
    """One answer for each; what is refused as a whole is asked in halves, so that one costs itself only."""
    try:
        return list(_find(runtime, crm, items))
    except BatonError:
        raise
    except Exception:  # noqa: BLE001 - any fault of an adapter leaves the question open
        half = len(items) // 2
        return [*_asked(runtime, crm, items[:half]), *_asked(runtime, crm, items[half:])] if half else [None]


def _find(runtime: Runtime, crm: Crm, items: Sequence[FindItem]) -> Sequence[Found]:
    if not crm.capabilities.in_store:
        return crm.find(items)
    with runtime.store.read() as tx:
        return cast(InStoreCrm, crm).within(tx.desk).find(items)


def who_is_there(runtime: Runtime, target: str, people: Iterable[Wanted]) -> list[CrmRecord]:
    """Live leads and contacts of `target` with one of these addresses or numbers, and their accounts.

    None where the CRM takes no look-ups. Raises AuthError, ConfigError, RetryableError.
    """
    crm = cast(ReadableCrm, runtime.crm(target))
    most, region = crm.capabilities.look_up_batch, runtime.config.region
    if not most:
        return []
    asked = [replace(one, lane=LANE) for one in dict.fromkeys(people) if one.email or one.phone]
    return [normalised(record, region) for some in _batches(asked, most) for record in crm.look_up(some)]


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
