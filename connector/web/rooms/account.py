"""A user's own account, where names and passwords are kept here: another password, and signing out."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import RedirectResponse, Response

from connector.model.logins import User
from connector.steps.telling.words import N_
from connector.web import passwords, sessions
from connector.web.attempts import Attempts, address_of
from connector.web.room import Room
from connector.web.visit import Visit

TITLE = N_("My account")


def account(key: str) -> Room:
    """The room; `key` blinds what attempts are counted by."""
    room = Room("account")

    @room.page("/password")
    def password(visit: Visit) -> Response:
        """The form for another password."""
        return _page(visit)

    @room.act("/password")
    def change_password(visit: Visit) -> Response:
        """Take another password, where the one before is known; all other sessions end."""
        old, new = (visit.form.fields.get(name, "") for name in ("old", "new"))
        attempts = Attempts(key, visit.app.config.desk.session.delta)
        stored = _stored(visit, attempts)
        if stored is None:
            return _page(visit, 429, N_("That was tried too often. Please wait a while before you try again."))
        if not passwords.matches(stored.password, old):
            return _page(visit, 403, N_("This is not your password so far."))
        if not passwords.is_usable(new, stored.email):
            return _page(visit, 422, N_("A password has 12 to 200 characters, and is not your name."))
        changed = replace(stored, password=passwords.hashed(new), epoch=stored.epoch + 1)
        with visit.app.store.write() as tx:
            tx.logins.save(changed, visit.app.clock())
            attempts.succeeded(tx, changed.email, visit.app.clock(), sessions.id_of(visit.request))
            visit.done(tx)
        sessions.begin(visit.request, changed, visit.app.clock())
        return visit.back("/", said=visit.translate("Your password was changed. You are signed in here alone."))

    @room.act("/sign-out")
    def sign_out(visit: Visit) -> Response:
        """End this session, and a copy of it; those of other browsers go on."""
        with visit.app.store.write() as tx:
            attempts = Attempts(key, visit.app.config.desk.session.delta)
            attempts.end(tx, sessions.id_of(visit.request), visit.app.clock())
            visit.done(tx)
        sessions.end(visit.request)
        return RedirectResponse("/sign-in", 303)

    @room.act("/sign-out-everywhere")
    def sign_out_everywhere(visit: Visit) -> Response:
        """End all sessions of the user."""
        with visit.app.store.write() as tx:
            stored = tx.logins.user(visit.user.email)
            if stored is not None:
                tx.logins.save(replace(stored, epoch=stored.epoch + 1), visit.app.clock())
            visit.done(tx)
        sessions.end(visit.request)
        return RedirectResponse("/sign-in", 303)

    return room


def _stored(visit: Visit, attempts: Attempts) -> User | None:
    """The user as stored, None where too many attempts were made in this session."""
    app, session = visit.app, sessions.id_of(visit.request)
    address = address_of(visit.request, app.config.desk)
    with app.store.write() as tx:
        wait = attempts.begin(tx, visit.user.email, address, app.clock(), session)
        return None if wait else tx.logins.user(visit.user.email)


def _page(visit: Visit, status: int = 200, wrong: str = "") -> Response:
    return visit.page("password.html", status=status, title=visit.translate(TITLE), wrong=visit.translate(wrong))
