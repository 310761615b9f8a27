"""What follows from an answer: the outbox protocol's decisions, pure.

A call has four outcomes (model/outbox.py). Nothing here sends; it says what the row becomes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.model import sentences
from connector.model.adapter import CrmCapabilities
from connector.model.outbox import (
    ALONE,
    CONSENT,
    ENDED,
    Done,
    Found,
    NotExecuted,
    OutboxRow,
    Outcome,
    Receipt,
    Refused,
    Settlement,
    Unknown,
)
from connector.steps.field_rules import alike, is_blank

#: The values of rows that were sent before, asked for only where they are needed.
Earlier = Callable[[], Iterable[Mapping[str, Any]]]
#: So often a row goes out anew that is refused as being there already and cannot be found.
MOST_RESENDS = 3
#: So often a row gets no answer while it is alone in its request, and while others are taken, before it is believed.
MOST_ALONE = 6
FIRST_WAIT = 30.0
LONGEST_WAIT = 3600.0
#: A moment with its zone, as platforms tell it: `2026-12-07T08:00:00.000Z`, `...+0000`, `...+00:00`.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")


def wait_after(attempts: int, retry_after: float | None) -> timedelta:
    """How long to wait before the next try: what the platform says, else doubling from 30 s to 1 h."""
    if retry_after is not None:
        return timedelta(seconds=max(retry_after, 0.0))
    return timedelta(seconds=min(FIRST_WAIT * 2.0 ** max(attempts - 1, 0), LONGEST_WAIT))


def resolve_time(row: OutboxRow, capabilities: CrmCapabilities, now: datetime) -> datetime:
    """When an unknown may be looked up: sent_at + deadline + settle + lag, never before now."""
    sent = row.sent_at or now
    late = timedelta(seconds=capabilities.deadline + capabilities.settle + capabilities.lag)
    return max(sent + late, now)


def differing(values: Mapping[str, Any], receipt: Receipt | None) -> dict[str, Any]:
    """The fields that differ from what the target last acknowledged, blanks from values only; all for a create."""
    if receipt is None:
        return dict(values)
    known = receipt.values
    differs = {name: value for name, value in values.items() if known.get(name) != value}
    return {name: value for name, value in differs.items() if not (is_blank(value) and is_blank(known.get(name)))}


def receipt_for(row: OutboxRow, crm_id: str, known: Receipt | None, now: datetime, revision: str = "") -> Receipt:
    """What to remember after the target has taken `row`: its values laid over those known."""
    values = {**(known.values if known else {}), **row.values}
    return Receipt(row.target, row.object, row.our_key, crm_id, values, revision, row.lead_id, now)


def second_look(
    row: OutboxRow, capabilities: CrmCapabilities, now: datetime, known: Receipt | None = None
) -> OutboxRow:
    """The `verify` row that a resend leaves: the first request may still arrive after it.

    It looks at the fields that were sent, those in which `row` differs from what was `known` before.
    """
    due = now + timedelta(seconds=capabilities.deadline + capabilities.settle + capabilities.lag)
    return OutboxRow(
        target=row.target,
        kind="verify",
        object=row.object,
        our_key=row.our_key,
        key=f"{row.key}:verify:{row.revision}.{row.attempts}",
        values=differing(row.values, known),
        lead_id=row.lead_id,
        group="once" if row.kind == "once" else row.group,
        lane=row.lane,
        parent=row.parent,
        parent_object=row.parent_object,
        crm_id=row.crm_id,
        flow=row.flow,
        not_before=due,
    )


def times_alone(row: OutboxRow) -> int:
    """How often the row got no answer alone while the platform took others; 0 where it never was sent alone."""
    code, _, times = row.code.partition(":")
    return int(times) if code == ALONE and times.isdigit() else 0


def after_write(
    row: OutboxRow, outcome: Outcome, capabilities: CrmCapabilities, known: Receipt | None, now: datetime,
    *, alone: bool = False,
) -> Settlement:  # fmt: skip
    """What a claimed row becomes after its request, in which it was `alone` or not."""
    if isinstance(outcome, Done):
        follow_up = (second_look(row, capabilities, now, known),) if row.resends else ()
        receipt = receipt_for(row, outcome.crm_id, known, now, outcome.revision)
        return Settlement(row, row.epoch, "done", receipt=receipt, follow_up=follow_up)
    if isinstance(outcome, NotExecuted):
        again = now + wait_after(row.attempts, outcome.retry_after)
        return Settlement(row, row.epoch, "waiting", outcome.reason, row.code, row.field, not_before=again)
    if isinstance(outcome, Unknown):
        code = f"{ALONE}:{times_alone(row)}" if alone else ""
        later = resolve_time(row, capabilities, now)
        return Settlement(row, row.epoch, "unknown", outcome.reason, code, resolve_at=later)
    return after_refusal(row, outcome, known, now)


def after_refusal(row: OutboxRow, refused: Refused, known: Receipt | None, now: datetime) -> Settlement:
    """A refusal ends as a dead letter, unless it says that the object is there already, or no more.

    The first may be our own first attempt, so it is looked up before it is believed; what a person
    deleted is not made again, and later rows of it are dropped without asking. What was there before us
    and is gone, or was to join a list, is nothing to be mended either.
    """
    if refused.code in ENDED and known is not None:
        gone = replace(known, gone=True, at=now)
        return Settlement(row, row.epoch, "dropped", refused.reason, refused.code, receipt=gone)
    if refused.code in ENDED and (row.crm_id or row.object == "membership"):
        return Settlement(row, row.epoch, "dropped", refused.reason, refused.code)
    if refused.duplicate:
        return Settlement(row, row.epoch, "unknown", refused.reason, refused.code, refused.field, resolve_at=now)
    return Settlement(row, row.epoch, "dead", refused.reason, refused.code, refused.field)


def holds(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether the values read back are the ones we wrote, compared as text (platforms retype)."""
    return all(_as_text(found.get(name)) == _as_text(value) for name, value in wanted.items())


def _as_text(value: Any) -> str:
    """A value as any platform would tell it: `true`, `12`, a moment in UTC, parts joined by `;`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return ";".join(map(_as_text, value))
    text = str(value)
    return _moment(text) if _TIME.fullmatch(text) else text


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except ValueError:
        return text


def after_look(
    row: OutboxRow, found: Found, known: Receipt | None, now: datetime, *, taken: bool = False
) -> Settlement:
    """What an unknown row becomes once it was looked up. `taken`: the platform took others while it failed.

    Whatever gets no answer each time it is sent alone, while others are taken, is a dead letter in the end; the
    rest is as `_after_look` says.
    """
    end = _after_look(row, found, known, now)
    if end.state != "waiting" or not row.code.startswith(ALONE):
        return end
    times = times_alone(row) + taken
    if times < MOST_ALONE:
        wait = wait_after(times - 1, None) if times > 1 else timedelta()
        return replace(end, code=f"{ALONE}:{times}", not_before=now + wait)
    reason = f"{sentences.FAILS_ALONE % {'times': times}}: {row.reason}"
    return replace(end, state="dead", reason=reason, code=ALONE, not_before=None, resend=False)


def _after_look(row: OutboxRow, found: Found, known: Receipt | None, now: datetime) -> Settlement:
    """What an unknown row becomes once it was looked up, whoever else was sent with it.

    Found with our values, or a `once` object found at all: adopted. Found with other values:
    sent again to that object. Absent: sent again. Cannot tell, or refused as being there and absent
    however often it is sent: parked for a person. Only the fields that were sent are looked at: what a
    person has changed in others stays, and so does what one has written over ours meanwhile. What was read
    meanwhile as deleted or converted is not written any more.
    """
    if not found.reliable:
        return Settlement(row, row.epoch, "parked", row.reason or sentences.CANNOT_TELL)
    if row.kind == "state" and known is not None and known.gone:
        return Settlement(row, row.epoch, "dropped", sentences.GONE)
    if not found.crm_ids and row.code and not row.code.startswith(ALONE) and row.resends >= MOST_RESENDS:
        return Settlement(row, row.epoch, "parked", row.reason, row.code, row.field)
    if not found.crm_ids:
        return Settlement(row, row.epoch, "waiting", sentences.NOT_FOUND, not_before=now, resend=True)
    values, before = found.values[0] if found.values else {}, known.values if known else {}
    sent = differing(row.values, known)
    made_by_it = known is None and not row.crm_id and row.object == "lead"
    theirs = set() if row.resends else _of_others(values, sent, None if made_by_it else before)
    ours = {name: value for name, value in sent.items() if name not in theirs}
    # What a person has said since it was sent is newer than it, whenever its end is found out.
    sent_at = row.sent_at or now
    written_at = max(sent_at, known.at or sent_at) if known else sent_at
    adopted = receipt_for(row, found.crm_ids[0], known, written_at)
    if row.kind == "once" or holds(values, ours):
        return Settlement(row, row.epoch, "done", sentences.ADOPTED, receipt=adopted)
    as_found = replace(adopted, values={**before, **_only(sent, theirs), **_only(values, ours)})
    return Settlement(row, row.epoch, "waiting", sentences.OTHER_VALUES, not_before=now, receipt=as_found, resend=True)


def _of_others(values: Mapping[str, Any], sent: Mapping[str, Any], before: Mapping[str, Any] | None) -> set[str]:
    """Names of fields that hold neither what we sent, once, nor what they held before: somebody else filled them.

    `before` is what the target last acknowledged, None of what was made by this very row.
    """
    return {
        name
        for name, value in sent.items()
        if (before is None or name in before)
        and not is_blank(values.get(name))
        and not alike(values[name], value)
        and not alike(values[name], (before or {}).get(name))
    }


def _only(values: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def look_failed(row: OutboxRow, reason: str, now: datetime) -> Settlement:
    """A look-up that gave no answer: the row stays as it is, and is looked up again later."""
    later = now + wait_after(row.attempts, None)
    if row.kind == "verify":
        return Settlement(row, row.epoch, "waiting", reason, not_before=later)
    return Settlement(row, row.epoch, "unknown", reason, row.code, row.field, resolve_at=later)


def after_second_look(
    row: OutboxRow, found: Found, current: Receipt | None, now: datetime, earlier: Earlier = lambda: ()
) -> tuple[Settlement, str]:
    """End a `verify` row; the word says what was seen.

    `same`: all is well. `old value`: a late first request brought an earlier value back (one of those
    that `earlier` tells, which is asked only then), so the newest is sent again; any other value is
    somebody else's. `duplicate`: several objects carry our key. `gone`: none does, and
    what a person deleted is not made again.
    """
    if not found.reliable:
        return look_failed(row, sentences.NOT_LOOKED_UP, now), ""
    done = Settlement(row, row.epoch, "done")
    if len(found.crm_ids) > 1:
        return replace(done, reason=sentences.SEVERAL_WITH_OUR_KEY % {"count": len(found.crm_ids)}), "duplicate"
    if not found.crm_ids:
        return replace(done, reason=sentences.GONE), "gone"
    if row.group == "once" or current is None or not found.values:
        return done, "same"
    values = found.values[0]
    back = _came_back(values, _only(current.values, row.values), earlier)
    if not back:
        return done, "same"
    as_found = replace(current, values={**current.values, **_only(values, back)})
    own = row.group == CONSENT
    again = replace(
        row, id=0, kind="state", key=row.key.partition(":verify:")[0], group=CONSENT if own else "",
        values=_only(current.values, row.values) if own else dict(current.values),
        state="waiting", attempts=0, resends=0, not_before=None, after="", revision=0,
    )  # fmt: skip
    return replace(done, reason=sentences.OLD_VALUE, receipt=as_found, follow_up=(again,)), "old value"


def _came_back(values: Mapping[str, Any], newest: Mapping[str, Any], earlier: Earlier) -> set[str]:
    """Names of fields that hold an earlier value of ours."""
    others = [name for name, value in newest.items() if not holds(values, {name: value})]
    before = list(earlier()) if others else []
    return {name for name in others if any(name in one and alike(one[name], values.get(name)) for one in before)}
