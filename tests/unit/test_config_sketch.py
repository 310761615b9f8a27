"""A company's whole configuration, as an admin would have it after a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.config import Config, load
from connector.config.types import Breach
from connector.model.durations import Duration
from connector.model.facts import Facts
from connector.model.goals import Goal

FOLDER = Path(__file__).parents[1] / "data" / "config"


@pytest.fixture(scope="module")
def config() -> Config:
    return load(FOLDER / "config.toml")


def test_what_holds_for_everything(config: Config) -> None:
    assert config.zone == ZoneInfo("Europe/Berlin")
    assert (config.language, config.region, config.fiscal_year_starts) == ("en", "DE", 2)
    assert (config.currency.report_in, config.currency.rates) == ("EUR", {"USD": 0.92, "CHF": 1.05})
    assert config.keep.activities == Duration(25 * 30 * 86_400)
    assert config.schedule.reports["monthly"] == "1st working day 08:00"


def test_connections_have_settings_of_their_adapter_and_a_mapping(config: Config) -> None:
    exports = config.connections["exports"]
    assert (exports.type, exports.daily_calls) == ("files", 150_000)
    assert exports.settings.contacts.files == ["exports/contacts.csv"]
    assert exports.mapping.columns["job_title"] == ("Position",)
    assert "lead" in config.connections["desk"].mapping.write_objects


def test_teams_and_people(config: Config) -> None:
    dach, west = config.teams["sdr-dach"], config.teams["sdr-west"]
    assert [(one.email, one.weight, one.open_at_most) for one in dach.members] == [
        ("lena@northwind.example", 2, None),
        ("tom@northwind.example", 1, 15),
    ]
    assert dach.hours[0] == ((time(9), time(17, 30)),)
    assert dach.hours[4] == ((time(9), time(15)),)
    assert 5 not in dach.hours
    assert dach.holidays == ("DE-BE", date(2026, 12, 24), date(2026, 12, 31))
    assert (dach.zone, west.zone) == (ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Madrid"))
    assert config.language_of("yuki@northwind.example") == "ja"
    assert config.language_of("karl@northwind.example") == "en"
    assert config.notices["breached"] == ("owner", "manager")


def test_the_flow(config: Config) -> None:
    flow = config.flows["b2b"]
    assert (flow.sources, flow.crm, flow.mode) == (("exports",), "desk", "observe")
    assert (flow.start, flow.handoffs_per_day) == (date(2026, 12, 7), 60)
    assert flow.takes is not None
    now = datetime(2026, 12, 8, tzinfo=UTC)
    assert flow.takes.test(Facts(now, {"email_class": "work"}))
    assert not flow.takes.test(Facts(now, {"email_class": "free"}))
    assert len(flow.criteria.rules) == 8
    assert set(flow.criteria.gates) == {"mql", "mql_ends", "hot", "nurture"}
    assert flow.criteria.conditions["barred"].test(Facts(now, {"company.domain": "rival.example"}))
    assert [(rule.number, rule.to) for rule in flow.routing.rules] == [
        (1, "account owner"),
        (2, "sdr-dach"),
        (3, "sdr-west"),
    ]
    assert flow.fields == {"owner": "always_crm", "job_title": "newest", "source": "always_marketing"}


def test_the_clock_and_the_reasons(config: Config) -> None:
    flow = config.flows["b2b"]
    assert (flow.clock.contact.hot, flow.clock.contact.other) == (
        Duration(1800, working=True),
        Duration(14_400, working=True),
    )
    assert flow.clock.not_by == ("Outreach Sequence",)
    assert flow.clock.breach[2] == Breach("reassign", Duration(working=True, working_days=1))
    not_now, wrong_fit = flow.reasons["not_now"], flow.reasons["wrong_fit"]
    assert (not_now.list, not_now.back_after) == ("Baton: later", Duration(90 * 86_400))
    assert wrong_fit.back_when is not None
    assert wrong_fit.back_when.uses.fields == {"job_title", "company.name"}
    assert flow.reasons["wrong_data"].mend_by == "petra@northwind.example"
    assert "competitor" in flow.reasons


def test_the_goals(config: Config) -> None:
    petra = "petra@northwind.example"
    assert list(config.goals.values()) == [
        Goal("Qualified leads", "count", ("mql",), 100, "leads", "month", petra),
        Goal("Lead to close", "rate", ("mql", "won"), 0.2, "share", "fiscal quarter", petra),
    ]


def test_every_file_that_was_read_is_known(config: Config) -> None:
    names = [path.relative_to(FOLDER).as_posix() for path in config.files]
    assert names == ["config.toml", "lists/competitors.txt", "mappings/exports.toml"]


def test_loading_twice_gives_the_same_versions(config: Config) -> None:
    again = load(FOLDER / "config.toml")
    assert again.digest == config.digest
    assert again.flows["b2b"].criteria.version == config.flows["b2b"].criteria.version
