"""Where the desk is and who signs its users in, as the rest of the program sees it; and what must not be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from connector import platforms
from connector.config.types import Connection, Desk, Proxy
from connector.config.values import N_
from connector.model.addresses import is_this_machine
from connector.model.errors import Path, Problems

if TYPE_CHECKING:
    from connector.config.settings import Settings

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class Fault(NamedTuple):
    """What is wrong with a setting of the desk: which, why, and what is allowed."""

    key: Path
    what: str
    allowed: str = ""


def desk(settings: Settings, linked: Mapping[str, Connection], problems: Problems) -> Desk:
    """The desk; problems are added at their keys."""
    own = settings.desk
    proxy = Proxy(tuple(own.proxy.trusted), own.proxy.header, own.proxy.proof or "")
    made = Desk(
        own.host, own.port, own.socket, _as_browsers_say(own.base_url), own.sign_in, own.session, own.idle, own.links,
        proxy, own.unencrypted, tuple(dict.fromkeys(own.hooks)),
    )  # fmt: skip
    for name in made.hooks:
        _check_hook(name, settings, linked, problems)
    for fault in faults(made):
        problems.add(("desk", *fault.key), fault.what, fault.allowed)
    return made


def _check_hook(name: str, settings: Settings, linked: Mapping[str, Connection], problems: Problems) -> None:
    path: Path = ("desk", "hooks")
    if name not in settings.connections:
        problems.unknown(path, name, settings.connections, "connection")
    elif name in linked and platforms.adapter(linked[name].type).hooks is None:
        what = N_("the platform of %(name)s tells nothing by itself, or nothing that is understood here")
        problems.add(path, what, name=name)


def _as_browsers_say(url: str) -> str:
    """An address as a browser names where a form comes from: small letters, without the port that is meant anyway."""
    said = url.rstrip("/").lower()
    return said.removesuffix(":443" if said.startswith("https:") else ":80")


def faults(desk: Desk) -> Iterator[Fault]:
    """What keeps a desk from being served so."""
    yield from _malformed(desk)
    if not is_local(desk) and desk.sign_in == "link":
        what = N_("a link lets in whoever has it: beyond this machine somebody must sign in")
        yield Fault(("sign_in",), what, "logins, proxy")
    if not is_local(desk) and not desk.base_url.startswith("https://") and not desk.unencrypted:
        what = N_("beyond this machine the desk needs https: name the address of the web server before it")
        yield Fault(("base_url",), what, '"https://baton.northwind.example"')
    if desk.base_url.startswith("http://") and not is_this_machine(_host(desk.base_url)) and not desk.unencrypted:
        yield Fault(("base_url",), N_("passwords and leads would go over the network unencrypted"), "https://...")
    if desk.sign_in == "proxy":
        yield from _unproven(desk)


def _malformed(desk: Desk) -> Iterator[Fault]:
    if not (desk.host == "localhost" or _is_address(desk.host)):
        yield Fault(("host",), N_("must be an address of this machine"), '"127.0.0.1", "::1", "0.0.0.0"')
    if desk.base_url and not _is_base(desk.base_url):
        yield Fault(("base_url",), N_("must be an address without a path"), '"https://baton.northwind.example"')
    if not all(map(_is_network, desk.proxy.trusted)):
        yield Fault(("proxy", "trusted"), N_("must be addresses or networks"), '["127.0.0.1", "10.1.2.0/24"]')
    if not _HEADER.fullmatch(desk.proxy.header):
        yield Fault(("proxy", "header"), N_("must be the name of a header"), '"X-Forwarded-Email"')


def _unproven(desk: Desk) -> Iterator[Fault]:
    """Whoever reaches the desk past the web server could call themselves anybody."""
    if desk.socket:
        return
    if not desk.proxy.trusted:
        yield Fault(("proxy", "trusted"), N_("name the addresses that the web server calls from"), '["127.0.0.1"]')
    if not desk.proxy.proof:
        what = N_("name a secret that the web server sends along, or let it call a socket: others may call as it does")
        yield Fault(("proxy", "proof"), what, '"desk-proxy"')


def is_local(desk: Desk) -> bool:
    """Whether nobody but this machine reaches it, and nobody is sent to it by a name."""
    own = bool(desk.socket) or is_this_machine(desk.host)
    return own and (not desk.base_url or is_this_machine(_host(desk.base_url)))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_base(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and bare and url.isascii() and url.isprintable()
