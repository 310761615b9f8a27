"""Signing in: tokens that are asked for, kept, shared by threads and processes, and lost."""

from __future__ import annotations

import base64
import json
import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connector.edge.http import HttpClient
from connector.edge.secrets import Secrets
from connector.model.errors import AuthError, ConfigError, RetryableError, StateError
from connector.model.http import (
    Answer,
    Api,
    ClientCredentials,
    Http,
    JwtBearer,
    RefreshToken,
    Request,
    TokenCall,
)
from connector.model.outbox import NotExecuted
from connector.sandbox.proxy import Proxy
from tests.servers.clients import World
from tests.servers.granting import FIRST, Platform
from tests.servers.raw import RawServer, said

GET = Request("GET", "/things", reads=True)
POST = Request("POST", "/things", json={})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, token=FIRST)
    world.secrets.set("crm-client", "client-secret")
    yield world
    world.store.close()


@contextmanager
def running(platform: Platform) -> Iterator[str]:
    with RawServer(platform) as server:
        yield server.url


def refreshing(url: str, **parts: Any) -> Api:
    sign_in = RefreshToken(TokenCall(f"{url}/token"), "app")
    return replace(Api(url, sign_in, deadline=5.0), **parts)


def test_a_token_is_asked_for_once_and_followed_to_shortly_before_its_end(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        client = world.client(refreshing(url))
        for _ in range(3):
            client.read(GET)
        assert len(platform.forms) == 1
        world.now += timedelta(seconds=1735)
        client.read(GET)
        assert len(platform.forms) == 1
        world.now += timedelta(seconds=10)
        client.read(GET)
    assert [form["refresh_token"] for form in platform.forms] == [FIRST, "refresh-token-1"]
    assert platform.forms[0] == {
        "grant_type": "refresh_token", "refresh_token": FIRST, "client_id": "app", "client_secret": "client-secret",
    }  # fmt: skip


def test_a_lifetime_that_is_not_told_is_assumed(world: World) -> None:
    platform = Platform(lifetime=None)
    with running(platform) as url:
        client = world.client(refreshing(url, sign_in=RefreshToken(TokenCall(f"{url}/token", 100.0), "app")))
        client.read(GET)
        world.now += timedelta(seconds=91)
        client.read(GET)
    assert len(platform.forms) == 2


def test_a_new_process_uses_the_token_of_the_last_one(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        world.client(refreshing(url)).read(GET)
        world.client(refreshing(url)).read(GET)
    assert len(platform.forms) == 1


def test_tokens_lie_sealed_in_the_store(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        world.client(refreshing(url)).read(GET)
    with world.store.read() as tx:
        kept = tx.admin.meta("token:crm")
    assert kept
    assert platform.access not in kept
    stored = b"".join(file.read_bytes() for file in world.root.glob("baton.db*"))
    for word in (platform.access, platform.refresh, FIRST, world.secrets.get("store-key")):
        assert word.encode() not in stored


def test_a_write_whose_token_is_refused_goes_out_once_more_with_a_fresh_one(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        client = world.client(refreshing(url))
        assert isinstance(client.send(POST), Answer)
        platform.access = "ended early"
        assert isinstance(client.send(POST), Answer)
        assert len(platform.forms) == 2
        assert platform.served == 2


def test_a_fresh_token_that_is_refused_too_is_the_end(world: World) -> None:
    platform = Platform()
    with RawServer(lambda asked: platform(asked) if asked.path == "/token" else [said(401, {})]) as server:
        with pytest.raises(AuthError, match="baton auth set crm"):
            world.client(refreshing(server.url)).send(POST)
        assert len(platform.forms) == 2
        assert len(server.asked) == 4


def test_a_grant_that_is_refused_names_the_command_and_nobody(world: World) -> None:
    with running(Platform(revoked=True)) as url:
        client = world.client(refreshing(url))
        with pytest.raises(AuthError, match="baton auth set crm") as caught:
            client.read(GET)
        assert "400 invalid_grant" in str(caught.value)
        for word in (FIRST, "client-secret", "ana@example.com"):
            assert word not in str(caught.value)
        with pytest.raises(AuthError):
            client.send(POST)


def test_who_was_refused_is_asked_again_after_a_while_or_with_another_secret(world: World) -> None:
    platform = Platform(revoked=True)
    with running(platform) as url:
        client = world.client(refreshing(url))
        for _ in range(3):
            with pytest.raises(AuthError, match="baton auth set crm"):
                client.read(GET)
        assert len(platform.forms) == 1
        world.now += timedelta(seconds=301)
        with pytest.raises(AuthError):
            client.read(GET)
        assert len(platform.forms) == 2
        platform.revoked, platform.refresh = False, "granted-anew"
        world.secrets.set("crm", "granted-anew")
        assert client.read(GET).status == 200


def test_an_app_that_is_refused_names_its_own_secret(world: World) -> None:
    platform = Platform(next_answers=[said(401, {"error": "invalid_client"})])
    with running(platform) as url, pytest.raises(AuthError, match="baton auth set crm-client"):
        world.client(refreshing(url)).read(GET)


def test_a_new_secret_takes_the_place_of_what_is_in_the_store(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        world.client(refreshing(url)).read(GET)
        world.secrets.set("crm", "granted-anew")
        platform.refresh = "granted-anew"
        client = world.client(refreshing(url))
        client.read(GET)
    assert [form["refresh_token"] for form in platform.forms] == [FIRST, "granted-anew"]


@pytest.mark.parametrize("answer", [said(429, {}, retry_after="2"), said(503, b"<html>"), said(200, b"{")])
def test_signing_in_is_tried_again_where_it_fails_in_passing(world: World, answer: bytes) -> None:
    platform = Platform(next_answers=[answer])
    with running(platform) as url:
        assert isinstance(world.client(refreshing(url)).send(POST), Answer)
    assert len(platform.forms) == 2
    assert world.waits[0] in (1.0, 2.0)


def test_a_write_was_not_executed_where_signing_in_keeps_failing(world: World) -> None:
    with running(Platform(next_answers=[said(503, {})] * 9)) as url:
        assert isinstance(world.client(refreshing(url)).send(POST), NotExecuted)


def test_a_sign_in_that_redirects_is_not_followed(world: World) -> None:
    platform = Platform(next_answers=[said(302, None, location="https://elsewhere.example/login")])
    with running(platform) as url, pytest.raises(ConfigError, match=r"redirected to elsewhere\.example"):
        world.client(refreshing(url)).read(GET)


def test_the_answers_own_address_is_called_where_the_settings_name_none(world: World) -> None:
    platform = Platform()
    with running(platform) as url, running(Platform()) as _other:
        platform.instance = url
        client = world.client(refreshing(url, base=""))
        assert client.read(GET).status == 200
        platform.instance = "http://instance.example"
        world.now += timedelta(hours=1)
        with pytest.raises(ConfigError, match="by https"):
            client.read(GET)


def test_an_answer_that_names_no_address_is_told(world: World) -> None:
    with running(Platform()) as url, pytest.raises(ConfigError, match="names no address"):
        world.client(refreshing(url, base="")).read(GET)


# --- rotation -----------------------------------------------------------------------------------


def test_eight_threads_lose_no_grant(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        client = world.client(refreshing(url))
        faults: list[BaseException] = []

        def work() -> None:
            try:
                for _ in range(10):
                    client.read(GET)
            except BaseException as error:  # noqa: BLE001 - told by the assertion below
                faults.append(error)

        for _ in range(3):
            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            world.now += timedelta(hours=1)
    assert faults == []
    assert len(platform.forms) == 3
    assert platform.served == 240


def _reads(root: Path, url: str, times: int, start: Any, faults: Any) -> None:
    """Another process: its own store, secrets and client."""
    try:
        world = World(root, token=FIRST)
        outside = world.outside(clock=lambda: datetime.now(UTC), wait=threading.Event().wait)
        client = HttpClient("crm", refreshing(url), outside)
        start.wait()
        for _ in range(times):
            client.read(GET)
    except BaseException as error:  # noqa: BLE001 - told by the assertion of the parent
        faults.put(repr(error))


def test_two_processes_lose_no_grant(world: World) -> None:
    """Tokens that are over at once: each call asks for a new one, and the refresh token changes each time."""
    platform = Platform(lifetime=0.000001)
    with running(platform) as url:
        fork = multiprocessing.get_context("fork")
        start, faults = fork.Event(), fork.Queue()
        people = [fork.Process(target=_reads, args=(world.root, url, 8, start, faults)) for _ in range(2)]
        for one in people:
            one.start()
        start.set()
        for one in people:
            one.join(60)
        assert [one.exitcode for one in people] == [0, 0]
        assert faults.empty()
    assert not platform.revoked
    assert len(platform.forms) >= 16
    used = [form["refresh_token"] for form in platform.forms]
    assert len(set(used)) == len(used)


class Failing:
    """A store that fails at the next durable write."""

    def __init__(self, store: Any) -> None:
        self._store, self.fails = store, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def write(self, *, durable: bool = False) -> Any:
        if durable and self.fails:
            self.fails -= 1
            raise StateError("disk full")
        return self._store.write(durable=durable)


def test_a_crash_between_the_answer_and_the_store_ends_with_the_command_that_mends_it(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        store = Failing(world.store)
        store.fails = 1
        with pytest.raises(StateError):
            HttpClient("crm", refreshing(url), world.outside(store=store)).read(GET)
        assert platform.served == 0
        with pytest.raises(AuthError, match="baton auth set crm"):
            world.client(refreshing(url)).read(GET)


def test_a_process_that_could_not_store_a_new_grant_stores_it_before_anything_else(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        store = Failing(world.store)
        store.fails = 2
        client = HttpClient("crm", refreshing(url), world.outside(store=store))
        for _ in range(2):
            with pytest.raises(StateError):
                client.read(GET)
        client.read(GET)
        assert len(platform.forms) == 1
        world.client(refreshing(url)).read(GET)
    assert len(platform.forms) == 1


#: What a proxy does to the renewal, and whether the grant is over by that: the platform had changed it already.
RENEWALS = {
    "reset": False, "reset within the request": False, "429": False, "429 with Retry-After": False, "503": False,
    "HTML": False, "wrong JSON": False, "empty": False, "latency": False, "drip": False, "reply lost": True,
    "cut in the header": True, "cut in the body": True, "500 after the work": True, "HTML after the work": True,
}  # fmt: skip


@pytest.mark.parametrize("kind", RENEWALS)
def test_a_renewal_that_goes_wrong_is_made_again_and_a_lost_grant_names_what_mends_it(world: World, kind: str) -> None:
    platform = Platform()
    with running(platform) as url, Proxy(int(url.rpartition(":")[2])) as proxy:
        client = world.client(refreshing(url, sign_in=RefreshToken(TokenCall(f"{proxy.url}/token"), "app")))
        client.read(GET)
        world.now += timedelta(hours=1)
        proxy.faults.add(kind)
        if not RENEWALS[kind]:
            assert client.read(GET).status == 200
        else:
            with pytest.raises(AuthError, match="baton auth set crm"):
                client.read(GET)
            assert platform.revoked
            platform.revoked, platform.refresh = False, "granted-anew"
            world.secrets.set("crm", "granted-anew")
            assert client.read(GET).status == 200
    assert platform.served == 2
    assert proxy.counts == {kind: 1}


def test_who_asks_at_the_moment_is_waited_for_and_who_has_died_is_not(world: World) -> None:
    with running(Platform()) as url:
        with world.store.write() as tx:
            tx.leases.take("token:crm", "here:77:bb", 60.0)
        with pytest.raises(RetryableError, match="another process is at it"):
            world.client(refreshing(url)).read(GET)
        assert sum(world.waits) == pytest.approx(90.0)
        client = HttpClient("crm", refreshing(url), world.outside(ended=lambda owner: owner.startswith("here:77")))
        assert client.read(GET).status == 200


# --- the other ways -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.mark.parametrize("in_one_line", [False, True])
def test_a_statement_is_signed_with_the_key(world: World, key: rsa.RSAPrivateKey, in_one_line: bool) -> None:
    world.secrets.set("crm", pem(key).replace("\n", "\\n") if in_one_line else pem(key))
    platform = Platform()
    with running(platform) as url:
        kind = JwtBearer(TokenCall(f"{url}/token"), "app", "baton@northwind.example", "https://login.example")
        world.client(refreshing(url, sign_in=kind)).read(GET)
    (form,) = platform.forms
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    header, claims, signature = form["assertion"].split(".")
    key.public_key().verify(unpacked(signature), f"{header}.{claims}".encode(), PKCS1v15(), SHA256())
    assert json.loads(unpacked(header)) == {"alg": "RS256", "typ": "JWT"}
    assert json.loads(unpacked(claims)) == {
        "iss": "app", "sub": "baton@northwind.example", "aud": "https://login.example",
        "exp": int(world.now.timestamp()) + 180,
    }  # fmt: skip


def test_a_secret_that_is_no_key_is_told(world: World) -> None:
    kind = JwtBearer(TokenCall("https://login.example/token"), "app", "me", "https://login.example")
    with pytest.raises(AuthError, match="not a private key") as caught:
        world.client(refreshing("https://x.example", sign_in=kind)).read(GET)
    assert FIRST not in str(caught.value)


def test_client_credentials_are_sent_as_a_form(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        world.client(refreshing(url, sign_in=ClientCredentials(TokenCall(f"{url}/token"), "app"))).read(GET)
    assert platform.forms == [{"grant_type": "client_credentials", "client_id": "app", "client_secret": FIRST}]


def environment(**secrets: str) -> Secrets:
    return Secrets(Path(), "environment", environ={f"BATON_SECRET_{name}": value for name, value in secrets.items()})


def test_without_a_key_for_the_store_a_grant_that_changes_is_not_asked_for(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        secrets = environment(CRM=FIRST, CRM_CLIENT="client-secret")
        with pytest.raises(AuthError, match="BATON_SECRET_STORE_KEY"):
            HttpClient("crm", refreshing(url), world.outside(secrets=secrets)).read(GET)
        assert platform.forms == []
        secrets = environment(CRM=FIRST, CRM_CLIENT="client-secret", STORE_KEY="chosen by the admin, long enough")
        assert HttpClient("crm", refreshing(url), world.outside(secrets=secrets)).read(GET).status == 200


def test_without_a_key_for_the_store_other_tokens_stay_in_memory(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        api = refreshing(url, sign_in=ClientCredentials(TokenCall(f"{url}/token"), "app"))
        client = HttpClient("crm", api, world.outside(secrets=environment(CRM="secret")))
        client.read(GET)
        client.read(GET)
    assert len(platform.forms) == 1


def test_a_second_machine_without_the_key_is_told_so(world: World, tmp_path: Path) -> None:
    platform = Platform()
    with running(platform) as url:
        world.client(refreshing(url)).read(GET)
        other = Secrets(tmp_path / "other", "sealed", key_file=str(tmp_path / "other" / "key"), environ={})
        (tmp_path / "other").mkdir()
        other.set("crm", FIRST)
        with pytest.raises(AuthError, match="baton auth set store-key"):
            HttpClient("crm", refreshing(url), world.outside(secrets=other)).read(GET)
    assert len(platform.forms) == 1


# --- whose account ------------------------------------------------------------------------------


def account_of(http: Http) -> str:
    return str(http.read(Request("GET", "/me", reads=True)).json()["id"])


def test_the_account_is_asked_for_once_for_each_credential(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        api = refreshing(url, account=account_of)
        for _ in range(2):
            world.client(api, account="4711").read(GET)
        assert platform.served == 3
        platform.refresh = "granted-anew"
        world.secrets.set("crm", "granted-anew")
        world.client(api, account="4711").read(GET)
    assert platform.served == 5


def test_a_credential_of_another_account_is_not_used(world: World) -> None:
    platform = Platform(account="9999")
    with running(platform) as url:
        client = world.client(refreshing(url, account=account_of), account="4711")
        with pytest.raises(AuthError, match="the account 9999, the configuration names 4711"):
            client.read(GET)
        with pytest.raises(AuthError, match="the account 9999, the configuration names 4711"):
            client.send(POST)
    assert platform.served == 2


def test_without_an_account_in_the_configuration_the_first_one_is_remembered(world: World) -> None:
    platform = Platform()
    with running(platform) as url:
        api = refreshing(url, account=account_of)
        world.client(api).read(GET)
        platform.account, platform.refresh = "9999", "of-another-account"
        world.secrets.set("crm", "of-another-account")
        with pytest.raises(AuthError, match="the account 9999, the configuration names 4711"):
            world.client(api).read(GET)


def test_the_long_form_of_an_account_is_the_same_account(world: World) -> None:
    with running(Platform(account="00D5g00000ABCDEEA2")) as url:
        client = world.client(refreshing(url, account=account_of), account="00D5g00000ABCDE")
        assert client.read(GET).status == 200


def test_an_account_that_cannot_be_read_is_asked_for_again_later(world: World) -> None:
    def broken(http: Http) -> str:
        return str(http.read(Request("GET", "/me", reads=True)).json()["missing"])

    with running(Platform()) as url:
        api = refreshing(url, account=broken)
        with pytest.raises(RetryableError):
            world.client(api).read(GET)
        assert isinstance(world.client(api).send(POST), NotExecuted)
