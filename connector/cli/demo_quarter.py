"""The quarter before the demo: thirteen weeks of exports and of reps at work, played through the line itself.

Nothing is put into the store by hand: each workday's files are synced when that day begins, and each rep's deed
is an act on the desk at its own moment.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connector.sandbox.sample_quarter import FOLDER, MORNING, WEEKS, exports

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.handoff import Handoff
    from connector.model.ports import Transaction
    from connector.runs.desk_record import Acted
    from connector.sandbox.sample_reps import Deed

#: How many people are exported in the quarter, for one in today's files.
TIMES = 3
#: Hours after a day's beginning at which the line runs again: clocks are looked at, and what came is handed over.
RUNS = (8,)
#: The connection that reads the files of the quarter.
EARLIER = "earlier"
#: Reps who call late.
SLOW = "tom@haulmere.example", "sora@haulmere.example"
#: What stands for one euro of a deal in the currency of the sample (an amount of its size, no rate).
WORTH = {"JPY": 150}


@dataclass(slots=True)
class Quarter:
    """Plays the quarter; `now` is the time that everything sees, days begin at `morning` (hours, UTC)."""

    app: App
    seed: int
    now: datetime
    morning: int
    counts: Counter[str] = field(default_factory=Counter)
    _planned: list[tuple[datetime, int, int, Deed]] = field(default_factory=list)
    _known: set[int] = field(default_factory=set)

    def day(self, at: datetime) -> None:
        """One workday from `at` on, with what was exported for it; what was planned for it is done."""
        self._sync(at)
        for hours in RUNS:
            moment = at + timedelta(hours=hours)
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
                deeds(
                    self.seed,
                    str(one.id),
                    source,
                    opened,
                    hot=one.hot,
                    slow=one.owner in SLOW,
                    morning=self.morning,
                    language=self.app.config.language,
                )
            ):
                heapq.heappush(self._planned, (deed.at, one.id, number, deed))

    def _deeds(self, until: datetime) -> None:
        """Do what was planned up to then, each at its own time."""
        while self._planned and self._planned[0][0] < until:
            at, handoff_id, _number, deed = heapq.heappop(self._planned)
            self.now = max(at, self.now)
            with self.app.store.read() as tx:
                handoff = tx.handoffs.by_ids([handoff_id])[handoff_id]
            done = _act(self.app, handoff, deed)
            self.counts[f"{deed.act}: {'done' if done else 'not'}"] += 1


def _act(app: App, handoff: Handoff, deed: Deed) -> bool:
    """One deed of the owner's, on the desk; whether it had an effect."""
    from connector.runs import desk_acts as desk

    given = app.runtime(), app.rows, handoff.id, handoff.owner
    said, money = deed.values, app.config.currency.report_in
    deal = desk.Deal(said.get("amount", 0) * WORTH.get(money, 1), money)
    acts: dict[str, Callable[[], Acted]] = {
        "touch": lambda: desk.touch(*given, said["kind"], f"{deed.at:%d%H%M%S}"),
        "accept": lambda: desk.accept(*given, said),
        "reject": lambda: desk.reject(*given, said["reason"]),
        "rate": lambda: desk.rate(*given, said["rating"]),
        "sql": lambda: desk.qualify(*given, {"conversation": True}),
        "opportunity": lambda: desk.put_deal(*given, "open", deal),
        "won": lambda: desk.put_deal(*given, "won", deal),
        "lost": lambda: desk.put_deal(*given, "lost", deal, "not_now"),
    }
    return acts[deed.act]().done


def play_quarter(config: Path, now: datetime, people: int, seed: int, language: str) -> Counter[str]:
    """Play the quarter before `now` through the line of `config`; what happened, by name."""
    from connector.app import opened

    made = list(exports(now, people * TIMES, seed, language))
    with opened(config, lambda: made[0].at) as app:
        quarter = Quarter(app, seed, made[0].at, MORNING[language])
        app.clock = lambda: quarter.now
        for export in made:
            export.write(config.parent)
            quarter.day(export.at)
        return quarter.counts + Counter(weeks=WEEKS)


def clear(folder: Path) -> None:
    """Take away what a quarter left that was stopped on its way: its files, and the store it was played into."""
    for left in (*folder.glob(f"{FOLDER}/*.csv"), *folder.glob("baton.db*")):
        left.unlink()
