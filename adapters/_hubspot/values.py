"""Values as HubSpot takes them: all are texts; and back, where a value is to be compared with ours.

Shapes of property values: https://developers.hubspot.com/docs/api/crm/properties.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any


def to_text(value: Any) -> str:
    """A value as HubSpot takes it: "" clears, several choices are joined by `;`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return ";".join(to_text(part) for part in value)
    return str(value)


def properties(values: Mapping[str, Any], rich: Iterable[str] = ()) -> dict[str, str]:
    """The properties of a request; `rich` are those that hold HTML, where text is shown as it was written."""
    told = {name: to_text(value) for name, value in values.items()}
    return told | {name: to_html(told[name]) for name in rich if name in told}


def to_html(text: str) -> str:
    """Text as HTML that shows it; nothing in it is a tag."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def from_html(text: str) -> str:
    """The text of what `to_html` made."""
    return html.unescape(text.replace("<br>", "\n"))


def found_values(found: Mapping[str, Any], own: Iterable[str], rich: Iterable[str] = ()) -> dict[str, Any]:
    """The values of a record that was looked up, without `own` and without what is blank."""
    values = {name: value for name, value in found.items() if value not in (None, "") and name not in own}
    return values | {name: from_html(values[name]) for name in rich if name in values}
