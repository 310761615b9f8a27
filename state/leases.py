"""One runner at a time per name, by the database's clock."""

from __future__ import annotations

from datetime import datetime

from connector.model.times import moment
from state.engine import Session

# Who holds a live lease takes it again under the same epoch; anything else is a new reign.
TAKE = (
    "INSERT INTO leases (name, owner, epoch, until_at) VALUES (?, ?, 1, {now} + ?) "
    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_at = excluded.until_at, epoch = leases.epoch + "
    "CASE WHEN leases.owner = excluded.owner AND leases.until_at > {now} THEN 0 ELSE 1 END "
    "WHERE leases.owner = excluded.owner OR leases.until_at <= {now} RETURNING epoch"
)
# What is over and nobody else has taken is renewed too: under its epoch there was no other reign.
RENEW = "UPDATE leases SET until_at = {now} + ? WHERE name = ? AND owner = ? AND epoch = ? AND until_at > 0"
HOLDS = "SELECT count(*) FROM leases WHERE name = ? AND owner = ? AND epoch = ? AND until_at > 0"
# The row stays, or the next epoch would start from 1 again.
RELEASE = "UPDATE leases SET until_at = 0 WHERE name = ? AND owner = ? AND epoch = ?"
END_ALL = "UPDATE leases SET until_at = 0, epoch = epoch + 1"
HOLDERS = "SELECT name, owner, until_at FROM leases WHERE until_at > {now} ORDER BY name"


class LeasesOfStore:
    """The port `Leases`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, name: str, owner: str, seconds: float) -> int | None:
        epoch: int | None = self._session.value(TAKE, name, owner, round(seconds * 1_000_000))
        return epoch

    def renew(self, name: str, owner: str, epoch: int, seconds: float) -> bool:
        return self._session.run(RENEW, round(seconds * 1_000_000), name, owner, epoch) == 1

    def holds(self, name: str, owner: str, epoch: int) -> bool:
        return bool(self._session.value(HOLDS, name, owner, epoch))

    def release(self, name: str, owner: str, epoch: int) -> None:
        self._session.run(RELEASE, name, owner, epoch)

    def holders(self) -> list[tuple[str, str, datetime]]:
        return [(name, owner, moment(until)) for name, owner, until in self._session.rows(HOLDERS)]

    def end_all(self) -> None:
        self._session.run(END_ALL)
