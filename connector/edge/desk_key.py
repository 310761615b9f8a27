"""The key of the desk: signs sessions and the links in notices, and blinds what failed sign-ins are counted by.

It is kept as the secret `desk-key`, made when it is first needed; each use has a key of its own made of it.
"""

from __future__ import annotations

import hmac
from secrets import token_urlsafe

from connector.edge.secrets import Secrets
from connector.model import sentences
from connector.model.errors import AuthError
from connector.model.ports import Store

DESK_KEY = "desk-key"
#: The stored word that says that a key was made.
_MADE = "desk-key"


def derived(store: Store, secrets: Secrets, use: str) -> str:
    """The key for one use. Raises AuthError where there is no key and none can be kept."""
    return hmac.new(_secret(store, secrets).encode(), use.encode(), "sha256").hexdigest()


def _secret(store: Store, secrets: Secrets) -> str:
    try:
        return secrets.get(DESK_KEY)
    except AuthError:
        if secrets.backend == "environment" or DESK_KEY in secrets.list():
            raise
        return _make(store, secrets)


def _make(store: Store, secrets: Secrets) -> str:
    """A new key, made by one process only (the store has one writer); the others find it."""
    with store.write() as tx:
        if tx.admin.meta(_MADE):
            if DESK_KEY in secrets.list():
                return secrets.get(DESK_KEY)
            raise AuthError(DESK_KEY, sentences.SEALED_ELSEWHERE, secrets.mend(DESK_KEY))
        secrets.set(DESK_KEY, token_urlsafe(48))
        tx.admin.set_meta(_MADE, "1")
    return secrets.get(DESK_KEY)
