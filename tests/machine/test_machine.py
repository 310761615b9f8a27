"""Hundreds of steps of the machine with each `make test`; tens of thousands with `make soak`."""

from __future__ import annotations

import pytest

from tests.machine.play import COUNTS
from tests.machine.soak import one_batch
from tests.pair import SECRETS


@pytest.mark.parametrize("examples", [12, pytest.param(100, marks=[pytest.mark.servers, pytest.mark.timeout(600)])])
def test_whatever_happens_both_sides_agree_once_all_is_quiet(examples: int) -> None:
    COUNTS.clear()
    story = one_batch(32, examples=examples)
    assert not story, story
    assert COUNTS["steps"] > 25 * examples
    assert COUNTS["quiet points"] > examples * 3 // 4
    assert COUNTS["kills"] > 0


@pytest.mark.parametrize("platforms", ["servers", "hubspot"])
def test_so_they_do_on_the_servers_of_hubspot_and_salesforce(monkeypatch: pytest.MonkeyPatch, platforms: str) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    COUNTS.clear()
    story = one_batch(5, examples=2, name=platforms)
    assert not story, story
    assert COUNTS["quiet points"] > 2
