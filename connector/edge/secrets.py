"""Secrets by name, kept where the admin explicitly said: keychain, sealed file, or environment.

A value never appears in a representation, a message or a log. The keychain is the desktop's own.
The sealed file is for servers: one encrypted file, whose key comes from systemd's
`$CREDENTIALS_DIRECTORY/baton-key` or from a key file that only its owner may read. The
environment (`BATON_SECRET_<NAME>`) is read-only, for containers.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Protocol
from urllib.parse import quote

from connector.model import sentences
from connector.model.errors import AuthError, ConfigError
from connector.model.secret_names import REFERENCE, is_secret_name

BACKENDS = ("keychain", "sealed", "environment")
KEY_CREDENTIAL = "baton-key"
_SHORTEST_KEY = 32


class Backend(Protocol):
    """A place that keeps secrets."""

    def get(self, name: str) -> str | None:
        """The value, or None where there is none."""

    def set(self, name: str, value: str) -> None:
        """Keep a value, replacing an earlier one."""

    def delete(self, name: str) -> bool:
        """Forget a value; False where there was none."""

    def list(self) -> list[str]:
        """The names, sorted."""


class Secrets:
    """The secrets of one installation, whose `config.toml` stands in `root`.

    `file` (relative to `root`) and `key_file` matter to the sealed backend only.
    """

    def __init__(
        self,
        root: Path,
        backend: str = "keychain",
        *,
        file: str = "secrets.sealed",
        key_file: str = "~/.config/baton/secrets.key",
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._backend: Backend
        if backend == "sealed":
            self._backend = SealedFile(root / file, root / Path(key_file).expanduser(), environ)
        elif backend == "environment":
            self._backend = Environment(environ)
        elif backend == "keychain":
            self._backend = Keychain(f"baton {root.resolve()}")
        else:
            raise ConfigError(f"unknown backend for secrets: {backend}; allowed: {', '.join(BACKENDS)}")
        self.backend = backend

    def __repr__(self) -> str:
        return f"Secrets({self.backend})"

    def get(self, name: str) -> str:
        """The secret's value. Raises AuthError with the command that sets it where there is none."""
        value = self._backend.get(_checked(name))
        if not value:
            raise AuthError(name, sentences.NO_SECRET, self.mend(name))
        return value

    def mend(self, name: str) -> str:
        """The command that sets the secret."""
        return f"set {Environment({}).variable(name)}" if self.backend == "environment" else f"baton auth set {name}"

    def set(self, name: str, value: str) -> None:
        """Keep `value` under `name`. Raises AuthError where the backend cannot keep it."""
        if not value or "\0" in value:
            raise AuthError(name, sentences.EMPTY_SECRET, self.mend(name))
        self._backend.set(_checked(name), value)

    def delete(self, name: str) -> bool:
        """Forget `name`; False where there was none."""
        return self._backend.delete(_checked(name))

    def list(self) -> list[str]:
        """The names of all secrets, sorted; never their values."""
        return self._backend.list()

    def fill(self, text: str) -> str:
        """`text` with each `${name}` replaced by that secret, quoted for a URL."""
        return REFERENCE.sub(lambda found: quote(self.get(found[1]), safe=""), text)


class Environment:
    """`BATON_SECRET_<NAME>`: upper case, everything but letters and digits an underscore."""

    prefix = "BATON_SECRET_"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get(self, name: str) -> str | None:
        return self._environ.get(self.variable(name))

    def set(self, name: str, value: str) -> None:  # noqa: ARG002
        raise AuthError(name, sentences.READ_ONLY_SECRETS, f"set {self.variable(name)} and restart")

    def delete(self, name: str) -> bool:
        raise AuthError(name, sentences.READ_ONLY_SECRETS, f"unset {self.variable(name)} and restart")

    def list(self) -> list[str]:
        names = (name.removeprefix(self.prefix) for name in self._environ if name.startswith(self.prefix))
        return sorted(name.lower().replace("_", "-") for name in names)

    def variable(self, name: str) -> str:
        """The environment variable that holds secret `name`."""
        return self.prefix + re.sub(r"[^A-Z0-9]", "_", name.upper())


class SealedFile:
    """One encrypted file, replaced whole under a lock, readable by its owner only."""

    def __init__(self, path: Path, key_file: Path, environ: Mapping[str, str]) -> None:
        self._path = path
        self._key_file = key_file
        self._credentials = environ.get("CREDENTIALS_DIRECTORY", "")

    def get(self, name: str) -> str | None:
        return self._read(name).get(name)

    def set(self, name: str, value: str) -> None:
        with self._locked():
            self._write(name, {**self._read(name), name: value})

    def delete(self, name: str) -> bool:
        with self._locked():
            kept = self._read(name)
            found = kept.pop(name, None) is not None
            if found:
                self._write(name, kept)
        return found

    def list(self) -> list[str]:
        return sorted(self._read("secrets"))

    def _read(self, name: str) -> dict[str, str]:
        if not self._path.exists():
            return {}
        from cryptography.fernet import InvalidToken

        try:
            plain = self._fernet(name, create=False).decrypt(self._path.read_bytes())
        except InvalidToken:
            what = sentences.SEAL_BROKEN % {"file": self._path.name}
            mend = sentences.SEAL_MEND % {"name": name}
            raise AuthError(name, what, mend) from None
        return dict(json.loads(plain))

    def _write(self, name: str, secrets: dict[str, str]) -> None:
        sealed = self._fernet(name, create=True).encrypt(json.dumps(secrets, sort_keys=True).encode())
        handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self._path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        # The lock is a file of its own: the sealed file is replaced, and a lock on it would go with it.
        lock = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _fernet(self, name: str, *, create: bool) -> Any:
        from cryptography.fernet import Fernet

        key = self._key(name, create=create)
        if len(key) < _SHORTEST_KEY:
            raise AuthError(name, sentences.SHORT_KEY % {"file": self._path.name, "least": _SHORTEST_KEY})
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key).digest()))

    def _key(self, name: str, *, create: bool) -> bytes:
        credential = Path(self._credentials) / KEY_CREDENTIAL if self._credentials else None
        if credential and credential.exists():
            return credential.read_bytes().strip()
        if not self._key_file.exists():
            if not create or self._path.exists():
                where = f"{self._key_file}, or systemd's credential {KEY_CREDENTIAL}"
                what = sentences.NO_KEY % {"file": self._path.name, "where": where}
                raise AuthError(name, what, f"baton auth set {name}")
            self._make_key()
        if stat.S_IMODE(self._key_file.stat().st_mode) & 0o077:
            raise AuthError(name, sentences.OPEN_KEY, f"chmod 600 {self._key_file}")
        return self._key_file.read_bytes().strip()

    def _make_key(self) -> None:
        self._key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            handle = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(token_urlsafe(48) + "\n")


class Keychain:
    """The desktop's keychain, one entry a secret, and one entry that holds the names."""

    _NAMES = ".names"

    def __init__(self, service: str) -> None:
        self._service = service

    def get(self, name: str) -> str | None:
        value: str | None = self._call(name, lambda ring: ring.get_password(self._service, name))
        return value

    def set(self, name: str, value: str) -> None:
        self._call(name, lambda ring: ring.set_password(self._service, name, value))
        self._keep_names([*self.list(), name])

    def delete(self, name: str) -> bool:
        if self.get(name) is None:
            return False
        self._call(name, lambda ring: ring.delete_password(self._service, name))
        self._keep_names([other for other in self.list() if other != name])
        return True

    def list(self) -> list[str]:
        names = self._call("secrets", lambda ring: ring.get_password(self._service, self._NAMES))
        return sorted(json.loads(names)) if names else []

    def _keep_names(self, names: Iterable[str]) -> None:
        text = json.dumps(sorted(set(names)))
        self._call("secrets", lambda ring: ring.set_password(self._service, self._NAMES, text))

    def _call(self, name: str, action: Callable[[Any], Any]) -> Any:
        import keyring
        from keyring.errors import KeyringError

        ring = keyring.get_keyring()
        unsafe = _unsafe(ring)
        if unsafe:
            mend = sentences.KEYCHAIN_MEND
            raise AuthError(name, sentences.NO_KEYCHAIN % {"fault": unsafe}, mend)
        try:
            return action(ring)
        except KeyringError as error:
            what = sentences.KEYCHAIN_REFUSES % {"fault": type(error).__name__}
            raise AuthError(name, what, sentences.KEYCHAIN_LOCKED) from None


def _unsafe(ring: Any) -> str:
    """The name of the first backend that stores nothing, or stores plain text; "" if all are safe."""
    for backend in (ring, *getattr(ring, "backends", ())):
        module = type(backend).__module__
        plain = "plaintext" in type(backend).__name__.lower()
        if plain or module.startswith(("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")):
            return f"{module}.{type(backend).__name__}"
    return ""


def _checked(name: str) -> str:
    if not is_secret_name(name):
        # Not repeated: someone may have typed the value where the name belongs.
        mend = sentences.SECRET_NAME_MEND
        raise AuthError("secrets", sentences.NO_SECRET_NAME, mend)
    return name
