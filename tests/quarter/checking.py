"""Hold a simulated quarter against the slow calculation: every deadline, reminder, escalation and turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from connector.model.handoff import Handoff, HandoffEvent, Turn
from tests.quarter.oracle import Turns, Wall
from tests.quarter.simulation import DAY, OWN_DAYS, TEAMS, WEIGHTS, Quarter, email

#: Public holidays of the three places in the quarter, as their governments publish them.
PUBLIC = {
    "tokyo": {date(2026, 10, 12), date(2026, 11, 3), date(2026, 11, 23), date(2027, 1, 1), date(2027, 1, 11)},
    "berlin": {date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)},
    "newyork": {
        date(2026, 10, 12), date(2026, 11, 3), date(2026, 11, 11), date(2026, 11, 26), date(2026, 12, 25),
        date(2027, 1, 1), date(2027, 1, 18),
    },
}  # fmt: skip
#: By weekday, minutes of the day; a shift over midnight ends beyond 1440.
HOURS: Mapping[str, Mapping[int, Sequence[tuple[int, int]]]] = {
    "tokyo": dict.fromkeys(range(5), ((540, 720), (780, 1080))),
    "berlin": {**dict.fromkeys(range(4), ((540, 1050),)), 4: ((540, 900),)},
    "newyork": {5: ((1290, 1620),), **dict.fromkeys(range(4), ((510, 1020),)), 4: ((510, 780),)},
}


@dataclass
class Stretch:
    """The time that one owner has a handoff."""

    owner: str
    begin: datetime
    end: datetime | None
    round: int


@dataclass
class Check:
    """What differs between the store and the slow calculation, in sentences."""

    quarter: Quarter
    found: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def run(self) -> list[str]:
        """Everything that differs."""
        last = self.quarter.first + (self.quarter.days + 40) * DAY
        self.walls = {
            team: Wall(zone, HOURS[team], PUBLIC[team].union(OWN_DAYS).__contains__, self.quarter.first, last)
            for team, (zone, _, _) in TEAMS.items()
        }
        self.events = self.quarter.events()
        self.handoffs = {one.id: one for one in self.quarter.given()}
        for handoff in self.handoffs.values():
            self._handoff(handoff, self.events[handoff.id])
        self._turns()
        self._told()
        return self.found

    def _handoff(self, handoff: Handoff, events: list[HandoffEvent]) -> None:
        expected, stretches = set(), _stretches(handoff, events)
        for one in stretches:
            expected |= set(self._expected(handoff, one, events))
        kinds = {"reminded", "breached", "told"}
        actual = {
            (event.key, event.at, event.who) for event in events if event.kind in kinds and event.body.get("told", True)
        }
        self.seen["events"] += len(actual)
        for key, at, who in sorted(actual - expected):
            self.found.append(f"handoff {handoff.id}: {key} for {who} at {at}, and should not")
        for key, at, who in sorted(expected - actual):
            self.found.append(f"handoff {handoff.id}: {key} for {who} at {at} is missing")

    def _expected(
        self, handoff: Handoff, one: Stretch, events: list[HandoffEvent]
    ) -> Iterator[tuple[str, datetime, str]]:
        """What had to happen while one owner had it, until they answered or another got it."""
        wall = self.walls[handoff.team]
        accepted = _first(events, "accepted")
        contacted = _first(events, "contacted")
        minutes = 30 if handoff.hot else 240
        clocks = [
            ("contact", wall.after(one.begin, minutes), contacted),
            ("accept", wall.days_later(one.begin, 1), accepted),
        ]
        for name, due, answered in clocks:
            prefix = f"{name}@{one.round}" if one.round else name
            total = wall.between(one.begin, due)
            if answered is not None and answered <= one.begin:
                continue
            marks = [(f"remind:{share}", _later(wall, one.begin, total * share)) for share in (50, 80)]
            marks += [("breach", due), ("do:0", due), ("do:1", due), ("do:2", wall.days_later(due, 1))]
            for what, at in marks:
                # An answer of the same minute is heard first; who loses it hears what was due by then.
                before_answer = answered is None or at < answered
                if at <= self.quarter.now and before_answer and (one.end is None or at <= one.end):
                    yield f"{prefix}:{what}", at, one.owner

    def _turns(self) -> None:
        """Each line of each ledger, counted out anew."""
        away = [(one.email, one.start, one.end) for one in self.quarter.absences]
        hot = {id: one.hot for id, one in self.handoffs.items()}
        for team, (_, _, people) in TEAMS.items():
            names = [email(person) for person in people.values()]
            turns = Turns({name: WEIGHTS[place] for place, name in enumerate(names)})
            for line in self.quarter.turns(team):
                there = [name for name in names if not any(
                    one == name and start <= line.at and (end is None or line.at < end) for one, start, end in away
                )]  # fmt: skip
                self.seen["turns"] += 1
                if hot[line.handoff_id] and line.rule != "reassign by turn":
                    working = [name for name in there if self.walls[team].is_open(line.at)]
                    there = working or there
                if line.rule == "reassign by turn":
                    there = [name for name in there if name not in self._had(line)]
                self._turn(team, turns, line, there)
            self.seen[f"furthest {team}"] = int(100 * turns.furthest())
            if turns.furthest() > 1:
                self.found.append(f"{team}: somebody is {float(turns.furthest()):.2f} turns off their share")

    def _turn(self, team: str, turns: Turns, line: Turn, there: list[str]) -> None:
        """One turn: who was there earned a share, and whoever's turn it was got it."""
        expected = turns.next(there)
        if line.email != expected:
            self.found.append(f"{team}: turn {line.id} was {line.email}'s and should be {expected}'s")
        turns.give(line.email)

    def _had(self, line: Turn) -> set[str]:
        """Who had a handoff before a turn."""
        stretches = _stretches(self.handoffs[line.handoff_id], self.events[line.handoff_id])
        return {one.owner for one in stretches if one.begin < line.at}

    def _told(self) -> None:
        """Nobody hears of one thing twice."""
        rows = Counter((row.our_key, row.values["to"]) for row in self.quarter.notices())
        self.seen["messages"] = rows.total()
        self.found += [f"{key} was told {times} times" for (key, _), times in rows.items() if times > 1]
        self.found += [
            f"message {id} was sent {times} times" for id, times in self.quarter.letters.items() if times > 1
        ]


def _later(wall: Wall, begin: datetime, hundredths: int) -> datetime:
    """After so many hundredths of working minutes."""
    whole, rest = divmod(hundredths, 100)
    if not rest:
        return wall.after(begin, whole)
    return wall.after(begin, whole + 1) - timedelta(minutes=1) + timedelta(seconds=round(Fraction(rest, 100) * 60))


def _first(events: list[HandoffEvent], kind: str) -> datetime | None:
    return min((one.at for one in events if one.kind == kind), default=None)


def _stretches(handoff: Handoff, events: list[HandoffEvent]) -> list[Stretch]:
    """Who had it, from when until when."""
    given = sorted((one for one in events if one.kind in ("opened", "reassigned")), key=lambda one: (one.at, one.id))
    found = []
    for place, one in enumerate(given):
        end = given[place + 1].at if place + 1 < len(given) else None
        found.append(Stretch(str(one.body.get("to") or one.who), one.at, end, place))
    return found


def main() -> int:
    """Play a quarter and check it; ends with 1 where something differs."""
    import argparse
    import tempfile
    import time
    from pathlib import Path

    parser = argparse.ArgumentParser(prog="python -m tests.quarter.checking")
    parser.add_argument("--handoffs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        quarter = Quarter(Path(folder), asked.handoffs, asked.seed)
        quarter.run()
        check = Check(quarter)
        found = check.run()
    print(f"{len(check.handoffs)} handoffs, {time.process_time() - began:.0f} s of CPU: {dict(check.seen)}")
    print(f"{len(found)} differences", *found[:50], sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
