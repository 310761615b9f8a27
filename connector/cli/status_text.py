"""What `baton status` says, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.cli.progress import figures
from connector.cli.session import Session
from connector.cli.standing_text import Standing
from connector.cli.status_clocks import clock_blocks
from connector.cli.status_routing import RoutingText
from connector.cli.status_stages import stage_blocks
from connector.cli.tables import table, terminal_width
from connector.locale.format import moment
from connector.locale.stored import retell
from connector.model.ports import Waiting
from connector.model.stages import STAGES
from connector.steps.telling import vocabulary
from connector.steps.telling.words import job_name, stage

#: Letters of a criteria version that tell it from the others.
SHORT = 10
#: What a reason may say itself.
RELEASE = "baton release --flow"


def lines(session: Session, found: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    """The whole picture, a block each."""
    writer = _Writer(session, found, zone)
    said = [writer.totals()]
    for heading, block in writer.blocks():
        if block:
            said += ["", session.style(heading, bold=True), *block]
    return said


@dataclass
class _Writer:
    session: Session
    found: Mapping[str, Any]
    zone: ZoneInfo

    def blocks(self) -> Iterator[tuple[str, list[str]]]:
        _ = self.session.translate
        yield _("Leads by stage"), self.stages()
        yield _("Flows"), self.flows()
        yield _("Handoffs"), self.handoffs()
        yield _("Open by owner"), self.owners()
        yield from clock_blocks(self.session, self.found, self.zone)
        yield from stage_blocks(self.session, self.found, self.zone)
        yield from RoutingText(self.session, self.found, self.zone).blocks()
        yield _("Outbox"), self.outbox()
        yield from Standing(self.session, self.found, self.zone).blocks()
        yield _("Waits for a person"), self.waits()
        yield _("Events that no entry of the mapping matched"), self.unmatched()
        yield _("Last runs"), self.runs()
        yield _("Due next"), self.due()
        yield _("At work now"), self.leases()

    def totals(self) -> str:
        totals, _n = self.found["totals"], self.session.counted
        leads = _n("%(n)s lead", "%(n)s leads", totals["leads"])
        activities = _n("%(n)s activity", "%(n)s activities", totals["activities"])
        said = self.session.translate(", ").join((leads, activities))
        if totals["waiting_activities"]:
            words = self.session.translate("activities of people not known yet: %(n)s")
            said += " · " + words % {"n": f"{totals['waiting_activities']:,}"}
        return said

    def stages(self) -> list[str]:
        flows = self.found["flows"]
        present = [one for one in STAGES if any(flow["stages"].get(one) for flow in flows.values())]
        if not present:
            return []
        names = [stage(one, self.session.translate) for one in present]
        nobody = self.session.translate("in no flow")
        rows = [(name or nobody, *(flow["stages"].get(one, 0) for one in present)) for name, flow in flows.items()]
        return table(("", *names), rows, indent="  ")

    def flows(self) -> list[str]:
        _ = self.session.translate
        modes = {"observe": _("observes"), "review": _("each is reviewed"), "live": _("live")}
        rows = []
        for name, flow in self.found["flows"].items():
            if "mode" not in flow:
                continue
            words = [modes[flow["mode"]]]
            if flow["start"]:
                words.append(_("from %(day)s on") % {"day": flow["start"].isoformat()})
            if flow["handoffs_per_day"] is not None:
                used = {"opened": flow["opened_today"], "limit": flow["handoffs_per_day"]}
                words.append(_("%(opened)s of %(limit)s handoffs today") % used)
            if flow["criteria"]:
                since = self.when(flow["criteria_since"])
                version = {"version": flow["criteria"][:SHORT], "when": since}
                words.append(_("criteria %(version)s since %(when)s") % version)
            if flow["criteria_waiting"]:
                words.append(self.criteria_wait(flow["criteria_waiting"]))
            for one in self.found["outdated"]:
                if one["flow"] == name:
                    told = {"n": one["leads"], "target": one["target"]}
                    words.append(_("%(target)s: %(n)s written before its mapping or rules changed (baton plan)") % told)
            if flow["parked"]:
                words.append(self.parked(retell(flow["parked"], _), name))
            rows.append((name, " · ".join(words)))
        return table(("", ""), rows, indent="  ")

    def criteria_wait(self, one: Waiting) -> str:
        """Changed criteria that somebody has to accept."""
        what = self.session.translate(
            "CRITERIA WAIT: %(version)s since %(when)s, would move %(in)s in and %(out)s out "
            "(baton criteria accept %(flow)s)"
        )
        version = {"version": one.version[:SHORT], "when": self.when(one.since), "flow": one.flow}
        return what % {**version, **one.body}

    def parked(self, why: str, flow: str) -> str:
        """Why a flow is parked, with the command that frees it, which the reason may name already."""
        _ = self.session.translate
        if RELEASE in why:
            return _("PARKED: %(why)s") % {"why": why.replace(RELEASE, f"{RELEASE} {flow}")}
        return _("PARKED: %(why)s (baton release --flow %(flow)s)") % {"why": why, "flow": flow}

    def handoffs(self) -> list[str]:
        rows = [
            (name, self.session.translate(vocabulary.HANDOFF_STATES.get(state, state)), count)
            for name, flow in self.found["flows"].items()
            for state, count in flow["handoffs"].items()
        ]
        return table(("", "", ""), rows, indent="  ")

    def owners(self) -> list[str]:
        gone = self.session.translate("no active user any more: baton reassign --from EMAIL")
        inactive = self.found["inactive_owners"]
        owners = self.found["open_by_owner"].items()
        rows = [(one, count, *((gone,) if one in inactive else ("",) if inactive else ())) for one, count in owners]
        return table(("", "", "") if inactive else ("", ""), rows, indent="  ")

    def outbox(self) -> list[str]:
        rows = [
            (target, self.session.translate(vocabulary.ROW_STATES.get(state, state)), count)
            for target, states in self.found["outbox"].items()
            for state, count in states.items()
        ]
        return table(("", "", ""), rows, indent="  ")

    def waits(self) -> list[str]:
        _ = self.session.translate
        words = {
            "set_aside": _("records and fields set aside"),
            "missing_fields": _("leads over the line that lack required fields"),
            "parked_flow": _("flows parked"),
            "notice": _("notices"),
        }
        rows = [
            (words.get(kind, kind), count, "baton errors") for kind, count in self.found["reviews"].items() if count
        ]
        stuck = {"dead": _("writes that a platform refused"), "parked": _("writes that only a person can decide")}
        for state, said in stuck.items():
            count = sum(states.get(state, 0) for states in self.found["outbox"].values())
            rows += [(said, count, "baton errors")] if count else []
        if self.found["forgotten_in_part"]:
            rows.append((_("forgotten, and the store's file was not written anew yet"), 1, "baton forget LEAD --yes"))
        return table(("", "", ""), rows, indent="  ") + self.notices()

    def notices(self) -> list[str]:
        """The first of them, in words."""
        parts = [[one["where"], one["field"], retell(one["reason"], self.session.translate)]
                 for one in self.found["notices"]]  # fmt: skip
        said = [f"    {': '.join(part for part in one if part)}" for one in parts]
        return [line for text in said for line in wrapped(text)]

    def unmatched(self) -> list[str]:
        rows = [(one["connection"], one["event"], one["count"]) for one in self.found["unmatched"]]
        return table(("", "", ""), rows, indent="  ")

    def runs(self) -> list[str]:
        rows = [
            (
                str(run.id),
                self.when(run.started_at),
                " ".join(part for part in (self.named(run.kind), run.connection) if part),
                self.ended(run.result),
                self.counted(run.counts),
            )
            for run in self.found["runs"]
        ]
        return table(("", "", "", "", ""), rows, indent="  ")

    def ended(self, result: str) -> str:
        """How a run ended, with the connections that failed in it; what ended in an error is kept by its kind."""
        _ = self.session.translate
        words = {"": _("under way"), "done": _("done"), "stopped": _("stopped"), "failed": _("failed")}
        how, colon, connections = result.partition(": ")
        return words.get(how, words["failed"]) + colon + connections

    def named(self, job: str) -> str:
        """A run or a job of the daemon in words: `pull:exports`."""
        return job_name(job, self.session.translate)

    def counted(self, counts: Mapping[str, int]) -> str:
        shown = figures(Counter(counts))
        if not shown:
            return self.session.translate("nothing new")
        return self.session.translate(", ").join(
            self.session.translate(message) % {"n": f"{number:,}"} for message, number in shown
        )

    def due(self) -> list[str]:
        now = self.session.translate("now")
        jobs = self.found["next"].items()
        rows = [(self.named(job), now if at <= self.found["at"] else self.when(at)) for job, at in jobs]
        waiting = self.found["due_for_scoring"]
        if waiting:
            rows.append((self.session.translate("leads to be scored again"), f"{waiting:,}"))
        return table(("", ""), rows, indent="  ")

    def leases(self) -> list[str]:
        until = self.session.translate("until %(when)s")
        held = self.found["leases"]
        rows = [(self.named(one["name"]), one["owner"], until % {"when": self.when(one["until"])}) for one in held]
        return table(("", "", ""), rows, indent="  ")

    def when(self, at: datetime | None) -> str:
        return moment(at, self.zone, self.session.language) if at else ""


def wrapped(text: str) -> list[str]:
    """A line broken where the terminal ends; what follows the first part is set in."""
    from connector.locale.columns import wrap

    indent = text[: len(text) - len(text.lstrip())]
    first, *rest = wrap(text.strip(), terminal_width() - len(indent) - 2)
    return [indent + first, *(f"{indent}  {part}" for part in rest)]
