"""One call over the wire: made once, under a total deadline, without redirects, cookies or resending.

requests ends a call when a single read takes too long; a server that drips its answer keeps it for
ever. So the connection's file is one that knows the moment by which everything must be there, the
headers too. The same file sees where an answer breaks off within its headers, which would
otherwise pass for one without a body.

Outside settings are the environment's: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, and the company's
certificates in `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE` or `SSL_CERT_FILE`. This machine itself is called directly.
"""

from __future__ import annotations

import http.client
import io
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connector.model import sentences
from connector.model.addresses import is_this_machine
from connector.model.errors import ConfigError

#: Seconds for a connection to come about; waiting longer does not help.
CONNECT_SECONDS = 10.0
#: Connections kept open, one for each thread that calls at once.
CONNECTIONS = 16
_PIECE = 1 << 16
#: An answer that grows beyond this is none of an API: 256 MB.
LARGEST = 1 << 28
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")

#: The call that this thread makes: by when it must be over, and whether its request may have left.
_call = threading.local()


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer, whatever it says. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSentError(Exception):
    """Nothing of the request left this machine."""


class UntrustedError(NotSentError):
    """The other side could not prove who it is."""


class BrokenError(Exception):
    """The request may have arrived; there is no complete answer."""


class Wire:
    """Connections to the hosts of one platform, for several threads."""

    def __init__(self, user_agent: str, environ: Mapping[str, str] = os.environ) -> None:
        self._adapter = _Adapter(pool_maxsize=CONNECTIONS)
        self._verify = _certificates(environ)
        self._routes: dict[tuple[str, str], dict[str, str]] = {}
        self._template = requests.PreparedRequest()
        self._template.headers = requests.structures.CaseInsensitiveDict(
            {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
        )

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> Reply:
        """One call, over within `seconds` (the look-up of the host's name apart).

        Raises NotSentError, BrokenError: their text names the host and the kind of fault, nothing of the
        call. Raises ConfigError for an address without TLS outside of this machine.
        """
        proxies = self._route(url)
        _call.until, _call.sent = monotonic() + seconds, False
        raw = None
        try:
            raw = self._adapter.send(
                self._prepared(method, url, headers, body),
                stream=True,
                timeout=(min(CONNECT_SECONDS, seconds), seconds),
                # Whom nobody proves, no certificates are looked for.
                verify=self._verify if url.startswith("https:") else False,
                proxies=proxies,
            ).raw
            reply = Reply(raw.status, {name.lower(): value for name, value in raw.headers.items()}, _body(raw))
        except (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
            if raw is not None:
                raw.close()
            raise _fault(error, url) from None
        raw.release_conn()
        return reply

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._adapter.close()

    def _prepared(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> requests.PreparedRequest:
        """A request of its own: one that threads shared would mix their calls up."""
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = method, url, body
        prepared.headers = self._template.headers.copy()
        prepared.headers.update(headers)
        if body is not None or method != "GET":
            prepared.headers["Content-Length"] = str(len(body or b""))
        return prepared

    def _route(self, url: str) -> dict[str, str]:
        """The proxies on the way to a host, looked up once."""
        scheme, host, *_ = urlsplit(url)
        if (scheme, host) not in self._routes:
            here = is_this_machine(urlsplit(url).hostname or "")
            if scheme != "https" and not here:
                raise ConfigError(sentences.PLAIN_HTTP % {"host": host})
            self._routes[scheme, host] = {} if here else dict(get_environ_proxies(url))
        return self._routes[scheme, host]


def _certificates(environ: Mapping[str, str]) -> bool | str:
    named = next((environ[name] for name in _CA_VARIABLES if environ.get(name)), "")
    if named and not Path(named).exists():
        raise ConfigError(sentences.NO_CA_BUNDLE % {"file": named})
    return named or True


def _body(raw: Any) -> bytes:
    pieces, size = [], 0
    for piece in raw.stream(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise urllib3.exceptions.ProtocolError("too large")
    return b"".join(pieces)


def _fault(error: Exception, url: str) -> NotSentError | BrokenError:
    host = urlsplit(url).hostname
    if not _call.sent:
        if isinstance(error, requests.exceptions.SSLError):
            return UntrustedError(sentences.UNTRUSTED % {"host": host})
        return NotSentError(sentences.NO_CONNECTION % {"host": host, "fault": _kind(error)})
    return BrokenError(sentences.NO_ANSWER % {"host": host, "fault": _kind(error)})


def _kind(error: BaseException) -> str:
    """The name of the fault at the bottom: what lies above it says only that something went wrong."""
    while True:
        reason = getattr(error, "reason", None)
        inner = [one for one in (error.__cause__, *error.args, reason) if isinstance(one, BaseException)]
        if not inner:
            return type(error).__name__
        error = inner[-1]


class _TimedFile(io.RawIOBase):
    """What is read of a socket until a moment; `ended` once the other side has closed."""

    def __init__(self, sock: Any, until: float) -> None:
        self._sock, self._until = sock, until
        self._raw = sock.makefile("rb", buffering=0)
        self.ended = False

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Itself: http.client asks a socket for its file."""
        return io.BufferedReader(self, _PIECE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        self.ended = count == 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that must be there by the call's moment, with whole headers."""

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        self._timed = _TimedFile(sock, _call.until)
        super().__init__(self._timed, *args, **options)  # type: ignore[arg-type]

    def begin(self) -> None:
        super().begin()
        # Whole headers end with a blank line, and nothing is read after it; who came to the end, missed it.
        if self._timed.ended:
            raise http.client.IncompleteRead(b"")


class _Timed:
    """A connection that says when its request begins to leave, and keeps to the call's deadline."""

    sock: Any
    timeout: Any
    response_class: Any = _Response

    def request(self, *args: Any, **options: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        _call.sent = True
        self.timeout = max(_call.until - monotonic(), 0.001)
        super().request(*args, **options)  # type: ignore[misc]


class _TimedHttp(_Timed, HTTPConnection):
    pass


class _TimedHttps(_Timed, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _TimedHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHttps


_POOLS = {"http": _HttpPool, "https": _HttpsPool}


class _Adapter(HTTPAdapter):
    """requests' own adapter over such connections, through a proxy too."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager
