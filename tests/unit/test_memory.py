"""The reference adapter: each fault, the ledger, and what survives a killed process."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters._memory.settings import MemorySettings
from adapters._world import World
from adapters.memory import MemoryCrm, MemorySource
from connector.model.adapter import Context, FindItem, WriteItem
from connector.model.errors import AuthError, RetryableError
from connector.model.outbox import Done, Found, NotExecuted, Outcome, Refused, Unknown

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class Platform:
    """A CRM and its world under a clock."""

    def __init__(self, **switches: Any) -> None:
        self.now = START
        self.world = World()
        self.settings = MemorySettings(world=self.world, **switches)
        self.context = Context("memory", Path(), lambda: self.now, lambda _name: "")
        self.crm = MemoryCrm(self.settings, self.context)

    def write(self, *keys: str, **values: Any) -> list[Outcome]:
        return self.crm.write([WriteItem("lead", key, values or {"name": "Ana"}) for key in keys])

    def find(self, key: str) -> Found:
        return self.crm.find([FindItem("lead", key)])[0]

    def names(self) -> list[Any]:
        return [thing.values["name"] for thing in self.world.things("lead")]


@pytest.mark.parametrize(
    ("kind", "outcome", "made"),
    [
        ("done", Unknown, 2),
        ("timeout", Unknown, 0),
        ("server_error", Unknown, 0),
        ("throttled", NotExecuted, 0),
        ("no_connection", NotExecuted, 0),
        ("duplicate", Refused, 0),
    ],
)
def test_what_a_fault_says_and_what_it_does(kind: Any, outcome: type, made: int) -> None:
    platform = Platform()
    platform.world.fault("write", kind)
    assert {type(one) for one in platform.write("k1", "k2")} == {outcome}
    assert len(platform.world.things()) == made
    assert {type(one) for one in platform.write("k1", "k2")} == {Done}


def test_a_refused_sign_in_executes_nothing() -> None:
    platform = Platform()
    platform.world.fault("write", "refused")
    with pytest.raises(AuthError):
        platform.write("k1")
    assert platform.world.effects() == []


@pytest.mark.parametrize(("correlate", "heard"), [("key", 1), ("trace", 1), ("position", 0)])
def test_a_cut_answer_tells_what_can_be_told_apart(correlate: str, heard: int) -> None:
    platform = Platform(correlate=correlate)
    platform.world.fault("write", "cut")
    outcomes = platform.write("k1", "k2", "k3")
    assert [isinstance(outcome, Done) for outcome in outcomes] == [True] * heard + [False] * (3 - heard)
    assert len(platform.world.things()) == 3


def test_a_late_request_takes_effect_when_its_time_has_come_and_brings_an_old_value_back() -> None:
    platform = Platform()
    platform.write("k1", name="first")
    platform.world.fault("write", "late", delay=45)
    platform.write("k1", name="second")
    platform.write("k1", name="third")
    platform.now += timedelta(seconds=44)
    assert platform.find("k1").values[0]["name"] == "third"
    platform.now += timedelta(seconds=1)
    assert platform.find("k1").values[0]["name"] == "second"


def test_a_late_create_without_a_unique_key_is_a_second_object() -> None:
    platform = Platform(unique_key="none")
    platform.world.fault("write", "late", delay=45)
    platform.write("k1")
    platform.write("k1")
    platform.now += timedelta(seconds=45)
    assert len(platform.find("k1").crm_ids) == 2


def test_a_search_sees_writes_after_the_lag() -> None:
    platform = Platform(find="search", lag=30)
    crm_id = platform.write("k1", name="first")[0].crm_id  # type: ignore[union-attr]
    assert platform.find("k1") == Found()
    platform.now += timedelta(seconds=30)
    assert platform.find("k1").values[0]["name"] == "first"
    platform.write("k1", name="second")
    assert platform.find("k1").values[0]["name"] == "first"
    assert platform.crm.find([FindItem("lead", "k1", crm_id)])[0].values[0]["name"] == "second"


@pytest.mark.parametrize("redirects", [True, False])
def test_a_merged_object_leads_to_the_winner_where_merges_redirect(redirects: bool) -> None:
    platform = Platform(merge_redirect=redirects)
    loser, winner = (one.crm_id for one in platform.write("k1", "k2"))  # type: ignore[union-attr]
    platform.world.remove(loser, merged_into=winner)
    (outcome,) = platform.crm.write([WriteItem("lead", "k1", {"name": "Anna"}, crm_id=loser)])
    assert outcome == (Done(winner, echo={"name": "Anna"}) if redirects else Refused("no such object", "NOT_FOUND"))
    assert platform.crm.find([FindItem("lead", "k1", loser)])[0].crm_ids == ((winner,) if redirects else ())


def test_a_chosen_id_that_was_deleted_stays_deleted() -> None:
    platform = Platform(unique_key="chosen_id")
    platform.write("k1")
    platform.world.remove("k1")
    assert isinstance(platform.write("k1")[0], Refused)


def test_poison_is_refused_until_it_is_cured() -> None:
    platform = Platform()
    platform.world.poison("k1", "too long", "TOO_LONG", "name")
    assert platform.write("k1", "k2")[0] == Refused("too long", "TOO_LONG", "name")
    platform.world.cure("k1")
    assert isinstance(platform.write("k1")[0], Done)


def test_more_than_one_request_may_carry_is_refused() -> None:
    platform = Platform(max_batch=2)
    assert {type(one) for one in platform.write("k1", "k2", "k3")} == {Refused}
    assert platform.world.calls("write") == []


def test_a_lookup_that_cannot_tell_and_one_that_fails() -> None:
    platform = Platform()
    platform.world.fault("find", "unreliable")
    assert not platform.find("k1").reliable
    platform.world.fault("find", "throttled", retry_after=3)
    with pytest.raises(RetryableError):
        platform.find("k1")


def test_every_call_and_every_effect_is_in_the_books() -> None:
    platform = Platform()
    platform.world.fault("write", "timeout", passes=1, times=2)
    for _ in range(4):
        platform.write("k1")
    platform.find("k1")
    assert [call.fault for call in platform.world.calls("write")] == ["", "timeout", "timeout", ""]
    assert [call.operation for call in platform.world.calls()][-1] == "find"
    assert [effect.what for effect in platform.world.effects()] == ["created", "updated"]
    assert [effect.call for effect in platform.world.effects()] == [1, 4]


def test_a_person_may_edit_what_we_wrote_and_it_is_no_effect_of_ours() -> None:
    platform = Platform()
    platform.write("k1")
    platform.world.edit("M1", {"name": "Anna"}, START)
    assert platform.names() == ["Anna"]
    assert len(platform.world.effects()) == 1


def test_a_stuck_cursor_stands_still() -> None:
    platform = Platform(cursor_stuck=True)
    platform.world.put("contacts", "1", {}, START)
    source = MemorySource(platform.settings, platform.context)
    assert [page.cursor for page in source.pull("contacts", "")] == [""]


def test_what_a_call_did_survives_the_process_that_made_it(tmp_path: Path) -> None:
    context = Context("memory", tmp_path, lambda: START, lambda _name: "")
    settings = MemorySettings(file="platform.db")
    world = MemoryCrm(settings, context).world
    world.fault("write", "throttled", times=1)
    child = os.fork()
    if child == 0:
        crm = MemoryCrm(settings, context)
        crm.world.watch = lambda what: os.kill(os.getpid(), signal.SIGKILL) if what == "write:end" else None
        crm.write([WriteItem("lead", "k1", {"name": "Ana"})])
        crm.write([WriteItem("lead", "k1", {"name": "Ana"})])
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert [call.fault for call in world.calls("write")] == ["throttled", ""]
    assert MemoryCrm(settings, context).find([FindItem("lead", "k1")])[0].crm_ids == ("M1",)
    world.close()
