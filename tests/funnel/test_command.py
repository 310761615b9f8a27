"""`baton funnel` over a store with a small history."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.stages import Transition
from state import open_store
from tests.system.conftest import CONFIG, Shop

BEGIN = datetime(2026, 9, 1, 8, 17, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
#: Sixty of an MQL each: forty from search, twenty from a fair; half of them are accepted, one of six wins.
LEADS = 60


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = Shop(tmp_path_factory.mktemp("shop"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(made.folder / "home"))
        patch.setenv("LANG", "C.UTF-8")
        patch.delenv("LC_ALL", raising=False)
        made.write("config.toml", CONFIG.replace('mapping    = "mapping.toml"\n', ""))
        for name in ("contacts.csv", "activities.csv"):
            made.write(name, "id,changed,at\n")
        store = open_store(made.folder / "baton.db")
        with store.write() as tx:
            for number in range(LEADS):
                add(tx, number)
        store.close()
        yield made


def add(tx: Any, number: int) -> None:
    """One lead: what it is, how it went, and how soon it was contacted."""
    entered = BEGIN + number * 29 * HOUR + timedelta(seconds=number)
    accepted, won = number % 2 == 0, number % 6 == 0
    lead = Lead(
        fields={"source": "search" if number % 3 else "fair", "company.employees": 9 if number < 30 else 1000},
        stage="won" if won else "sal" if accepted else "mql",
        flow="b2b",
        owner="lena@shop.example" if accepted else "",
    )
    tx.intake.add_leads([lead], entered)
    moves = [("mql", 0, "one" if number < 20 else "two")]
    moves += [("sal", 24, "")] if accepted else []
    moves += [("won", 24 * 11, "")] if won else []
    tx.scores.add_transitions(
        [
            Transition(lead.id, "b2b", None, stage, entered + hours * HOUR, "baton", "x", version)  # type: ignore[arg-type]
            for stage, hours, version in moves
        ]
    )
    contacted = entered + 12 * HOUR if accepted else None
    tx.handoffs.add([Handoff(lead.id, "b2b", "mql", "open", entered, "v", opened_at=entered, contacted_at=contacted)])


def test_the_whole_way_as_a_document(shop: Shop) -> None:
    told = shop.told("funnel")
    whole = told["whole"]
    assert [(step["stage"], step["reached"], step["here"]) for step in whole["steps"]] == [
        ("mql", 60, 30), ("sal", 30, 20), ("won", 10, None),
    ]  # fmt: skip
    assert (told["stages"], told["left_out"]) == (["mql", "sal", "won"], ["sql", "opportunity"])
    assert whole["steps"][2]["of_previous"]["value"] == pytest.approx(1 / 3)
    assert whole["steps"][0]["to_next"] == {"counted": 30, "median": 1, "p75": 1, "p90": 1, "set_aside": 0}
    assert whole["through"]["median"] == 11
    assert (whole["response"]["counted"], whole["response"]["median"], whole["unanswered"]) == (30, 0.5, 30)


def test_the_text_names_its_definition_and_what_is_doubtful(shop: Shop) -> None:
    text = " ".join(shop.baton("funnel", "--by", "cohort").stdout.split())
    for part in (
        "Funnel of 60 leads; strict, in order: a stage counts after the one before it",
        "Nobody came to SQL, opportunity on record",
        "2026-11 9 1 1 of 9", "too young",
        "Days from handoff to first contact: 0.50 / 0.50 / 0.50 (30 answered, 30 not, 0 below zero)",
    ):  # fmt: skip
        assert part in text
    assert "any order: a stage counts whenever it was come to" in shop.baton("funnel", "--definition", "any").stdout


@pytest.mark.parametrize(
    ("by", "leads"),
    [
        ("source", {"search": 40, "fair": 20}), ("owner", {"lena@shop.example": 30, None: 30}), ("flow", {"b2b": 60}),
        ("version", {"one": 20, "two": 40}), ("segment", {"1-9": 30, "250+": 30}), ("persona", {None: 60}),
        ("type", {"b2b × search × –": 40, "b2b × fair × –": 20}), ("company.employees", {"9": 30, "1000": 30}),
        ("cohort", {"2026-09": 25, "2026-10": 26, "2026-11": 9}),
    ],
)  # fmt: skip
def test_every_slice_holds_all_leads(shop: Shop, by: str, leads: dict[str | None, int]) -> None:
    told = shop.told("funnel", "--by", by)
    assert {one["name"]: one["leads"] for one in told["parts"]} == leads
    assert told["by_stage"] == ("sal" if by == "owner" else "")


def test_an_owner_has_a_share_of_winners_and_none_of_accepted(shop: Shop) -> None:
    lena = next(one for one in shop.told("funnel", "--by", "owner")["parts"] if one["name"])
    shares = [step["of_previous"] for step in lena["steps"]]
    assert (shares[1]["hits"], shares[1]["of"], shares[1]["value"]) == (30, 30, None)
    assert shares[2]["value"] == pytest.approx(1 / 3)


def test_leads_are_chosen_by_source_flow_and_day_of_entry(shop: Shop) -> None:
    # On neither day does any enter in the two hours by which Berlin is ahead of UTC.
    def leads(*options: str) -> int:
        return int(shop.told("funnel", *options)["whole"]["leads"])

    assert leads("--source", "fair") == 20
    assert leads("--flow", "b2b", "--source", "nobody's") == 0
    days = {number: (BEGIN + number * 29 * HOUR).date() for number in range(LEADS)}
    assert leads("--since", "2026-10-01") == sum(f"{day}" >= "2026-10-01" for day in days.values())
    assert leads("--until", "2026-10-01") == sum(f"{day}" <= "2026-10-01" for day in days.values())


def test_nobody_at_all_is_said(shop: Shop) -> None:
    answer = shop.baton("funnel", "--source", "nobody's", "--by", "source")
    assert (answer.exit_code, "nobody came to any stage" in answer.stdout) == (0, True)


def test_csv_has_a_line_for_each_slice_and_stage(shop: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(shop.baton("funnel", "--by", "source", "--csv").stdout)))
    assert [(row["by"], row["slice"], row["stage"], row["reached"]) for row in rows[:4]] == [
        ("", "all", "mql", "60"), ("", "all", "sal", "30"), ("", "all", "won", "10"), ("source", "search", "mql", "40"),
    ]  # fmt: skip
    assert len(rows) == 9
    assert {row["definition"] for row in rows} == {"strict"}


def test_stages_can_be_dated_by_a_field(shop: Shop) -> None:
    told = shop.told("funnel", "--mark", "mql=first_touch_at", "--mark", "won=deal_won")
    assert (told["stages"], told["left_out"]) == ([], ["mql", "won"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--by", "sorce"], "did you mean source?"), (["--flow", "b2x"], "no flow b2x; there are: b2b"),
        (["--mark", "mql"], "STAGE=WHAT"), (["--mark", "lost=x"], "such as won=deal_won"),
        (["--since", "yesterday"], "yesterday is no date"), (["--by", "won.asset"], "nothing is called so"),
    ],
)  # fmt: skip
def test_a_slip_is_told_as_such(shop: Shop, options: list[str], said: str) -> None:
    answer = shop.baton("funnel", *options)
    assert (answer.exit_code, said in answer.stderr, "Traceback" in answer.stderr) == (2, True, False)


def test_text_that_a_spreadsheet_would_run_is_text() -> None:
    from connector.locale.spreadsheet import tame

    assert [tame(text) for text in ("=1+1", "@x", "fair")] == ["'=1+1", "'@x", "fair"]
    # Where a decimal has a comma, a semicolon begins a cell; Japanese spreadsheets take wide signs, too.
    assert [tame(text) for text in ("a;=1+1", "＝1+1", "a; b-c")] == ["a;'=1+1", "'＝1+1", "a; b-c"]
