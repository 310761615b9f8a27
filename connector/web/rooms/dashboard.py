"""The dashboard: pages of numbers, each with its tables, charts and exports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from connector.config import Config
from connector.insight.funnel_report import SLICES
from connector.model.logins import Role
from connector.model.ports import Transaction
from connector.steps.telling.words import N_
from connector.web import asked, tables
from connector.web.asked import Asked, Choices, NotThereError
from connector.web.charts import drawn
from connector.web.fresh import Fresh
from connector.web.mine import led_by
from connector.web.room import Room
from connector.web.sheets.clocks import clocks
from connector.web.sheets.content import content
from connector.web.sheets.criteria import criteria
from connector.web.sheets.funnel import funnel
from connector.web.sheets.goals import goals
from connector.web.sheets.health import health
from connector.web.sheets.overview import overview
from connector.web.sheets.rejections import rejections
from connector.web.sheets.sheet import Look, Make, Sheet
from connector.web.sheets.sources import sources
from connector.web.sheets.trends import trend
from connector.web.visit import Visit

ROOM = Room("dashboard")
READERS: tuple[Role, ...] = ("manager", "marketing")
#: What the first page is called in the address of its files.
FIRST = "overview"
#: The filters by which leads are chosen.
PARTS = ("period", "flow", "source", "campaign", "owner", "team", "segment", "version")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name in the address, its title, who may read it, and what makes it. `filters`: which it has."""

    name: str
    title: str
    make: Make
    roles: tuple[Role, ...] = READERS
    filters: tuple[str, ...] = PARTS

    @property
    def path(self) -> str:
        """Its address, without filters."""
        return f"/dashboard/{self.name}" if self.name else "/dashboard"

    @property
    def files(self) -> str:
        """The address of its files, without their endings."""
        return f"/dashboard/{self.name or FIRST}"


#: What was worked out a moment ago, by site.
FRESH: WeakKeyDictionary[Any, Fresh] = WeakKeyDictionary()

PAGES: Mapping[str, Page] = {
    page.name: page
    for page in (
        Page("", N_("Dashboard"), overview, filters=(*PARTS, "definition")),
        Page("funnel", N_("Funnel"), funnel, filters=(*PARTS, "definition", "by")),
        Page("trends", N_("Trends"), trend, filters=(*PARTS, "definition", "each")),
        Page("clocks", N_("Clocks"), clocks, filters=(*PARTS, "each")),
        Page("sources", N_("Sources"), sources, filters=(*PARTS, "definition")),
        Page("content", N_("Content"), content, filters=("period", "flow")),
        Page("rejections", N_("Rejections"), rejections, filters=PARTS),
        Page("goals", N_("Goals"), goals, filters=()),
        Page("criteria", N_("Criteria"), criteria, filters=("period", "flow", "each")),
        Page("health", N_("Sync health"), health, ("admin",), ()),
    )
}  # fmt: skip


@ROOM.page("/dashboard", roles=READERS, link=N_("Dashboard"))
def first(visit: Visit) -> Response:
    """The first page."""
    return page(visit, "")


@ROOM.page("/dashboard/{name}.csv", roles=READERS)
def as_csv(visit: Visit, name: str) -> Response:
    """One table of a page (`table=`, the first where none is named) for a spreadsheet."""
    page = _page(visit, name)
    try:
        _, sheet = _sheet(visit, page)
        grid = _grid(visit, sheet)
    except NotThereError as error:
        return Response(f"{error}\n", 400, media_type="text/plain")
    text = tables.as_csv(grid)
    return Response(text, headers=_file(visit, f"{name}-{grid.name}", "csv"), media_type="text/csv")


@ROOM.page("/dashboard/{name}.json", roles=READERS)
def as_json(visit: Visit, name: str) -> Response:
    """Every table of a page, with the filters that it was asked by."""
    page = _page(visit, name)
    try:
        question, sheet = _sheet(visit, page)
    except NotThereError as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse(
        {
            "page": name,
            "at": visit.words.now.isoformat(),
            "asked": question.filters,
            "since": question.since and question.since.isoformat(),
            "until": question.until and question.until.isoformat(),
            "about": sheet.about,
            "doubts": list(sheet.doubts),
            "tables": [tables.as_document(part.grid) for part in sheet.parts],
        }
    )


@ROOM.page("/dashboard/{name}", roles=READERS)
def page(visit: Visit, name: str) -> Response:
    """A page to read; `view=mail` gives it as a file that may be mailed."""
    found = _page(visit, name)
    title = visit.translate(found.title)
    try:
        question, sheet = _sheet(visit, found)
    except NotThereError as error:
        return _shown(visit, "dashboard.html", found, title, Asked(), None, status=400, mistake=str(error))
    if visit.query.get("view") == "mail":
        answer = _shown(visit, "dashboard_mail.html", found, title, question, sheet)
        answer.headers.update(_file(visit, found.name or FIRST, "html"))
        return answer
    return _shown(visit, "dashboard.html", found, title, question, sheet)


def _page(visit: Visit, name: str) -> Page:
    """The page of this name. Raises HTTPException: 404 where there is none, 403 where this reader may not."""
    found = PAGES.get("" if name == FIRST else name)
    if found is None:
        raise HTTPException(404)
    if not visit.may(*found.roles):
        raise HTTPException(403)
    return found


def _sheet(visit: Visit, page: Page) -> tuple[Asked, Sheet]:
    """The filters, and the page's numbers. Raises NotThereError."""
    app, words, seen = visit.app, visit.words, _visible(visit)
    with app.store.read() as tx:
        visit.request.state.choices = choices = _choices(tx, app.config, seen, visit.query)
        question = asked.read(visit.query, choices, app.config, words)
        look = Look(tx, app.config, question, words, words.now, seen)
        key = app.config.digest, page.name, question, words.language, seen
        return question, FRESH.setdefault(visit.request.app, Fresh()).get(key, words.now, lambda: page.make(look))


def _choices(tx: Transaction, config: Config, seen: frozenset[str] | None, asked_for: Mapping[str, str]) -> Choices:
    """What may be asked for: of reps only those whose own numbers the reader may see."""
    owners = sorted(config.everybody if seen is None else seen)
    if seen is None and asked_for.get("owner") not in {None, "", *owners}:
        owners = sorted({*owners, *tx.handoffs.open_by_owner()})
    slices = [name for name in SLICES if name != "owner" or owners]
    return Choices(config.flows, owners, config.teams, [one.version for one in tx.ledgers.criteria()], slices)


def _visible(visit: Visit) -> frozenset[str] | None:
    """The reps whose own numbers this reader may see: of the teams that they manage; an admin sees all."""
    if visit.may("admin"):
        return None
    if not visit.may("manager"):
        return frozenset()
    teams = led_by(visit.app.config, visit.user)
    return frozenset(one.email for team in teams.values() for one in team.members)


def _grid(visit: Visit, sheet: Sheet) -> tables.Grid:
    grids = {part.grid.name: part.grid for part in sheet.parts}
    wanted = visit.query.get("table") or next(iter(grids))
    if wanted not in grids:
        text = N_("table=%(name)s: there are %(names)s")
        raise NotThereError(visit.words.say(text, name=wanted, names=", ".join(grids)))
    return grids[wanted]


def _file(visit: Visit, name: str, ending: str) -> dict[str, str]:
    day = visit.words.now.astimezone(visit.app.config.zone).date().isoformat()
    called = f"baton-{name}-{day}.{ending}"
    plain = re.sub(r"[^\w.-]+", "-", called, flags=re.ASCII)
    # The name as it is stands apart (RFC 6266, 5): a header has no letters but those of ASCII.
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(called)}"}


def _shown(
    visit: Visit, template: str, page: Page, title: str, question: Asked, sheet: Sheet | None, **more: Any
) -> Response:
    pages = [(one.name, visit.translate(one.title)) for one in PAGES.values() if visit.may(*one.roles)]
    status = more.pop("status", 200)
    return visit.page(
        template, status=status, title=title, page=page, pages=pages, asked=question, sheet=sheet,
        choices=_offered(visit, sheet), mistake=more.get("mistake", ""), drawn=drawn, told=tables.told,
        periods=asked.PERIODS,
        span_of=asked.told(question, visit.words, visit.app.config), config=visit.app.config,
    )  # fmt: skip


def _offered(visit: Visit, sheet: Sheet | None) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The lists of the form: filter, its name, and what may be chosen with its name."""
    say, choices = visit.words.say, visit.request.state.choices
    lists = [
        ("flow", N_("Flow"), _alike(choices.flow)),
        ("team", N_("Team"), _alike(choices.team)),
        ("owner", N_("Owner"), _alike(choices.owner)),
        ("segment", N_("Company size"), _alike(asked.SEGMENT_NAMES)),
        ("version", N_("Criteria version"), [(name, name[:10]) for name in dict.fromkeys(choices.version)]),
        ("definition", N_("Counted"), [("strict", say(N_("strictly in order"))), ("any", say(N_("in any order")))]),
        ("each", N_("By week or month"), [("week", say(N_("week"))), ("month", say(N_("month")))]),
        ("by", N_("By"), list(sheet.slices) if sheet else []),
    ]
    return [(name, say(text), options) for name, text, options in lists if options]


def _alike(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]
