"""What time does to handoffs on the whole line: told once, given on, stopped where somebody answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.cli.status_clocks import clocks
from connector.model.errors import ConfigError, RetryableError
from connector.runs.check import calendars
from connector.runs.follow_up import anything_due, follow_up
from connector.runs.forget import forget
from connector.runs.reassign import reassign_all
from tests.line import START, Line
from tests.stages.ground import Desk

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LENA, TOM, PETRA = (f"{name}@northwind.example" for name in ("lena", "tom", "petra"))
CLOCK = """
[flows.b2b.clock]
contact = { hot = "4 working hours", other = "4 working hours" }
breach = ["tell rep", "tell manager"%s]
pause_after = %s
"""
MAIL = '[mail]\nserver = "smtp"\nsender = "baton@northwind.example"\n'


def made(folder: Path, more: str = "", pause: int = 0) -> Desk:
    desk = Desk(folder, flow=CLOCK % (more, pause))
    text = (folder / "config.toml").read_text("utf-8")
    text = text.replace("[teams.sales]\n", f'{MAIL}[teams.sales]\nmanager = "{PETRA}"\n')
    desk.reopen(text)
    return desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = made(tmp_path)
    yield one
    one.app.close()


def told(desk: Desk, about: str = "") -> list[tuple[str, str]]:
    """(address, subject) of all notices, but that of a new lead."""
    rows = [row for row in desk.outbox("waiting", "done", "dead", "unknown", "in_flight") if row.target == "notices"]
    subjects = [(str(row.values["to"]), str(row.values["subject"]).partition(":")[0]) for row in rows
                if row.values["about"] != "new"]  # fmt: skip
    return sorted(one for one in subjects if about in one[1])


def keys(desk: Desk, number: int = 1) -> list[str]:
    return [one.key for one in desk.events(desk.given(number)[-1])]


def touch(desk: Desk, number: int = 1, at: datetime | None = None, **values: Any) -> None:
    record = desk.record(number)
    owner = f"U-{desk.given(number)[-1].owner.partition('@')[0]}"
    said = {"person": record.crm_id, "stage": "call", "is_open": False, "owner": owner, "subject": "Call", **values}
    desk.crm.make("task", said, at or desk.now)


def test_reminders_and_the_breach_come_once_each_at_their_time(desk: Desk) -> None:
    desk.asks()
    (handoff,) = desk.given()
    # Friday 09:00 in Berlin.
    assert handoff.opened_at == START
    assert handoff.due_at == START + 4 * HOUR
    assert handoff.accept_due_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert handoff.next_at == START + 2 * HOUR
    assert handoff.acted_at == START - HOUR
    desk.sync(2 * HOUR - MINUTE)
    assert keys(desk) == ["opened"]
    assert not anything_due(desk.app.runtime())
    desk.sync(MINUTE)
    desk.sync()
    assert told(desk) == [(f"mail:{LENA}", "To be contacted")]
    desk.sync(2 * HOUR)
    desk.sync()
    contact = [key for key in keys(desk) if key.startswith("contact")]
    assert contact == ["contact:remind:50", "contact:remind:80", "contact:breach", "contact:do:0", "contact:do:1"]
    # The second reminder was over by then.
    assert told(desk) == [
        (f"mail:{LENA}", "Overdue"),
        (f"mail:{LENA}", "To be contacted"),
        (f"mail:{PETRA}", "Overdue"),
    ]
    assert desk.sync(MINUTE).counts["overdue"] == 0


def test_nobody_is_told_of_anything_while_the_team_is_at_home(desk: Desk) -> None:
    desk.now = datetime(2026, 11, 21, 3, tzinfo=UTC)
    desk.asks()
    (handoff,) = desk.given()
    assert handoff.due_at == datetime(2026, 11, 23, 12, tzinfo=UTC)
    desk.sync(DAY)
    desk.sync(DAY)
    assert told(desk) == []


def test_contact_in_time_stops_the_clock_and_is_measured(desk: Desk) -> None:
    desk.asks()
    desk.now += 90 * MINUTE
    touch(desk)
    desk.sync(MINUTE)
    (handoff,) = desk.given()
    assert handoff.contacted_at == START + 90 * MINUTE
    assert handoff.worked == 90 * 60
    (event,) = desk.events(handoff, "contacted")
    assert event.body == {"late": False, "seconds": 5400, "worked": 5400, "since_act": 9000}
    assert len(desk.events(handoff, "touched")) == 1
    assert len(desk.events(handoff, "asked")) == 1
    # The clock of acceptance goes on, that of contact does not.
    desk.sync(5 * HOUR)
    assert [one.key for one in desk.events(handoff) if one.key.startswith("contact:")] == []
    assert [to for to, _ in told(desk, "How good")] == [f"mail:{LENA}"]
    assert handoff.next_at is not None


def test_while_the_crm_cannot_be_read_nobody_is_held_to_be_late(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_named: Any) -> Any:
        raise RetryableError("crm: no answer")

    desk.asks()
    desk.now += 90 * MINUTE
    touch(desk)
    with monkeypatch.context() as patch:
        patch.setattr(type(desk.app.crm("crm")), "changes", away)
        desk.sync(5 * HOUR)
        assert keys(desk) == ["opened"]
        assert told(desk) == []
        assert not anything_due(desk.app.runtime())
    desk.sync(10 * MINUTE)
    (handoff,) = desk.given()
    assert handoff.contacted_at == START + 90 * MINUTE
    assert desk.events(handoff, "breached") == []


def test_what_was_due_while_the_crm_was_away_is_done_once_it_is_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any, **_named: Any) -> Any:
        raise RetryableError("crm: no answer")

    desk.asks()
    with monkeypatch.context() as patch:
        patch.setattr(type(desk.app.crm("crm")), "changes", away)
        desk.sync(5 * HOUR)
    desk.sync(5 * MINUTE)
    (breached,) = [one for one in desk.events(desk.given()[0], "breached") if one.key == "contact:breach"]
    assert breached.at == START + 4 * HOUR


def test_over_a_weekend_the_time_that_was_worked_is_short(desk: Desk) -> None:
    desk.now = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    desk.asks()
    touch(desk, at=datetime(2026, 11, 23, 8, 30, tzinfo=UTC))
    desk.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    desk.sync()
    (handoff,) = desk.given()
    assert handoff.worked == 3600
    assert desk.events(handoff, "breached") == []


@pytest.mark.parametrize("values", [{"subject": "Outreach Sequence 3"}, {"is_open": True}, {"stage": "note"}])
def test_what_no_person_did_is_no_touch(tmp_path: Path, values: dict[str, Any]) -> None:
    desk = made(tmp_path)
    text = (tmp_path / "config.toml").read_text("utf-8")
    desk.reopen(text.replace("pause_after", 'not_by = ["Outreach Sequence"]\npause_after'))
    desk.asks()
    touch(desk, **values)
    desk.sync(MINUTE)
    (handoff,) = desk.given()
    assert handoff.contacted_at is None
    assert desk.events(handoff, "touched", "contacted") == []
    desk.app.close()


def test_who_was_told_of_the_breach_hears_that_it_was_done_after_all(desk: Desk) -> None:
    desk.asks()
    desk.sync(5 * HOUR)
    desk.now += HOUR
    touch(desk)
    desk.sync()
    desk.sync(MINUTE)
    assert told(desk, "Contacted") == [
        (f"mail:{LENA}", "Contacted after all"),
        (f"mail:{PETRA}", "Contacted after all"),
    ]
    (event,) = desk.events(desk.given()[0], "contacted")
    assert event.body["late"]


def test_who_has_it_now_hears_nothing_of_a_breach_that_was_not_theirs(tmp_path: Path) -> None:
    desk = made(tmp_path, ', { after = "2 working hours", do = "reassign" }')
    desk.asks()
    desk.sync(4 * HOUR)
    desk.sync(2 * HOUR)
    assert desk.given()[0].owner == TOM
    touch(desk)
    desk.sync(MINUTE)
    assert told(desk, "Contacted") == [(f"mail:{PETRA}", "Contacted after all")]
    desk.app.close()


def test_a_touch_that_was_read_late_takes_the_breach_back(desk: Desk) -> None:
    desk.asks()
    desk.sync(5 * HOUR)
    touch(desk, at=START + HOUR)
    desk.sync(MINUTE)
    (event,) = desk.events(desk.given()[0], "contacted")
    assert not event.body["late"]
    assert len(told(desk, "Contacted after all")) == 2


def test_who_accepts_in_time_is_not_reminded_to(desk: Desk) -> None:
    desk.asks()
    desk.says(stage="sal")
    (handoff,) = desk.given()
    assert [one.at for one in desk.events(handoff, "accepted")] == [START + HOUR]
    desk.sync(4 * DAY)
    assert [key for key in keys(desk) if key.startswith("accept:")] == []


@pytest.mark.parametrize("said", [{"stage": "rejected", "reason": "other"}, {"stage": "won"}, {"stage": "lost"}])
def test_what_has_ended_is_nobodys_to_remind_of(desk: Desk, said: dict[str, Any]) -> None:
    desk.asks()
    desk.says(**said)
    desk.sync(5 * DAY)
    (handoff,) = desk.given()
    assert desk.events(handoff, "reminded", "breached", "told") == []
    assert handoff.next_at is None
    assert len(desk.events(handoff, "rejected", "closed")) == 1


def test_what_reps_say_is_kept_and_told_to_marketing(desk: Desk) -> None:
    desk.asks()
    desk.says(stage="rejected", reason="wrong_fit", words="a student", rating=2)
    (handoff,) = desk.given()
    assert (handoff.reason, handoff.words, handoff.rating) == ("wrong_fit", "a student", 2)
    assert [one.body for one in desk.events(handoff, "rated")] == [{"rating": 2}]


def test_another_owner_gets_the_whole_time(tmp_path: Path) -> None:
    desk = made(tmp_path, ', { after = "2 working hours", do = "reassign" }')
    desk.asks()
    desk.sync(4 * HOUR)
    desk.sync(2 * HOUR - MINUTE)
    assert desk.given()[0].owner == LENA
    desk.sync(MINUTE)
    (handoff,) = desk.given()
    assert handoff.owner == TOM
    # Friday 15:00 in Berlin, and three hours later the team goes home.
    assert handoff.due_at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    (event,) = desk.events(handoff, "reassigned")
    assert (event.body["from"], event.body["to"]) == (LENA, TOM)
    # Whom it was taken from hears of it, and the manager.
    assert told(desk, "Given to another") == [(f"mail:{one}", "Given to another owner") for one in (LENA, PETRA)]
    desk.sync(3 * DAY)
    desk.sync()
    # Both have had it: it stays, and the manager hears of that.
    assert [key for key in keys(desk) if key.startswith("contact@1:do")] == [f"contact@1:do:{n}" for n in range(3)]
    assert desk.given()[0].owner == TOM
    assert told(desk, "Nobody there") == [(f"mail:{PETRA}", "Nobody there")]
    desk.app.close()


def test_an_owner_whom_a_person_named_in_the_crm_has_the_time_from_then_on(desk: Desk) -> None:
    desk.asks()
    desk.says(after=3 * HOUR, owner="U-tom")
    (handoff,) = desk.given()
    assert handoff.owner == TOM
    assert handoff.due_at == START + 7 * HOUR
    desk.sync(2 * HOUR)
    assert desk.events(handoff, "breached") == []


def test_who_never_answers_takes_no_turns_until_somebody_ends_that(tmp_path: Path) -> None:
    desk = made(tmp_path, pause=2)
    for number in range(1, 7):
        desk.person(number)
        desk.did(number, "demo_request")
    desk.sync()
    for number in range(1, 7):
        if desk.given(number)[0].owner == TOM:
            touch(desk, number)
    result = desk.sync(4 * HOUR)
    assert result.counts["paused"] == 1
    with desk.app.store.read() as tx:
        (absence,) = tx.rosters.absences(desk.now)
    assert (absence.email, absence.by, absence.end) == (LENA, "baton", None)
    assert {to for to, _ in told(desk, "Takes no turns")} == {f"mail:{LENA}", f"mail:{PETRA}"}
    for number in range(7, 10):
        desk.asks(number)
        assert desk.given(number)[0].owner == TOM
    desk.app.close()


def test_who_answers_one_in_between_is_not_paused(tmp_path: Path) -> None:
    desk = made(tmp_path, pause=2)
    text = (tmp_path / "config.toml").read_text("utf-8")
    desk.reopen(text.replace(f', {{ email = "{TOM}" }}', ""))
    desk.asks(1)
    desk.now += HOUR
    desk.asks(2)
    desk.sync(3 * HOUR)
    touch(desk, 2)
    desk.sync(HOUR)
    desk.asks(3)
    assert desk.sync(3 * DAY).counts["paused"] == 0
    desk.app.close()


def test_a_flow_that_only_observes_tells_nobody_anything(desk: Desk) -> None:
    desk.asks()
    text = (desk.folder / "config.toml").read_text("utf-8")
    desk.reopen(text.replace('mode = "live"', 'mode = "observe"'))
    desk.sync(DAY)
    (handoff,) = desk.given()
    assert desk.events(handoff, "breached", "reminded") == []
    desk.reopen(text)
    desk.sync(4 * DAY)
    assert told(desk) == []
    assert all(one.body.get("told") is False for one in desk.events(handoff, "breached", "reminded", "told"))


def test_an_edit_of_the_agreed_times_moves_what_comes_next(desk: Desk) -> None:
    desk.asks()
    text = (desk.folder / "config.toml").read_text("utf-8")
    desk.reopen(text.replace("pause_after", 'remind = ["25 %"]\npause_after'))
    desk.sync(MINUTE)
    (handoff,) = desk.given()
    assert handoff.next_at == START + HOUR
    assert handoff.due_at == START + 4 * HOUR


def test_where_nobody_can_be_heard_to_answer_no_clock_runs(tmp_path: Path) -> None:
    line = Line(tmp_path, flow=CLOCK % ("", 0))
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    (handoff,) = line.handoffs("open")
    assert handoff.due_at == START + 4 * HOUR
    line.sync(3 * DAY)
    with line.app.store.read() as tx:
        assert [one.key for one in tx.handoff_events.of_handoffs([handoff.id])[handoff.id]] == ["opened"]
        assert clocks(tx, line.app.runtime(), line.now) == []
    line.app.close()


def test_who_became_another_lead_is_nobodys_to_remind_of(desk: Desk) -> None:
    for number in (1, 2):
        desk.asks(number)
    loser, winner = desk.lead(2).id, desk.lead(1).id
    with desk.app.store.write() as tx:
        tx.intake.merge(loser, winner, desk.now)
    desk.now += 5 * HOUR
    follow_up(desk.app.runtime(), desk.app.rows(0), Counter())
    with desk.app.store.read() as tx:
        given = {one.lead_id: one for those in tx.handoffs.of_leads([loser, winner]).values() for one in those}
        events = tx.handoff_events.of_handoffs([one.id for one in given.values()])
    assert given[loser].state == "open"
    assert given[loser].next_at is None
    assert [one.key for one in events[given[loser].id]] == ["opened"]
    assert "contact:breach" in [one.key for one in events[given[winner].id]]


def test_who_was_forgotten_is_nobodys_to_remind_of(desk: Desk) -> None:
    desk.asks()
    (handoff,) = desk.given()
    forget(desk.app.runtime(), handoff.lead_id)
    desk.sync(5 * DAY)
    assert desk.events(handoff, "reminded", "breached", "told") == []


def test_a_calendar_that_is_not_known_is_warned_of(desk: Desk) -> None:
    text = (desk.folder / "config.toml").read_text("utf-8")
    desk.reopen(text.replace("[teams.sales]\n", '[teams.sales]\nholidays = ["DE-XX"]\n'))
    (found,) = calendars(desk.app.config)
    assert found.level == "warning"
    assert found.problem.path == ("teams", "sales", "holidays", 0)
    assert "DE-BE" in found.problem.allowed


@pytest.mark.parametrize("said", ["pause_after = -1", 'pause_after = "two"'])
def test_a_pause_is_a_number(tmp_path: Path, said: str) -> None:
    desk = made(tmp_path)
    text = (tmp_path / "config.toml").read_text("utf-8")
    with pytest.raises(ConfigError, match=r"config.toml:\d+: flows.b2b.clock.pause_after"):
        desk.reopen(text.replace("pause_after = 0", said))


@pytest.mark.parametrize(
    ("by", "who"), [("manager", PETRA), ("owner", LENA), ("Karl@northwind.example", "karl@northwind.example")]
)
def test_whoever_decides_the_gate_is_reminded_of_it(tmp_path: Path, by: str, who: str) -> None:
    desk = made(tmp_path)
    gate = '[flows.b2b.gates]\nmql = { activity = "demo_request" }\n'
    gate += f'sal = {{ by = "{by}", within = "2 working hours" }}\n'
    desk.reopen((tmp_path / "config.toml").read_text("utf-8").replace("[flows.b2b.clock]", f"{gate}[flows.b2b.clock]"))
    desk.asks()
    desk.sync(HOUR)
    assert told(desk) == [(f"mail:{who}", "To be accepted")]
    desk.sync(HOUR)
    # First contact is the owner's, whoever decides.
    assert (f"mail:{LENA}", "To be contacted") in told(desk)
    desk.app.close()


def test_a_touch_names_who_it_was_by_and_a_colleagues_does_not_count_for_the_owner(tmp_path: Path) -> None:
    desk = made(tmp_path, pause=2)
    text = (tmp_path / "config.toml").read_text("utf-8")
    desk.reopen(text.replace(f', {{ email = "{TOM}" }}', ""))
    desk.asks(1)
    desk.sync(4 * HOUR)
    touch(desk, 1, owner="U-tom")
    desk.sync(MINUTE)
    assert [one.who for one in desk.events(desk.given(1)[0], "touched")] == [TOM]
    desk.asks(2)
    assert desk.sync(3 * DAY).counts["paused"] == 1
    desk.app.close()


def test_who_it_was_given_to_before_is_not_read_back_as_somebody_elses_word(desk: Desk) -> None:
    desk.asks()
    desk.sync(MINUTE)
    for owner, to in ((LENA, TOM), (TOM, LENA)):
        # Written by the first, and read back only when the second was done.
        desk.now += MINUTE
        reassign_all(desk.app.runtime(), desk.app.rows, owner, to, "admin")
        desk.sync()
    desk.sync(MINUTE)
    (handoff,) = desk.given()
    assert [one.key for one in desk.events(handoff, "reassigned")] == ["reassigned:1", "reassigned:2"]
    assert (handoff.owner, desk.lead(1).owner, desk.record().values["owner"]) == (LENA, LENA, LENA)
    # What a person says after that is heard.
    desk.says(owner=TOM)
    desk.sync()
    (handoff,) = desk.given()
    assert (handoff.owner, desk.lead(1).owner, len(desk.events(handoff, "reassigned"))) == (TOM, TOM, 3)
