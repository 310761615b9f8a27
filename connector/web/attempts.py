"""How often somebody may try a password: fewer times, the longer they fail, by name and by where they come from."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from starlette.requests import Request

    from connector.config.types import Desk
    from connector.model.ports import Transaction


class Bound(NamedTuple):
    """So many attempts within so long."""

    most: int
    within: timedelta


DAY = timedelta(days=1)
#: The least span of time in the store.
MOMENT = timedelta(microseconds=1)
#: For one name, whether there is one or not. Many people come from one address.
BY_NAME = (Bound(5, timedelta(minutes=1)), Bound(10, timedelta(minutes=15)), Bound(30, DAY))
BY_ADDRESS = (Bound(30, timedelta(minutes=1)), Bound(100, timedelta(minutes=15)), Bound(500, DAY))


class Attempts:
    """Counts attempts, under digests: what was typed as a name may have been a password.

    Sessions that were ended stand beside them, `kept` for as long as one may last.
    """

    def __init__(self, key: str, kept: timedelta = DAY) -> None:
        self._key, self._kept = key.encode(), max(DAY, kept)

    def begin(self, tx: Transaction, name: str, address: str, now: datetime, browser: str = "") -> timedelta | None:
        """Count an attempt before it is judged, so that many at once are not one; None where it may be made.

        Else how long to wait at most: what is not judged is not counted, or nobody would ever get in again. A
        `browser` in which `name` has signed in before is counted by itself: what others try keeps nobody waiting there.
        """
        tx.logins.forget_attempts(now - self._kept)
        counted = {self.key("name", name): BY_NAME, self.key("address", address): BY_ADDRESS}
        if browser:
            counted = {self.key("browser", browser): BY_NAME}
        longest = max(_wait(tx, key, bounds, now) for key, bounds in counted.items())
        if longest:
            return longest
        tx.logins.attempted(list(counted), now)
        return None

    def succeeded(self, tx: Transaction, name: str, now: datetime, browser: str = "") -> None:
        """Forget what failed under a name, or in its own browser: then what others tried still counts.

        Where they come from still counts: others may come from there.
        """
        key = self.key("browser", browser) if browser else self.key("name", name)
        tx.logins.forget_attempts(now - self._kept, [key])

    def end(self, tx: Transaction, session: str, now: datetime) -> None:
        """End one session, and every copy of its cookie."""
        tx.logins.attempted([self.key("session", session)], now)

    def has_ended(self, tx: Transaction, session: str, now: datetime) -> bool:
        """Whether a session was ended."""
        return tx.logins.attempts(self.key("session", session), now - self._kept) > 0

    def key(self, kind: str, value: str) -> str:
        """What an attempt is counted under."""
        return hmac.new(self._key, f"{kind}:{value}".encode(), "sha256").hexdigest()[:32]


def _wait(tx: Transaction, key: str, bounds: Sequence[Bound], now: datetime) -> timedelta:
    reached = [bound.within for bound in bounds if tx.logins.attempts(key, now - bound.within + MOMENT) >= bound.most]
    return max(reached, default=timedelta())


def peer(request: Request) -> str:
    """The address that calls us; "" on a socket."""
    return request.client.host if request.client else ""


def is_trusted(desk: Desk, address: str) -> bool:
    """Whether the web server before us calls from there; on a socket it is nobody else."""
    if not address:
        return bool(desk.socket)
    try:
        called_from = ip_address(address)
    except ValueError:
        return False
    return any(called_from in ip_network(one) for one in desk.proxy.trusted)


def address_of(request: Request, desk: Desk) -> str:
    """Where somebody comes from: the network of an IPv6 address, which one customer has whole.

    What a web server before us says of it counts where that is the one that is trusted: the last address that it
    added, and none that the browser wrote before it.
    """
    address = peer(request)
    if is_trusted(desk, address):
        address = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or address
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
