"""The quarter before the demo: thirteen weeks of exports and of reps at work, played through the line itself.

Nothing is put into the store by hand: each week's files are synced on that week's Monday, and each rep's deed is an
act on the desk at its own moment.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connector.sandbox.sample_quarter import FOLDER, WEEKS, weeks

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.handoff import Handoff
    from connector.model.ports import Transaction
    from connector.sandbox.sample_reps import Deed

#: How many people are exported in the quarter, for one in today's files.
TIMES = 3
#: Hours (UTC) of a day at which the line runs: the clocks are looked at, and what came is handed over.
RUNS = (8, 15)
#: The connection that reads the files of the quarter.
EARLIER = "earlier"
#: Runs of one week: Monday to Friday, as the firm works.
WORKDAYS = 5
#: This rep calls late.
SLOW = "tom@haulmere.example", "sora@haulmere.example"


@dataclass(slots=True)
class Quarter:
    """Plays the quarter in `folder`; `now` is the time that everything sees."""

    app: App
    folder: Path
    seed: int
    now: datetime
    counts: Counter[str] = field(default_factory=Counter)
    _planned: list[tuple[datetime, int, int, Deed]] = field(default_factory=list)
    _known: set[int] = field(default_factory=set)

    def week(self, at: datetime, until: datetime) -> None:
        """One week from `at` on: its files are there; what was planned is done, and not after `until`."""
        self._sync(at)
        monday = at.replace(hour=0, minute=0)
        for day in range(7):
            for hour in RUNS:
                moment = monday + timedelta(days=day, hours=hour)
                if at < moment < until and moment.weekday() < WORKDAYS:
                    self._deeds(moment)
                    self._sync(moment)

    def _sync(self, at: datetime) -> None:
        from connector.runs.sync import sync

        self.now = at
        self.counts.update(sync(self.app.runtime(), self.app.rows, [EARLIER]).counts)
        with self.app.store.read() as tx:
            self._plan(tx)

    def _plan(self, tx: Transaction) -> None:
        """What the owners of new handoffs will do."""
        from connector.sandbox.sample_reps import deeds

        new = [one for flow in self.app.config.flows for one in tx.handoffs.in_state(flow, "open", 10_000)
               if one.id not in self._known]  # fmt: skip
        leads = tx.intake.leads([one.lead_id for one in new]) if new else {}
        for one in new:
            self._known.add(one.id)
            source = str(leads[one.lead_id].fields.get("source") or "")
            opened = one.opened_at or self.now
            for number, deed in enumerate(
                deeds(self.seed, str(one.id), source, opened, hot=one.hot, slow=one.owner in SLOW)
            ):
                heapq.heappush(self._planned, (deed.at, one.id, number, deed))

    def _deeds(self, until: datetime) -> None:
        """Do what was planned up to now: nobody works at night or on a Sunday, it is done when the day begins."""
        first = until.replace(hour=RUNS[0], minute=0)
        while self._planned and self._planned[0][0] < until:
            at, handoff_id, _number, deed = heapq.heappop(self._planned)
            self.now = min(max(at, first), until - timedelta(minutes=1)) if until > first else until
            with self.app.store.read() as tx:
                handoff = tx.handoffs.by_ids([handoff_id])[handoff_id]
            done = _act(self.app, handoff, deed)
            self.counts[f"{deed.act}: {'done' if done else 'not'}"] += 1


def _act(app: App, handoff: Handoff, deed: Deed) -> bool:
    """One deed of the owner's, on the desk; whether it had an effect."""
    from connector.runs import desk_acts as desk

    given = app.runtime(), app.rows, handoff.id, handoff.owner
    said = deed.values
    acts: dict[str, Callable[[], desk.Acted]] = {
        "touch": lambda: desk.touch(*given, said["kind"], f"{deed.at:%d%H%M%S}"),
        "accept": lambda: desk.accept(*given, said),
        "reject": lambda: desk.reject(*given, said["reason"]),
        "rate": lambda: desk.rate(*given, said["rating"]),
        "sql": lambda: desk.qualify(*given, {"conversation": True}),
        "opportunity": lambda: desk.put_deal(*given, "open", desk.Deal(said["amount"], "EUR")),
        "won": lambda: desk.put_deal(*given, "won", desk.Deal(said["amount"], "EUR")),
        "lost": lambda: desk.put_deal(*given, "lost", desk.Deal(said["amount"], "EUR"), "not_now"),
    }
    return acts[deed.act]().done


def play_quarter(config: Path, now: datetime, people: int, seed: int, language: str) -> Counter[str]:
    """Play the quarter before `now` through the line of `config`; what happened, by name."""
    from connector.app import opened

    exports = list(weeks(now, people * TIMES, seed, language))
    # The line reads the clock before the first week as well.
    at = [exports[0].at]
    with opened(config, lambda: at[0]) as app:
        quarter = Quarter(app, config.parent, seed, at[0])
        app.clock = lambda: quarter.now
        for number, week in enumerate(exports, 1):
            week.write(config.parent, number)
            quarter.week(week.at, min(week.at + timedelta(days=7), now))
        return quarter.counts + Counter(weeks=WEEKS)


def clear(folder: Path) -> None:
    """Take away what a quarter left that was stopped on its way: its files, and the store it was played into."""
    for left in (*folder.glob(f"{FOLDER}/*.csv"), *folder.glob("baton.db*")):
        left.unlink()
