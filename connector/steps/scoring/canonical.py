"""The canonical text of a table: TOML in one order, so that equal tables give equal text and a diff reads well."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONG = 110


def canonical(table: Mapping[str, Any]) -> str:
    """`table` as TOML: its tables become sections, a line for each of their keys, keys in order."""
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    lines = [_line(key, plain[key]) for key in sorted(plain)]
    for key in sorted(table.keys() - plain.keys()):
        section = table[key]
        lines += ["", f"[{_key(key)}]", *(_line(name, section[name]) for name in sorted(section))]
    return "\n".join(lines).strip() + "\n"


def _line(key: str, value: Any) -> str:
    line = f"{_key(key)} = {_value(value)}"
    if len(line) <= _LONG or not isinstance(value, list):
        return line
    return f"{_key(key)} = [\n" + "".join(f"  {_value(one)},\n" for one in value) + "]"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    # JSON leaves this one control character as it is; TOML does not take it.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_value(value[key])}" for key in sorted(value))
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else str(value).lower()
