"""Review packs on schedule: made when they are due, kept, and sent to whoever listens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connector.config import Config
from connector.model.follow_up import Pack
from connector.model.notices import Notice
from connector.model.outbox import OutboxRow
from connector.model.ports import Transaction
from connector.reporting.agenda import agenda
from connector.reporting.document import Heading, as_markdown, as_page
from connector.reporting.pack import pack_of
from connector.reporting.periods import KINDS, due_at, last_over
from connector.reporting.review import review
from connector.runs.notices import addresses, row_for
from connector.runs.restore import may_have_come
from connector.runs.runtime import Runtime

#: The kind of notice that packs are told by.
REPORT = "report"


def send_due(runtime: Runtime) -> list[str]:
    """Make and send the packs that are due and were not made yet; returns what they are called.

    Nothing is made where nobody listens, nor of a time before this store knew who is there. A pack is made once, and
    once only sent.
    """
    if not runtime.config.notices.get(REPORT):
        return []
    return [name for kind in KINDS if (name := _send(runtime, kind))]


def _send(runtime: Runtime, kind: str) -> str:
    now, config = runtime.clock(), runtime.config
    period = last_over(kind, now, config)
    if now < due_at(kind, now, config):
        return ""
    with runtime.store.read() as tx:
        if _made(tx, kind, period.name) or not began_before(tx, period.until):
            return ""
    with runtime.store.write() as tx:
        if _made(tx, kind, period.name):
            return ""
        pack = pack_of(tx, config, period, now)
        tx.meetings.put_pack(Pack(pack.kind, pack.period, pack.made_at, now, pack.body))
        if not may_have_come(tx, due_at(kind, now, config)):
            tx.outbox.put(list(_rows(tx, config, pack, now)), now)
    return period.name


def _made(tx: Transaction, kind: str, name: str) -> bool:
    return any(pack.period == name for pack in tx.meetings.packs(kind))


def began_before(tx: Transaction, until: datetime) -> bool:
    """Whether there was anything to tell of: who is new to it is not sent three empty packs."""
    versions = tx.rosters.versions()
    return bool(versions) and versions[-1].at < until


def _rows(tx: Transaction, config: Config, pack: Pack, now: datetime) -> Iterator[OutboxRow]:
    notice = Notice(REPORT, "report", f"pack:{pack.kind}:{pack.period}", now)
    for address in addresses(config, notice):
        blocks = review(tx, config, pack, address.language)
        title = next(block.text for block in blocks if isinstance(block, Heading))
        row = row_for(config, notice, address, title, as_markdown(blocks), now)
        row.values["files"] = list(_files(tx, config, pack, as_page(blocks, address.language), title))
        yield row


def _files(tx: Transaction, config: Config, pack: Pack, page: str, title: str) -> Iterator[dict[str, Any]]:
    yield {"name": f"review-{pack.period}.html", "type": "text/html", "text": page}
    text = agenda(config, pack, title, tx.meetings.agreements(only_open=True))
    yield {"name": f"review-{pack.period}.ics", "type": "text/calendar", "text": text}
