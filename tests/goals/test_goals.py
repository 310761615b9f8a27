"""Goals over a store whose rows are known one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connector.insight.goals import AddUp, GoalStanding
from connector.model.lead import Lead
from connector.model.ports import Store
from connector.model.stages import Transition
from tests.goals.history import DAY, MONTHS, NOW, asked, asked_and_kept, configured, fill, goal, kept


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with kept(tmp_path_factory.mktemp("store") / "baton.db") as made:
        fill(made)
        yield made


@pytest.fixture
def ask(store: Store, tmp_path: Path) -> Asking:
    return Asking(store, tmp_path)


class Asking:
    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder

    def __call__(self, said: str, now: datetime = NOW, period: str = "") -> GoalStanding:
        (one,) = self.all(goal(said), now, period)
        return one

    def all(self, goals: str, now: datetime = NOW, period: str = "") -> list[GoalStanding]:
        return list(asked(self.store, configured(self.folder, goals), now, period))


def test_a_count_of_the_month_with_its_pace_and_its_past(ask: Asking) -> None:
    found = ask('count = "mql", at_least = 21, per = "month"')
    assert (found.span.name, found.figures.value) == ("2026-11", 12)
    # 2 to 17 November are twelve working days, and half of the 18th is over at noon: of 21.
    assert found.elapsed == pytest.approx(12.5 / 21)
    assert found.expected == pytest.approx(12.5)
    # May began before the record did.
    assert [(one.name, one.value) for one in found.past] == [*MONTHS.items()][1:-1]
    forecast = found.figures.forecast
    assert forecast is not None
    assert 12 < forecast.low <= forecast.value <= forecast.high
    assert found.figures.method == "this span and those before"
    assert found.state == ("on track" if forecast.value >= 21 else "behind")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ('count = "mql", at_least = 12', "reached"),
        ('count = "mql", at_least = 13', "ahead"),
        ('count = "mql", at_least = 60', "behind"),
        ('count = "mql", at_most = 11', "missed"),
        ('count = "mql", at_most = 60', "ahead"),
        ('count = "mql", at_least = 3, from = 2026-12-01', "not begun"),
        ('count = "rejected", at_least = 3, per = "week"', "behind"),
        ('rate = ["mql", "won"], at_least = "20 %"', "not enough data"),
        ('rate = ["mql", "won"], at_least = "5 %", per = "fiscal quarter"', "not enough data"),
    ],
)
def test_states_while_a_span_runs(ask: Asking, said: str, state: str) -> None:
    assert ask(said).state == state


@pytest.mark.parametrize(
    ("said", "period", "value", "state"),
    [
        ('count = "mql", at_least = 18', "2026-10", 18, "reached"),
        ('count = "mql", at_least = 19', "2026-10", 18, "missed"),
        ('count = "mql", at_most = 18', "2026-10", 18, "reached"),
        ('count = "mql", at_least = 70, per = "fiscal quarter"', "2027-Q3", 66, "missed"),
        ('count = "mql", at_least = 70, per = "quarter"', "2026-Q3", 72, "reached"),
        ('count = "mql", at_least = 120, per = "fiscal year"', "2027", 125, "reached"),
        ('rate = ["mql", "won"], at_least = "8 %"', "2026-07", 2 / 24, "reached"),
        ('rate = ["mql", "won"], at_least = "9 %"', "2026-07", 2 / 24, "missed"),
        ('rate = ["mql", "won"], at_most = "9 %"', "2026-07", 2 / 24, "reached"),
    ],
)
def test_a_span_that_is_over_is_judged(ask: Asking, said: str, period: str, value: float, state: str) -> None:
    found = ask(said, period=period)
    assert (found.span.name, found.state) == (period, state)
    assert found.figures.value == pytest.approx(value)


def test_a_goal_has_no_span_of_another_name(ask: Asking) -> None:
    for period in ("2026-W40", "2026-Q3", "2026", "soon", "0001-01"):
        assert ask.all(goal('count = "mql", at_least = 18'), period=period) == []
    assert ask.all(goal('count = "mql", at_least = 18, until = 2026-09-30'), period="2026-10") == []


def test_rates_are_forecast_by_leads_that_are_old_enough(ask: Asking) -> None:
    # Whoever is won is so after exactly twenty days: on 28 October the leads up to the 8th are old enough.
    found = ask('rate = ["mql", "won"], at_least = "9 %", per = "fiscal quarter"', now=NOW.replace(month=10, day=28))
    assert found.figures.old_after_days == pytest.approx(20.0)
    assert found.figures.method == "old enough"
    october = ask('rate = ["mql", "won"], at_least = "99 %"', period="2026-10")
    assert (october.figures.hits, october.figures.of, october.state) == (2, 18, "missed")
    young = ask('rate = ["mql", "won"], at_least = "99 %"', now=datetime(2026, 11, 2, tzinfo=UTC), period="2026-10")
    assert young.state != "missed"


def test_amounts_are_summed_at_the_rates_and_those_without_one_are_set_aside(ask: Asking) -> None:
    # Won 20 days after 0, 10, 20 ... became an MQL, in EUR, USD, CHF and no currency by turns.
    found = ask('amount = "won", at_least = 100, per = "year"')
    number, won = 0, []
    for month, count in MONTHS.items():
        first = datetime.fromisoformat(f"{month}-02T08:00:00+00:00")
        for place in range(count):
            at = first + place * timedelta(hours=16) + 20 * DAY
            won += [number // 10 % 4] if number % 10 == 0 and at <= NOW else []
            number += 1
    assert found.figures.value == sum((1000, 500, 0, 1000)[kind] for kind in won)
    assert (found.figures.no_rate, found.figures.no_amount, found.figures.of) == (won.count(2), 0, len(won))
    assert found.state == "reached"


def test_a_deal_of_two_leads_counts_once(tmp_path: Path) -> None:
    with kept(tmp_path / "baton.db") as store:
        with store.write() as tx:
            for lead_id, deal in enumerate(("d", "d", "e", ""), 1):
                fields = {"opportunity.id": deal} | ({"opportunity.amount": 10.0} if deal != "" else {})
                lead = Lead(fields=dict(fields), stage="won", flow="b2b")
                tx.intake.add_leads([lead], NOW)
                tx.scores.add_transitions([Transition(lead.id, "b2b", None, "won", NOW - lead_id * DAY, "crm", "x")])
        (found,) = asked(store, configured(tmp_path, goal('amount = "won", at_least = 10')))
    assert (found.figures.value, found.figures.no_amount, found.figures.of) == (20, 1, 3)


def test_response_time_is_a_median_with_those_overdue_as_longer_than_all(ask: Asking) -> None:
    found = ask('median = "response time", at_most = "4 hours"', period="2026-10")
    numbers = range(sum(MONTHS.values()) - 12 - 18, sum(MONTHS.values()) - 12)
    took = sorted(float(n % 7 + 1) if n % 5 else float("inf") for n in numbers)
    assert found.figures.of == 18
    assert found.figures.value == pytest.approx((took[8] + took[9]) / 2 * 3600)
    working = ask('median = "response time", at_most = "4 working hours"', period="2026-10")
    assert working.figures.value == pytest.approx((took[8] + took[9]) / 2 * 1800)
    assert working.state == "reached"


def test_a_share_of_clocks_that_were_kept(ask: Asking) -> None:
    found = ask('share = "contacted in time", at_least = "50 %"', period="2026-10")
    numbers = range(sum(MONTHS.values()) - 12 - 18, sum(MONTHS.values()) - 12)
    assert (found.figures.hits, found.figures.of) == (sum(n % 5 > 0 and n % 7 < 4 for n in numbers), 18)
    assert ask('share = "accepted in time", at_least = "50 %"', period="2026-10").state == "not enough data"


@pytest.mark.parametrize(
    ("where", "keep"),
    [
        ('source = "search"', lambda n: n % 2 == 0),
        ('source = ["search", "fair"]', lambda _n: True),
        ('segment = "250+"', lambda n: n % 3 == 0),
        ('owner = "Lena@shop.example"', lambda n: n % 4 > 0),
        ('team = "west"', lambda n: n % 4 == 0),
        ('team = "dach", source = "fair"', lambda n: n % 4 > 0 and n % 2 == 1),
        ('flow = "b2b", campaign = ""', lambda _n: True),
    ],
)
def test_only_the_leads_that_are_meant_count(ask: Asking, where: str, keep: object) -> None:
    found = ask(f'count = "mql", at_least = 1, where = {{ {where} }}', period="2026-10")
    numbers = range(sum(MONTHS.values()) - 12 - 18, sum(MONTHS.values()) - 12)
    assert found.figures.value == sum(keep(n) for n in numbers)  # type: ignore[operator]


def test_those_under_a_goal_add_up(ask: Asking) -> None:
    found = ask.all(
        goal('count = "mql", at_least = 60, per = "fiscal quarter"', "All")
        + goal('count = "mql", at_least = 8, where = { source = "fair" }, under = "All"', "Fair")
        + goal('count = "mql", at_least = 9, where = { source = "search" }, under = "All"', "Search")
        + goal('count = "mql", at_least = 2, where = { source = "search", team = "west" }, under = "Search"', "West"),
    )
    assert [(one.goal.name, one.depth) for one in found] == [("All", 0), ("Fair", 1), ("Search", 1), ("West", 2)]
    assert found[0].children == AddUp(("Fair", "Search"), 12, 51)
    assert found[0].figures.value == 12
    assert found[1].children is None


def test_a_goal_that_begins_within_a_span_asks_for_its_part_of_it(ask: Asking) -> None:
    found = ask('count = "mql", at_least = 21, from = 2026-11-09, until = 2026-11-20')
    assert (found.first, found.last) == (date(2026, 11, 9), date(2026, 11, 20))
    assert found.target == pytest.approx(10)
    assert found.figures.value == sum(2 + n * 2 / 3 + 1 / 3 >= 9 for n in range(12))
    over = ask('count = "mql", at_least = 21, until = 2026-10-31')
    assert (over.span.name, over.state) == ("2026-10", "missed")


def test_a_past_span_is_judged_by_the_goal_as_it_was_then(tmp_path: Path) -> None:
    with kept(tmp_path / "baton.db") as store:
        fill(store)
        asked_and_kept(
            store, configured(tmp_path, goal('count = "mql", at_least = 18')), datetime(2026, 10, 20, tzinfo=UTC)
        )
        changed = datetime(2026, 11, 3, tzinfo=UTC)
        config = configured(tmp_path, goal('count = "mql", at_least = 25'))
        (found,) = asked_and_kept(store, config, changed)
        assert [(one.until, one.goal and one.goal.target) for one in found.earlier] == [(changed, 18)]
        (october,) = asked_and_kept(store, config, NOW, "2026-10")
        assert (october.target, october.state, october.earlier) == (18, "reached", ())
        # Before the first that is kept, as that one was.
        (september,) = asked_and_kept(store, config, NOW, "2026-09")
        assert september.target == 18
