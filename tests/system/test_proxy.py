"""The company's proxy and certificates, as the environment names them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connector.model.errors import ConfigError
from connector.model.http import Request
from connector.model.outbox import NotExecuted
from tests.servers.clients import TOKEN, World, plain_api
from tests.servers.raw import CLOSE, RawServer, said, turns

HOST = "api.platform.example"
GET = Request("GET", "/things", reads=True)
POST = Request("POST", "/things", json={})
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in (*VARIABLES, *map(str.lower, VARIABLES), "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    world = World(tmp_path)
    yield world
    world.store.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the platform's name, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("certificates") / "platform.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(built.public_bytes(Encoding.PEM) + private)
    return file


def served(certificate: Path) -> RawServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return RawServer(turns([said(200, {"id": "1"})]), context)


@dataclass
class Proxy:
    """Joins whoever asks for `CONNECT` to one server, whatever name is asked for."""

    target: int
    heads: list[str] = field(default_factory=list)

    def __enter__(self) -> Proxy:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        self.heads.append(head.decode())
        server = socket.create_connection(("127.0.0.1", self.target))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join()
        client.close()
        server.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_calls_go_through_the_proxy_and_trust_the_companys_certificates(
    world: World, certificate: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with served(certificate) as server, Proxy(server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass@{proxy.address}")
        monkeypatch.setenv(variable, str(certificate))
        client = world.client(plain_api(f"https://{HOST}"))
        assert client.read(GET).json() == {"id": "1"}
        assert client.read(GET).json() == {"id": "1"}
        client.close()
    assert len(proxy.heads) == 1
    assert proxy.heads[0].startswith(f"CONNECT {HOST}:443 ")
    assert "Proxy-Authorization: Basic" in proxy.heads[0]
    assert TOKEN not in proxy.heads[0]
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert "proxy-authorization" not in server.asked[0].headers


def test_a_certificate_that_nobody_vouches_for_ends_before_the_request(
    world: World, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(certificate) as server, Proxy(server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        client = world.client(plain_api(f"https://{HOST}"))
        with pytest.raises(ConfigError, match=rf"the certificate of {HOST} is not trusted here; REQUESTS_CA_BUNDLE"):
            client.read(GET)
        assert isinstance(client.send(POST), NotExecuted)
        client.close()
    assert server.asked == []


def test_a_proxy_that_says_no_leaves_a_write_undone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(turns([said(407, {}), CLOSE])) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        outcome = world.client(plain_api(f"https://{HOST}")).send(POST)
    assert isinstance(outcome, NotExecuted)
    assert [asked.method for asked in proxy.asked] == ["CONNECT"]


def test_a_host_that_needs_no_proxy_and_this_machine_are_called_directly(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RawServer(turns([said(200, {})])) as server, RawServer(turns([CLOSE])) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", f".{HOST.partition('.')[2]}")
        monkeypatch.setattr(socket, "getaddrinfo", _only_this_machine)
        assert world.client(plain_api(server.url)).read(GET).status == 200
        assert isinstance(world.client(plain_api(f"https://{HOST}")).send(POST), NotExecuted)
    assert proxy.asked == []


_getaddrinfo = socket.getaddrinfo


def _only_this_machine(host: str, *args: object, **options: object) -> object:
    if host != "127.0.0.1":
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _getaddrinfo(host, *args, **options)  # type: ignore[arg-type]


def test_a_file_of_certificates_that_is_not_there_is_told(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    with pytest.raises(ConfigError, match=r"the file of certificates is not there: .*gone\.pem"):
        world.client(plain_api(f"https://{HOST}"))
