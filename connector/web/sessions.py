"""Who is signed in: a signed cookie says who, since when, and of which epoch; the store whether that still holds."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from starlette.requests import Request

if TYPE_CHECKING:
    from connector.config.types import Desk
    from connector.model.logins import User

#: A session is written anew when the last time is older than this, and not with each request.
REFRESHED = timedelta(minutes=1)
#: The address that somebody wanted to see before they were signed in.
WANTED = "wanted"


def begin(request: Request, user: User, now: datetime) -> None:
    """A session of its own for whoever has just signed in: nothing of the one before is left but where they were going.

    Whoever planted a cookie in somebody's browser knows neither this session nor the token of its forms.
    """
    wanted = request.session.get(WANTED)
    request.session.clear()
    at = int(now.timestamp())
    request.session.update({"who": user.email, "epoch": user.epoch, "since": at, "seen": at})
    request.session["id"] = secrets.token_urlsafe(12)
    if wanted:
        request.session[WANTED] = wanted


def of(request: Request, user: User) -> None:
    """Let the session be that of `user`, whom somebody else signs in: another one's forms and words end with it."""
    if request.session.get("who") != user.email:
        request.session.clear()
        request.session["who"] = user.email


def end(request: Request) -> None:
    """Nobody is signed in here any more."""
    request.session.clear()


def id_of(request: Request) -> str:
    """The id of the session of whoever signed in here; "" where nobody did."""
    return str(request.session.get("id", ""))


def who(request: Request, desk: Desk, now: datetime) -> tuple[str, int]:
    """(address, epoch) of whoever signed in here; ("", 0) where nobody did, or where that is too long ago."""
    session = request.session
    if not session.get("who"):
        return "", 0
    since, seen = (datetime.fromtimestamp(int(session[name]), UTC) for name in ("since", "seen"))
    if now - since >= desk.session.delta or now - seen >= desk.idle.delta:
        end(request)
        return "", 0
    if now - seen >= REFRESHED:
        session["seen"] = int(now.timestamp())
    return str(session["who"]), int(session["epoch"])
