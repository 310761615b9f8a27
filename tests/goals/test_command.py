"""`baton goals` on the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from state import open_store
from tests.goals.history import CONFIG, fill, goal
from tests.system.conftest import Shop

GOALS = (
    goal('count = "mql", at_least = 19', "Leads")
    + goal('count = "mql", at_least = 8, where = { source = "fair" }, under = "Leads"', "Fair")
    + goal('amount = "won", at_least = 1500, per = "month"', "Revenue")
    + goal('rate = ["mql", "won"], at_least = "9 %", benchmark = "15 %", benchmark_from = "a survey"', "Close")
    + goal('median = "response time", at_most = "2 working hours"', "First call")
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = Shop(tmp_path_factory.mktemp("shop"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(made.folder / "home"))
        patch.setenv("LANG", "C.UTF-8")
        patch.setenv("COLUMNS", "120")
        patch.delenv("LC_ALL", raising=False)
        made.write("config.toml", CONFIG.format(goals=GOALS))
        store = open_store(made.folder / "baton.db")
        fill(store)
        store.close()
        yield made


def test_a_month_that_is_over_as_a_table(shop: Shop) -> None:
    lines = shop.baton("goals", "--period", "2026-10").stdout.splitlines()
    rows = {line[:12].strip(): line for line in lines if not line.startswith("*")}
    assert rows["Leads"].split()[-1] == "missed"
    assert "  Fair" in lines[2]
    assert rows["Revenue"].split() == ["Revenue", "2026-10", "at", "least", "1,500", "EUR", "500", "EUR", "missed"]
    assert "11.1 % (2 of 18)" in rows["Close"]
    text = " ".join(line.strip() for line in lines)
    assert "Leads: the goals under it have 9 together, and ask for 8 (Fair)." in text
    assert "Close: others reach 15 % (a survey); nothing is judged by it." in text
    assert "Revenue: deals set aside, for their currency has no rate under `currency`: 1." in text


def test_one_goal_and_those_under_it_as_a_document(shop: Shop) -> None:
    found = shop.told("goals", "Leads", "--period", "2026-10")["goals"]
    assert [(one["goal"]["name"], one["depth"]) for one in found] == [("Leads", 0), ("Fair", 1)]
    assert found[0]["figures"]["value"] == 18
    assert (found[0]["span"]["name"], found[0]["state"]) == ("2026-10", "missed")


def test_what_is_changed_is_kept_and_told(shop: Shop) -> None:
    shop.baton("goals")
    shop.edit("config.toml", "at_least = 19", "at_least = 25")
    told = " ".join(shop.baton("goals", "Leads").stdout.split())
    assert "at least 19 a month." in told
    shop.edit("config.toml", "at_least = 25", "at_least = 19")
    shop.baton("goals")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Lads",), "no goal is called Lads; did you mean Leads?"),
        (("--period", "2026-W40"), "no goal has a span that is called 2026-W40"),
    ],
)
def test_what_is_not_there_is_said(shop: Shop, words: tuple[str, ...], said: str) -> None:
    answer = shop.baton("goals", *words)
    assert answer.exit_code == 2
    assert said in answer.stderr
