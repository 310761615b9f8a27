"""What a run would write outside, before it does: created, changed field by field, waiting, skipped, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import Lead, display_name
from connector.model.outbox import Receipt
from connector.steps.telling import vocabulary
from connector.steps.telling.routed import routed
from connector.steps.telling.words import N_, Words, field_name

Action = Literal["create", "change", "same", "wait", "skip"]

#: In the order in which they are told.
_ACTIONS: tuple[Action, ...] = ("create", "change", "same", "wait", "skip")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the line decided about one lead, and what would be written for it.

    `handoff` is as it would stand after the run (`open` where it would go out), None where the
    lead is not over the line. `values` are in the target's own names, `receipt` what the target
    last acknowledged; `also` names further objects that would be made (`task`, `note`),
    `missing` required fields that the lead lacks, `unsent` (their field, reason) of values left out.
    `fresh`: it goes out with this run. `waits`, where given, is what its flow waits for.
    """

    lead: Lead
    target: str
    handoff: Handoff | None = None
    values: Mapping[str, Any] | None = None
    receipt: Receipt | None = None
    also: Sequence[str] = ()
    missing: Sequence[str] = ()
    unsent: Sequence[tuple[str, str]] = ()
    fresh: bool = False
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field in the target: what it holds now (None: nothing that we know of), and what it would."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Row:
    """One lead in the plan. `reason` is in words; `kind` groups rows of one reason, whoever they are about."""

    lead_id: int
    who: str
    target: str
    action: Action
    kind: str
    reason: str
    owner: str = ""
    hot: bool = False
    total: int = 0
    grade: str = ""
    changes: tuple[Change, ...] = ()
    also: tuple[str, ...] = ()
    unsent: tuple[tuple[str, str], ...] = ()


def plan(proposals: Iterable[Proposal], words: Words) -> list[Row]:
    """A row for each proposal, in the order of what happens to them, best first."""
    order = _ACTIONS
    rows = [_row(one, words) for one in proposals]
    return sorted(rows, key=lambda row: (order.index(row.action), not row.hot, -row.total, row.lead_id))


def _row(proposal: Proposal, words: Words) -> Row:
    lead, handoff, score = proposal.lead, proposal.handoff, proposal.lead.score
    action, kind, detail = _decision(proposal, words)
    writes = action in ("create", "change")
    return Row(
        lead.id, _who(lead, words), proposal.target, action, kind,
        f"{kind}: {detail}" if kind and detail else kind or detail,
        handoff.owner if handoff else "", handoff.hot if handoff else False,
        score.total if score else 0, score.grade if score else "",
        tuple(differences(proposal.values or {}, proposal.receipt)) if writes else (),
        tuple(proposal.also) if writes else (), tuple(proposal.unsent) if writes else (),
    )  # fmt: skip


def _who(lead: Lead, words: Words) -> str:
    known = (display_name(lead, words.language), str(lead.fields.get("company.name") or ""))
    return " · ".join(part for part in known if part) or str(
        lead.fields.get("email") or words.say(sentences.LEAD, id=lead.id)
    )


def _decision(proposal: Proposal, words: Words) -> tuple[Action, str, str]:
    """(action, reason that others share, detail of this one)."""
    handoff, receipt = proposal.handoff, proposal.receipt
    if handoff is None:
        return _not_over_the_line(proposal, words)
    if handoff.state == "closed":
        return "skip", words.say(N_("its handoff is closed")), ""
    if handoff.state == "waiting" and proposal.waits:
        return "wait", proposal.waits, ""
    if handoff.state != "open":
        return (
            "wait",
            words.translate(vocabulary.HANDOFF_STATES[handoff.state]),
            routed(handoff.routed_by, words.translate),
        )
    if handoff.record:
        on_record = words.say(N_("a task for someone who is there already"))
        return ("create", on_record, routed(handoff.routed_by, words.translate)) if proposal.also else ("same", "", "")
    if receipt is None:
        return "create", "", routed(handoff.routed_by, words.translate)
    if receipt.gone:
        return "skip", words.say(N_("gone in %(target)s, and not made again"), target=proposal.target), ""
    if differences(proposal.values or {}, receipt) or proposal.also:
        if not proposal.fresh:
            return "change", "", ""
        return "change", words.say(N_("an open lead that is there already")), routed(handoff.routed_by, words.translate)
    return "same", "", ""


def _not_over_the_line(proposal: Proposal, words: Words) -> tuple[Action, str, str]:
    if proposal.missing:
        names = words.translate(N_(", ")).join(field_name(name, words.translate) for name in proposal.missing)
        return "wait", words.say(N_("over the line, but lacks required fields")), names
    if not proposal.lead.flow:
        return "skip", words.say(N_("no flow takes this lead")), ""
    return "skip", words.say(N_("not over the line")), ""


def differences(values: Mapping[str, Any], receipt: Receipt | None) -> list[Change]:
    """The fields in which `values` differ from what the target last acknowledged."""
    known: Mapping[str, Any] = receipt.values if receipt else {}
    return [
        Change(name, known.get(name), value)
        for name, value in sorted(values.items())
        if receipt is None or known.get(name) != value
    ]
