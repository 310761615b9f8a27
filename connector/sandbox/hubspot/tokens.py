"""Who may call: an app's static token, and OAuth tokens that end and are renewed.

Shapes: oauth v1 and v3 of the published descriptions. A token lives for 30 minutes by the server's clock.
"""

from __future__ import annotations

from typing import Any

from connector.sandbox.hubspot.errors import Refused


class Tokens:
    """The tokens of one portal. `rotates`: each renewal ends the refresh token that was used for it."""

    def __init__(self, static: str, client_id: str, client_secret: str, refresh_token: str) -> None:
        self.static = static
        self.client_id = client_id
        self.client_secret = client_secret
        self.rotates = False
        self.lifetime = 1800
        self._refresh = {refresh_token}
        self._access: dict[str, float] = {}
        self._count = 0

    def check(self, header: str, now: float) -> None:
        """Raises Refused (401) unless the header carries a token that is good now."""
        token = header.removeprefix("Bearer ")
        if header.startswith("Bearer ") and token == self.static:
            return
        ends = self._access.get(token) if header.startswith("Bearer ") else None
        if ends is None:
            raise Refused(401, "INVALID_AUTHENTICATION", "Authentication credentials not found. This API supports "
                          "OAuth 2.0 authentication.")  # fmt: skip
        if ends <= now:
            ago = f"{int(now - ends)} second(s) ago"
            raise Refused(401, "EXPIRED_AUTHENTICATION", f"The OAuth token used to make this call expired {ago}.")

    def renew(self, form: dict[str, str], now: float) -> dict[str, Any]:
        """A new access token for a refresh token. Raises Refused (400) as the token endpoint does."""
        if form.get("grant_type") != "refresh_token":
            raise Refused(400, "BAD_REQUEST", "unsupported grant_type")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            raise Refused(400, "BAD_CLIENT_ID", "missing or unknown client id or secret")
        used = form.get("refresh_token", "")
        if used not in self._refresh:
            raise Refused(400, "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        self._count += 1
        access = f"local-access-{self._count}-" + "x" * 280
        self._access[access] = now + self.lifetime
        if self.rotates:
            self._refresh.remove(used)
            used = self.grant()
        return {"access_token": access, "refresh_token": used, "expires_in": self.lifetime, "token_type": "bearer",
                "token_use": "access_token"}  # fmt: skip

    def end_sessions(self) -> None:
        """Every access token given out so far is void."""
        self._access.clear()

    def grant(self) -> str:
        """An admin lets the app in once more: another refresh token."""
        self._count += 1
        fresh = f"local-refresh-{self._count}"
        self._refresh.add(fresh)
        return fresh

    def withdraw(self) -> None:
        """An admin removes the app: no token is good any more, the static one neither."""
        self._refresh.clear()
        self._access.clear()
        self.static = ""
