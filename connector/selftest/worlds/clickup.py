"""ClickUp at both ends: a form's tasks become leads' tasks, in a list that can only be searched, and that with a lag.

Three people have sent the form, one of whom a rep has a task for already. Briefs go out as comments too. A request
takes effect when it arrives: what is looked for is there, or was never sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from connector.model.sentences import N_
from connector.sandbox.clickup import FORM, KEY, LEADS, TOKEN, edit
from connector.selftest import sayings
from connector.selftest.books import FLOW, Amiss, followed, handoffs_of, left, turns
from connector.selftest.served import Served
from connector.selftest.world import World
from connector.selftest.worlds._served import CONFIG, LATER, ServedWorld

if TYPE_CHECKING:
    from connector.app import App
    from connector.sandbox.clickup.workspace import Task
    from connector.sandbox.server import LocalServer

CONNECTIONS = """
[connections.clickup]
type = "clickup"
base_url = "{clickup}"
leads = "{leads}"
forms = ["{forms}"]
comments = true
"""
FLOW_TEXT = """\
sources = ["clickup"]
crm = "clickup"
mode = "live"
[flows.b2b.routing]
order = [{ to = "sales" }]
"""
#: Seconds until a search finds what was written: less than the adapter allows for.
SEARCH_LAG = 30.0


def worlds() -> list[World]:
    """The first handoffs, and what moved since."""
    return [FirstHandoffs()]


class FirstHandoffs(ServedWorld):
    """The form's tasks are read, people scored and handed over; one had been handed over before, and has moved."""

    name = N_("ClickUp at both ends")
    target = N_("only searched, with a lag")
    platforms: ClassVar[tuple[str, ...]] = ("clickup",)
    secrets: ClassVar[Mapping[str, str]] = {"clickup": TOKEN}

    def config(self, urls: Mapping[str, str]) -> str:
        leads, forms = self.held.space.lists
        return CONFIG.format(connections=CONNECTIONS.format(leads=leads, forms=forms, **urls), flow=FLOW_TEXT)

    def fill(self) -> None:
        self.held.space.search_lag = SEARCH_LAG
        self.held.space.limits.per_minute = 0
        self._asks("ana")

    def before(self, sync: Callable[[], None]) -> None:
        sync()
        self.held.clock.move(LATER)
        sync()
        space = self.held.space
        mine = next(one for one in space.tasks.values() if one.name == "Ana Weber" and space.lists[one.home].form)
        edit(space, {"do": "change", "id": mine.id, "fields": {"Job title": "CTO", "Phone": "+4930901821"}})
        known = {"Email": "ben@firm.example", "Company": "Firm", "Job title": "Director IT", "Country": "Germany"}
        edit(space, {"do": "create", "list": LEADS, "name": "Ben Weber", "fields": known})
        for name in ("ben", "cleo"):
            self._asks(name)

    def _asks(self, name: str) -> None:
        answers = {
            "First name": name.title(), "Last name": "Weber", "Email": f"{name}@firm.example", "Company": "Firm",
            "Job title": "Director IT", "Country": "Germany", "Employees": 600,
        }  # fmt: skip
        asked = {"do": "submit", "list": FORM, "name": f"{name.title()} Weber", "answers": answers}
        edit(self.held.space, asked)

    # what the books say

    def serving(self, servers: Mapping[str, LocalServer]) -> None:
        server = servers["clickup"]
        look = server.look
        assert look is not None  # noqa: S101 - a workspace can be looked at
        server.look = lambda query: list(self._held()) if "books" in query else look(query)

    def _held(self) -> Iterator[str]:
        """All that hangs in the list of leads, a line each."""
        space = self.held.space
        for task in space.tasks.values():
            held = space.lists[task.home]
            if held.name != LEADS:
                continue
            key = self._said(task, KEY)
            yield f"task of {task.name}"
            yield from [f"key of {key}"] if key else []
            yield from (f"{name} of {task.name}: {self._said(task, name)}" for name in ("Job title", "Phone", "Email"))
            yield from (f"comment of {task.name}: {one.text.rpartition(chr(10))[2]}" for one in task.comments)

    def _said(self, task: Task, name: str) -> str:
        field = self.held.space.lists[task.home].field(name)
        return str(task.values.get(field.id, "")) if field else ""

    def compare(self, app: App, there: Served) -> Amiss:
        found = Amiss()
        with app.store.read() as tx:
            turns(tx, found)
            found.other += [*followed(tx, handoffs_of(tx)), *left(tx, there.now())]
        keys = Counter(line for line in there.state("clickup", books="1") if line.startswith("key of "))
        twice = [{"kind": "task", "key": line.removeprefix("key of "), "count": n} for line, n in keys.items() if n > 1]
        found.double += [sayings.SEVERAL % one for one in twice]
        return found

    def tally(self, app: App, there: Served) -> dict[str, int]:
        found = Counter[str](there.state("clickup", books="1"))
        with app.store.read() as tx:
            out = [one for one in handoffs_of(tx, FLOW) if one.opened_at]
            found.update(f"handoff of lead {one.lead_id} as {one.stage}" for one in out)
            totals = tx.reports.totals()
            found.update({f"stored {what} of all": totals[what] for what in ("leads", "activities", "handoffs")})
            found.update(f"turn of {turn.handoff_id}" for turn in tx.handoffs.turns("sales", 10**6))
        return dict(found)
