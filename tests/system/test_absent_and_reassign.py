"""Who is away gets nothing, and what somebody has in hand is given to another: in the store and in the CRM."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.follow_up import Absence
from connector.model.handoff import Handoff, HandoffEvent, Turn
from connector.runs.absences import absences_to_come, add_absence, end_absence
from connector.runs.reassign import Moved, open_of, reassign_all
from connector.steps.routing.turns import broken
from tests.line import Line

LENA, TOM, PETRA, INES = (f"{name}@northwind.example" for name in ("lena", "tom", "petra", "ines"))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CRM = """\
crm_streams = ["user", "account", "contact", "lead", "opportunity", "task"]
objects = ["lead", "contact", "task", "note"]
reports_deletes = true
key_field = "Baton_Id"
mapping = "crm.toml"
"""
MAPPING = """\
[write.lead]
owner = { from = "owner", only = "create" }
email = "email"
[write.task]
owner = "task.owner"
due_at = "task.due_at"
subject = "task.subject"
"""
TEAM = """\
[teams.sales]
manager = "petra@northwind.example"
members = [{ email = "lena@northwind.example", weight = 2 }, { email = "tom@northwind.example" }]
"""
PEOPLE = """\
[people."ines@northwind.example"]
addresses = { crm = "i.blau@crm.example" }
"""


def made(folder: Path, more: str = "", **settings: Any) -> Line:
    (folder / "crm.toml").write_text(MAPPING, "utf-8")
    line = Line(folder, **{"crm_settings": CRM, **settings})
    text = (folder / "config.toml").read_text("utf-8")
    team = text[text.index("[teams.sales]") : text.index("[flows.b2b]")]
    line.reopen(text.replace(team, TEAM + more))
    if settings.get("crm", "memory") == "memory":
        for name in ("lena", "tom", "petra"):
            line.crm.make("user", {"email": f"{name}@northwind.example"}, line.now, crm_id=f"U-{name}")
        line.crm.make("user", {"email": "i.blau@crm.example"}, line.now, crm_id="U-ines")
    return line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    one = made(tmp_path)
    yield one
    one.app.close()


def asks(line: Line, *numbers: int) -> None:
    for number in numbers:
        line.person(number)
        line.did(number, "demo_request")
        line.did(number, "pricing_view")


def away(line: Line, email: str, **more: Any) -> int:
    return add_absence(line.app.runtime(), Absence(email, **{"start": line.now, **more})).absence.id


def owners(line: Line) -> dict[int, str]:
    return {handoff.lead_id: handoff.owner for handoff in line.handoffs("open")}


def given(line: Line, owner: str, to: str = "", **more: Any) -> list[Moved]:
    return reassign_all(line.app.runtime(), line.app.rows, owner, to, "petra", **more)


def ledger(line: Line) -> list[Turn]:
    with line.app.store.read() as tx:
        return tx.handoffs.turns("sales")[::-1]


def holds(line: Line) -> bool:
    lines = ledger(line)
    return [broken(earlier, one) for earlier, one in zip([None, *lines], lines, strict=False)] == [""] * len(lines)


def events(line: Line, *handoffs: Handoff) -> list[HandoffEvent]:
    with line.app.store.read() as tx:
        found = tx.handoff_events.of_handoffs([one.id for one in handoffs])
    return [one for those in found.values() for one in those if one.kind == "reassigned"]


class TestAbsent:
    def test_who_is_away_gets_no_turn_and_is_not_flooded_on_coming_back(self, line: Line) -> None:
        away(line, LENA, end=line.now + DAY)
        asks(line, *range(4))
        line.sync()
        assert set(owners(line).values()) == {TOM}
        asks(line, *range(4, 10))
        line.sync(DAY)
        later = [owner for lead_id, owner in owners(line).items() if lead_id > 4]
        assert (later.count(LENA), later.count(TOM)) == (4, 2)
        assert holds(line)

    def test_a_deputy_takes_what_would_have_been_theirs_and_the_ledger_says_so(self, line: Line) -> None:
        away(line, LENA, deputy=PETRA)
        asks(line, *range(6))
        line.sync()
        assert sorted(owners(line).values()) == [PETRA] * 4 + [TOM] * 2
        assert {one.email for one in ledger(line)} == {LENA, TOM}
        assert all(f"{LENA}=2" in one.weights and f">{PETRA}" in one.weights for one in ledger(line))
        assert holds(line)
        assert any(f"{LENA} is away: {PETRA} stands in" in one.routed_by for one in line.handoffs("open"))

    def test_all_are_away_it_waits_says_until_when_and_goes_out_then(self, line: Line) -> None:
        away(line, LENA, end=line.now + DAY)
        asks(line, 1)
        second = away(line, TOM, end=line.now + 2 * DAY)
        line.sync()
        [waits] = line.handoffs("nobody")
        assert waits.routed_by.endswith(f"waits for the next to be back: {LENA}, 2026-11-21 09:00")
        ended = end_absence(line.app.runtime(), second)
        assert ended is not None
        assert ended.email == TOM
        assert [one.email for one in absences_to_come(line.app.runtime())] == [LENA]
        assert end_absence(line.app.runtime(), second) is None
        line.sync(MINUTE)
        assert list(owners(line).values()) == [TOM]

    def test_each_handoff_names_the_roster_it_was_routed_by(self, line: Line) -> None:
        asks(line, 1)
        line.sync()
        with line.app.store.read() as tx:
            [version] = tx.rosters.versions()
        assert [one.roster for one in line.handoffs("open")] == [version.version]
        assert version.body["teams"]["sales"]["members"][0]["weight"] == 2
        config = (line.folder / "config.toml").read_text("utf-8")
        line.reopen(config.replace("weight = 2", "weight = 3"))
        line.sync(MINUTE)
        line.sync(MINUTE)
        with line.app.store.read() as tx:
            assert len(tx.rosters.versions()) == 2


class TestHot:
    ZONES = """\
[people."tom@northwind.example"]
timezone = "Asia/Tokyo"
hours = { Mon-Fri = "09:00-17:00" }
"""

    def test_a_hot_lead_goes_to_whom_it_is_working_time_for_others_go_by_turn(self, tmp_path: Path) -> None:
        line = made(tmp_path, self.ZONES)
        # 08:00 UTC on a Friday: 09:00 in Berlin, 17:00 in Tokyo.
        asks(line, *range(3))
        line.sync()
        assert set(owners(line).values()) == {LENA}
        assert all("hot: among those at work now" in one.routed_by for one in line.handoffs("open"))
        assert all(one.weights.startswith(f"{LENA}=2") and f"{TOM}=1" not in one.weights for one in ledger(line))
        line.now += timedelta(hours=17)
        asks(line, *range(3, 6))
        line.sync()
        later = [owner for lead_id, owner in owners(line).items() if lead_id > 3]
        assert (later.count(LENA), later.count(TOM)) == (2, 1)
        assert holds(line)
        line.app.close()

    def test_hot_ones_have_the_first_places_of_the_day(self, tmp_path: Path) -> None:
        gates = '[flows.b2b.gates]\nmql = { activity = "pricing_view" }\nhot = { activity = "demo_request" }\n'
        line = made(tmp_path, flow=f"handoffs_per_day = 2\n{gates}")
        for number in range(3):
            line.person(number)
            line.did(number, "pricing_view")
        line.sync()
        first = owners(line)
        assert len(first) == 2
        asks(line, 3)
        line.sync(DAY)
        assert [one.hot for one in line.handoffs("open") if one.lead_id not in first] == [True, False]
        assert line.lead(3).id in owners(line)
        line.app.close()

    def test_who_rests_after_breaches_gets_no_turn_like_anybody_who_is_away(self, line: Line) -> None:
        with line.app.store.write() as tx:
            tx.rosters.add_absence(Absence(LENA, line.now, note="rests", by="baton"), line.now)
        asks(line, 1)
        line.sync()
        assert list(owners(line).values()) == [TOM]


class TestReassign:
    def test_the_owner_changes_in_the_store_in_the_crm_and_on_the_task(self, line: Line) -> None:
        asks(line, 1, 2, 3)
        line.sync()
        before = {one.lead_id: one for one in line.handoffs("open") if one.owner == LENA}
        line.now += HOUR
        done = given(line, LENA, PETRA)
        assert [(one.was, one.to) for one in done] == [(LENA, PETRA)] * 2
        after = {one.lead_id: one for one in line.handoffs("open") if one.owner == PETRA}
        assert before.keys() == after.keys()
        assert all(after[id].brief == before[id].brief for id in before)
        assert all(str(after[id].due_at) > str(before[id].due_at) for id in before)
        assert {one.routed_by for one in after.values()} == {f"given on from {LENA} (as a person said)"}
        assert [one.body["to"] for one in events(line, *after.values())] == [PETRA, PETRA]
        line.sync(MINUTE)
        there = [one for one in line.crm.things("lead") if one.values["owner"] == PETRA]
        tasks = {one.values["owner"]: one.values["due_at"] for one in line.crm.things("task")}
        assert len(there) == 2
        assert sorted(one.values["owner"] for one in line.crm.things("task")) == [PETRA, PETRA, TOM]
        assert tasks[PETRA] == next(iter(after.values())).due_at.isoformat()  # type: ignore[union-attr]
        line.sync(MINUTE)
        assert sorted(owners(line).values()) == [PETRA, PETRA, TOM]
        assert {line.lead(number).owner for number in (1, 2, 3)} == {PETRA, TOM}

    def test_a_dry_run_says_it_and_changes_nothing(self, line: Line) -> None:
        asks(line, 1, 2, 3)
        line.sync()
        rows, before = len(line.outbox()), line.handoffs("open")
        assert [one.to for one in given(line, LENA, PETRA, dry_run=True)] == [PETRA, PETRA]
        assert (len(line.outbox()), line.handoffs("open"), events(line, *before)) == (rows, before, [])

    def test_without_a_name_it_is_the_turn_of_another_and_nobody_gets_it_twice(self, line: Line) -> None:
        asks(line, 1, 2, 3)
        line.sync()
        mine = [one.lead_id for one in line.handoffs("open") if one.owner == LENA]
        assert {one.to for one in given(line, LENA)} == {TOM}
        assert len(ledger(line)) == 5
        assert [one.rule for one in ledger(line)[3:]] == ["reassign by turn"] * 2
        assert holds(line)
        back = given(line, TOM)
        assert {one.handoff.lead_id for one in back if not one.to} == set(mine)
        assert [one.to for one in back if one.handoff.lead_id not in mine] == [LENA]
        stays = next(one for one in back if not one.to)
        assert stays.words == "sales: 2 away, 0 at their limit; nobody there"

    def test_given_by_name_within_the_team_counts_as_their_turn(self, line: Line) -> None:
        asks(line, 1, 2, 3)
        line.sync()
        given(line, LENA, TOM)
        assert [(one.email, one.rule) for one in ledger(line)[3:]] == [(TOM, "reassign")] * 2
        assert holds(line)

    @pytest.mark.parametrize(("to", "why"), [("karl@northwind.example", "no active user"), (TOM, "is away")])
    def test_who_cannot_have_it_does_not_get_it(self, line: Line, to: str, why: str) -> None:
        asks(line, 1, 2, 3)
        line.sync()
        away(line, TOM)
        done = given(line, LENA, to)
        assert all(not one.to and why in one.words for one in done)
        assert owners(line)[done[0].handoff.lead_id] == LENA

    def test_what_was_not_sent_yet_goes_out_once_and_ends_with_the_new_owner(self, line: Line) -> None:
        asks(line, 1, 2, 3)
        line.crm.fault("write", "no_connection", times=50)
        line.sync()
        given(line, LENA, PETRA)
        line.crm.heal()
        for _ in range(6):
            line.sync(HOUR)
        assert line.crm_counts()["lead"] == line.crm_counts()["task"] == 3
        assert sorted(one.values["owner"] for one in line.crm.things("lead")) == [PETRA, PETRA, TOM]
        assert sorted(one.values["owner"] for one in line.crm.things("task")) == [PETRA, PETRA, TOM]

    def test_who_was_contacted_keeps_the_task(self, line: Line) -> None:
        asks(line, 1)
        line.sync()
        [handoff] = line.handoffs("open")
        with line.app.store.write() as tx:
            handoff.contacted_at = line.now
            tx.handoffs.save([handoff])
        given(line, LENA, PETRA)
        line.sync(MINUTE)
        assert [one.values["owner"] for one in line.crm.things("lead")] == [PETRA]
        assert [one.values["owner"] for one in line.crm.things("task")] == [LENA]

    def test_what_has_ended_stays_whose_it_was(self, line: Line) -> None:
        asks(line, 1, 2)
        line.sync()
        [first, *_] = line.handoffs("open")
        with line.app.store.write() as tx:
            first.state = "closed"
            tx.handoffs.save([first])
            assert first not in open_of(tx, line.app.config, first.owner)
        assert all(one.handoff.lead_id != first.lead_id for one in given(line, first.owner, PETRA))


def test_a_lead_that_another_one_stands_for_is_left_alone(line: Line) -> None:
    asks(line, 1, 2)
    line.sync()
    first, second = line.lead(1), line.lead(2)
    [handoff] = [one for one in line.handoffs("open") if one.lead_id == first.id]
    with line.app.store.write() as tx:
        tx.intake.merge(first.id, second.id, line.now)
    assert first.id not in {one.handoff.lead_id for one in given(line, handoff.owner, PETRA)}


def test_a_person_is_known_in_the_crm_by_their_address_there(tmp_path: Path) -> None:
    line = made(
        tmp_path,
        PEOPLE.replace("[people", '[people."petra@northwind.example"]\ndeputy = "ines@northwind.example"\n[people'),
    )
    away(line, TOM, deputy=INES)
    asks(line, 1, 2, 3)
    line.sync()
    line.sync(MINUTE)
    assert sorted(owners(line).values()) == [INES, LENA, LENA]
    assert sorted(one.values["owner"] for one in line.crm.things("lead")) == ["i.blau@crm.example", LENA, LENA]
    [mine] = [one for one in line.crm.things("lead") if one.values["owner"] == LENA][:1]
    line.crm.edit(mine.crm_id, {"owner": "i.blau@crm.example"}, line.now)
    line.sync(MINUTE)
    assert sorted(owners(line).values()) == [INES, INES, LENA]
    line.app.close()


def written_owners(line: Line, crm: str) -> dict[str, list[str]]:
    """The owners that stand in the desk, or in the files, by object."""
    found: dict[str, list[str]] = {}
    for object in ("lead", "task"):
        if crm == "files":
            with (line.folder / "out" / f"{object}s.csv").open(encoding="utf-8-sig", newline="") as file:
                found[object] = sorted(row["owner"] for row in csv.DictReader(file))
            continue
        keys = [row.our_key for row in line.outbox() if row.object == object]
        with line.app.store.read() as tx:
            kept = {key: tx.desk.get(object, key) for key in keys}
        found[object] = sorted(str(one[1]["owner"]) for one in kept.values() if one)
    return found


@pytest.mark.parametrize("crm", ["desk", "files"])
def test_where_nobody_is_read_back_the_owner_is_written_too(tmp_path: Path, crm: str) -> None:
    settings = 'folder = "out"\n' if crm == "files" else ""
    line = made(tmp_path, crm=crm, crm_settings=settings)
    asks(line, 1, 2, 3)
    line.sync()
    assert [one.to for one in given(line, LENA, PETRA)] == [PETRA, PETRA]
    line.sync(MINUTE)
    assert line.outbox("waiting", "dead", "parked", "unknown") == []
    assert written_owners(line, crm) == {"lead": [PETRA, PETRA, TOM], "task": [PETRA, PETRA, TOM]}
    line.app.close()


class TestTold:
    NOTIFY = (
        '[people."petra@northwind.example"]\nnotify = "chat-petra"\ndeputy = "ines@northwind.example"\n'
        '[people."ines@northwind.example"]\nnotify = "chat-ines"\n'
    )

    def told(self, line: Line) -> list[tuple[str, str]]:
        rows = [row for row in line.outbox() if row.target == "notices"]
        return [(row.values["to"], row.values["subject"].partition(":")[0]) for row in rows]

    def test_the_manager_hears_once_that_nobody_is_there_and_their_deputy_while_they_are_away(
        self, tmp_path: Path
    ) -> None:
        line = made(tmp_path, self.NOTIFY)
        away(line, LENA)
        away(line, TOM)
        asks(line, 1)
        for _ in range(3):
            line.sync(MINUTE)
        assert self.told(line) == [("secret:chat-petra", "Nobody there")]
        away(line, PETRA)
        asks(line, 2)
        line.sync(MINUTE)
        assert self.told(line)[1:] == [("secret:chat-ines", "Nobody there")]
        line.app.close()

    def test_whom_the_flow_names_hears_of_it(self, tmp_path: Path) -> None:
        line = made(tmp_path, self.NOTIFY)
        rules = 'order = [{ to = "sales" }]'
        more = f'{rules}\nnobody_there = {{ tell = "{INES}" }}'
        line.reopen((tmp_path / "config.toml").read_text("utf-8").replace(rules, more))
        away(line, LENA)
        away(line, TOM)
        asks(line, 1)
        line.sync()
        assert self.told(line) == [("secret:chat-ines", "Nobody there")]
        line.app.close()

    def test_the_new_owner_is_told_each_time(self, tmp_path: Path) -> None:
        line = made(tmp_path, self.NOTIFY)
        asks(line, 1)
        line.sync()
        given(line, LENA, PETRA)
        given(line, PETRA, LENA)
        given(line, LENA, PETRA)
        assert [to for to, _ in self.told(line)] == ["secret:chat-petra"] * 2
        line.app.close()
