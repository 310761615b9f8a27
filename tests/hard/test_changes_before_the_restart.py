"""A process dies in the middle of handing over; before the next one starts, the lead or the settings have changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.line import Line
from tests.stopping import Clock, Shared, leases_are_over, stopped

SETTINGS = {
    "portal_settings": 'file = "portal.world"',
    "crm_settings": 'file = "crm.world"\nunique_key = "none"\nfind = "search"\nsettle = 5\nlag = 20',
}
ONE_EACH = {"lead": 1, "task": 1, "note": 1}
#: Nobody is an MQL by this.
OUT_OF_REACH = """[flows.b2b.gates]
mql = { score = "total", at_least = 99 }
[flows.b2b.routing]"""


def opened(folder: Path, clock: Clock) -> Shared:
    return Shared(folder, clock, **SETTINGS)


def reconfigured(line: Line, was: str, now: str) -> None:
    text = (line.folder / "config.toml").read_text("utf-8")
    assert was in text
    line.reopen(text.replace(was, now))


def moves(line: Line) -> None:
    line.person(1, city="Ulm")


def is_nobody_any_more(line: Line) -> None:
    line.person(1, city="Ulm", job_title="Intern", **{"company.employees": "3"})


def asks_again(line: Line) -> None:
    line.did(1, "demo_request")
    line.person(1, city="Ulm")


def gates_are_raised(line: Line) -> None:
    moves(line)
    reconfigured(line, "[flows.b2b.routing]", OUT_OF_REACH)


def flow_is_reviewed(line: Line) -> None:
    moves(line)
    reconfigured(line, 'mode = "live"', 'mode = "review"')


def owner_leaves_the_team(line: Line) -> None:
    moves(line)
    with line.app.store.read() as tx:
        owner = next((one.owner for one in tx.handoffs.in_state("b2b", "open")), "lena@northwind.example")
    reconfigured(line, f'{{ email = "{owner}" }}', '{ email = "new@northwind.example" }')


CHANGES: tuple[Callable[[Line], None], ...] = (
    moves, is_nobody_any_more, asks_again, gates_are_raised, flow_is_reviewed, owner_leaves_the_team,
)  # fmt: skip


def reached(step: str, number: int) -> Callable[[str], bool]:
    """The so-many-th step of a name."""
    passed = Counter[str]()

    def where(what: str) -> bool:
        passed[what] += 1
        return what == step and passed[what] == number

    return where


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("step", "number"), [("write:begin", 1), ("write:end", 1), ("write:end", 2)])
def test_one_of_each_with_the_newest_values(
    tmp_path: Path, change: Callable[[Line], None], step: str, number: int
) -> None:
    clock = Clock()
    line = opened(tmp_path, clock)
    line.person(1, city="Bonn")
    line.did(1, "demo_request")
    line.close()
    with stopped(lambda: opened(tmp_path, clock), Line.sync, reached(step, number)) as child:
        assert child.at == step
    # Killed where it stood.
    line = opened(tmp_path, clock)
    leases_are_over(line.app.store)
    line.now += timedelta(minutes=2)
    change(line)
    for _ in range(4):
        assert line.sync(timedelta(minutes=10)).failures == []
    assert line.crm_counts() == ONE_EACH
    (lead,) = line.crm.things("lead")
    assert lead.values["city"] == "Ulm"
    assert line.crm.things("task")[0].parent_id == lead.crm_id
    with line.app.store.read() as tx:
        handoffs = tx.handoffs.of_leads([line.lead(1).id])[line.lead(1).id]
        assert len(tx.handoffs.turns("sales")) == len(handoffs) == 1
    assert {row.state for row in line.outbox()} <= {"done", "superseded"}
    line.close()
