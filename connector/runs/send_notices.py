"""Send the notices that wait in the outbox: claim, send, write down what came of it.

A notice that somebody must act on is sent at least once: where its answer is lost it goes out again, with the same
Message-ID. A reminder is sent at most once. Of what is told together, one message is made for each address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.config import Config
from connector.locale import translator
from connector.model import sentences
from connector.model.notices import AT_MOST_ONCE, TARGET, File, Message, Notifier
from connector.model.outbox import Done, NotExecuted, OutboxRow, Outcome, Refused, Settlement
from connector.model.ports import Transaction
from connector.runs.notices import message_id
from connector.runs.restore import refuse_if_set_back
from connector.runs.runtime import Lease, Runtime, leased
from connector.runs.standing_notices import tell_standing
from connector.steps.delivery import wait_after
from connector.steps.notices import LINK, TEXTS

#: Notices of one claim, and seconds until what was claimed and not settled is looked at again.
BATCH, DEADLINE = 20, 600.0
#: Where more than so many wait, some of them may be due.
LOOKED_AT = 100
#: So often a notice that nobody took goes out again, in some four hours: then it is a dead letter, and no flood.
MOST_RESENDS = 10


def send_notices(runtime: Runtime, counts: Counter[str]) -> None:
    """Send everything that may be sent now.

    Raises RetryableError where another process is at it.
    """
    with runtime.store.read() as tx:
        refuse_if_set_back(tx)
        if not _may_go_out(tx, runtime.clock()):
            return
    with leased(runtime, f"deliver:{TARGET}", 2 * DEADLINE) as lease:
        _settle_unknown(runtime, lease, counts)
        sender = _Sender(runtime.config, runtime.notifier(), runtime.link)
        while not runtime.stop.is_set() and (rows := _claimed(runtime, lease)):
            for to, some in _by_message(rows):
                _settle(runtime, some, sender.send(to, some), counts)


def tell_people(runtime: Runtime, counts: Counter[str]) -> None:
    """Tell of what fails or was stopped, and send all notices. Raises RetryableError as `send_notices` does."""
    tell_standing(runtime)
    send_notices(runtime, counts)


def _may_go_out(tx: Transaction, now: datetime) -> bool:
    """Whether there is anything to do: what waits for the morning writes nothing all night."""
    rows = tx.outbox.rows(target=TARGET, states=("waiting", "in_flight", "unknown"), limit=LOOKED_AT)
    return len(rows) == LOOKED_AT or any(
        row.state != "waiting" or row.not_before is None or row.not_before <= now for row in rows
    )


def _claimed(runtime: Runtime, lease: Lease) -> list[OutboxRow]:
    with lease.write(durable=True) as tx:
        now = runtime.clock()
        return tx.outbox.claim(TARGET, now, now + timedelta(seconds=DEADLINE), BATCH, BATCH)


def _by_message(rows: list[OutboxRow]) -> Iterator[tuple[str, list[OutboxRow]]]:
    """Rows that make one message: those told together by address, any other by itself."""
    together: dict[str, list[OutboxRow]] = {}
    for row in rows:
        if row.values.get("digest") and not row.values.get("files"):
            together.setdefault(str(row.values["to"]), []).append(row)
        else:
            yield str(row.values["to"]), [row]
    yield from together.items()


@dataclass(slots=True)
class _Sender:
    """Sends for one pass. A way that takes nothing now (a mail server that is away) is not tried for every message."""

    config: Config
    notifier: Notifier
    link: Callable[[str, int], str]
    closed: dict[str, NotExecuted] = field(default_factory=dict)

    def send(self, to: str, rows: list[OutboxRow]) -> Outcome:
        way = "mail" if to.startswith("mail:") else to
        if way in self.closed:
            return self.closed[way]
        outcome = self._sent(to, rows)
        if isinstance(outcome, NotExecuted) and outcome.retry_after is None:
            self.closed[way] = outcome
        return outcome

    def _sent(self, to: str, rows: list[OutboxRow]) -> Outcome:
        first = rows[0].values
        if len(rows) == 1:
            files = [File(**one) for one in first.get("files", ())]
            text = self._text(to, rows[0])
            return self.notifier.send(Message(to, str(first["subject"]), text, message_id(rows[0].key), files))
        text = "\n\n".join(f"* {row.values['subject']}\n{self._text(to, row)}" for row in rows)
        subject = self._translate(to)(TEXTS["digest"][0]) % {"count": len(rows)}
        return self.notifier.send(Message(to, subject, text, message_id("+".join(row.key for row in rows))))

    def _text(self, to: str, row: OutboxRow) -> str:
        """What is said, and where the lead is found.

        Made now and not kept: a link opens the lead for whoever has it. A channel is read by many, so there one signs
        in first.
        """
        email = to.removeprefix("mail:") if to.startswith("mail:") else ""
        link = self.link(email, row.lead_id) if row.lead_id else ""
        said = str(row.values["text"])
        return f"{said}\n\n{self._translate(to)(LINK) % {'link': link}}" if link else said

    def _translate(self, to: str) -> Callable[[str], str]:
        email = to.removeprefix("mail:")
        return translator(self.config.language_of(email) if "@" in email else self.config.language)


def _settle(runtime: Runtime, rows: list[OutboxRow], outcome: Outcome, counts: Counter[str]) -> None:
    now = runtime.clock()
    settlements = [_after(row, outcome, now) for row in rows]
    with runtime.store.write() as tx:
        lost = tx.outbox.settle(settlements, now)
    for one in settlements:
        if one not in lost:
            counts[f"notices: {one.state}"] += 1
            counts["notices: may double"] += one.state == "done" and one.row.resends > 0


def _after(row: OutboxRow, outcome: Outcome, now: datetime) -> Settlement:
    if isinstance(outcome, Done):
        return Settlement(row, row.epoch, "done")
    if isinstance(outcome, Refused):
        return Settlement(row, row.epoch, "dead", outcome.reason, outcome.code)
    if isinstance(outcome, NotExecuted):
        again = now + wait_after(row.attempts, outcome.retry_after)
        return Settlement(row, row.epoch, "waiting", outcome.reason, not_before=again)
    return _after_unknown(row, outcome.reason, now)


def _after_unknown(row: OutboxRow, reason: str, now: datetime) -> Settlement:
    """It may have arrived: what only reminds is left at that, the rest goes out again."""
    if row.values.get("about") in AT_MOST_ONCE:
        return Settlement(row, row.epoch, "dropped", sentences.NOT_SENT_AGAIN % {"why": reason})
    if row.resends >= MOST_RESENDS:
        return Settlement(row, row.epoch, "dead", reason)
    again = now + wait_after(row.attempts, None)
    return Settlement(row, row.epoch, "waiting", reason, not_before=again, resend=True)


def _settle_unknown(runtime: Runtime, lease: Lease, counts: Counter[str]) -> None:
    """What a process was at when it ended, or what was under way when an older copy of the store was put back."""
    with lease.write(durable=True) as tx:
        now = runtime.clock()
        tx.outbox.sweep(now, {TARGET: 0.0})
        rows = tx.outbox.claim_unknown(TARGET, now, 1000)
        tx.outbox.settle([_after_unknown(row, row.reason or sentences.NO_MAIL_ANSWER, now) for row in rows], now)
    counts["notices: sent again, or left at that"] += len(rows)
