"""Criteria that would move many leads wait; until somebody accepts them the version before decides."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.app import open_app
from connector.cli.root import baton as root
from connector.config import load
from connector.daemon import Daemon
from connector.runs.criteria import WAITS, settle
from connector.runs.rescore import keep_criteria, rescore
from tests.line import Line
from tests.plans.ground import applied, kept, made

FLOW = """
accept_over = {over}
{takes}
[flows.b2b.conditions]
listed = {{ field = "company.domain", in_file = "lists/ideal.txt" }}
[flows.b2b.fit]
"Director" = {{ points = 15, field = "job_level", at_least = "director" }}
"Listed" = {{ points = 10, all = ["listed"] }}
[flows.b2b.gates]
mql = {{ score = "total", at_least = {gate} }}
mql_ends = {{ score = "total", below = {ends} }}
review = {{ by = "petra@northwind.example", within = "1 working day" }}
"""
PEOPLE = 4


def flow(gate: int = 15, over: int = 2, takes: str = "", ends: int = 5) -> str:
    return FLOW.format(gate=gate, over=over, takes=takes, ends=ends)


class Shop(Line):
    """Four clerks without points, whom a gate at 0 would let in."""

    def edit(self, **changes: Any) -> None:
        """Another flow stands in the file."""
        text = (self.folder / "config.toml").read_text("utf-8")
        begin, end = text.index("\naccept_over"), text.index("[flows.b2b.routing]")
        self.reopen(text[:begin] + flow(**changes) + text[end:])

    def reopen(self, text: str) -> None:
        world = self.portal
        super().reopen(text)
        self.app.source("portal").world = world  # type: ignore[attr-defined]

    @property
    def stages(self) -> list[str]:
        return [self.lead(number).stage for number in range(1, PEOPLE + 1)]

    @property
    def versions(self) -> list[str]:
        with self.app.store.read() as tx:
            return [one.version for one in tx.ledgers.criteria("b2b")]

    @property
    def waiting(self) -> Any:
        with self.app.store.read() as tx:
            return tx.criteria.waiting().get("b2b")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "ideal.txt").write_text("one.example\n", "utf-8")
    made = Shop(tmp_path, flow=flow(), mode="live")
    for number in range(1, PEOPLE + 1):
        made.person(number, job_title="Clerk", email=f"ana{number}@one{number}.example")
    made.sync()
    assert made.stages == ["known"] * PEOPLE
    assert len(made.versions) == 1
    return made


def test_a_change_that_moves_many_waits_and_the_version_before_goes_on(shop: Shop) -> None:
    before = shop.versions
    shop.edit(gate=0)
    result = shop.sync()
    assert (shop.versions, shop.stages, result.changed_criteria) == (before, ["known"] * PEOPLE, [])
    assert result.counts[WAITS] == 1
    waits = shop.waiting
    assert (waits.before, waits.version) == (before[0], shop.app.config.flows["b2b"].criteria.version)
    assert waits.body == {"in": PEOPLE, "out": 0, "leads": PEOPLE, "over": 2}
    # Somebody new is decided about by the version before, in a process that never saw its file.
    shop.person(9, job_title="Director IT", email="ana9@nine.example")
    shop.sync(timedelta(hours=1))
    with shop.app.store.read() as tx:
        (handoff,) = tx.handoffs.of_leads([shop.lead(9).id])[shop.lead(9).id]
    assert (handoff.version, handoff.total) == (before[0], 15)
    assert shop.waiting == waits


def test_what_does_not_begin_with_keeping_criteria_goes_by_the_version_before_too(shop: Shop) -> None:
    shop.edit(gate=0)
    runtime = shop.app.runtime()
    with shop.app.store.write() as tx:
        tx.scores.mark_all_due(shop.now)
    rescore(runtime, shop.app.rows(0), Counter())
    assert shop.stages == ["known"] * PEOPLE


def test_a_small_change_is_in_force_at_once(shop: Shop) -> None:
    shop.edit(gate=0, over=PEOPLE)
    assert shop.sync().changed_criteria == ["b2b"]
    assert (shop.stages, shop.waiting) == (["mql"] * PEOPLE, None)


def test_zero_lets_every_change_through(shop: Shop) -> None:
    shop.edit(gate=0, over=0)
    assert shop.sync().changed_criteria == ["b2b"]
    assert shop.stages == ["mql"] * PEOPLE


def test_going_back_to_the_old_text_clears_it(shop: Shop) -> None:
    before = shop.versions
    shop.edit(gate=0)
    shop.sync()
    shop.edit()
    assert shop.sync().counts[WAITS] == 0
    assert (shop.waiting, shop.versions, shop.stages) == (None, before, ["known"] * PEOPLE)


def test_another_edit_while_one_waits_is_weighed_anew(shop: Shop) -> None:
    shop.edit(gate=0)
    shop.sync()
    first = shop.waiting
    shop.edit(gate=-1)
    shop.sync(timedelta(hours=1))
    assert shop.waiting.version != first.version
    assert shop.waiting.since == shop.now
    shop.edit(gate=14)
    assert shop.sync().changed_criteria == ["b2b"]
    assert (shop.waiting, len(shop.versions)) == (None, 2)


def test_entries_of_a_list_are_those_of_the_version_in_force(shop: Shop) -> None:
    """The text of a version only has a hash of them."""
    (shop.folder / "lists" / "ideal.txt").write_text("".join(f"one{n}.example\n" for n in range(9)), "utf-8")
    shop.edit(gate=10)
    shop.sync()
    assert shop.waiting.body["in"] == PEOPLE
    assert shop.stages == ["known"] * PEOPLE
    held = shop.app.in_force().flows["b2b"]
    assert held.edited is not None
    assert held.criteria.lists == {"lists/ideal.txt": frozenset({"one.example"})}
    assert held.criteria.version == shop.versions[0]
    assert held.criteria.review == held.edited.criteria.review


def test_lists_of_addresses_are_not_kept_and_keep_nothing_from_changing(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "ideal.txt").write_text("a@one.example\n", "utf-8")
    shop = Shop(tmp_path, flow=flow(), mode="live")
    shop.sync()
    with shop.app.store.read() as tx:
        assert "@" not in tx.admin.meta("lists:b2b")
    (tmp_path / "lists" / "ideal.txt").write_text("b@one.example\n", "utf-8")
    shop.edit(gate=10)
    assert shop.sync().changed_criteria == ["b2b"]


def test_a_flow_that_observes_takes_every_change(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "ideal.txt").write_text("", "utf-8")
    shop = Shop(tmp_path, flow=flow(), mode="observe")
    for number in range(1, PEOPLE + 1):
        shop.person(number, job_title="Clerk")
    shop.sync()
    shop.edit(gate=0)
    assert shop.sync().changed_criteria == ["b2b"]
    assert shop.stages == ["mql"] * PEOPLE


def test_whoever_was_given_away_long_ago_moves_nothing(shop: Shop) -> None:
    shop.edit(gate=0, over=PEOPLE)
    shop.sync()
    assert all(shop.handoffs("open"))
    shop.now += timedelta(days=29)
    shop.edit(gate=15)
    shop.sync()
    assert shop.waiting.body["out"] == PEOPLE
    shop.now += timedelta(days=2)
    shop.edit(gate=14)
    assert shop.sync().changed_criteria == ["b2b"]


def test_a_rehearsal_shows_the_version_before(shop: Shop) -> None:
    shop.edit(gate=0)
    before = shop.versions
    with shop.app.store.rehearsal() as tx:
        from connector.runs.plan import OneTransaction

        ahead = replace(shop.app.runtime(), store=OneTransaction(tx))
        assert keep_criteria(ahead) == []
        assert ahead.config.flows["b2b"].criteria.version == before[0]
        assert ahead.config.flows["b2b"].edited is not None
    assert shop.waiting is None


def test_a_daemon_that_is_started_anew_keeps_to_the_version_before(shop: Shop) -> None:
    shop.edit(gate=0)
    Daemon(lambda: shop.app).tick()
    assert shop.waiting is not None
    shop.now += timedelta(hours=1)
    again = open_app(load(shop.folder / "config.toml"), lambda: shop.now)
    assert Daemon(lambda: again).tick() != []
    again.close()
    assert shop.stages == ["known"] * PEOPLE
    assert len(shop.versions) == 1


def baton(shop: Shop, *words: str, answer: str = "") -> Result:
    return CliRunner().invoke(root, ["--config", str(shop.folder / "config.toml"), *words], input=answer)


@pytest.fixture
def waits(shop: Shop) -> Shop:
    shop.edit(gate=0)
    shop.sync()
    return shop


def test_accept_shows_the_simulation_and_takes_it_when_told_to(waits: Shop) -> None:
    said = baton(waits, "criteria", "accept", answer="n\n")
    assert said.exit_code == 0, said.output
    assert f"{PEOPLE} would come in, 0 would go out" in said.output
    assert said.output.endswith("b2b: the version before goes on\n")
    assert waits.waiting is not None
    said = baton(waits, "criteria", "accept", "b2b", "--note", "after the  review", "--yes")
    version = waits.app.config.flows["b2b"].criteria.version
    assert f"b2b: {version[:10]} is in force" in said.output
    with waits.app.store.read() as tx:
        latest = tx.ledgers.criteria("b2b")[0]
    assert (latest.version, latest.note, bool(latest.author)) == (version, "after the review", True)
    # A process that has held the version before all along goes on under the new one.
    waits.now = datetime.now(UTC)
    waits.sync(timedelta(minutes=2))
    assert (waits.stages, waits.waiting) == (["mql"] * PEOPLE, None)
    assert baton(waits, "criteria", "accept").output == "no changed criteria wait\n"


def test_accept_in_json_takes_nothing_unless_told_to(waits: Shop) -> None:
    (one,) = json.loads(baton(waits, "criteria", "accept", "--output", "json").output)["accepted"]
    assert (one["accepted"], one["outcome"]["effects"][0]["came"]) == (False, PEOPLE)
    (one,) = json.loads(baton(waits, "criteria", "accept", "--yes", "--output", "json").output)["accepted"]
    assert one["accepted"]


def test_what_waits_is_told_with_its_numbers(waits: Shop) -> None:
    said = baton(waits, "criteria").output
    assert said == baton(waits, "criteria", "log").output
    assert f"{PEOPLE} leads would come in, 0 would go out (baton criteria accept b2b)" in said
    (one,) = json.loads(baton(waits, "criteria", "log", "--output", "json").output)["waiting"]
    assert (one["flow"], one["body"]["in"]) == ("b2b", PEOPLE)
    assert "CRITERIA WAIT" in baton(waits, "status").output
    simulated = baton(waits, "simulate", "--criteria", str(waits.folder / "config.toml")).output
    assert f"{PEOPLE} would come in" in simulated


NOTICES = '[mail]\nserver = "mail"\nsender = "baton@northwind.example"\n[notices]\n"criteria wait" = ["ops"]\n'


def test_one_notice_tells_of_a_change_that_waits(shop: Shop) -> None:
    text = (shop.folder / "config.toml").read_text("utf-8")
    shop.reopen(text.replace("[teams.sales]", NOTICES + "[teams.sales]"))
    shop.edit(gate=0)
    shop.sync()
    shop.sync(timedelta(hours=1))
    told = [row for row in shop.outbox() if row.target == "notices"]
    assert [row.values["subject"] for row in told] == ["Criteria of b2b wait"]
    assert f"bring {PEOPLE} leads in and 0 out, more than 2" in told[0].values["text"]


def test_a_run_that_is_killed_while_it_weighs_leaves_the_version_before(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits and the notice of it are stored together, or not at all."""
    shop.edit(gate=0)
    with monkeypatch.context() as patch:
        patch.setattr("connector.runs.criteria.announce", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            shop.sync()
    assert shop.waiting is None
    assert shop.app.runtime().config.flows["b2b"].edited is not None
    shop.sync()
    assert (shop.waiting is not None, shop.stages) == (True, ["known"] * PEOPLE)


def test_why_tells_by_the_criteria_that_decide(waits: Shop) -> None:
    said = baton(waits, "why", f"lead:{waits.lead(1).id}").output
    assert "15 points short (0 of 15)" in said
    assert waits.versions[0][:10] in said


def test_a_quiet_run_reads_a_little_and_writes_nothing(shop: Shop) -> None:
    runtime = shop.app.runtime()
    runtime.store = SimpleNamespace(read=shop.app.store.read)
    assert settle(runtime) == []


def test_lists_of_a_store_that_is_older_than_waiting_are_kept_with_the_next_run(shop: Shop) -> None:
    with shop.app.store.write() as tx:
        kept = tx.admin.meta("lists:b2b")
        tx.admin.set_meta("lists:b2b", "")
    assert "one.example" in kept
    shop.sync()
    with shop.app.store.read() as tx:
        assert tx.admin.meta("lists:b2b") == kept


def test_a_plan_is_of_what_the_next_run_finds_in_force(shop: Shop) -> None:
    """Made after a small edit that no run has seen, it may be applied after one has, and at once."""
    shop.edit(gate=15, ends=4)
    new = shop.app.config.flows["b2b"].criteria.version
    plan = made(shop)
    assert plan.versions["criteria:b2b"] == new
    assert shop.versions != [new]
    applied(shop, kept(shop, plan))
    assert shop.versions[0] == new
    shop.edit(gate=0)
    plan = made(shop)
    assert plan.versions["criteria:b2b"] == new
    shop.sync()
    assert shop.waiting is not None
    applied(shop, kept(shop, plan))
