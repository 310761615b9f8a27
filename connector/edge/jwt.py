"""The signed statement of the JWT bearer flow (RFC 7523), by RS256."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from connector.model.http import JwtBearer

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: Seconds for which a statement holds; Salesforce takes none of more than three minutes
#: (help.salesforce.com, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration").
LIFETIME = 180


def assertion(kind: JwtBearer, private_key: str, now: datetime) -> str:
    """Header, claims and signature. Raises ValueError where the text is no RSA key in PEM."""
    claims = {
        "iss": kind.client_id, "sub": kind.subject, "aud": kind.audience,
        "exp": int(now.timestamp()) + LIFETIME,
    }  # fmt: skip
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_base64(_sign(private_key, signed.encode()))}"


def _sign(private_key: str, data: bytes) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem(private_key).encode(), password=None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(type(error).__name__) from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError(type(key).__name__)
    return key.sign(data, PKCS1v15(), SHA256())


def pem(text: str) -> str:
    """The text with line breaks, which an environment variable may hold as `\\n` in two letters."""
    return text if "\n" in text else text.replace("\\n", "\n")


def _part(document: dict[str, Any]) -> str:
    return _base64(json.dumps(document, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
