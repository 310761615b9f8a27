"""docs/funnel.md holds: its two files and its commands give the figures on the page.

The data is not part of the project: it is taken from the folder that BATON_SHARED names.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.conftest import Shop

PAGE = (Path(__file__).parents[2] / "docs" / "funnel.md").read_text("utf-8")
COMMANDS = re.findall(r"^    baton (funnel --mark .*)$", PAGE, re.MULTILINE)
FILES = {"mqls.csv": "olist_marketing_qualified_leads.train.csv", "deals.csv": "olist_closed_deals.train.csv"}


@pytest.fixture(scope="module")
def sellers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The configuration of the page, after one sync."""
    shared = os.environ.get("BATON_SHARED", "")
    if not shared:
        pytest.skip("BATON_SHARED does not name the folder with real leads")
    folder = tmp_path_factory.mktemp("sellers")
    shop = Shop(folder)
    for name in ("exports", "mappings", "home"):
        (folder / name).mkdir()
    config, mapping = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    shop.write("config.toml", config)
    shop.write("mappings/exports.toml", mapping)
    for name, file in FILES.items():
        shutil.copyfile(Path(shared) / "data" / "olist-funnel" / file, folder / "exports" / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "home"))
        patch.setenv("LANG", "C.UTF-8")
        patch.delenv("LC_ALL", raising=False)
        assert shop.told("sync")["counts"]["new leads"] == 5600
        yield shop


def told(shop: Shop, by: str, *more: str) -> Any:
    """What the command of the page says that slices so."""
    (command,) = [one for one in COMMANDS if one.endswith(by)]
    return shop.told(*command.split(), *more)


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


def row(name: str, part: Any) -> str:
    """A line of the page's table."""
    last, through = part["steps"][1], part["through"]
    share = last["of_first"]
    days = " / ".join(f"{through[key]:.1f}" for key in ("median", "p75", "p90")) if through["median"] else ""
    interval = f"{percent(share['value'])} % ({percent(share['low'])}–{percent(share['high'])})"
    return f"| {name} | {part['leads']:,} | {last['reached']:,} | {interval} | {days} |".replace("|  |", "| |")


def test_shares_and_days_by_source_are_those_of_the_page(sellers: Shop) -> None:
    found = told(sellers, "--by source")
    assert row("all", found["whole"]) in PAGE
    parts = {one["name"] or "(not known)": one for one in found["parts"]}
    told_of = [name for name in parts if f"| {name} |" in PAGE]
    assert len(told_of) == 7
    for name in told_of:
        assert row(name, parts[name]) in PAGE
    below = {name: [f"{-100 * edge:.1f}" for edge in parts[name]["against_rest"]] for name in ("social", "email")}
    (social_most, social_least), (email_most, email_least) = below.values()
    assert f"{social_least} to {social_most} and {email_least} to {email_most} points below" in PAGE
    for name in ("organic_search", "direct_traffic"):
        low, high = parts[name]["against_rest"]
        assert low < 0 < high


def test_the_months_of_2017_are_cut_off(sellers: Shop) -> None:
    found = told(sellers, "--by cohort")
    months = found["months"]
    assert (months["before"], months["young"]) == ([f"2017-{month:02}" for month in range(6, 13)], [])
    assert months["records_from"].startswith("2017-12-05")
    shares = {one["name"]: one["steps"][1]["of_first"]["value"] for one in found["parts"]}
    cut = [percent(shares[name]) for name in months["before"] if shares[name] is not None]
    whole = [percent(shares[f"2018-{month:02}"]) for month in range(1, 5)]
    assert f"{min(cut)} to {max(cut)} % against\n  {min(whole)} to {max(whole)} % from January to April" in PAGE
    assert f"May 2018 has {percent(shares['2018-05'])} %" in PAGE
    since = told(sellers, "--by cohort", "--since", "2018-01-01")["whole"]["steps"][1]["of_first"]["value"]
    assert f"the share of all is {percent(since)} %, not 10.5 %" in PAGE


def test_no_share_is_given_by_sdr_for_only_winners_have_one(sellers: Shop) -> None:
    found = told(sellers, "--by won.asset")
    assert found["by_stage"] == "won"
    named = [one for one in found["parts"] if one["name"]]
    assert len(named) > 20
    assert sum(one["leads"] for one in named) == 589
    assert {one["steps"][1]["of_first"]["value"] for one in found["parts"]} == {None}
    text = sellers.baton(*next(one for one in COMMANDS if one.endswith("won.asset")).split()).stdout
    assert "nothing to take a share of" in " ".join(text.split()).lower()


def test_wins_at_midnight_and_the_length_below_zero_are_noticed(sellers: Shop) -> None:
    found = told(sellers, "--by source")
    times = {(one["stage"], one["time"]): (one["count"], one["midnight"]) for one in found["same_times"]}
    assert times["won", "02:00"][0] + times["won", "03:00"][0] == 44
    assert times["mql", "02:00"][0] + times["mql", "03:00"][0] == 5600
    assert all(midnight for _, midnight in times.values())
    assert found["whole"]["steps"][0]["to_next"]["set_aside"] == 1
    strict = told(sellers, "--definition strict")
    assert (strict["out_of_order"], strict["whole"]["steps"][1]["reached"]) == (1, 588)
    assert found["whole"]["steps"][0]["here"] is None
