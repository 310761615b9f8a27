"""What ends soon: an API or a kind of token that its platform ends, a certificate, a token with a date in it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import orjson

from connector.model import sentences
from connector.model.http import Api, Ending

_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def warnings(api: Api, today: date, days: int = 30, secret: str = "") -> list[str]:
    """A sentence for each thing that ends within `days` or has ended, soonest first.

    `secret` is the connection's own: a certificate beside a private key and a token that is a JWT say their end.
    """
    endings = [*api.endings, *_of_secret(secret)]
    near = sorted((one for one in endings if one.on <= today + timedelta(days)), key=lambda one: one.on)
    return [_sentence(one, today) for one in near]


def _sentence(ending: Ending, today: date) -> str:
    template = sentences.ENDED_ON if ending.on < today else sentences.ENDS_ON
    return template % {"what": ending.what, "date": ending.on.isoformat()}


def _of_secret(secret: str) -> Iterator[Ending]:
    if "-----BEGIN CERTIFICATE-----" in secret:
        yield from _certificates(secret)
    elif secret.count(".") == 2:
        yield from _jwt(secret)


def _certificates(text: str) -> Iterator[Ending]:
    from cryptography.x509 import load_pem_x509_certificate

    for found in _CERTIFICATE.findall(text):
        try:
            certificate = load_pem_x509_certificate(found.encode())
        except ValueError:
            continue
        yield Ending(sentences.ENDING_CERTIFICATE, certificate.not_valid_after_utc.date())


def _jwt(token: str) -> Iterator[Ending]:
    claims = token.split(".")[1]
    try:
        until = orjson.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
        yield Ending(sentences.ENDING_TOKEN, datetime.fromtimestamp(float(until), UTC).date())
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return
