"""Calls that may be made, by vendor account. One transaction writes at a time: nothing is granted twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from connector.model.http import LANE_SHARE, Rate, Usage, open_to
from connector.model.ports import BudgetLine
from connector.model.times import micros, moment, moment_or_none
from state.engine import Session

SELECT = "SELECT account, rate, used, calls, said, since, length, at, parked_until FROM budgets "
OF_ACCOUNT = SELECT + "WHERE account = ?"
STANDING = SELECT + "WHERE account = ? OR ? = '' ORDER BY account, rate"
PUT = (
    "INSERT INTO budgets (account, rate, used, calls, said, since, length, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (account, rate) DO UPDATE SET used = excluded.used, calls = excluded.calls, said = excluded.said, "
    "since = excluded.since, length = excluded.length, at = excluded.at"
)
PARK = (
    "INSERT INTO budgets (account, rate, parked_until) VALUES (?, '', ?) ON CONFLICT (account, rate) DO UPDATE SET "
    "parked_until = excluded.parked_until WHERE excluded.parked_until > coalesce(budgets.parked_until, 0)"
)
SET_BACK = "UPDATE budgets SET since = since - ?, at = at - ?, parked_until = parked_until - ? WHERE account = ?"
#: Microseconds that a caller's `now` may be behind another's: it may have waited for the store since.
SLACK = 60_000_000
#: A window that is longer than this may have begun anew where the platform counts (at its midnight, say), or
#: its oldest hours may have left it: after so long without a call a few go out, and an answer brings the news.
#: More than one, since not every answer tells (those of HubSpot's searches do not).
NEWS, ASKING = 900_000_000, 5
#: Less used than we count: up to so many calls, or this share of the limit, may be on their way or were taken and
#: not made; more is corrected, and from a tenth of the limit on the platform's window has begun anew.
ON_THEIR_WAY, SMALL, ANEW = 50, 100, 10


@dataclass(slots=True)
class _Window:
    """One limit of an account. Times in microseconds; `said` is the limit as the platform says it, 0 for never."""

    used: int = 0
    calls: int = 0
    said: int = 0
    since: int = 0
    length: int = 0
    at: int = 0
    parked_until: int | None = None

    @property
    def limit(self) -> int:
        return self.said or self.calls

    @property
    def end(self) -> int:
        return self.since + self.length

    @property
    def tells(self) -> bool:
        """Whether it is long, and the platform says how it is used."""
        return bool(self.said) and self.length > NEWS

    def under(self, rate: Rate, at: int) -> _Window:
        """Itself under the limit as it is now; a new one where it is over."""
        length = round(rate.seconds * 1_000_000)
        if self.since + length > at:
            return _Window(self.used, rate.calls, self.said, self.since, length, at)
        return _Window(0, rate.calls, self.said, at, length, at)


class BudgetsOfStore:
    """The port `Budgets`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, account: str, rates: Sequence[Rate], lane: int, calls: int, now: datetime) -> float:
        said = micros(now)
        known, at = self._known(account, said)
        wanted = {rate.name: rate for rate in rates}
        windows = {name: known.get(name, _Window()).under(rate, at) for name, rate in wanted.items()}
        last = {name: known[name].at if name in known else at for name in wanted}
        for name, rate in wanted.items():
            if at - last[name] >= NEWS:
                _ask_again(rate, windows[name])
        ends = [_free_at(rate, windows[name], lane, calls, last[name]) for name, rate in wanted.items()]
        ends.append(known[""].parked_until or 0 if "" in known else 0)
        wait = max(ends) - said
        if wait > 0:
            return wait / 1_000_000
        for window in windows.values():
            window.used += calls
        self._save(account, windows)
        return 0.0

    def give_back(self, account: str, rates: Sequence[Rate], calls: int, now: datetime) -> None:
        said = micros(now)
        known = {row[1]: _Window(*row[2:]) for row in self._session.rows(OF_ACCOUNT, account)}
        windows = {rate.name: known[rate.name] for rate in rates if rate.name in known}
        taken = {name: window for name, window in windows.items() if window.since <= said}
        for window in taken.values():
            window.used = max(0, window.used - calls)
        self._save(account, taken)

    def park(self, account: str, until: datetime) -> None:
        self._session.run(PARK, account, micros(until))

    def observed(self, account: str, usage: Usage, rate: Rate, now: datetime) -> None:
        known, at = self._known(account, micros(now))
        window = known.get(rate.name, _Window()).under(rate, at)
        window.said = max(usage.limit, 0) or window.said
        less = window.used - usage.used
        if window.tells and less > max(ON_THEIR_WAY, window.said // SMALL):
            window.used, window.since = usage.used, at if less > window.said // ANEW else window.since
        window.used = max(window.used, usage.used)
        self._save(account, {rate.name: window})

    def standing(self, account: str = "") -> list[BudgetLine]:
        rows = self._session.rows(STANDING, account, account)
        parked = {row[0]: row[8] for row in rows if not row[1]}
        called = {row[0] for row in rows if row[1]}
        return [_line(row, parked.get(row[0])) for row in rows if row[1] or row[0] not in called]

    def _known(self, account: str, said: int) -> tuple[dict[str, _Window], int]:
        """The account's windows by rate, and what time it is: never before what another caller said."""
        known = {row[1]: _Window(*row[2:]) for row in self._session.rows(OF_ACCOUNT, account)}
        last = max((window.at for window in known.values()), default=0)
        back = last - said
        if back <= SLACK:
            return known, max(last, said)
        # The clock was set back: what has passed of each window, and of a wait, has passed.
        self._session.run(SET_BACK, back, back, back, account)
        return {row[1]: _Window(*row[2:]) for row in self._session.rows(OF_ACCOUNT, account)}, said

    def _save(self, account: str, windows: dict[str, _Window]) -> None:
        self._session.many(
            PUT,
            [
                (account, name, one.used, one.calls, one.said, one.since, one.length, one.at)
                for name, one in windows.items()
            ],
        )


def _ask_again(rate: Rate, window: _Window) -> None:
    """What the platform said long ago stops nobody: a few calls are free in every lane."""
    if window.tells:
        least = min(open_to(lane, window.limit, rate.reserve) for lane in LANE_SHARE)
        window.used = min(window.used, max(least - ASKING, 0))


def _free_at(rate: Rate, window: _Window, lane: int, calls: int, last: int) -> float:
    """When so many calls are free: 0 for now, `inf` for never. `last` is when the window was last written."""
    most = open_to(lane, window.limit, rate.reserve)
    if window.used + calls <= most:
        return 0
    if calls > most:
        return inf
    return min(window.end, last + NEWS) if window.tells else window.end


def _line(row: tuple[Any, ...], parked_until: int | None) -> BudgetLine:
    account, rate, *rest = row
    window = _Window(*rest)
    since = moment(window.since)
    return BudgetLine(
        account, rate, window.used, window.limit, since, window.length / 1_000_000, moment_or_none(parked_until)
    )
