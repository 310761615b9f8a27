"""One text for equal tables."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from typing import Any

from connector.steps.scoring.canonical import canonical

TABLE: dict[str, Any] = {
    "required": ["email", "name.family"],
    "fit": {
        'Uses a rival\'s "tool"': {"points": 10, "field": "x", "has": "ä\n\t\\\x7f"},
        "b": {"before": date(2026, 1, 2), "at": datetime(2026, 1, 2, 3, tzinfo=UTC), "share": 0.5, "on": True},
    },
    "routing": {"order": [{"to": f"team-{number}", "when": {"has": "email"}} for number in range(5)], "empty": {}},
}


def test_the_text_is_toml_that_says_the_same() -> None:
    assert tomllib.loads(canonical(TABLE)) == TABLE


def test_the_order_of_keys_makes_no_difference() -> None:
    turned = {key: dict(reversed(value.items())) if isinstance(value, dict) else value for key, value in TABLE.items()}
    assert canonical(dict(reversed(turned.items()))) == canonical(TABLE)


def test_the_order_of_a_list_does() -> None:
    assert canonical({"a": [1, 2]}) != canonical({"a": [2, 1]})


def test_a_rule_is_a_line_and_a_long_list_a_line_for_each() -> None:
    text = canonical(TABLE)
    assert '"Uses a rival\'s \\"tool\\"" = { field = "x", has = "ä\\n\\t\\\\\\u007f", points = 10 }\n' in text
    assert '\norder = [\n  { to = "team-0", when = { has = "email" } },\n' in text
