"""Logging: plain lines or JSON lines, with personal data and secrets taken out of the final string.

Redaction works on what is about to be written, tracebacks included: a token that hides in an
exception's text is found there, and in no earlier place.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal, TextIO

Style = Literal["plain", "json"]
#: The logger above all of ours.
OURS = "baton"

_URL_LOGIN = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)")
_EMAIL = re.compile(r"[\w.+'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_SCHEME = re.compile(r"\b(bearer|basic|token)\s+[\w.~+/=!-]{8,}", re.IGNORECASE)
#: A signed token (RFC 7519: its header begins so), and a session of Salesforce: the org's id, "!", the rest.
_SIGNED = re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?")
_SESSION = re.compile(r"\b00D\w{12,15}![\w.]+")
_IN_URL = re.compile(r"(?<=[?&])(code|sid|jwt)=[^\s\"'&]+", re.IGNORECASE)
_NAMED = re.compile(
    r"(authorization|api[-_ ]?key|api[-_]?token|access[-_]?token|refresh[-_]?token|client[-_]?secret|password|passwd"
    r"|secret|token|signature|assertion|hapikey)(\\?[\"']?\s*[:=]\s*\\?[\"']?)([^\s\"'&,;}\\]+)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w:.])\+[1-9][0-9]{7,14}\b")
_LONG = re.compile(r"[A-Za-z0-9_-]{20,}")


def redact(text: str) -> str:
    """`text` without email addresses, phone numbers, tokens and passwords."""
    text = _URL_LOGIN.sub("[secret]", text)
    text = _EMAIL.sub("[email]", text)
    text = _SIGNED.sub("[secret]", text)
    text = _SESSION.sub("[secret]", text)
    text = _SCHEME.sub(r"\1 [secret]", text)
    text = _IN_URL.sub(r"\1=[secret]", text)
    text = _NAMED.sub(r"\1\2[secret]", text)
    text = _PHONE.sub("[phone]", text)
    return _LONG.sub(lambda found: "[secret]" if _looks_random(found[0]) else found[0], text)


def _looks_random(word: str) -> bool:
    """Whether letters and digits change too often for a name that somebody chose."""
    classes = ["0" if letter.isdigit() else "A" if letter.isupper() else "a" for letter in word if letter.isalnum()]
    changes = sum(one != other for one, other in pairwise(classes))
    share = changes / len(classes) if classes else 0.0
    return share >= 0.5 or ("0" in classes and share >= 0.2)


class Plain(logging.Formatter):
    """`2026-12-07T08:00:00Z info  daemon: message`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, or several where a traceback follows."""
        name = record.name.removeprefix(f"{OURS}.")
        line = f"{_time(record)} {record.levelname.lower():7} {name}: {record.getMessage()}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return redact(line)


class Json(logging.Formatter):
    """One JSON object a line: at, level, logger, message, and traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        entry = {
            "at": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return redact(json.dumps(entry, ensure_ascii=False))


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def set_up(style: Style = "plain", *, verbose: bool = False, stream: TextIO | None = None) -> None:
    """Log to `stream` (stderr): ours from INFO on, or from DEBUG where `verbose`; of others, warnings."""
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(Json() if style == "json" else Plain())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.DEBUG if verbose else logging.INFO)
    # Its warnings hold whole addresses; what goes wrong is told by whoever called.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
