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
    """Counts attempts, under digests: what was typed as a name may have been a password."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def begin(self, tx: Transaction, name: str, address: str, now: datetime) -> timedelta | None:
        """Count an attempt before it is judged, so that many at once are not one; None where it may be made.

        Else how long to wait at most: what is not judged is not counted, or nobody would ever get in again.
        """
        tx.logins.forget_attempts(now - DAY)
        by_name, by_address = self.key("name", name), self.key("address", address)
        waits = [_wait(tx, by_name, BY_NAME, now), _wait(tx, by_address, BY_ADDRESS, now)]
        longest = max(waits)
        if longest:
            return longest
        tx.logins.attempted([by_name, by_address], now)
        return None

    def succeeded(self, tx: Transaction, name: str, now: datetime) -> None:
        """Forget what failed under a name. Where they come from still counts: others may come from there."""
        tx.logins.forget_attempts(now - DAY, [self.key("name", name)])

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
