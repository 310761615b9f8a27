from __future__ import annotations

import multiprocessing
import stat
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.backends.null
import pytest

from connector.edge.secrets import Secrets
from connector.model.errors import AuthError, ConfigError

VALUE = "xoxb-very-hidden"


class Ring(keyring.backend.KeyringBackend):
    priority = 5

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    return ring


def sealed(root: Path, environ: dict[str, str] | None = None, key: str = "key/secrets.key") -> Secrets:
    return Secrets(root, "sealed", key_file=str(root / key), environ=environ or {})


@pytest.fixture(params=["keychain", "sealed"])
def secrets(request: pytest.FixtureRequest, tmp_path: Path, ring: Ring) -> Secrets:
    return sealed(tmp_path) if request.param == "sealed" else Secrets(tmp_path, "keychain")


def test_what_was_set_can_be_read_listed_replaced_and_deleted(secrets: Secrets) -> None:
    secrets.set("hubspot", VALUE)
    secrets.set("slack-sdr", "https://hooks.example/1")
    secrets.set("hubspot", "second")
    assert secrets.get("hubspot") == "second"
    assert secrets.list() == ["hubspot", "slack-sdr"]
    assert secrets.delete("hubspot")
    assert not secrets.delete("hubspot")
    assert secrets.list() == ["slack-sdr"]


def test_a_missing_secret_names_the_command_that_sets_it(secrets: Secrets) -> None:
    with pytest.raises(AuthError) as error:
        secrets.get("hubspot")
    assert error.value.mend == "baton auth set hubspot"
    assert error.value.connection == "hubspot"


def test_values_show_in_no_representation(secrets: Secrets) -> None:
    secrets.set("hubspot", VALUE)
    assert VALUE not in repr(secrets) + str(secrets) + repr(vars(secrets))


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a b", "x" * 65, "naïve", "a\n"])
def test_a_bad_name_is_refused_and_not_repeated(secrets: Secrets, name: str) -> None:
    with pytest.raises(AuthError) as error:
        secrets.set(name, VALUE)
    assert VALUE not in str(error.value)
    assert not name or f"{name} " not in str(error.value).replace("is no name", "")


def test_an_empty_value_is_refused(secrets: Secrets) -> None:
    with pytest.raises(AuthError, match="empty"):
        secrets.set("hubspot", "")


def test_references_are_filled_and_quoted_for_a_url(secrets: Secrets) -> None:
    secrets.set("db", "p@ss/word")
    assert secrets.fill("postgresql://baton:${db}@host/x") == "postgresql://baton:p%40ss%2Fword@host/x"


def test_an_unknown_backend_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="keychain, sealed, environment"):
        Secrets(tmp_path, "plain")


def test_the_sealed_file_holds_no_plain_text_and_is_its_owners_alone(tmp_path: Path) -> None:
    sealed(tmp_path).set("hubspot", VALUE)
    file = tmp_path / "secrets.sealed"
    assert VALUE.encode() not in file.read_bytes()
    assert b"hubspot" not in file.read_bytes()
    for path in (file, tmp_path / "key" / "secrets.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_key_of_the_system_comes_before_the_key_file(tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "baton-key").write_text("k" * 40 + "\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    sealed(tmp_path, environ).set("hubspot", VALUE)
    assert sealed(tmp_path, environ).get("hubspot") == VALUE
    assert not (tmp_path / "key").exists()


def test_a_wrong_key_is_said_with_what_to_do(tmp_path: Path) -> None:
    sealed(tmp_path).set("hubspot", VALUE)
    (tmp_path / "key" / "secrets.key").write_text("w" * 40)
    for action in (lambda: sealed(tmp_path).get("hubspot"), lambda: sealed(tmp_path).set("hubspot", VALUE)):
        with pytest.raises(AuthError, match="another key") as error:
            action()
        assert "baton auth set hubspot" in error.value.mend
        assert VALUE not in str(error.value)


def test_a_lost_key_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    sealed(tmp_path).set("hubspot", VALUE)
    (tmp_path / "key" / "secrets.key").unlink()
    with pytest.raises(AuthError, match="missing"):
        sealed(tmp_path).set("other", VALUE)
    assert not (tmp_path / "key" / "secrets.key").exists()


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    sealed(tmp_path).set("hubspot", VALUE)
    (tmp_path / "key" / "secrets.key").chmod(0o644)
    with pytest.raises(AuthError, match="read by others") as error:
        sealed(tmp_path).get("hubspot")
    assert error.value.mend.startswith("chmod 600 ")


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "short.key"
    key.write_text("1234")
    key.chmod(0o600)
    with pytest.raises(AuthError, match="shorter than 32"):
        sealed(tmp_path, key="short.key").set("hubspot", VALUE)


def _write_some(root: str, writer: int) -> None:
    secrets = sealed(Path(root))
    for number in range(10):
        secrets.set(f"w{writer}-{number}", f"{writer}:{number}")


def test_four_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_some, args=(str(tmp_path), writer)) for writer in range(4)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(60)
    assert [process.exitcode for process in writers] == [0, 0, 0, 0]
    secrets = sealed(tmp_path)
    assert len(secrets.list()) == 40
    assert secrets.get("w3-9") == "3:9"
    assert not list(tmp_path.glob(".secrets.sealed.??*[!k]"))


def test_the_environment_is_read_only(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path, "environment", environ={"BATON_SECRET_SLACK_SDR": VALUE, "PATH": "/bin"})
    assert secrets.get("slack-sdr") == VALUE
    assert secrets.list() == ["slack-sdr"]
    with pytest.raises(AuthError, match="BATON_SECRET_SLACK_SDR"):
        secrets.set("slack-sdr", "x")
    with pytest.raises(AuthError, match="read-only"):
        secrets.delete("slack-sdr")
    with pytest.raises(AuthError, match="BATON_SECRET_OTHER"):
        secrets.get("other")


def _plain_text_ring() -> Any:
    module = types.ModuleType("keyrings.alt.file")
    return type("PlaintextKeyring", (), {"__module__": module.__name__})()


@pytest.mark.parametrize("ring", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring, _plain_text_ring])
def test_a_keychain_that_keeps_nothing_or_plain_text_is_refused(
    ring: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", ring)
    with pytest.raises(AuthError, match='backend = "sealed"'):
        Secrets(tmp_path).set("hubspot", VALUE)


def test_a_chain_with_a_plain_text_backend_in_it_is_refused(tmp_path: Path, ring: Ring) -> None:
    ring.backends = [_plain_text_ring()]  # type: ignore[attr-defined]
    with pytest.raises(AuthError, match="PlaintextKeyring"):
        Secrets(tmp_path).get("hubspot")


def test_a_locked_keychain_is_an_auth_error_without_its_words(tmp_path: Path, ring: Ring) -> None:
    def locked(service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked(VALUE)

    ring.set_password = locked  # type: ignore[method-assign]
    with pytest.raises(AuthError, match="KeyringLocked") as error:
        Secrets(tmp_path).set("hubspot", VALUE)
    assert VALUE not in str(error.value)
