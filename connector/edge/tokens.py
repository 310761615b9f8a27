"""What goes along with each call to say who we are: a token that stands still, or one that is asked for.

Where a refresh token changes with each use, the new one is in the store before the new access token
is used, and only one thread of one process asks at a time; the others use what it got. A crash
between the platform's answer and the store's commit loses the grant: the next try is refused, and
an admin gives the connection a new one.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any, Protocol

import orjson
from tenacity import Retrying

from connector.edge.jwt import GRANT, assertion
from connector.edge.logging import redact
from connector.edge.resend import PassingError, pause
from connector.edge.sealing import Seal
from connector.edge.secrets import Secrets
from connector.edge.verdicts import retry_after
from connector.edge.wire import BrokenError, NotSentError, Reply
from connector.model import sentences
from connector.model.errors import AuthError, RetryableError
from connector.model.http import ClientCredentials, JwtBearer, RefreshToken, SignIn, StaticToken
from connector.model.ports import Store

#: Seconds for which one process may be at asking; it is over well before.
LEASE_SECONDS = 90.0
#: Seconds between two looks whether another process is done.
_LOOK_EVERY = 0.2
#: With the same secrets, who was refused does not ask again for so long: too many tries might lock the account.
REFUSED_SECONDS = 300.0
#: A token is not used in the last part of its life: a tenth, at most a minute.
_MARGIN, _MARGIN_SHARE = 60.0, 0.1


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it goes along. `base` is the API's address, where the token's answer names one.

    `until` is the moment until which it is used, in seconds of the epoch; 0 is always.
    """

    value: str
    base: str = ""
    until: float = 0.0


class Tokens(Protocol):
    """The tokens of one connection. For several threads."""

    #: A mark of the credential that the tokens come from, "" until the first was asked for. It tells nothing of it.
    credential: str

    def current(self, refused: str = "") -> Token:
        """A token that may be used now, other than the one that was `refused`, where there is one.

        Raises AuthError (no secret, or signing in was refused), RetryableError.
        """

    def headers(self, token: Token) -> dict[str, str]:
        """The headers that carry it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What tokens need of the outside.

    `post(url, form)` is one call; `wait(seconds)` says whether we are told to stop; `ended(owner)` whether
    a process is known to be no more. `owner` names this process.
    """

    connection: str
    store: Store
    secrets: Secrets
    clock: Callable[[], datetime]
    wait: Callable[[float], bool]
    owner: str
    ended: Callable[[str], bool]
    post: Callable[[str, Mapping[str, str]], Reply]
    resending: Retrying


def tokens(kind: SignIn, around: Surroundings) -> Tokens:
    """The tokens of a way to sign in."""
    return FixedToken(kind, around) if isinstance(kind, StaticToken) else AskedTokens(kind, around)


def mark(store_id: str, *parts: str) -> str:
    """A mark of credentials by which they are known again and cannot be found out."""
    return hmac.new(store_id.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()


class FixedToken:
    """A token that an admin made. After a refusal it is read anew: an admin may have replaced it."""

    def __init__(self, kind: StaticToken, around: Surroundings) -> None:
        self._kind, self._around = kind, around
        self._token: Token | None = None
        self.credential = ""

    def current(self, refused: str = "") -> Token:
        token = self._token
        if token is None or token.value == refused:
            token = self._token = Token(_checked(self._around, self._around.secrets.get(self._around.connection)))
            self.credential = mark(_store_id(self._around.store), token.value)
        return token

    def headers(self, token: Token) -> dict[str, str]:
        return {self._kind.header: f"{self._kind.prefix}{token.value}"}


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What was said to whom: a mark of the secrets that were shown, and until when it stands."""

    shown: str
    until: float
    error: AuthError


class AskedTokens:
    """Access tokens that are asked for, and used until shortly before their end."""

    def __init__(self, kind: RefreshToken | ClientCredentials | JwtBearer, around: Surroundings) -> None:
        self._kind, self._around = kind, around
        self._seal = Seal(around.store, around.secrets)
        # Two of one process, before and after a change of the configuration, are two.
        self._owner = f"{around.owner}:{token_hex(4)}"
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._unsaved: dict[str, Any] = {}
        self._refusal: _Refusal | None = None
        self.credential = ""

    def current(self, refused: str = "") -> Token:
        token = self._token
        if token is None or not self._usable(token, refused):
            with self._lock:
                token = self._token
                if token is None or not self._usable(token, refused):
                    token = self._token = self._renewed(refused)
        return token

    def headers(self, token: Token) -> dict[str, str]:
        return {"Authorization": f"Bearer {token.value}"}

    def _usable(self, token: Token, refused: str) -> bool:
        return token.value != refused and self._around.clock().timestamp() < token.until

    def _renewed(self, refused: str) -> Token:
        """The token of the store, where another process has a fresh one; else a new one."""
        secret = self._around.secrets.get(self._around.connection)
        self.credential = mark(_store_id(self._around.store), repr(self._kind), secret)
        if self._unsaved:
            self._save(self._unsaved)
        kept = self._kept()
        if kept is None or not self._usable(_token_of(kept), refused):
            with self._alone():
                kept = self._kept()
                if kept is None or not self._usable(_token_of(kept), refused):
                    kept = self._around.resending(self._ask, secret, kept or {})
        return _token_of(kept)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other process asks. Raises RetryableError where one does so for too long."""
        name, tries = f"token:{self._around.connection}", int(LEASE_SECONDS / _LOOK_EVERY)
        for _ in range(tries):
            epoch = self._take(name)
            if epoch is not None:
                break
            pause(self._around.wait, _LOOK_EVERY)
        else:
            raise RetryableError(f"{name}: {sentences.ANOTHER_PROCESS}")
        try:
            yield
        finally:
            with self._around.store.write() as tx:
                tx.leases.release(name, self._owner, epoch)

    def _take(self, name: str) -> int | None:
        with self._around.store.write() as tx:
            epoch = tx.leases.take(name, self._owner, LEASE_SECONDS)
            if epoch is not None:
                return epoch
            for held, owner, _until in tx.leases.holders():
                if held == name and self._around.ended(owner):
                    tx.leases.release(name, owner, tx.leases.take(name, owner, LEASE_SECONDS) or 0)
                    return tx.leases.take(name, self._owner, LEASE_SECONDS)
        return None

    def _ask(self, secret: str, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for a token and keep it. Raises AuthError, PassingError."""
        if isinstance(self._kind, RefreshToken):
            # What could not be kept afterwards must not be asked for.
            self._seal.prove()
        refresh = str(kept.get("refresh") or "")
        form = self._form(secret, refresh)
        shown = mark(_store_id(self._around.store), secret, refresh, form.get("client_secret", ""))
        now = self._around.clock().timestamp()
        if self._refusal is not None and self._refusal.shown == shown and now < self._refusal.until:
            raise self._refusal.error.with_traceback(None)
        try:
            reply = self._around.post(self._kind.call.url, form)
        except (NotSentError, BrokenError) as error:
            raise PassingError(str(error)) from None
        try:
            document = self._read(reply, refresh)
        except AuthError as error:
            self._refusal = _Refusal(shown, now + REFUSED_SECONDS, error)
            raise
        self._save(document)
        return document

    def _form(self, secret: str, refresh: str) -> dict[str, str]:
        kind, name = self._kind, self._around.connection
        if isinstance(kind, RefreshToken):
            app = self._around.secrets.get(f"{name}-client")
            shown = {"client_id": kind.client_id, "client_secret": app}
            return {"grant_type": "refresh_token", "refresh_token": refresh or secret, **shown}
        if isinstance(kind, ClientCredentials):
            return {"grant_type": "client_credentials", "client_id": kind.client_id, "client_secret": secret}
        try:
            return {"grant_type": GRANT, "assertion": assertion(kind, secret, self._around.clock())}
        except ValueError:
            raise AuthError(name, sentences.NO_PRIVATE_KEY, f"{self._around.secrets.mend(name)} < key.pem") from None

    def _read(self, reply: Reply, refresh: str) -> dict[str, Any]:
        """What is kept of the answer."""
        told = _json_object(reply.body)
        if reply.status in (408, 425, 429) or reply.status >= 500:
            wait = retry_after(reply.headers, self._around.clock())
            raise PassingError(sentences.PLATFORM_FAILS % {"status": reply.status}, wait)
        if 400 <= reply.status < 500:
            raise self._refused(reply.status, told)
        if not isinstance(told.get("access_token"), str):
            raise PassingError(sentences.NO_TOKEN_IN_ANSWER)
        lifetime = _seconds(told.get("expires_in")) or self._kind.call.lifetime
        margin = min(_MARGIN, lifetime * _MARGIN_SHARE)
        token = Token(
            _checked(self._around, told["access_token"]),
            str(told.get("instance_url") or ""),
            self._around.clock().timestamp() + lifetime - margin,
        )
        return {**asdict(token), "refresh": str(told.get("refresh_token") or refresh), "credential": self.credential}

    def _refused(self, status: int, told: Mapping[str, Any]) -> AuthError:
        code = str(told.get("error") or told.get("status") or "")
        words = redact(str(told.get("error_description") or told.get("message") or ""))[:200]
        app = isinstance(self._kind, RefreshToken) and code in ("invalid_client", "BAD_CLIENT_SECRET")
        name = self._around.connection
        what = sentences.SIGN_IN_REFUSED % {"status": status, "words": f"{redact(code)} {words}".strip()}
        return AuthError(name, what, self._around.secrets.mend(f"{name}-client" if app else name))

    def _kept(self) -> dict[str, Any] | None:
        """What the store has, made of this very credential."""
        with self._around.store.read() as tx:
            sealed = tx.admin.meta(f"token:{self._around.connection}")
        document = None
        with self._unless_needed():
            document = self._seal.open(sealed)
        return document if document and document.get("credential") == self.credential else None

    def _save(self, document: dict[str, Any]) -> None:
        self._unsaved = document
        with self._unless_needed():
            sealed = self._seal.close(document)
            with self._around.store.write(durable=True) as tx:
                tx.admin.set_meta(f"token:{self._around.connection}", sealed)
        self._unsaved = {}

    def _unless_needed(self) -> AbstractContextManager[Any]:
        """Without a key for the store, tokens that can always be asked for again stay in memory."""
        return nullcontext() if isinstance(self._kind, RefreshToken) else suppress(AuthError)


def _token_of(document: Mapping[str, Any]) -> Token:
    return Token(str(document["value"]), str(document["base"]), float(document["until"]))


def _store_id(store: Store) -> str:
    with store.read() as tx:
        return tx.admin.store_id()


def _checked(around: Surroundings, value: str) -> str:
    """A token that a header can hold: what cannot be there would be shown in the fault it makes."""
    value = value.strip()
    if not value or not all("!" <= letter <= "~" for letter in value):
        raise AuthError(around.connection, sentences.BAD_CREDENTIAL, around.secrets.mend(around.connection))
    return value


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _seconds(told: Any) -> float:
    """A number of seconds, which some platforms send as text; 0.0 for none."""
    try:
        return max(float(told), 0.0)
    except (TypeError, ValueError):
        return 0.0
