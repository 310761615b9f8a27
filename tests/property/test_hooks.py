"""What is signed is heard, and nothing else."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from connector.model.hooks import header, signed

SECRETS = st.lists(st.text(st.characters(codec="ascii", exclude_characters=" \n", categories=("L", "N")), min_size=1))


def signature(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@given(st.binary(), SECRETS, st.text())
def test_only_the_signature_of_the_body_under_one_of_the_secrets_is_taken(
    body: bytes, secrets: list[str], other: str
) -> None:
    for secret in secrets:
        assert signed(body, signature(body, secret), secrets)
        assert not signed(body + b"x", signature(body, secret), secrets)
    assert signed(body, signature(body, "somebody else's"), secrets) is ("somebody else's" in secrets)
    taken = {signature(body, secret) for secret in secrets}
    assert signed(body, other, secrets) is (other.strip().casefold() in taken)


@given(st.dictionaries(st.text(), st.text()), st.text())
def test_a_header_is_found_whatever_its_case(headers: dict[str, str], value: str) -> None:
    names = {name.casefold() for name in headers}
    assert header({**headers, "X-SIGNATURE": value}, "x-Signature") == (
        headers[next(name for name in headers if name.casefold() == "x-signature")] if "x-signature" in names else value
    )
