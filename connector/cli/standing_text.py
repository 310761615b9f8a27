"""How each connection stands, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.cli.session import Session
from connector.cli.tables import table
from connector.locale.format import moment, span
from connector.locale.stored import retell
from connector.model.ports import HeldUp
from connector.steps.telling import vocabulary
from connector.steps.telling.words import job_name

#: Limits that begin anew within so many seconds are told only where they are used.
SHORT_SECONDS = 60.0


@dataclass
class Standing:
    """Writes the blocks of `baton status` that are about connections."""

    session: Session
    found: Mapping[str, Any]
    zone: ZoneInfo

    def blocks(self) -> Iterator[tuple[str, list[str]]]:
        """A heading and its lines each."""
        _ = self.session.translate
        yield _("Fails"), self.fails()
        yield _("Waits to be sent"), self.waiting()
        yield _("Held up"), self.held_up()
        yield _("Read in"), self.read_in()
        yield _("Calls"), self.limits()
        yield _("Ends soon"), [f"  {retell(one, _)}" for one in self.found["endings"]]

    def fails(self) -> list[str]:
        """What fails, why, since when, and when it is tried again."""
        _ = self.session.translate
        rows = []
        for one in self.found["failing"]:
            name = job_name(one["job"], _)
            said = [retell(one["what"], _), _("since %(when)s") % {"when": self.when(one["since"])}]
            if one["parked_until"] and one["parked_until"] > self.found["at"]:
                said.append(_("tried again %(when)s") % {"when": self.when(one["parked_until"])})
            rows.append((name, " · ".join(said)))
        return table(("", ""), rows, indent="  ")

    def waiting(self) -> list[str]:
        """Rows by lane, and when they will be out."""
        _ = self.session.translate
        rows = []
        for name, one in self.found["connections"].items():
            for lane in one["waiting"]:
                told = {"rows": f"{lane['rows']:,}", "calls": f"{lane['calls']:,}"}
                soon = lane["out_at"] <= self.found["at"]
                out = _("the limits allow them now") if soon else _("not all out before %(when)s") % {
                    "when": self.when(lane["out_at"])
                }  # fmt: skip
                words = _("%(rows)s to write, about %(calls)s calls") % told
                rows.append((name, _(vocabulary.LANES.get(lane["lane"], lane["lane"])), words, out))
        return table(("", "", "", ""), rows, indent="  ")

    def held_up(self) -> list[str]:
        """Writes that wait for more than their turn: why, how long already, and when they are tried again."""
        rows = [(one.target, one.rows, self._held_up(one)) for one in self.found["held_up"]]
        gone = self.session.translate(
            "in the configuration no more: name it there again, or: baton errors drop --target %(target)s"
        )
        rows += [(name, count, gone % {"target": name}) for name, count in self.found["unnamed"].items()]
        return table(("", "", ""), rows, indent="  ")

    def _held_up(self, one: HeldUp) -> str:
        _ = self.session.translate
        said = [_("since %(when)s") % {"when": self.when(one.since)}]
        if one.behind:
            return " · ".join([_("behind a write that was refused or is undecided: baton errors"), *said])
        why = _(vocabulary.ROW_STATES[one.state]) if one.state != "waiting" or not one.reason else ""
        said = [part for part in (why, retell(one.reason, _) if one.reason else "") if part] + said
        if one.tries > 1:
            said.append(_("tries: %(n)s") % {"n": f"{one.tries:,}"})
        if one.next_at:
            now = one.next_at <= self.found["at"]
            said.append(_("tried again now") if now else _("tried again %(when)s") % {"when": self.when(one.next_at)})
        return " · ".join(said)

    def read_in(self) -> list[str]:
        """How far each CRM is read in."""
        _ = self.session.translate
        rows = []
        for name, one in self.found["connections"].items():
            if "read_in" not in one:
                continue
            known = [_(vocabulary.MIRRORED[object]) % {"n": f"{number:,}"} for object, number in one["records"].items()]
            if one["read_in"]:
                said = _("all of it since %(when)s") % {"when": self.when(one["read_in"])}
            else:
                said = _("not yet whole: nothing is handed over to it before")
            rows.append((name, " · ".join([said, _(", ").join(known)] if known else [said])))
        return table(("", ""), rows, indent="  ")

    def limits(self) -> list[str]:
        """What was used of each limit, and what has the account parked."""
        _ = self.session.translate
        rows = []
        for name, one in self.found["connections"].items():
            said = [self.limit(limit) for limit in one["limits"] if limit["used"] or limit["seconds"] > SHORT_SECONDS]
            if one["parked_until"]:
                said.append(_("PARKED until %(when)s: the platform asked to wait") % {
                    "when": self.when(one["parked_until"])
                })  # fmt: skip
            if said:
                rows.append((name, " · ".join(said)))
        return table(("", ""), rows, indent="  ")

    def limit(self, one: Mapping[str, Any]) -> str:
        """`1,204 of 650,000 in 1 day`."""
        told = {"used": f"{one['used']:,}", "limit": f"{one['limit']:,}", "time": self.time(one["seconds"])}
        return self.session.translate("%(used)s of %(limit)s in %(time)s") % told

    def time(self, seconds: float) -> str:
        """A window of a limit in words."""
        if seconds < SHORT_SECONDS:
            words = vocabulary.UNITS["second" if seconds == 1 else "seconds"]
            return self.session.translate(words) % {"number": f"{seconds:g}"}
        return span(seconds, self.session.language)

    def when(self, at: datetime) -> str:
        """A moment on the reader's clock."""
        return moment(at, self.zone, self.session.language)
