"""Calls to a platform: signed, within the budget, under a deadline, with every outcome told apart.

What has no effect is made again while it fails in passing. What has an effect is made once; only where
it certainly was not executed because the token was too old, it goes out a second time with a fresh one.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from urllib.parse import quote, urlencode, urlsplit

import orjson

from connector.edge.budget import Budget
from connector.edge.resend import PassingError, pause, resending
from connector.edge.secrets import Secrets
from connector.edge.tokens import Surroundings, Token, Tokens, tokens
from connector.edge.trace import Trace
from connector.edge.verdicts import Judged, judge, retry_after
from connector.edge.wire import BrokenError, NotSentError, Reply, UntrustedError, Wire
from connector.model import sentences
from connector.model.errors import AuthError, BatonError, ConfigError, RetryableError, StateError
from connector.model.http import Answer, Api, Http, Request, same_account
from connector.model.outbox import NotExecuted, Unknown
from connector.model.ports import Store

log = logging.getLogger("baton.http")

USER_AGENT = "baton-connector"
#: How often a read is made, and how long a wait may be before a later run is the better time.
ATTEMPTS, LONGEST_WAIT = 5, 60.0
#: The same for signing in, which others wait for.
SIGN_IN_ATTEMPTS, SIGN_IN_WAIT, SIGN_IN_SECONDS = 3, 10.0, 15.0
#: A write waits for its turn so long at most: its claim has an end.
LONGEST_WAIT_TO_WRITE = 15.0
#: Characters of a path that stay as they are; what is encoded already is not encoded again.
_PATH = "/%:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True)
class Outside:
    """What a client needs of its surroundings.

    `wait(seconds)` waits and says whether we are told to stop (`threading.Event.wait`). `owner` names this
    process in leases, `ended(owner)` says whether a process is known to be no more. `chance()` is from 0 to 1.
    """

    store: Store
    secrets: Secrets
    clock: Callable[[], datetime]
    wait: Callable[[float], bool]
    owner: str
    ended: Callable[[str], bool] = lambda _owner: False
    chance: Callable[[], float] = random.random


class HttpClient(Http):
    """The calls of one connection, for several threads.

    `account` is the account that the configuration names, "" where it names none. `budget_of` names the
    account whose limits are shared. `trace`, where set, writes down what is about its keys.
    """

    def __init__(
        self,
        connection: str,
        api: Api,
        outside: Outside,
        *,
        account: str = "",
        budget_of: str = "",
        daily_calls: int | None = None,
    ) -> None:
        self._name, self._api, self._outside, self._account = connection, api, outside, account
        self.trace: Trace | None = None
        self._wire = Wire(USER_AGENT)
        self._budget = Budget(outside.store, budget_of or connection, api, daily_calls, outside.clock)
        self._resending = resending(ATTEMPTS, LONGEST_WAIT, outside.wait, outside.chance)
        self._tokens = self._make_tokens()
        self._proved = ""
        self._proving = threading.Lock()

    def read(self, request: Request) -> Answer:
        return self._resending(self._read_once, request, self._prove)

    def send(self, request: Request) -> Answer | NotExecuted | Unknown:
        until = monotonic() + self._api.deadline
        try:
            self._admit(request, min(LONGEST_WAIT_TO_WRITE, self._api.deadline / 2))
            reply, judged = self._signed(request, until, self._prove)
        except (RetryableError, PassingError) as error:
            return NotExecuted(str(error), error.retry_after)
        except (NotSentError, StateError) as error:
            # A store that fails does so before the call: after it, its failures are left aside.
            return NotExecuted(str(error))
        except BrokenError as error:
            return Unknown(str(error))
        return self._outcome(reply, judged)

    def close(self) -> None:
        """Give back what was taken of the budget, and close the connections."""
        self._wire.close()
        with suppress(StateError):
            self._budget.close()

    def _outcome(self, reply: Reply, judged: Judged) -> Answer | NotExecuted | Unknown:
        """What came of a write."""
        if judged.verdict in ("fine", "refused", "config"):
            return Answer(reply.status, reply.headers, reply.body, judged.parsed)
        said = _said(reply, judged)
        if judged.verdict == "not_executed":
            wait = retry_after(reply.headers, self._outside.clock())
            return NotExecuted(sentences.PLATFORM_SAYS_WAIT % {"status": said}, wait)
        if judged.verdict == "redirect":
            return Unknown(sentences.REDIRECTED % {"host": _target(reply)})
        if judged.verdict == "foreign":
            return Unknown(sentences.NOT_AN_ANSWER % {"host": self._name, "status": said})
        return Unknown(sentences.PLATFORM_FAILS % {"status": said})

    def _read_once(self, request: Request, prove: Callable[[], None]) -> Answer:
        """One try of a read. Raises PassingError where another may succeed."""
        self._admit(request, LONGEST_WAIT)
        try:
            reply, judged = self._signed(request, monotonic() + self._api.deadline, prove)
        except UntrustedError as error:
            raise ConfigError(f"{self._name}: {error}") from None
        except (NotSentError, BrokenError) as error:
            raise PassingError(str(error)) from None
        if judged.verdict == "fine":
            return Answer(reply.status, reply.headers, reply.body, judged.parsed)
        raise self._failure(request, reply, judged)

    def _failure(self, request: Request, reply: Reply, judged: Judged) -> BatonError | PassingError:
        """What a read that did not succeed ends in."""
        said = _said(reply, judged)
        if judged.verdict == "redirect":
            return ConfigError(f"{self._name}: " + sentences.REDIRECTED % {"host": _target(reply)})
        if judged.verdict in ("config", "refused"):
            call = f"{request.method} {urlsplit(request.path).path}"
            told = {"call": call, "status": said, "words": judged.words}
            return ConfigError(f"{self._name}: " + sentences.PLATFORM_REFUSED % told)
        wait = retry_after(reply.headers, self._outside.clock())
        if judged.verdict == "not_executed":
            return PassingError(sentences.PLATFORM_SAYS_WAIT % {"status": said}, wait)
        if judged.verdict == "foreign":
            return PassingError(sentences.NOT_AN_ANSWER % {"host": self._name, "status": said}, wait)
        return PassingError(sentences.PLATFORM_FAILS % {"status": said}, wait)

    def _admit(self, request: Request, patience: float) -> None:
        """Wait until the budget has a call for us. Raises RetryableError where that is longer than `patience`."""
        waited = 0.0
        while (seconds := self._budget.take(request.lane, request.rate)) > 0:
            waited += seconds
            if waited > patience:
                raise RetryableError(sentences.NO_CALLS_LEFT % {"seconds": round(seconds)}, seconds)
            pause(self._outside.wait, seconds)

    def _signed(self, request: Request, until: float, prove: Callable[[], None]) -> tuple[Reply, Judged]:
        """The answer to a call, made once more where the token was refused and there is another.

        Raises AuthError, NotSentError, BrokenError, RetryableError.
        """
        token = self._tokens.current()
        prove()
        reply, judged = self._call(request, token, until)
        if judged.verdict == "auth":
            fresh = self._tokens.current(refused=token.value)
            if fresh.value != token.value:
                prove()
                self._admit(request, max(until - monotonic(), 0.0))
                reply, judged = self._call(request, fresh, until)
        if judged.verdict == "auth":
            raise self._refused_us(reply, judged)
        return reply, judged

    def _call(self, request: Request, token: Token, until: float) -> tuple[Reply, Judged]:
        left = until - monotonic()
        if left < self._api.deadline / 10:
            raise NotSentError(sentences.NO_TIME_LEFT)
        headers, body = _content(request)
        headers |= self._tokens.headers(token)
        reply = self._wire.call(request.method, self._address(request, token), headers, body, left)
        judged = judge(reply, request, self._api.errors)
        # The answer counts, whatever the store and the disk say just now, and however odd its headers are.
        with suppress(StateError, OSError, ValueError, KeyError, TypeError):
            self._note(request, reply, judged)
            if self.trace is not None:
                self.trace.write(self._name, request, body, reply, token.value, self._outside.clock())
        return reply, judged

    def _note(self, request: Request, reply: Reply, judged: Judged) -> None:
        """Write down what the answer says of the account's limits.

        A wait within the window of the call's own limit (searches, in a second) is about that limit: the others go on.
        """
        wait = retry_after(reply.headers, self._outside.clock()) if judged.verdict == "not_executed" else None
        own = max((rate.seconds for rate in self._api.rates if rate.named and rate.name == request.rate), default=0.0)
        if wait and wait > own:
            self._budget.park(wait)
        self._budget.observe(reply.headers)

    def _refused_us(self, reply: Reply, judged: Judged) -> AuthError:
        what = sentences.PLATFORM_REFUSED_US % {
            "status": reply.status,
            "words": f"{judged.code} {judged.words}".strip(),
        }
        return AuthError(self._name, what, self._outside.secrets.mend(self._name))

    def _address(self, request: Request, token: Token) -> str:
        """The whole address. Raises ConfigError for one of another host."""
        base = self._api.base or token.base
        if not base:
            raise ConfigError(f"{self._name}: {sentences.NO_ADDRESS_OF_API}")
        path = request.path
        if "://" in path:
            there, ours = urlsplit(path), urlsplit(base)
            if (there.scheme, there.netloc) != (ours.scheme, ours.netloc):
                raise ConfigError(f"{self._name}: " + sentences.OTHER_HOST % {"host": there.hostname})
            base, path = f"{there.scheme}://{there.netloc}", path.partition(there.netloc)[2]
        query = urlencode(request.query, quote_via=quote)
        joined = ("&" if "?" in path else "?") + query if query else ""
        return base.rstrip("/") + quote(path, safe=_PATH) + joined

    def _prove(self) -> None:
        """Once for each new credential: it must belong to the account that the connection is for."""
        if self._proved == self._tokens.credential:
            return
        with self._proving:
            credential = self._tokens.credential
            if self._api.account is not None and self._proved != credential:
                self._prove_account(self._api.account, f"{credential}:{self._account}")
            self._proved = credential

    def _prove_account(self, ask: Callable[[Http], str], credential: str) -> None:
        store, word = self._outside.store, f"credential:{self._name}"
        with store.read() as tx:
            if tx.admin.meta(word) == credential:
                return
        found = self._asked(ask)
        with store.write() as tx:
            wanted = self._account or tx.admin.remember_account(self._name, found)
            if same_account(found, wanted):
                tx.admin.set_meta(word, credential)
                return
        what = sentences.ANOTHER_ACCOUNT % {"found": found, "wanted": wanted}
        raise AuthError(self._name, what, self._outside.secrets.mend(self._name))

    def _asked(self, ask: Callable[[Http], str]) -> str:
        try:
            return ask(_Unproved(self._read_unproved))
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            said = sentences.NOT_AN_ANSWER % {"host": self._name, "status": "account"}
            raise RetryableError(said) from None

    def _read_unproved(self, request: Request) -> Answer:
        return self._resending(self._read_once, request, lambda: None)

    def _make_tokens(self) -> Tokens:
        outside = self._outside
        around = Surroundings(
            self._name, outside.store, outside.secrets, outside.clock, outside.wait, outside.owner, outside.ended,
            post=self._post,
            resending=resending(SIGN_IN_ATTEMPTS, SIGN_IN_WAIT, outside.wait, outside.chance),
        )  # fmt: skip
        return tokens(self._api.sign_in, around)

    def _post(self, url: str, form: object) -> Reply:
        body = urlencode(form, quote_via=quote).encode()  # type: ignore[arg-type]
        reply = self._wire.call("POST", url, _FORM, body, SIGN_IN_SECONDS)
        if 300 <= reply.status < 400:
            raise ConfigError(f"{self._name}: " + sentences.REDIRECTED % {"host": _target(reply)})
        return reply


class _Unproved(Http):
    """How an account is asked for, before it is known to be the right one: by reading only."""

    def __init__(self, read: Callable[[Request], Answer]) -> None:
        self._read = read

    def read(self, request: Request) -> Answer:
        return self._read(request)

    def send(self, request: Request) -> Answer | NotExecuted | Unknown:  # noqa: ARG002
        return NotExecuted(sentences.NO_TIME_LEFT)


_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _content(request: Request) -> tuple[dict[str, str], bytes | None]:
    """The headers and the body of a call."""
    if request.form is not None:
        return {**_FORM, **request.headers}, urlencode(request.form, quote_via=quote).encode()
    if request.json is not None:
        return {**_JSON, **request.headers}, orjson.dumps(request.json)
    return dict(request.headers), None


def _said(reply: Reply, judged: Judged) -> str:
    """The status with the platform's own code."""
    return f"{reply.status} {judged.code}".strip()


def _target(reply: Reply) -> str:
    """The host that a redirect points to, and nothing else of it."""
    return urlsplit(reply.headers.get("location", "")).hostname or "?"
