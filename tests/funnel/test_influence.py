"""Influenced revenue: what deals met before there was an opportunity."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model.activity import Activity
from connector.model.lead import Lead
from connector.model.stages import Transition
from state import open_store
from tests.goals.history import CONFIG
from tests.system.conftest import Shop

DAY = timedelta(days=1)
MADE = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = Shop(tmp_path_factory.mktemp("shop"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(made.folder / "home"))
        patch.setenv("LANG", "C.UTF-8")
        patch.setenv("COLUMNS", "120")
        patch.delenv("LC_ALL", raising=False)
        made.write("config.toml", CONFIG.format(goals=""))
        store = open_store(made.folder / "baton.db")
        with store.write() as tx:
            fill(tx)
        store.close()
        yield made


def fill(tx: Any) -> None:
    """Two leads of one deal in EUR, one in USD that met nothing, one in CHF, one without an amount."""
    one = won(tx, "a", 1000.0, "EUR", source="fair")
    two = won(tx, "a", 1000.0, "EUR", later=3, source="search")
    won(tx, "b", 500.0, "USD")
    franc, blank = won(tx, "c", 10.0, "CHF"), won(tx, "d", None, "")
    late = won(tx, "e", 300.0, "", later=200, opportunity=False)
    touches = [
        (one, -1, "download", "Autumn", "guide"),
        (one, -2, "download", "Autumn", "guide"),
        (one, -91, "visit", "Old", "home"),
        (one, 1, "visit", "After", "price"),
        (one, -3, "email_open", "Mail", "m"),
        (two, -5, "webinar_attend", "Webinar", "guide"),
        (two, -4, "call", "Phone", "x"),
        (franc, -1, "visit", "Autumn", "guide"),
        (blank, -1, "visit", "Autumn", "guide"),
        (late, 229, "visit", "Autumn", "offer"),
        (late, 231, "visit", "After", "offer"),
    ]
    tx.intake.add_activities(
        [
            Activity("portal", str(number), "p", MADE + day * DAY, kind, asset=asset, campaign=campaign, lead_id=lead)
            for number, (lead, day, kind, campaign, asset) in enumerate(touches)
        ]
    )


def won(
    tx: Any, deal: str, amount: float | None, currency: str, *, later: int = 0, opportunity: bool = True,
    source: str = "",
) -> int:  # fmt: skip
    fields: dict[str, Any] = {"opportunity.id": deal, "opportunity.currency": currency, "source": source}
    fields |= {} if amount is None else {"opportunity.amount": amount}
    lead = Lead(fields=fields, stage="won", flow="b2b")
    tx.intake.add_leads([lead], MADE)
    moves = [("opportunity", MADE + later * DAY)] if opportunity else []
    moves += [("won", MADE + (30 + later) * DAY)]
    tx.scores.add_transitions(
        [Transition(lead.id, "b2b", None, stage, at, "crm", "x") for stage, at in moves]  # type: ignore[arg-type]
    )
    return lead.id


def test_a_deal_counts_whole_for_every_campaign_that_its_leads_met_in_time(shop: Shop) -> None:
    told = shop.told("funnel", "--influenced", "campaign")
    assert (told["deals"], told["amount"], told["currency"]) == (3, 1550.0, "EUR")
    assert (told["no_rate"], told["no_amount"]) == (1, 1)
    assert (told["untouched"], told["untouched_amount"]) == (1, 250.0)
    names = {one["name"]: (one["deals"], one["amount"]) for one in told["names"]}
    assert names == {"Autumn": (2, 1300.0), "Webinar": (1, 1000.0)}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("content",), {"guide": 1000.0, "offer": 300.0}),
        (("kind",), {"download": 1000.0, "webinar_attend": 1000.0, "visit": 300.0}),
        (("source",), {"fair": 1000.0, "search": 1000.0}),
        (("topic",), {}),
        (("campaign", "--within", "1 day"), {"Autumn": 1300.0}),
        (("campaign", "--within", "100 days"), {"Autumn": 1300.0, "Webinar": 1000.0, "Old": 1000.0}),
        (("campaign", "--source", "search"), {"Webinar": 1000.0}),
        (("campaign", "--since", "2026-08-01"), {"Autumn": 300.0}),
        (("campaign", "--until", "2026-07-01"), {"Autumn": 1000.0}),
        (("campaign", "--flow", "b2b", "--until", "2026-06-30"), {}),
    ],
)
def test_by_what_and_within_what(shop: Shop, options: tuple[str, ...], names: dict[str, float]) -> None:
    told = shop.told("funnel", "--influenced", *options)
    assert {one["name"]: one["amount"] for one in told["names"]} == names


def test_it_says_that_it_is_no_cause(shop: Shop) -> None:
    lines = shop.baton("funnel", "--influenced", "campaign").stdout.splitlines()
    assert lines[0] == "Influenced, not caused: 3 deals were won, 1,550 EUR"
    assert lines[3].split() == ["Autumn", "2", "1,300", "EUR", "83.9", "%"]
    assert "the sums are more than the total, and say nothing of causes." in " ".join(" ".join(lines).split())


def test_csv_and_what_is_no_number_of_days(shop: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(shop.baton("funnel", "--influenced", "content", "--csv").stdout)))
    assert [(row["name"], row["deals"], row["amount"]) for row in rows] == [
        ("guide", "1", "1000.0"), ("offer", "1", "300.0"),
    ]  # fmt: skip
    for text in ("soon", "2 working days", "5 hours"):
        answer = shop.baton("funnel", "--influenced", "content", "--within", text)
        assert answer.exit_code == 2
        assert "a number of days" in answer.stderr
