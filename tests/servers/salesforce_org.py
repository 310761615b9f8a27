"""A Salesforce org for a test: served, watched by its description, and signed in to."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from connector.sandbox.salesforce import Org, serve
from connector.sandbox.salesforce.oauth import ConnectedApp
from connector.sandbox.server import LocalServer
from tests.servers.salesforce_description import SalesforceDescription, watched

API = "/services/data/v62.0"


@functools.cache
def key() -> RSAPrivateKey:
    """A key pair for the whole test session: making one takes a while."""
    return generate_private_key(65537, 2048)


def private_key() -> str:
    """The private half as PEM: the secret of a connection that signs in by JWT."""
    return key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def connected_app(**traits: Any) -> ConnectedApp:
    """An app that takes assertions signed by `private_key`."""
    public = key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return ConnectedApp(public_key=public, **traits)


@dataclass
class Served:
    """An org behind a port."""

    org: Org
    app: ConnectedApp
    server: LocalServer
    description: SalesforceDescription

    @property
    def url(self) -> str:
        """The address of the instance, which is the address to sign in at too."""
        return self.server.url

    def token(self) -> str:
        """An access token, by client credentials."""
        form = {"grant_type": "client_credentials", "client_id": self.app.client_id,
                "client_secret": self.app.client_secret}  # fmt: skip
        return str(requests.post(f"{self.url}/services/oauth2/token", data=form, timeout=30).json()["access_token"])

    def session(self) -> requests.Session:
        """A client of the test's own, signed in; the caller closes it."""
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self.token()}"
        session.headers["Sforce-Auto-Assign"] = "FALSE"
        return session


@contextlib.contextmanager
def serving(org: Org | None = None, app: ConnectedApp | None = None, *, judged: bool = True) -> Iterator[Served]:
    """An org being served. At the end: the server had no fault of its own, and (`judged`) every request was lawful."""
    org, app = org or Org(), app or connected_app()
    with serve(org, app) as server:
        served = Served(org, app, server, watched(server))
        yield served
    assert not server.errors, server.errors[0]
    if judged:
        served.description.assert_kept()
