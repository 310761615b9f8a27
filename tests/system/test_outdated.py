"""Mappings and rules that were changed: who still carries what was said before, until a plan was applied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.runs.check import rules
from connector.runs.outdated import Outdated, mark_applied, outdated
from tests.sides import FIELDS, MAPPINGS, MINUTE, RULED, Sides


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Sides]:
    made = Sides(tmp_path)
    made.given("Bonn")
    yield made
    made.close()


def found(line: Sides) -> list[Outdated]:
    with line.app.store.read() as tx:
        return outdated(tx, line.app.config)


def test_what_was_never_changed_is_not_outdated(line: Sides) -> None:
    assert found(line) == []


def test_a_changed_rule_is_about_every_target_until_it_was_applied(line: Sides) -> None:
    line.reopen(line.text(RULED.replace('= "never"', '= "newest"')))
    (crm, portal) = found(line)
    assert (crm.flow, crm.target, crm.leads, crm.since) == ("b2b", "crm", 1, None)
    assert (portal.target, portal.leads) == ("portal", 1)
    line.sync(MINUTE)
    noted = line.now
    assert [one.since for one in found(line)] == [noted, noted]
    with line.app.store.write() as tx:
        mark_applied(tx, line.app.config, "b2b", "crm")
    assert [one.target for one in found(line)] == ["portal"]
    line.reopen(line.text(RULED))
    assert [one.target for one in found(line)] == ["crm"]


def test_a_changed_mapping_is_about_its_own_target_and_counts_with_a_leads_next_change(line: Sides) -> None:
    (line.folder / "crm.toml").write_text(MAPPINGS["crm.toml"] + 'branch = "city"\n', "utf-8")
    line.reopen(line.text(RULED))
    line.sync(MINUTE)
    assert [(one.target, one.leads) for one in found(line)] == [("crm", 1)]
    line.now += MINUTE
    line.says("portal", city="Ulm")
    line.quiet()
    assert line.crm.things("lead")[0].values["branch"] == "Ulm"
    assert found(line) == []


def test_a_rule_that_does_nothing_is_named(line: Sides) -> None:
    said = RULED + '"custom.nowhere" = "newest"\n"name.full" = "newest"\ngrade = "never"\nowner = "always_crm"\n'
    line.reopen(line.text(said))
    flow = line.app.config.flows["b2b"]
    named = {one.problem.path[-1]: str(one.problem) for one in rules(line.app.config, flow)}
    assert set(named) == {"custom.nowhere", "grade"}
    assert "no mapping of this flow reads or writes custom.nowhere" in named["custom.nowhere"]
    assert "config.toml:" in named["grade"]
    assert not set(named) & set(FIELDS.values())
