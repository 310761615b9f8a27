"""`[identity]`: what is said is laid over what is shipped, and what is wrong in it is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.config import load
from connector.config.types import Identity
from connector.model.errors import ConfigError
from connector.steps.alike import ORGANISATION, PERSON

REST = '\n[connections.desk]\ntype = "desk"\n'


def identity(folder: Path, text: str) -> Identity:
    (folder / "config.toml").write_text(text + REST, "utf-8")
    return load(folder / "config.toml").identity


def test_nothing_said_is_as_shipped(tmp_path: Path) -> None:
    found = identity(tmp_path, "")
    assert found.person == PERSON
    assert found.organisation.points == ORGANISATION.points
    assert (found.organisation.sure, found.organisation.perhaps) == (ORGANISATION.sure, ORGANISATION.perhaps)
    assert found.organisation.among(10).perhaps == ORGANISATION.perhaps


def test_only_what_differs_is_said(tmp_path: Path) -> None:
    found = identity(
        tmp_path,
        '[identity.person]\nsure = 90\nnever_sure = ["family_name.differs"]\nsure_needs = []\n'
        "points.phone.same = 10\n[identity.organisation]\nperhaps = 50\n",
    )
    assert (found.person.sure, found.person.perhaps) == (90, PERSON.perhaps)
    assert (found.person.never_sure, found.person.sure_needs) == (frozenset({"family_name.differs"}), frozenset())
    assert found.person.points["phone"] == {**PERSON.points["phone"], "same": 10}
    assert found.person.points["email"] == PERSON.points["email"]
    assert found.organisation.perhaps == found.organisation.among(10).perhaps == 50


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[identity.person.points]\nphon = { same = 1 }",
            "config.toml:2: identity.person.points.phon: unknown key phon",
        ),
        (
            "[identity.person.points]\nphone = { sam = 1 }",
            "config.toml:2: identity.person.points.phone.sam: unknown key",
        ),
        (
            "[identity.person.points]\nphone = { same = 1.5 }",
            "config.toml:2: identity.person.points.phone.same: must be",
        ),
        ('[identity.person]\nnever_sure = ["phone.sam"]', "unknown finding phone.sam"),
        ('[identity.person]\nsure_needs = ["phone"]', "unknown finding phone"),
        ("[identity.organisation]\nsure = 40", "config.toml:1: identity.organisation.perhaps: must not be above sure"),
        ("[identity.persons]\nsure = 40", "identity.persons: unknown key"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as found:
        identity(tmp_path, text)
    assert told in str(found.value)
