"""Tokens sealed in the store: readable only with the key that is kept as the secret `store-key`.

A token that changes with each use cannot sit in the keychain of one machine where several share a
store. So it lies in the store, encrypted; the key, which never changes, lies with the secrets.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from connector.edge.secrets import Secrets
from connector.model import sentences
from connector.model.errors import AuthError
from connector.model.ports import Store

STORE_KEY = "store-key"
#: The stored word that says that a key was made.
_MADE = "sealed"


class Seal:
    """Seals small documents for one store. Opened where it is first needed."""

    def __init__(self, store: Store, secrets: Secrets) -> None:
        self._store, self._secrets = store, secrets
        self._fernet: Any = None

    def prove(self) -> None:
        """Raises AuthError where nothing can be sealed here."""
        self._key()

    def close(self, document: Mapping[str, Any]) -> str:
        """The document, encrypted. Raises AuthError where there is no key and none can be kept."""
        return str(self._key().encrypt(json.dumps(document).encode()).decode())

    def open(self, sealed: str) -> dict[str, Any] | None:
        """The document, None where there is none or it was sealed with another key. Raises AuthError as `close`."""
        from cryptography.fernet import InvalidToken

        if not sealed:
            return None
        try:
            return dict(json.loads(self._key().decrypt(sealed.encode())))
        except (InvalidToken, ValueError):
            return None

    def _key(self) -> Any:
        if self._fernet is None:
            from cryptography.fernet import Fernet

            digest = hashlib.sha256(self._secret().encode()).digest()
            self._fernet = Fernet(base64.urlsafe_b64encode(digest))
        return self._fernet

    def _secret(self) -> str:
        try:
            return self._secrets.get(STORE_KEY)
        except AuthError:
            if STORE_KEY in self._secrets.list():
                raise
            return self._make()

    def _make(self) -> str:
        """A new key, made by one process only (the store has one writer); the others find it."""
        with self._store.write() as tx:
            if tx.admin.meta(_MADE):
                if STORE_KEY in self._secrets.list():
                    return self._secrets.get(STORE_KEY)
                raise AuthError(STORE_KEY, sentences.SEALED_ELSEWHERE, self._secrets.mend(STORE_KEY))
            self._secrets.set(STORE_KEY, token_urlsafe(48))
            tx.admin.set_meta(_MADE, "1")
        return self._secrets.get(STORE_KEY)
