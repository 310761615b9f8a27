"""Real leads through the whole line, from the command line: nothing is lost, nothing is sent twice.

The data is not part of the project: the tests take it from the folder that BATON_SHARED names,
and are skipped without it. docs/tour.md tells the same story for readers.
"""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.config.lines import line_map
from tests.system.conftest import Shop

TOUR = Path(__file__).parents[1] / "data" / "tour"
PAGE = (Path(__file__).parents[2] / "docs" / "tour.md").read_text("utf-8")
#: Tables that tell of the passes themselves: the time of the latest, who holds what.
OF_PASSES = {"runs", "leases", "jobs", "meta", "ids"}
FILES_AS_CRM = '[connections.desk]\ntype     = "files"\nfolder   = "handed-over"\nmapping  = "mappings/exports.toml"\n'


@pytest.fixture(scope="module")
def data() -> Path:
    """The folder of public data."""
    shared = os.environ.get("BATON_SHARED", "")
    if not shared:
        pytest.skip("BATON_SHARED does not name the folder with real leads")
    return Path(shared) / "data"


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A reader of English without settings of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("LANG", "C.UTF-8")
        patch.delenv("LC_ALL", raising=False)
        yield


def set_up(folder: Path, config: str, files: dict[str, Path]) -> Shop:
    """A configuration of the tour, with exports under the names that it expects."""
    shutil.copytree(TOUR / config, folder)
    (folder / "exports").mkdir()
    for name, file in files.items():
        shutil.copyfile(file, folder / "exports" / name)
    return Shop(folder)


def query(shop: Shop, text: str, *values: Any) -> list[Any]:
    """Rows of the store."""
    with sqlite3.connect(shop.folder / "baton.db") as database:
        found = database.execute(text, values).fetchall()
    database.close()
    return found


def kept(shop: Shop) -> dict[str, list[Any]]:
    """Every row of the store but those that tell of the passes themselves."""
    names = [name for (name,) in query(shop, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: query(shop, f"SELECT * FROM {name}") for name in names if name not in OF_PASSES}


def rows_of(file: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a CSV file as Python's own reader sees them."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened, delimiter=delimiter))


# --- a school's leads: 6,468 rows, and 237 that are broken ---


@pytest.fixture(scope="module")
def exports(data: Path) -> dict[str, Path]:
    folder = data / "x-education"
    return {
        "broken.csv": folder / "leads.as-found-malformed.train.csv",
        "leads.csv": folder / "leads.train.csv",
    }


@pytest.fixture(scope="module")
def school(exports: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Any, Any]:
    """The leads on the desk, with what the first and the second pass told; live from the start."""
    shop = set_up(tmp_path_factory.mktemp("school") / "desk", "courses", exports)
    shop.edit("config.toml", 'mode     = "observe"', 'mode     = "live"')
    first, second = shop.told("sync"), shop.told("sync")
    # The second pass has read back what the first wrote on the desk; from then on nothing is new.
    before = kept(shop)
    shop.told("sync")
    assert kept(shop) == before
    return shop, first, second


def test_check_finds_nothing_wrong_with_the_tour(exports: dict[str, Path], tmp_path: Path) -> None:
    shop = set_up(tmp_path / "school", "courses", exports)
    answer = shop.baton("check")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert "errors 0, warnings 0" in answer.stdout


def test_every_row_is_a_lead_or_set_aside(school: tuple[Shop, Any, Any], exports: dict[str, Path]) -> None:
    shop, first, _ = school
    counts = first["counts"]
    good = rows_of(exports["leads.csv"])
    broken = exports["broken.csv"].read_text("utf-8").splitlines()[1:]
    assert counts["contacts read"] == len(good) + len(broken)
    assert (counts["new leads"], counts["set aside"]) == (len(good), len(broken))
    assert counts.get("fields set aside", 0) == 0
    ids = {name for (name,) in query(shop, "SELECT external_id FROM links WHERE connection = 'exports'")}
    assert ids == {row["Prospect ID"] for row in good}


def test_every_row_set_aside_has_its_file_line_and_reason(
    school: tuple[Shop, Any, Any], exports: dict[str, Path]
) -> None:
    found = school[0].told("errors", "--limit", "1000")["errors"]
    lines = range(2, len(exports["broken.csv"].read_text("utf-8").splitlines()) + 1)
    assert [one["where"] for one in found] == [f"exports: exports/broken.csv:{line}" for line in lines]
    assert {one["reason"] for one in found} == {"the whole row is wrapped in one pair of quotes"}


def test_values_are_those_of_the_file(school: tuple[Shop, Any, Any], exports: dict[str, Path]) -> None:
    import orjson

    shop = school[0]
    text = "SELECT external_id, body FROM links JOIN leads ON leads.id = lead_id WHERE connection = 'exports'"
    leads = {name: orjson.loads(body) for name, body in query(shop, text)}
    for row in rows_of(exports["leads.csv"]):
        fields = leads[row["Prospect ID"]]["fields"]
        assert fields.get("custom.visits") == (int(row["TotalVisits"]) if row["TotalVisits"] else None)
        assert fields["custom.seconds_on_site"] == int(row["Total Time Spent on Website"])
        pages = row["Page Views Per Visit"]
        assert fields.get("custom.pages_a_visit") == (float(pages) if pages else None)
        assert fields["consent.email"] is (row["Do Not Email"] == "No")
        assert fields.get("custom.specialisation", "Select") == (row["Specialization"] or "Select")
        assert (fields.get("source") == "search") is (
            row["Lead Source"] in ("Google", "google", "Organic Search", "bing")
        )


def test_the_desk_has_each_qualified_lead_once(school: tuple[Shop, Any, Any]) -> None:
    shop, first, _ = school
    handed = first["counts"]["handed over"]
    assert handed > 1000
    assert first["delivered"] == {"done": {"lead": handed, "task": handed, "note": handed}}
    assert query(shop, "SELECT object, count(*) FROM desk GROUP BY object ORDER BY object") == [
        ("lead", handed), ("note", handed), ("task", handed),
    ]  # fmt: skip
    status = shop.told("status")
    assert sum(status["flows"]["courses"]["stages"].values()) == first["counts"]["new leads"]
    assert status["flows"]["courses"]["handoffs"] == {"open": handed}


def test_turns_follow_the_weights(school: tuple[Shop, Any, Any]) -> None:
    owners = school[0].told("status")["open_by_owner"]
    assert abs(owners["asha@school.example"] - 2 * owners["ravi@school.example"]) <= 2
    assert owners["lin@school.example"] > 0


def test_a_second_pass_finds_nothing_new_and_writes_nothing(school: tuple[Shop, Any, Any]) -> None:
    _, _, second = school
    assert second["delivered"] == {}
    assert not {"contacts read", "new leads", "changed leads", "scored", "handed over"} & {
        name for name, count in second["counts"].items() if count
    }


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("mql", ["handed over to", "the MQL gate is passed", "turn", "first contact due", "Written outside"]),
        ("warm", ["warm since", "points short", "nobody yet"]),
        ("known", ["known since", "not an MQL, for it lacks", "points short"]),
    ],
)
def test_why_tells_of_a_lead_at_each_stage(school: tuple[Shop, Any, Any], stage: str, words: list[str]) -> None:
    shop = school[0]
    text = "SELECT lead_id, total FROM standings WHERE stage = ? ORDER BY total DESC, lead_id LIMIT 1"
    ((lead, total),) = query(shop, text, stage)
    told = shop.baton("why", str(lead), "--all").stdout
    for part in words:
        assert part in told
    story = shop.told("why", str(lead))
    assert sum(one["points"] for one in story["points"]) == total


def test_the_page_tells_what_happened(school: tuple[Shop, Any, Any], exports: dict[str, Path]) -> None:
    shop, first, _ = school
    counts = first["counts"]
    assert f"{counts['contacts read']:,} = {counts['new leads']:,} + {counts['set aside']:,}" in PAGE
    assert f"{counts['handed over']:,} handed over: {counts['handed over']:,} leads" in PAGE
    turns = "SELECT owner, count(*), sum(hot) FROM handoffs GROUP BY owner"
    for owner, leads, hot in query(shop, turns):
        name = owner.partition("@")[0]
        assert any(line.startswith(f"| {name},") and f"| {leads:,} | {hot} |" in line for line in PAGE.splitlines())
    bought = {row["Prospect ID"]: row["Converted"] == "1" for row in rows_of(exports["leads.csv"])}
    outcomes: dict[str, list[bool]] = {"all": list(bought.values())}
    text = (
        "SELECT external_id, standings.stage, hot FROM links JOIN standings USING (lead_id) "
        "LEFT JOIN handoffs USING (lead_id) WHERE connection = 'exports'"
    )
    for name, stage, hot in query(shop, text):
        group = {None: stage, 1: "handed over, hot", 0: "handed over, other"}[hot]
        outcomes.setdefault(group, []).append(bought[name])
    for group, won in outcomes.items():
        assert f"| {group} | {len(won):,} | {100 * sum(won) / len(won):.0f} % |" in PAGE


def test_files_as_crm_hold_the_same_leads_and_stay_as_they_are(
    school: tuple[Shop, Any, Any], exports: dict[str, Path], tmp_path: Path
) -> None:
    desk, first, _ = school
    shop = set_up(tmp_path / "school", "courses", exports)
    shop.edit("config.toml", '[connections.desk]\ntype     = "desk"\n', FILES_AS_CRM)
    assert "handed over" not in {name for name, count in shop.told("sync")["counts"].items() if count}
    shop.edit("config.toml", 'mode     = "observe"', 'mode     = "live"')
    assert shop.told("sync")["counts"]["handed over"] == first["counts"]["handed over"]
    files = {name: shop.folder / "handed-over" / f"{name}.csv" for name in ("leads", "tasks", "notes")}
    found = {name: rows_of(file) for name, file in files.items()}
    assert {name: len(rows) for name, rows in found.items()} == dict.fromkeys(files, first["counts"]["handed over"])
    assert len({row["baton_id"] for rows in found.values() for row in rows}) == 3 * len(found["leads"])
    assert {row["baton_id"] for row in found["leads"]} == {row["baton_parent"] for row in found["tasks"]}
    owners = Counter(row["owner"] for row in found["leads"])
    assert owners == desk.told("status")["open_by_owner"]
    before = {name: (file.read_bytes(), file.stat().st_mtime_ns) for name, file in files.items()}
    assert shop.told("sync")["delivered"] == {}
    assert {name: (file.read_bytes(), file.stat().st_mtime_ns) for name, file in files.items()} == before


def test_a_person_who_is_only_in_a_broken_row_is_found_there(exports: dict[str, Path], tmp_path: Path) -> None:
    shop = set_up(tmp_path / "school", "courses", {"broken.csv": exports["broken.csv"]})
    counts = shop.told("sync")["counts"]
    assert (counts["contacts read"], counts.get("new leads", 0)) == (counts["set aside"], 0)
    first = exports["broken.csv"].read_text("utf-8").splitlines()[1].strip('"').split(",")[0]
    answer = shop.baton("why", first)
    assert answer.exit_code == 2
    assert "exports/broken.csv:2: the whole row is wrapped in one pair of quotes" in answer.stderr


# --- a marketplace's sellers: one export, and two others of the same records ---

VARIANTS = {
    "own": ("olist_marketing_qualified_leads.train.csv", "olist_closed_deals.train.csv", ","),
    "dotted": (
        "variants/mqls.semicolon-bom-dotdates.train.csv", "variants/closed_deals.semicolon-bom-dotdates.train.csv", ";",
    ),
    "us": ("variants/mqls.us-dates.train.csv", "variants/closed_deals.us-dates.train.csv", ","),
}  # fmt: skip


@pytest.fixture(scope="module")
def sellers(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shop]:
    """The same records as three programs wrote them, each through the same configuration."""
    folder, made = tmp_path_factory.mktemp("sellers"), {}
    for name, (leads, deals, _) in VARIANTS.items():
        files = {"mqls.csv": data / "olist-funnel" / leads, "deals.csv": data / "olist-funnel" / deals}
        made[name] = set_up(folder / name, "sellers", files)
        counts = made[name].told("sync")["counts"]
        assert (counts["contacts read"], counts["new leads"], counts.get("set aside", 0)) == (5600, 5600, 0)
        assert made[name].told("sync")["counts"].get("scored", 0) == 0
    return made


def leads_of(shop: Shop) -> dict[str, dict[str, Any]]:
    """Fields by the platform's id."""
    import orjson

    text = "SELECT external_id, body FROM links JOIN leads ON leads.id = lead_id WHERE connection = 'exports'"
    return {name: orjson.loads(body)["fields"] for name, body in query(shop, text)}


def deals_of(shop: Shop) -> dict[str, tuple[str, int]]:
    """Who signed, and in which minute (seconds are not in every variant), by the deal's id."""
    text = (
        "SELECT source_id, external_id, at FROM activities JOIN links ON links.lead_id = activities.lead_id "
        "WHERE kind = 'deal_won'"
    )
    return {source_id: (person, at // 60_000_000) for source_id, person, at in query(shop, text)}


@pytest.mark.parametrize("variant", ["dotted", "us"])
def test_a_variant_has_the_same_people_first_seen_on_the_same_day(sellers: dict[str, Shop], variant: str) -> None:
    own, other = leads_of(sellers["own"]), leads_of(sellers[variant])
    assert own.keys() == other.keys()
    assert len(own) == 5600
    days = {name: fields["first_touch_at"] for name, fields in own.items()}
    assert {name: fields["first_touch_at"] for name, fields in other.items()} == days


def test_a_variant_has_the_same_sources_but_where_it_filled_in_blanks(data: Path, sellers: dict[str, Shop]) -> None:
    sources = {
        name: {lead: fields.get("source", "") for lead, fields in leads_of(shop).items()}
        for name, shop in sellers.items()
    }
    assert sources["us"] == sources["own"]
    other = {lead for lead, source in sources["own"].items() if sources["dotted"][lead] != source}
    rows = rows_of(data / "olist-funnel" / VARIANTS["own"][0])
    assert other == {row["mql_id"] for row in rows if not row["origin"]}
    assert {sources["dotted"][lead] for lead in other} == {"direct"}


def test_a_variant_has_the_same_deals_but_for_those_it_dropped(data: Path, sellers: dict[str, Shop]) -> None:
    deals = {name: deals_of(shop) for name, shop in sellers.items()}
    for name, (_, file, delimiter) in VARIANTS.items():
        assert deals[name].keys() == {row["seller_id"] for row in rows_of(data / "olist-funnel" / file, delimiter)}
    assert deals["dotted"] == deals["own"]
    assert deals["us"].items() < deals["own"].items()


def test_another_programs_file_in_place_of_the_own_changes_only_what_differs(
    data: Path, sellers: dict[str, Shop], tmp_path: Path
) -> None:
    shutil.copytree(sellers["own"].folder, tmp_path / "swapped")
    shop = Shop(tmp_path / "swapped")
    for name, file in zip(("mqls.csv", "deals.csv"), VARIANTS["dotted"][:2], strict=True):
        shutil.copyfile(data / "olist-funnel" / file, shop.folder / "exports" / name)
    counts = shop.told("sync")["counts"]
    assert (counts["contacts read"], counts["changed leads"], counts.get("new leads", 0)) == (5600, 40, 0)
    # The same 589 deals, told anew: the other program spells their segment with capitals and blanks.
    assert (counts.get("activities known already", 0), counts["activities"]) == (0, 589)
    assert leads_of(shop) == leads_of(sellers["dotted"])


def test_the_page_tells_how_many_are_over_the_line_in_each_variant(sellers: dict[str, Shop]) -> None:
    stages = {name: shop.told("status")["flows"]["sellers"]["stages"]["mql"] for name, shop in sellers.items()}
    own, dotted, us = (stages[name] for name in ("own", "dotted", "us"))
    assert f"| {own:,} | {dotted:,} | {us:,} |" in PAGE
    assert f"takes {dotted - own} more over the\nline. The third has {us - own} more" in PAGE


def test_check_names_the_column_that_a_variant_dropped(sellers: dict[str, Shop]) -> None:
    line = line_map((TOUR / "sellers" / "mappings" / "exports.toml").read_text("utf-8"))[("read", "landing_page")]
    answer = sellers["us"].baton("check")
    assert answer.exit_code == 0
    place = f"mappings/exports.toml:{line}: read.landing_page"
    assert f"{place}: there is no column landing_page_id in the source" in answer.stdout + answer.stderr
