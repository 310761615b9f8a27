"""Signing in: /services/oauth2/token and /services/oauth2/userinfo.

Grants: JWT bearer, client credentials, refresh token. Answers and errors as in the table of the
package; the words for an expired or too long-lived assertion are our own guess.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import orjson

from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.org import Org
from connector.sandbox.wire import Call, Reply

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: An assertion may not be good for longer than three minutes; the rest is for clocks that differ.
LONGEST_ASSERTION = 240.0
_LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")


@dataclass(slots=True)
class ConnectedApp:
    """What an admin has registered. `public_key` (PEM) proves assertions.

    `refresh_tokens` are good ones; where `rotates`, each is good for one use. `user` is the user
    to run as ("" is the org's API user). `approved`: an admin has let that user in.
    """

    client_id: str = "baton-sandbox"
    client_secret: str = "baton-sandbox-secret"  # noqa: S105 (a sandbox's)
    public_key: bytes = b""
    refresh_tokens: set[str] = field(default_factory=lambda: {"baton-sandbox-refresh"})
    rotates: bool = False
    user: str = ""
    approved: bool = True

    def grant(self) -> str:
        """A person lets the app in: another refresh token."""
        fresh = f"5Aep{secrets.token_urlsafe(24)}"
        self.refresh_tokens.add(fresh)
        return fresh


@dataclass(frozen=True, slots=True)
class _Session:
    user: str
    since: float
    generation: int


class RefusalError(Exception):
    """No token: the OAuth2 error and its description."""

    def reply(self) -> Reply:
        """As the endpoint answers."""
        error, said = self.args
        return Reply(400, {"error": error, "error_description": said}, {"Cache-Control": "no-store"})


class SignIn:
    """Who has signed in to an org, and until when."""

    def __init__(self, org: Org, app: ConnectedApp) -> None:
        self.org = org
        self.app = app
        self._sessions: dict[str, _Session] = {}

    def token(self, call: Call, base: str) -> Reply:
        """The token endpoint."""
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        call.route = "/services/oauth2/token"
        try:
            with self.org.lock:
                return self._granted(form, call, base)
        except RefusalError as refusal:
            return refusal.reply()

    def user_of(self, call: Call) -> str:
        """The user whose session the call carries. Raises ApiError 401 INVALID_SESSION_ID."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        held = self._sessions.get(token) if scheme.lower() in ("bearer", "oauth") else None
        now = self.org.clock.seconds()
        if held is None or held.generation < self.org.generation or now - held.since >= self.org.session_seconds:
            raise ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        return held.user

    def userinfo(self, call: Call, base: str) -> Reply:
        """Who the token belongs to; 403 for a bad one, as this endpoint does."""
        call.route = "/services/oauth2/userinfo"
        try:
            record = self.org.record(self.user_of(call))
        except ApiError:
            return Reply(403, b"Bad_OAuth_Token", {"Content-Type": "text/html;charset=UTF-8"})
        return Reply(200, {
            "sub": self._identity(record["Id"], base), "user_id": record["Id"], "organization_id": self.org.id,
            "preferred_username": record["Username"], "name": record["Name"], "email": record["Email"],
            "email_verified": True, "active": record["IsActive"], "user_type": "STANDARD", "language": "en_US",
        })  # fmt: skip

    def _granted(self, form: dict[str, str], call: Call, base: str) -> Reply:
        grant = form.get("grant_type", "")
        if grant == JWT_BEARER:
            return self._open(self._by_assertion(form.get("assertion", ""), base), base)
        if grant not in ("client_credentials", "refresh_token"):
            raise RefusalError("unsupported_grant_type", "grant type not supported")
        self._client(form, call, secret_needed=grant == "client_credentials")
        if grant == "client_credentials":
            return self._open(self._run_as(), base)
        return self._refreshed(form.get("refresh_token", ""), base)

    def _client(self, form: dict[str, str], call: Call, *, secret_needed: bool) -> None:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, basic = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            client_id, _, secret = base64.b64decode(basic).decode().partition(":")
        if client_id != self.app.client_id:
            raise RefusalError("invalid_client_id", "client identifier invalid")
        if secret != self.app.client_secret and (secret or secret_needed):
            raise RefusalError("invalid_client", "invalid client credentials")

    def _refreshed(self, token: str, base: str) -> Reply:
        if token not in self.app.refresh_tokens:
            raise RefusalError("invalid_grant", "expired access/refresh token")
        reply = self._open(self._run_as(), base)
        if self.app.rotates:
            self.app.refresh_tokens.discard(token)
            reply.body["refresh_token"] = self.app.grant()
        return reply

    def _run_as(self) -> str:
        user = self.org.user(self.app.user) if self.app.user else self.org.api_user
        if not self.org.record(user)["IsActive"]:
            raise RefusalError("inactive_user", "user is inactive")
        return user

    def _by_assertion(self, assertion: str, base: str) -> str:
        claims = self._verified(assertion)
        now = self.org.clock.seconds()
        if claims.get("iss") != self.app.client_id:
            raise RefusalError("invalid_client_id", "client identifier invalid")
        if claims.get("aud") not in (*_LOGIN_HOSTS, base):
            raise RefusalError("invalid_grant", "audience is invalid")
        expires = claims.get("exp")
        if not isinstance(expires, (int, float)) or not now < expires <= now + LONGEST_ASSERTION:
            raise RefusalError("invalid_grant", "expired assertion")
        user = self._run_as()
        if not self.app.approved or claims.get("sub") != self.org.record(user)["Username"]:
            raise RefusalError("invalid_grant", "user hasn't approved this consumer")
        return user

    def _verified(self, assertion: str) -> dict[str, Any]:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            signed, _, signature = assertion.rpartition(".")
            head, claims = (orjson.loads(_unpacked(part)) for part in signed.split("."))
            key = load_pem_public_key(self.app.public_key)
            if head.get("alg") != "RS256" or not isinstance(key, RSAPublicKey):
                raise RefusalError("invalid_grant", "invalid assertion")
            key.verify(_unpacked(signature), signed.encode(), PKCS1v15(), SHA256())
        except (ValueError, binascii.Error, InvalidSignature):
            raise RefusalError("invalid_grant", "invalid assertion") from None
        return dict(claims)

    def _open(self, user: str, base: str) -> Reply:
        token = f"{self.org.id[:15]}!{secrets.token_urlsafe(48)}"
        now = self.org.clock.seconds()
        self._sessions[token] = _Session(user, now, self.org.generation)
        return Reply(200, {
            "access_token": token, "scope": "api", "instance_url": base, "id": self._identity(user, base),
            "token_type": "Bearer", "issued_at": str(int(now * 1000)), "signature": secrets.token_urlsafe(32),
        }, {"Cache-Control": "no-store"})  # fmt: skip

    def _identity(self, user: str, base: str) -> str:
        return f"{base}/id/{self.org.id}/{user}"


def _unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
