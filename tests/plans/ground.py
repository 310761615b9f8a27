"""A line whose marketing was read and whose CRM was not written to yet: the moment at which a plan is made."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.model.plans import Plan
from connector.runs.bring_back import bring_back
from connector.runs.planning import making
from connector.runs.planning.applying import AppliedPlan, apply_plan
from connector.runs.planning.document import opened, sealed
from connector.runs.pull import pull
from connector.steps.telling.words import Words
from tests.line import Line

STEP = timedelta(minutes=5)
SETTINGS = """\
crm_streams = ["user", "account", "contact", "lead", "opportunity", "task"]
look_up_batch = 50
reports_deletes = true
"""
FLOW = 'changes_per_run = "100 %"\n'
#: What a portal is told needs the mapping to write it, and the platform to take it.
BOTH = SETTINGS + 'objects = ["lead", "contact", "task", "note"]\n'


def line_at(folder: Path, people: int = 3, *, settings: str = SETTINGS, flow: str = FLOW, **more: Any) -> Line:
    """A line with people who asked for a demo, and nothing read of them yet."""
    line = Line(folder, crm_settings=settings, flow=flow, **more)
    for number in range(1, people + 1):
        line.person(number)
        line.did(number, "demo_request")
    return line


def read(line: Line) -> None:
    """Read both sides, and go no further."""
    runtime, rows, counts = line.app.runtime(), line.app.rows(), Counter[str]()
    bring_back(runtime, rows, "crm", counts)
    pull(runtime, "portal", rows, counts)


def changed(line: Line, people: int, **values: Any) -> None:
    """Marketing says something else of people whom a rep has, and it was read."""
    line.now += STEP
    for number in range(1, people + 1):
        line.person(number, **values)
    read(line)


def words(line: Line) -> Words:
    return Words("en", line.app.config.zone, str, line.now)


def made(line: Line, **asked: Any) -> Plan:
    """The plan against the live CRM."""
    return making.make(line.app.runtime(), line.app.rows(), words(line), making.Asked(**asked), lambda _name: [])


def kept(line: Line, plan: Plan) -> Any:
    """The plan as it comes out of its file."""
    return json.loads(json.dumps(sealed(line.app.runtime(), plan.store, plan)))


def applied(line: Line, document: Any) -> AppliedPlan:
    """The plan in a file, applied."""
    return apply_plan(line.app.runtime(), document, line.app.rows)


def actions(plan: Plan) -> Counter[str]:
    """Rows by what happens to them."""
    return Counter(row.action for row in plan.rows)


def read_again(line: Line, document: Any) -> Plan:
    """What a document says."""
    return opened(line.app.runtime(), line.app.rows().store_id, document)


def whys(done: AppliedPlan) -> dict[int, str]:
    """Why rows were refused, by lead."""
    return {one.row.lead_id: one.why for one in done.refused}
