"""Goals and pages in a CRM that can show them: once each, whatever comes between."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.app import opened
from connector.cli.progress import figures
from connector.cli.root import baton
from connector.daemon import Daemon
from connector.model.errors import AuthError
from connector.reporting import publishing
from connector.reporting.publishing import Published, planned, publish
from connector.runs.check import findings
from connector.runs.failing import failing
from connector.runs.publishers import publishers
from tests.clickup import SECRETS, Both, both
from tests.pair import Waiting

GOALS = """
[goals]
"Qualified leads" = { count = "mql", at_least = 10, owner = "petra@northwind.example" }
"From the web" = { count = "mql", at_least = 6, owner = "lena@northwind.example", under = "Qualified leads", \
where = { source = "web" } }
"Lead to close" = { rate = ["mql", "won"], at_least = "20 %", per = "quarter", owner = "petra@northwind.example" }
"First call" = { median = "response time", at_most = "4 working hours", owner = "petra@northwind.example" }
"""
#: The goals that are due at the end of December; the others have nothing to tell in it yet.
DECEMBER, QUARTER = "Qualified leads 2026-12", "Lead to close 2026-Q4"
#: Longer than what was sent may not be in sight, whatever became of it.
IN_SIGHT = timedelta(minutes=5)
Make = Callable[..., "Publishing"]


class Publishing:
    """A pipeline in ClickUp, and goals over it."""

    def __init__(self, one: Both) -> None:
        self.one = one

    def __call__(self, after: timedelta = timedelta(0)) -> list[Published]:
        self.one.clock.move(after.total_seconds())
        assert publishers(self.one.app.runtime()) == ["clickup"]
        return publish(self.one.app.runtime(), "clickup")

    def states(self, after: timedelta = timedelta(0)) -> dict[str, str]:
        return {one.name: one.state for one in self(after)}

    def goal(self, name: str) -> dict[str, Any]:
        (found,) = [one for one in self.one.space.goals.values() if one["name"] == name]
        return found

    def reached(self, name: str) -> dict[str, tuple[int, int]]:
        """How far each key result of a goal is, and what is asked."""
        return {
            one["name"]: (one["last_action"]["steps_current"] or 0, one["steps_end"])
            for one in self.goal(name)["key_results"]
        }

    def pages(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for doc in self.one.space.docs.values() for one in doc.pages}

    def edit(self, before: str, after: str) -> None:
        """The configuration is edited."""
        self.one.flow = self.one.flow.replace(before, after)
        self.one.reopen()

    def daemon(self) -> Daemon:
        return Daemon(lambda: self.one.app, Waiting(self.one.clock))


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as stack:

        def make(goals: str = GOALS, publish: str = "") -> Publishing:
            return Publishing(stack.enter_context(both(tmp_path, flow=f"{goals}\n[publish]\n{publish}\n")))

        yield make


class TestGoals:
    def test_they_are_made_once_and_brought_up_to_date(self, made: Make) -> None:
        on = made()
        on.one.submits()
        on.one.sync()
        assert on.states() == {DECEMBER: "made", QUARTER: "made", "First call 2026-12": "made"}
        held = on.goal(DECEMBER)
        assert on.reached(DECEMBER) == {"Qualified leads: at least 10": (1, 10), "From the web: at least 6": (0, 6)}
        assert sorted(one["id"] for one in held["owners"]) == [81002, 81004]
        due = datetime.fromtimestamp(int(held["due_date"]) / 1000, on.one.app.config.zone)
        assert (due.date().isoformat(), due.hour) == ("2026-12-31", 23)
        assert "Qualified leads: at least 10 · so far 1" in held["description"]
        on.one.submits(**{"First name": "Bo", "Last name": "Lind", "Email": "bo@other.example", "Company": "Other"})
        on.one.sync()
        before = len(on.one.space.ledger.deeds())
        assert set(on.states(IN_SIGHT).values()) == {"updated"}
        assert on.reached(DECEMBER)["Qualified leads: at least 10"] == (2, 10)
        assert {one.did for one in on.one.space.ledger.deeds()[before:]} == {"update"}
        assert len(on.one.space.goals) == 3

    def test_what_nobody_knows_is_no_nought(self, made: Make) -> None:
        on = made()
        on.one.sync()
        on()
        assert (on.reached(QUARTER), on.reached("First call 2026-12")) == ({}, {})
        assert "not enough data" in on.goal(QUARTER)["description"]

    def test_what_was_just_sent_is_not_sent_again_before_it_can_be_seen(self, made: Make) -> None:
        on = made()
        on()
        calls = len(on.one.space.ledger.calls())
        assert set(on.states().values()) == {"later"}
        assert on.one.calls(calls) == []

    def test_another_number_to_reach_is_another_key_result(self, made: Make) -> None:
        on = made()
        on()
        on.edit("at_least = 10,", "at_least = 12,")
        assert on.states(IN_SIGHT)[DECEMBER] == "updated"
        assert {"Qualified leads: at least 10", "Qualified leads: at least 12"} < on.reached(DECEMBER).keys()

    def test_a_span_that_is_over_is_counted_to_its_end_where_it_is_there(self, made: Make) -> None:
        on = made()
        on()
        on.one.submits()
        on.one.sync()
        on.one.clock.move(timedelta(days=26).total_seconds())
        states = on.states()
        assert (states[DECEMBER], states["Qualified leads 2027-01"]) == ("updated", "made")
        assert on.reached(DECEMBER)["Qualified leads: at least 10"] == (1, 10)
        assert on.reached("Qualified leads 2027-01")["Qualified leads: at least 10"] == (0, 10)
        assert not [one for one in on.one.space.goals.values() if "2026-11" in one["name"] or "2026-Q3" in one["name"]]

    def test_an_owner_who_is_no_member_is_said_and_the_others_go_on(self, made: Make) -> None:
        on = made(GOALS.replace('per = "quarter", owner = "petra', 'per = "quarter", owner = "nobody'))
        found = {one.name: one for one in on()}
        assert found[QUARTER].state == "refused"
        assert "nobody@northwind.example" in found[QUARTER].why
        assert {one.state for name, one in found.items() if name != QUARTER} == {"made"}


class TestCutOff:
    def test_killed_between_the_create_and_its_receipt_nothing_is_made_twice(
        self, made: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on = made()

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(publishing._Publishing, "_learned", killed)
            with pytest.raises(KeyboardInterrupt):
                on()
        assert [one["name"] for one in on.one.space.goals.values()] == [DECEMBER]
        on.one.reopen()
        assert on.states()[DECEMBER] == "later"
        on(IN_SIGHT)
        on(IN_SIGHT)
        assert len(on.one.space.goals) == 3

    @pytest.mark.parametrize("match", ["POST /v2/team/9008001/goal", "POST /v2/goal"])
    def test_an_answer_that_was_lost_makes_nothing_twice(self, made: Make, match: str) -> None:
        on = made()
        on.one.app.crm("clickup").check()
        on.one.server.faults.add("lost", match=match)
        assert on.states()[DECEMBER] == "later"
        assert on.states(timedelta(seconds=30))[DECEMBER] == "later"
        on(IN_SIGHT)
        assert [one["name"] for one in on.one.space.goals.values()].count(DECEMBER) == 1
        assert len(on.reached(DECEMBER)) == 2

    def test_who_is_not_let_in_may_go_on_at_once(self, made: Make) -> None:
        on = made()
        on.one.app.crm("clickup").check()
        token, on.one.space.token = on.one.space.token, "another token"
        with pytest.raises(AuthError):
            on()
        on.one.space.token = token
        on.one.reopen()
        assert set(on.states().values()) == {"made"}


class TestPages:
    def test_the_review_of_a_week_is_made_once_and_stays_as_people_leave_it(self, made: Make) -> None:
        on = made("", 'what = ["review"]')
        on.one.submits()
        on.one.sync()
        assert on() == []
        on.one.clock.move(timedelta(days=7).total_seconds())
        (page,) = on()
        assert (page.kind, page.name, page.state) == ("page", "Review of week 2026-W50", "made")
        (held,) = on.pages().values()
        assert "From lead to customer" in held["content"]
        held["content"] = "our minutes"
        assert on.states(IN_SIGHT) == {"Review of week 2026-W50": "there"}
        assert held["content"] == "our minutes"
        assert on.states(timedelta(days=7)) == {"Review of week 2026-W51": "made"}

    def test_the_playbook_follows_the_configuration(self, made: Make) -> None:
        on = made("", 'what = ["playbook"]')
        on()
        on.edit("[publish]", '[goals]\n[teams.more]\nmembers = [{ email = "petra@northwind.example" }]\n[publish]')
        assert list(on.states(IN_SIGHT).values()) == ["updated"]
        (held,) = on.pages().values()
        assert "petra@northwind.example" in held["content"]


class TestTheDaemon:
    def ticks(self, on: Publishing, daemon: Daemon, after: timedelta) -> bool:
        """Whether the daemon publishes once so much time has gone by."""
        on.one.clock.move(after.total_seconds())
        return "publish:clickup" in daemon.tick()

    def test_it_publishes_once_a_day(self, made: Make) -> None:
        on = made(publish='at = "07:00"')
        daemon = on.daemon()
        assert self.ticks(on, daemon, timedelta(0))
        assert len(on.one.space.goals) == 3
        with on.one.app.store.read() as tx:
            (run,) = [one for one in tx.ledgers.runs() if one.kind == "publish"]
        assert (run.result, figures(Counter(run.counts))) == ("done", [("published %(n)s", 3)])
        # It is 17:00 in Tokyo.
        assert not self.ticks(on, daemon, timedelta(hours=13))
        assert self.ticks(on, on.daemon(), timedelta(hours=2))

    def test_not_unless_it_is_told_to(self, made: Make) -> None:
        on = made()
        assert not self.ticks(on, on.daemon(), timedelta(0))
        assert on.one.space.goals == {}

    def test_what_passes_by_is_tried_again_and_not_all_the_time(self, made: Make) -> None:
        on = made(publish='at = "07:00"')
        on.one.app.crm("clickup").check()
        on.one.server.faults.add("status", match="/goal", code=503, times=40)
        daemon = on.daemon()
        assert self.ticks(on, daemon, timedelta(0))
        on.one.server.faults.clear()
        assert not self.ticks(on, daemon, timedelta(minutes=5))
        assert self.ticks(on, daemon, timedelta(minutes=6))
        assert len(on.one.space.goals) == 3
        assert not self.ticks(on, daemon, timedelta(minutes=11))

    def test_what_an_admin_must_mend_is_told_once_a_day(self, made: Make) -> None:
        on = made(GOALS.replace("lena@", "nobody@"), 'at = "07:00"')
        daemon = on.daemon()
        assert self.ticks(on, daemon, timedelta(0))
        with on.one.app.store.read() as tx:
            (fault,) = failing(tx)
        assert (fault.job, fault.connection, fault.kind) == ("publish:clickup", "clickup", "ConfigError")
        assert f"clickup: {DECEMBER}: " in fault.what
        assert not self.ticks(on, daemon, timedelta(hours=1))


class TestTheCommand:
    def test_a_dry_run_says_what_would_be_done_and_asks_nobody(self, made: Make) -> None:
        on = made()
        on.one.sync()
        calls = len(on.one.space.ledger.calls())
        assert {one.state for one in planned(on.one.app.runtime(), "clickup")} == {"to make"}
        assert on.one.calls(calls) == []
        on()
        on.one.clock.move(IN_SIGHT.total_seconds())
        assert {one.state for one in planned(on.one.app.runtime(), "clickup")} == {"to update"}

    def test_it_says_what_became_of_each(self, made: Make) -> None:
        on = made()
        place = ["--config", str(on.one.folder / "config.toml"), "goals"]
        told = CliRunner().invoke(baton, [*place, "publish", "--dry-run", "--output", "json"])
        assert [one["state"] for one in json.loads(told.stdout)["published"]] == ["to make"] * 3
        first = CliRunner().invoke(baton, [*place, "publish"])
        assert (first.exit_code, first.stdout.count(": made\n")) == (0, 3), first.output
        again = CliRunner().invoke(baton, [*place, "publish"])
        assert (again.exit_code, again.stdout.count("not done yet: what was sent may not be in sight yet")) == (4, 3)
        assert len(on.one.space.goals) == 3
        assert CliRunner().invoke(baton, [*place, "Qualified leads"]).stdout.count("\n") >= 3

    def test_where_no_crm_can_show_anything_that_is_said(
        self, made: Make, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        folder = tmp_path_factory.mktemp("desk")
        text = (made(publish='at = "07:00"').one.folder / "config.toml").read_text("utf-8")
        text = text.replace('crm = "clickup"', 'crm = "desk"') + '\n[connections.desk]\ntype = "desk"\n'
        (folder / "config.toml").write_text(text, "utf-8")
        answer = CliRunner().invoke(baton, ["--config", str(folder / "config.toml"), "goals", "publish"])
        assert answer.exit_code == 2
        assert "no CRM that a flow hands leads to can show" in answer.stderr
        with opened(folder / "config.toml") as app:
            found = [one.problem for one in findings(app.runtime(), lambda _: (True, True))]
        assert [one.path for one in found if "can show" in one.what] == [("publish", "at")]
