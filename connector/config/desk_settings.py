"""The table `[desk]` of `config.toml`: where the desk is, and who signs its users in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connector.config import values
from connector.config.strict import Strict


class ProxySettings(Strict):
    """The web server before the desk: whose word is taken for who a user is, and for their address."""

    trusted: list[str] = Field([], description="the addresses (or networks) that it calls the desk from")
    header: str = Field(
        "X-Forwarded-Email", description="for sign_in proxy: the header in which it names the user, by email"
    )
    proof: values.SecretName | None = Field(
        None,
        description="for sign_in proxy: the name of the secret that it sends along in the header X-Baton-Proof; "
        "not needed on a socket",
    )


class DeskSettings(Strict):
    """Pages for reps, reviewers, managers, marketing and admins: baton desk."""

    host: str = Field("127.0.0.1", description="the address of this machine that the desk listens at")
    port: int = Field(8377, ge=0, le=65_535, description="the port there; 0: any that is free")
    socket: str = Field("", description="a Unix socket in place of host and port, for a web server on this machine")
    base_url: str = Field("", description="where people reach it, https://NAME; links in notices begin so")
    sign_in: Literal["link", "logins", "proxy"] = Field(
        "link",
        description="link: whoever has the link that the command prints. logins: names and passwords, kept here. "
        "proxy: a web server before it says who it is",
    )
    session: values.PlainDuration = Field(
        "12 hours", validate_default=True, description="how long somebody stays signed in"
    )
    idle: values.PlainDuration = Field("1 hour", validate_default=True, description="how long without doing anything")
    links: values.PlainDuration = Field("7 days", validate_default=True, description="how long links in notices open")
    unencrypted: bool = Field(
        False, description="true: beyond this machine without https, because something else keeps others from listening"
    )
    hooks: list[str] = Field(
        [], description="connections whose platforms tell by themselves what moves, at base_url/hooks/CONNECTION"
    )
    proxy: ProxySettings = Field(default_factory=ProxySettings, description="the web server before it")
