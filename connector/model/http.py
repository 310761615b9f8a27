"""Calls to a platform as data: what is asked, what came back, and how a platform's API behaves.

An adapter says what to call; `connector.edge` makes the call, signs it, keeps to the budget and
the deadline, and tells the four outcomes apart by the platform's own error table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

import orjson

from connector.model.outbox import LANES, NotExecuted, Unknown

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Request:
    """One call.

    `path` starts at the account's base address (`/crm/v3/objects/contacts`); an address of the
    same host that the platform gave us (`nextRecordsUrl`) may stand there whole. `reads` says
    that the call has no effect, whatever its method (a search by POST): such a call is made again
    where it fails. `rate` names a limit of its own beside the account's (`search`). `about` are
    the keys and ids of the records it carries, for a trace of one of them.
    """

    method: Method
    path: str
    query: Mapping[str, str] = dataclasses.field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    reads: bool = False
    expected: tuple[int, ...] = ()
    lane: int = LANES["normal"]
    rate: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. `headers` have lower-case names. `parsed` is the body where it was read as JSON already."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    parsed: Any = dataclasses.field(default=None, repr=False, compare=False)

    def json(self) -> Any:
        """The body as JSON (NaN is refused). Raises ValueError where it is none."""
        return orjson.loads(self.body) if self.parsed is None else self.parsed


class Http(Protocol):
    """How an adapter calls its platform. Signing, budget, deadline, redirects and resending are behind it."""

    def read(self, request: Request) -> Answer:
        """The answer to a call without effect, always a 2xx or one that `expected` allows.

        It is made again while the platform asks to wait or fails in passing, as Retry-After says.
        Raises AuthError (refused: with the command that mends it), ConfigError (a redirect, named
        with its host; what the error table lays at the admin's door), RetryableError (used up, or
        no budget left: `retry_after` in seconds).
        """

    def send(self, request: Request) -> Answer | NotExecuted | Unknown:
        """One try of a call with an effect, never made again here.

        An `Answer` is complete and recognised: a 2xx, or a refusal (4xx) for the adapter to read.
        `NotExecuted` where certainly nothing happened; `Unknown` for everything else. Raises
        AuthError where we were refused: then nothing was executed.
        """


Verdict = Literal["not_executed", "refused", "auth", "config", "passing", "unknown"]


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """One line of a platform's error table: a status and, where given, the platform's own code.

    `not_executed`: certainly nothing happened, try again later. `refused`: understood and said no.
    `auth`: we are not let in. `config`: an admin must mend it. `passing`: a read is made again,
    a write is unknown. `source` is where that is said.
    """

    status: int
    verdict: Verdict
    code: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """How a platform says no. What no rule names: 429 and 401 as everywhere, other 4xx `refused`, 5xx `unknown`.

    `read` takes a parsed body and returns (the platform's code, its words, the field it names). `page` takes the body
    of an error that is no JSON and returns its code where the platform says errors as pages of its own, "" for the
    page of anything between us and it.
    """

    rules: tuple[ErrorRule, ...] = ()
    read: Callable[[Any], tuple[str, str, str]] = lambda _body: ("", "", "")
    page: Callable[[bytes], str] = lambda _body: ""


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit: `calls` in each `seconds`, of the whole account, or where `named`, of the calls that name it.

    `reserve` is the share (0 to 1) left for people and other programs. `source` is where it is said.
    """

    name: str
    calls: int
    seconds: float
    reserve: float = 0.0
    source: str = ""
    named: bool = False


#: How much of a limit a lane may use, by its number: the rest is kept for more urgent ones.
LANE_SHARE: dict[int, float] = {
    LANES["consent"]: 1.0,
    LANES["hot"]: 1.0,
    LANES["status"]: 0.95,
    LANES["normal"]: 0.9,
    LANES["backfill"]: 0.7,
}


def open_to(lane: int, limit: int, reserve: float = 0.0) -> int:
    """How many of `limit` calls a lane may use; consent and hot handoffs may use the reserve too.

    Of any limit at least one call is open, or a small limit would stop a lane for good.
    """
    share = LANE_SHARE[lane]
    kept = 0.0 if share == 1.0 else reserve
    # A billionth more: 100 times 0.6 is 59.999... where 0.6 was 0.7 less 0.1.
    return max(int(limit * (share - kept) + 1e-9), min(limit, 1))


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer's headers say of an account's limit: `used` of `limit` in the rate `name`."""

    name: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class StaticToken:
    """A token that an admin made: it goes along as it is, in `header` after `prefix`."""

    header: str = "Authorization"
    prefix: str = "Bearer "


@dataclass(frozen=True, slots=True)
class TokenCall:
    """Where and how an access token is asked for: a form sent to `url`.

    `lifetime` in seconds is assumed where the answer has no `expires_in`.
    """

    url: str
    lifetime: float = 1800.0


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """OAuth2: a refresh token (the secret) and the app's `client_id` with its secret (`NAME-client`).

    The answer may carry a new refresh token, which takes the place of the old one.
    """

    call: TokenCall
    client_id: str


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """OAuth2: `client_id` and the client's secret (the secret of the connection)."""

    call: TokenCall
    client_id: str


@dataclass(frozen=True, slots=True)
class JwtBearer:
    """OAuth2 JWT bearer (RFC 7523): signed with the private key that is the secret (PEM, RS256)."""

    call: TokenCall
    client_id: str
    subject: str
    audience: str


SignIn = StaticToken | RefreshToken | ClientCredentials | JwtBearer


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ends on a day that was announced: an API, a kind of token."""

    what: str
    on: date
    source: str = ""


def no_usage(_headers: Mapping[str, str]) -> list[Usage]:
    """The headers of this platform say nothing of limits."""
    return []


@dataclass(frozen=True, slots=True)
class Api:
    """How a platform's HTTP API is reached, as data. An adapter makes it of its settings.

    `base` is the address that paths start from, "" where the token's answer names it
    (`instance_url`). `limits` reads an answer's headers. `account` asks whose token it is:
    it returns the account's id and is called once for each new credential.
    `deadline` is the total time of one call, in seconds.
    """

    base: str
    sign_in: SignIn
    errors: ErrorTable = ErrorTable()
    rates: tuple[Rate, ...] = ()
    limits: Callable[[Mapping[str, str]], list[Usage]] = no_usage
    account: Callable[[Http], str] | None = None
    endings: tuple[Ending, ...] = ()
    deadline: float = 30.0


#: Salesforce writes an id with 15 letters, or with 18, of which the last three only guard the case
#: (help.salesforce.com, "Salesforce Record ID Types").
_SHORT_ID = 15


def same_account(one: str, other: str) -> bool:
    """Whether two ids are of one account, one of them perhaps in its longer form."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) == _SHORT_ID and long.startswith(short))
