"""Simulation equals history on real leads; and what would come in is what the raw rows say.

The data is not part of the project: it is taken from the folder that BATON_SHARED names.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.app import App, open_app
from connector.config import load
from connector.runs.population import Question, Row, rows
from connector.runs.reproduced import reproduced
from connector.runs.simulate import simulate
from connector.runs.sync import sync

TOUR = Path(__file__).parents[1] / "data" / "tour" / "sellers"
FILES = {"mqls.csv": "olist_marketing_qualified_leads.train.csv", "deals.csv": "olist_closed_deals.train.csv"}
TIMES = {"mqls.csv": "first_contact_date", "deals.csv": "won_date"}
LEADS = 500
#: Organic search, direct traffic, referrals; then e-mail, too.
BEFORE, AFTER = 'in = ["organic", "direct", "referral"]', 'in = ["organic", "direct", "referral", "email"]'
DAYS = [datetime(2017, 12, 1, tzinfo=UTC), datetime(2018, 3, 1, tzinfo=UTC), datetime(2018, 6, 10, tzinfo=UTC)]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Sellers:
    """A marketplace whose exports grow from run to run; the criteria change before the last one."""

    def __init__(self, folder: Path, data: Path) -> None:
        shutil.copytree(TOUR, folder, dirs_exist_ok=True)
        (folder / "exports").mkdir()
        self.folder, self.now = folder, DAYS[0]
        self.rows = {name: rows_of(data / file) for name, file in FILES.items()}
        self.rows["mqls.csv"] = self.rows["mqls.csv"][:LEADS]
        text = (folder / "config.toml").read_text("utf-8")
        self.text = text.replace('mode     = "observe"', 'mode     = "live"\naccept_over = 0')
        for self.now in DAYS:
            self.run()
        self.app = self.opened()

    def opened(self) -> App:
        return open_app(load(self.folder / "config.toml"), lambda: self.now)

    def run(self) -> None:
        text = self.text if self.now < DAYS[-1] else self.text.replace(BEFORE, AFTER)
        (self.folder / "config.toml").write_text(text, "utf-8")
        for name, found in self.rows.items():
            with (self.folder / "exports" / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(found[0]))
                writer.writeheader()
                writer.writerows(one for one in found if one[TIMES[name]] < self.now.date().isoformat())
        app = self.opened()
        assert not sync(app.runtime(), app.rows).failures
        app.close()


@pytest.fixture(scope="module")
def sellers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sellers]:
    shared = os.environ.get("BATON_SHARED", "")
    if not shared:
        pytest.skip("BATON_SHARED does not name the folder with real leads")
    made = Sellers(tmp_path_factory.mktemp("history") / "sellers", Path(shared) / "data" / "olist-funnel")
    yield made
    made.app.close()


def test_history_comes_out_the_same_row_for_row(sellers: Sellers) -> None:
    found = reproduced(sellers.app.store, sellers.app.config)
    assert found.decisions > 150
    assert (found.same, found.differs, dict(found.why)) == (found.decisions, 0, {})
    flows = list(sellers.app.config.flows.values())
    outcome = simulate(sellers.app.store, Question(flows, {"": flows}, sellers.now))
    assert outcome.leads == LEADS
    assert outcome.qualified == outcome.present == found.decisions
    assert (outcome.otherwise, outcome.effects[0].came, outcome.effects[0].went) == (0, 0, 0)
    assert 0 < outcome.earlier < outcome.qualified


def test_who_would_come_in_is_whom_the_raw_rows_name(sellers: Sellers) -> None:
    """Bought interest at the line: paid search, display and social, but whoever has signed by now."""
    path = sellers.folder / "edited.toml"
    path.write_text(
        (sellers.folder / "config.toml").read_text("utf-8").replace("points = 20, ", "points = 30, "), "utf-8"
    )
    present, changed = (list(config.flows.values()) for config in (sellers.app.config, load(path)))
    flips: dict[str, Row] = {}
    with sellers.app.store.read() as tx:
        for row in rows(sellers.app.store, Question(present, {"": changed}, sellers.now)):
            if row.changed[0].over != row.present.over:
                (link,) = tx.intake.links_of([row.lead.id], "exports")[row.lead.id]
                flips[link.external_id] = row
    signed = {one["mql_id"] for one in sellers.rows["deals.csv"] if one["won_date"] < sellers.now.date().isoformat()}
    bought = [one for one in sellers.rows["mqls.csv"] if one["origin"] in ("paid_search", "display", "social")]
    assert set(flips) == {one["mql_id"] for one in bought} - signed
    for one in bought:
        if one["mql_id"] in flips:
            row = flips[one["mql_id"]]
            day = next(day for day in DAYS if one["first_contact_date"] < day.date().isoformat())
            assert row.turns[0] is not None
            assert row.turns[0].day == day
            assert (row.present.score.total, row.changed[0].score.total) == (20, 30)  # type: ignore[union-attr]


def test_each_day_of_the_last_run_has_its_own_flips(sellers: Sellers) -> None:
    """E-mail came in with the last run alone: under the criteria before, these are who goes out."""
    path = sellers.folder / "before.toml"
    path.write_text(sellers.text, "utf-8")
    flows = list(sellers.app.config.flows.values())
    effect = simulate(
        sellers.app.store, Question(flows, {"": list(load(path).flows.values())}, sellers.now + timedelta(hours=1))
    ).effects[0]
    emails = [one for one in sellers.rows["mqls.csv"] if one["origin"] == "email"]
    signed = {one["mql_id"] for one in sellers.rows["deals.csv"] if one["won_date"] < sellers.now.date().isoformat()}
    out = [one for one in emails if one["mql_id"] not in signed and one["first_contact_date"] < "2018-06-10"]
    assert effect.went == len(out) > 5
    assert effect.by_day == {("2018-06-09", "out"): len(out)}
