"""The way in by a name and a password, which an admin gave: baton desk user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connector.model.logins import Audited
from connector.steps.telling.words import N_
from connector.web import passwords, sessions
from connector.web.attempts import Attempts, address_of
from connector.web.audit import note
from connector.web.known import Known
from connector.web.protect import from_here, proved, token
from connector.web.sign_in import bare, onward
from connector.web.users import known
from connector.web.visit import Sent, sent

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.logins import User

TITLE = N_("Sign in")
#: The same for a wrong name, a wrong password, and for somebody who was disabled.
WRONG = N_("This name and this password do not belong together.")
LATER = N_("That was tried too often. Please wait a while before you try again.")


@dataclass
class ByLogin:
    """Users of the store. `key` blinds what attempts are counted by; `cookie` and `secure` are those of the session."""

    current: Callable[[], App]
    key: str
    cookie: str = "baton"
    secure: bool = False
    known: Known = field(init=False)

    def __post_init__(self) -> None:
        self.known = Known(self.key, f"{self.cookie}-known", self.secure)

    def identify(self, request: Request) -> User | None:
        """Who signed in here; None where that was too long ago, or was ended in another place."""
        app = self.current()
        email, epoch = sessions.who(request, app.config.desk, app.clock())
        if not email:
            return None
        with app.store.read() as tx:
            stored = tx.logins.user(email)
            user = known(tx, app.config, email)
            over = self._attempts(app).has_ended(tx, sessions.id_of(request), app.clock())
        if user is None or stored is None or stored.epoch != epoch or over:
            sessions.end(request)
            return None
        return user

    def routes(self) -> Sequence[BaseRoute]:
        """The page, and the form that it sends."""
        return [Route("/sign-in", self._page), Route("/sign-in", self._sent, methods=["POST"])]

    async def _page(self, request: Request) -> Response:
        request.scope["door"] = "/sign-in"
        if await run_in_threadpool(self.identify, request) is not None:
            return onward(request)
        return await run_in_threadpool(self.page, request)

    def page(self, request: Request, status: int = 200, wrong: str = "") -> Response:
        """The form; `wrong` says why it is there again."""
        app = self.current()
        return bare(request, app, "sign_in.html", status=status, title=TITLE, token=token(request), wrong=wrong)

    async def _sent(self, request: Request) -> Response:
        request.scope["door"] = "/sign-in"
        return await run_in_threadpool(self.enter, request, await sent(request))

    def enter(self, request: Request, form: Sent) -> Response:
        """Let in whoever knows a password."""
        app = self.current()
        if not (from_here(request, app.config.desk.base_url) and proved(request, form.text("token"))):
            raise HTTPException(403)
        email, password = form.text("email").lower(), form.fields.get("password", "")
        digest = self._attempts(app).key("name", email)
        browser = self.known.browser(request, digest)
        wait = self._begin(app, request, email, browser)
        if wait:
            answer = self.page(request, 429, LATER)
            answer.headers["Retry-After"] = str(int(wait.total_seconds()))
            return answer
        user = self._proved(app, email, password, browser)
        if user is None:
            return self.page(request, 403, WRONG)
        sessions.begin(request, user, app.clock())
        answer = onward(request)
        self.known.remember(answer, digest, browser)
        return answer

    def _attempts(self, app: App) -> Attempts:
        return Attempts(self.key, app.config.desk.session.delta)

    def _begin(self, app: App, request: Request, email: str, browser: str) -> timedelta | None:
        with app.store.write() as tx:
            return self._attempts(app).begin(tx, email, address_of(request, app.config.desk), app.clock(), browser)

    def _proved(self, app: App, email: str, password: str, browser: str) -> User | None:
        """The user, where the password is theirs and they may come in; both are written down."""
        with app.store.read() as tx:
            stored = tx.logins.user(email)
            user = known(tx, app.config, email)
        right = passwords.matches(stored.password if stored else "", password)
        if stored is None or user is None or not right:
            note(app, "sign-in refused", email if stored else "")
            return None
        newer = passwords.hashed(password) if passwords.is_outdated(stored.password) else ""
        with app.store.write() as tx:
            now = tx.logins.user(email)
            if newer and now is not None and now.password == stored.password:
                tx.logins.save(replace(now, password=newer), app.clock())
            tx.logins.seen(email, app.clock())
            self._attempts(app).succeeded(tx, email, app.clock(), browser)
            tx.logins.record(Audited(app.clock(), email, "", "signed in"))
        return user
