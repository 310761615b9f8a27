from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from connector.edge.endings import warnings
from connector.model.http import Api, Ending, StaticToken

TODAY = date(2026, 12, 7)
OLD = Ending("the OAuth API v1", date(2027, 2, 16))
API = Api("https://x.example", StaticToken(), endings=(OLD,))


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2027, 1, 16), []),
        (date(2027, 1, 17), ["the OAuth API v1 ends on 2027-02-16"]),
        (date(2027, 2, 16), ["the OAuth API v1 ends on 2027-02-16"]),
        (date(2027, 2, 17), ["the OAuth API v1 ended on 2027-02-16"]),
    ],
)
def test_an_announced_end_is_told_thirty_days_before(today: date, told: list[str]) -> None:
    assert warnings(API, today) == told


def test_the_soonest_comes_first() -> None:
    api = Api("", StaticToken(), endings=(OLD, Ending("a token", TODAY)))
    assert [one.split(" ends")[0] for one in warnings(api, TODAY, days=365)] == ["a token", "the OAuth API v1"]


def test_a_certificate_beside_the_key_says_its_end() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "baton")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    certificate = built.not_valid_after(datetime(2026, 12, 20, tzinfo=UTC)).sign(key, SHA256())
    secret = (
        "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n" + certificate.public_bytes(Encoding.PEM).decode()
    )
    assert warnings(API, TODAY, secret=secret) == ["the certificate kept with the secret ends on 2026-12-20"]


def jwt(claims: object) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.sig"


def test_a_token_with_a_date_says_its_end() -> None:
    end = int(datetime(2026, 12, 24, tzinfo=UTC).timestamp())
    assert warnings(API, TODAY, secret=jwt({"exp": end})) == ["the token in the secret ends on 2026-12-24"]


@pytest.mark.parametrize(
    "secret",
    ["pat-eu1-7f3a", "a.b.c", jwt({}), jwt([1]), jwt({"exp": "soon"}), jwt({"exp": 1e30}),
     "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----"],
)  # fmt: skip
def test_a_secret_that_says_no_end_is_no_fault(secret: str) -> None:
    assert warnings(API, TODAY, secret=secret) == []
