"""Addresses that are called: which of them are this machine's, and where a secret may be sent."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_this_machine(host: str) -> bool:
    """Whether nobody but this machine is behind a host: only there a call may go without TLS."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keeps_secrets(address: str) -> bool:
    """Whether a secret may be sent to an address: by https, or by http to this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or ""))


def base_address(given: str) -> str:
    """The address of an API as an admin names it, without a stroke at its end. Raises ValueError for one by http."""
    if not keeps_secrets(given):
        raise ValueError("an address begins with https://")
    return given.rstrip("/")
