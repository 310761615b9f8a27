"""What `baton status --routing` says: who is there, whose turn it is, if the ledger holds, and whom nobody takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connector.cli.session import Session
from connector.cli.tables import table
from connector.locale.format import moment

if TYPE_CHECKING:
    from connector.config import Config
    from connector.model.handoff import Turn
    from connector.model.ports import Transaction
    from connector.model.roster import Roster

#: How many of the latest lines are shown, how many are made again, and how many handoffs that nobody takes are named.
SHOWN, CHECKED, NAMED = 5, 10_000, 5
#: More handoffs than any flow has.
EVERY = 10**9


def routing(tx: Transaction, config: Config, now: datetime) -> dict[str, Any]:
    """By team: its members with their shares, and its ledger, made again line by line."""
    from connector.runs.rosters import roster_at

    roster, still_open = roster_at(tx, config, now), tx.handoffs.open_by_owner()
    return {name: _ring(tx, roster, name, still_open) for name in config.teams}


def roster(tx: Transaction, config: Config) -> dict[str, Any]:
    """The version of teams and people that is in force, and since when it is known (None: with the next run)."""
    from connector.runs.rosters import version_of

    version, _ = version_of(config)
    return {
        "version": version,
        "since": next((one.at for one in tx.rosters.versions() if one.version == version), None),
    }


def nobody_there(tx: Transaction, config: Config) -> dict[str, Any]:
    """By flow that has such handoffs: how many nobody takes, what is done about it, and why, the oldest first."""
    found = {}
    for flow in config.flows.values():
        waiting = sorted(tx.handoffs.in_state(flow.name, "nobody", EVERY), key=lambda one: one.decided_at)
        if waiting:
            named = [
                {"handoff": one.id, "lead": one.lead_id, "since": one.decided_at, "hot": one.hot, "why": one.routed_by}
                for one in waiting[:NAMED]
            ]
            there = flow.routing.nobody_there
            found[flow.name] = {
                "count": len(waiting), "give_to": there.give_to, "tell": there.tell, "handoffs": named,
            }  # fmt: skip
    return found


def _ring(tx: Transaction, roster: Roster, team: str, still_open: Mapping[str, int]) -> dict[str, Any]:
    from connector.steps.routing.turns import from_ledger

    lines, counts = tx.handoffs.turns(team, CHECKED), tx.handoffs.turn_counts(team)
    ring = from_ledger(counts, lines[0] if lines else None)
    members = []
    for member in roster.members(team):
        email, away = member.email, roster.away.get(member.email)
        turns, owed = counts.get(email, 0), ring.owed.get(email, 0)
        members.append({
            "email": email, "weight": member.weight, "open_at_most": member.open_at_most,
            "open": still_open.get(email, 0), "turns": turns, "exact": float(turns + owed), "owed": str(owed),
            "away": away is not None, "until": away.until if away else None,
            "stand_in": roster.stand_in(email) if away else "", "works_now": roster.works_now(email),
        })  # fmt: skip
    return {
        "members": members,
        "turns": [_line(one) for one in lines[:SHOWN]],
        "given": sum(counts.values()),
        "checked": len(lines),
        "broken": _broken(lines),
    }


def _line(turn: Turn) -> dict[str, Any]:
    """A line of the ledger; `to` is who got the lead."""
    from connector.steps.routing.turns import read, taker

    names = ("id", "at", "email", "handoff_id", "rule", "given", "weights")
    return {name: getattr(turn, name) for name in names} | {"to": taker(read(turn.weights), turn.email)}


def _broken(lines: Sequence[Turn]) -> list[dict[str, Any]]:
    """Lines (newest first) that do not follow from the one before, or by whose ring it was another's turn."""
    from connector.steps.routing.turns import broken

    ledger = lines[::-1]
    earlier: list[Turn | None] = [None, *ledger]
    told = [(one, broken(before, one)) for before, one in zip(earlier, ledger, strict=False)]
    return [{"id": one.id, "at": one.at, "what": what} for one, what in told if what]


class RoutingText:
    """The same, as text."""

    def __init__(self, session: Session, found: Mapping[str, Any], zone: ZoneInfo) -> None:
        self.session, self.found, self.zone = session, found, zone

    def blocks(self) -> Iterator[tuple[str, list[str]]]:
        """A block for each team, and one for what nobody takes."""
        _ = self.session.translate
        if known := self.found.get("roster"):
            yield _("Roster"), [f"  {known['version']}  {self._when(known['since'])}".rstrip()]
        for team, ring in self.found.get("routing", {}).items():
            yield _("Turns of %(team)s") % {"team": team}, self._ring(ring)
        yield _("Nobody there"), self._nobody()

    def _ring(self, ring: Mapping[str, Any]) -> list[str]:
        _ = self.session.translate
        rows = [
            (one["email"], one["weight"], one["turns"], f"{one['exact']:.2f}", _open(one), self._there(one))
            for one in ring["members"]
        ]
        said = table(("", _("weight"), _("turns given"), _("exact share"), _("open"), ""), rows, indent="  ")
        latest = [(self._when(one["at"]), _taken(one), self._rule(one["rule"])) for one in ring["turns"]]
        return [*said, *table(("", "", ""), latest, indent="    "), *self._holds(ring)]

    def _rule(self, name: str) -> str:
        """`rule 2`, as the ledger keeps it, in the reader's language."""
        word, _, number = name.partition(" ")
        by_rule = word == "rule" and number.isdigit()
        return self.session.translate("rule %(number)s") % {"number": number} if by_rule else name

    def _there(self, one: Mapping[str, Any]) -> str:
        _ = self.session.translate
        if not one["away"]:
            return "" if one["works_now"] else _("not at work now")
        until = _("away")
        if one["until"]:
            when = moment(one["until"], self.zone, self.session.language, year=True)
            until = _("away until %(when)s") % {"when": when}
        return f"{until}, {one['stand_in']}" if one["stand_in"] else until

    def _holds(self, ring: Mapping[str, Any]) -> list[str]:
        _ = self.session.translate
        if not ring["checked"]:
            return []
        if not ring["broken"]:
            return ["    " + _("turns made again from the ledger: %(count)s; each holds") % {"count": ring["checked"]}]
        words = {
            "choice": _("by its ring it was somebody else's turn"),
            "owed": _("its balances do not follow from the line before"),
            "count": _("a line is missing before it, or there twice"),
        }
        what = _("turn %(id)s, %(when)s, does not hold: %(why)s")
        return [
            "    " + what % {"id": one["id"], "when": self._when(one["at"]), "why": words[one["what"]]}
            for one in ring["broken"]
        ]

    def _nobody(self) -> list[str]:
        from connector.steps.routing.rules import NEXT_BACK, NEXT_RULE
        from connector.steps.telling.routed import routed

        _ = self.session.translate
        said: list[str] = []
        words = {NEXT_BACK: _("waits for the next to be back"), NEXT_RULE: _("goes on with the next rule")}
        for flow, one in self.found.get("nobody_there", {}).items():
            done = _("%(flow)s: waiting: %(count)s (%(give_to)s); told: %(tell)s")
            tell = _("the manager") if one["tell"] == "manager" else one["tell"]
            there = {"give_to": words.get(one["give_to"], one["give_to"]), "tell": tell}
            said.append("  " + done % {"flow": flow, "count": one["count"], **there})
            rows = [
                (_("lead %(id)s") % {"id": who["lead"]}, self._when(who["since"]), routed(who["why"], _))
                for who in one["handoffs"]
            ]
            said += table(("", "", ""), rows, indent="    ")
        return said

    def _when(self, at: datetime | None) -> str:
        return moment(at, self.zone, self.session.language) if at else ""


def _open(member: Mapping[str, Any]) -> str:
    limit = member["open_at_most"]
    return str(member["open"]) if limit is None else f"{member['open']}/{limit}"


def _taken(line: Mapping[str, Any]) -> str:
    """Whose turn it was, and who took it for them."""
    return line["email"] if line["to"] == line["email"] else f"{line['email']} → {line['to']}"
