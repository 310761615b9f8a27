"""Tryton under contract: a real server, called through a proxy that breaks what passes when a case says so."""

from __future__ import annotations

import atexit
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from adapters._tryton.api import TrytonSettings, api
from adapters._tryton.crm import TrytonCrm
from connector.edge.http import ATTEMPTS
from connector.kit.calling import Calls
from connector.kit.contract.accepting import AcceptingWorld
from connector.kit.contract.clock import Clock
from connector.model.adapter import Context, FieldInfo, FindItem, ReadableCrm, WriteItem
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import Found, Outcome
from connector.sandbox.proxy import Proxy
from tests.servers.tryton import furnish
from tests.servers.tryton.world import Tryton
from tests.servers.tryton.world import shared as server

#: The contract's names for what Tryton has, by object.
NAMES: Mapping[str, Mapping[str, str]] = {
    "lead": {
        "name": "description", "city": "comment", "reading": "party.name", "note": "comment",
        "formula": "address.street",
        "number": "address.postal_code", "accents": "address.city", "spaces": "lost_reason",
    },
    "note": {"text": "message"},
}  # fmt: skip
#: What a case leaves behind is taken away again; what is there before the first one stays.
_TABLES = (
    "sale_opportunity", "ir_note", "party_party-party_category", "party_category", "party_identifier",
    "party_contact_mechanism",
    "party_address", "company_employee", "party_party", "currency_currency",
)  # fmt: skip
#: Further than any overlap.
LATE = timedelta(seconds=1000)


@dataclass(slots=True)
class Shared:
    """One server for all cases of a process, with a proxy before it."""

    tryton: Tryton
    proxy: Proxy
    path: Path
    before: dict[str, int] = field(default_factory=dict)

    def sql(self, *statements: tuple[str, Sequence[Any]]) -> None:
        """Do to the database what no call does."""
        with closing(sqlite3.connect(self.path, timeout=20)) as connection, connection:
            for statement, values in statements:
                connection.execute(statement, values)

    def count(self, query: str, *values: Any) -> int:
        """One number of the database."""
        with closing(sqlite3.connect(self.path, timeout=20)) as connection:
            return int(connection.execute(query, values).fetchone()[0] or 0)

    def tidy(self) -> None:
        """As it was before the first case."""
        self.proxy.faults.clear()
        doomed = [(f'DELETE FROM "{table}" WHERE id > ?', (last,)) for table, last in self.before.items()]
        valid = ("UPDATE res_user_application SET state = 'validated' WHERE state = 'cancelled'", ())
        self.sql(*doomed, valid)


@cache
def shared() -> Shared:
    """The server, started for the first case that needs it."""
    stack = ExitStack()
    atexit.register(stack.close)
    process = server().process
    tryton = stack.enter_context(server().account())
    proxy = stack.enter_context(Proxy(process.port))
    made = Shared(tryton, proxy, process.folder / f"{tryton.database}.sqlite")
    made.before = {table: made.count(f'SELECT max(id) FROM "{table}"') for table in _TABLES}
    return made


class RealClock(Clock):
    """The server's, which nobody moves; what a case lets pass is added on our side alone."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def pass_by(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


class Live:
    """What both roles' worlds do with the server. It is started with the first call, so that declarations cost none."""

    page_size = 3

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock: Clock = RealClock()
        self._calls: Calls | None = None

    @property
    def server(self) -> Shared:
        return shared()

    @property
    def rest(self) -> Any:
        return self.server.tryton.rest

    def settings(self) -> TrytonSettings:
        url, database = (
            (self.server.proxy.url, self.server.tryton.database) if self._calls else ("http://127.0.0.1", "x")
        )
        return TrytonSettings(base_url=url, database=database, page_size=self.page_size, category=self.category)

    category = ""

    def context(self, **more: Any) -> Context:
        """The context of an adapter that calls the server."""
        if self._calls is None:
            self._calls = cast(Calls, True)
            self._calls = Calls("under-test", api(self.settings()), self.folder, self.clock, furnish.KEY)
        return Context("under-test", self.folder, self.clock, lambda _name: furnish.KEY, self._calls.http, **more)

    def put_party(self, values: Mapping[str, Any], id: int = 0) -> int:
        """Make a party, or change one."""
        if not id:
            return int(self.rest.create("party.party", **values)["id"])
        assert self.rest.send("PUT", f"party.party/{id}", values).ok
        return id

    def date(self, table: str, at: datetime, condition: str, *values: Any) -> None:
        """Have records of a table been changed at a moment."""
        told = at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        statement = f'UPDATE "{table}" SET create_date = ?, write_date = ? WHERE {condition}'
        self.server.sql((statement, (told, told, *values)))

    def spoil_credentials(self) -> None:
        self.server.sql(("UPDATE res_user_application SET state = 'cancelled' WHERE key = ?", (furnish.KEY,)))

    def throttle(self, retry_after: float | None, after: int = 0) -> None:
        kind, said = ("429", {}) if retry_after is None else ("429 with Retry-After", {"seconds": round(retry_after)})
        self.server.proxy.faults.add(kind, match="/search_read", times=ATTEMPTS, after=after, **said)
        self.server.proxy.faults.add(kind, match="/sale.opportunity?f=", **said)

    def garble(self, how: str) -> None:
        if how == "html":
            self.server.proxy.faults.add("HTML", times=ATTEMPTS)
        else:
            self.server.proxy.faults.add("wrong JSON", body={"unexpected": True})

    def calls(self) -> int:
        return self.server.proxy.calls

    def close(self) -> None:
        if self._calls is not None:
            self._calls.close()
            self.server.tidy()


def mechanisms(values: Mapping[str, str]) -> list[Any]:
    """What makes contact mechanisms of these types."""
    return [["create", [{"type": kind, "value": value} for kind, value in values.items() if value]]]


class Renamed:
    """The adapter, by the contract's names of fields."""

    def __init__(self, crm: TrytonCrm) -> None:
        self.crm, self.capabilities = crm, crm.capabilities
        self.check, self.setup = crm.check, crm.setup

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        return self.crm.write([self._item(item) for item in items])

    def _item(self, item: WriteItem) -> WriteItem:
        names = NAMES.get(item.object, {})
        return replace(item, values={names.get(name, name): value for name, value in item.values.items()})

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        return [replace(one, values=tuple(_ours(told) for told in one.values)) for one in self.crm.find(items)]

    def fields(self) -> list[FieldInfo]:
        ours = {"description": "name", "comment": "city"}
        return [replace(info, name=ours.get(info.name, info.name)) for info in self.crm.fields()]

    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        for page in self.crm.changes(stream, cursor):
            yield replace(page, records=[_named(record) for record in page.records])

    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        for page in self.crm.sweep(stream, cursor, since):
            yield replace(page, records=[_named(record) for record in page.records])

    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        return [_named(record) for record in self.crm.look_up(people)]


def _ours(told: Mapping[str, Any]) -> dict[str, Any]:
    return dict(told) | {ours: told[theirs] for ours, theirs in NAMES["lead"].items() if theirs in told}


def _named(record: CrmRecord) -> CrmRecord:
    return replace(record, values=_ours(record.values))


class TrytonCrmWorld(Live, AcceptingWorld):
    """The sales role."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._lacks = False

    def declared(self) -> Any:
        return TrytonCrm.capabilities

    def crm(self) -> Any:
        written = {"lead": tuple(NAMES["lead"].values())}
        context = self.context(written=written, columns=frozenset({"state"}))
        return Renamed(TrytonCrm(self.settings(), context))

    def readable(self) -> ReadableCrm:
        return cast(ReadableCrm, self.crm())

    def refused_item(self) -> WriteItem:
        return WriteItem("lead", "poison", {"conversion_probability": 3})

    def objects_with(self, object: str, our_key: str) -> int:
        assert object == "lead"
        return self.server.count("SELECT count(*) FROM sale_opportunity WHERE reference = ?", our_key)

    def lose_next_answer(self) -> None:
        self.server.proxy.faults.add("reply lost", match="/sale.opportunity?f=")

    def make(self, object: str, **values: str) -> str:
        reached = {name: value for name, value in values.items() if name in ("email", "phone")}
        party = {"name": values.get("name", "Somebody"), "contact_mechanisms": mechanisms(reached)}
        assert object == "lead"
        body: dict[str, Any] = {"description": values.get("name"), "comment": values.get("city")}
        body |= {"party": self.put_party(party)} if reached else {}
        id = str(self.rest.create("sale.opportunity", **body)["id"])
        if self.clock() - datetime.now(UTC) > timedelta(days=1):
            # The server's clock is not moved: what is made days later says so.
            self.date("sale_opportunity", self.clock(), "id = ?", int(id))
        return id

    def change(self, object: str, id: str, **values: str) -> None:
        assert object == "lead"
        (row,) = self.rest.search("sale.opportunity", [["id", "=", int(id)]], ["party.contact_mechanisms.type"])
        if email := values.pop("email", ""):
            held = [one["id"] for one in (row["party"] or {}).get("contact_mechanisms", ()) if one["type"] == "email"]
            assert row["party"] or self.rest.send("PUT", f"sale.opportunity/{id}", {"party": self.put_party({})}).ok
            (row,) = self.rest.search("sale.opportunity", [["id", "=", int(id)]], ["party.name"])
            order = ["write", held, {"value": email}] if held else mechanisms({"email": email})[0]
            self.put_party({"contact_mechanisms": [order]}, row["party"]["id"])
        body = {NAMES["lead"][name]: value for name, value in values.items()}
        assert not body or self.rest.send("PUT", f"sale.opportunity/{id}", body).ok

    def make_unseen(self, object: str, **values: str) -> str:
        id = self.make(object, **values)
        self.date("sale_opportunity", datetime.now(UTC) - LATE, "id = ?", int(id))
        self.server.sql(("UPDATE sale_opportunity SET company = -1 WHERE id = ?", (int(id),)))
        return id

    def let_go(self) -> None:
        self.server.sql(("UPDATE sale_opportunity SET company = ? WHERE company = -1", (self.server.tryton.company,)))

    def remove_person(self, id: str) -> None:
        (row,) = self.rest.search("sale.opportunity", [["id", "=", int(id)]], ["party"])
        assert self.rest.send("POST", f"sale.opportunity/{id}/cancel", {}).ok
        assert self.rest.send("DELETE", f"sale.opportunity/{id}").ok
        assert not row["party"] or self.rest.send("DELETE", f"party.party/{row['party']}").ok

    def add_user(self, email: str) -> str:
        party = self.put_party({"name": email, "contact_mechanisms": mechanisms({"email": email})})
        (id,) = self.server.tryton.admin.create(
            "company.employee", {"party": party, "company": self.server.tryton.company}
        )
        return str(id)

    def deactivate(self, user: str) -> None:
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        self.server.tryton.admin.write("company.employee", [int(user)], end_date=yesterday)

    def set_choices(self, field: str, choices: list[str]) -> None:
        assert field == "currency"
        there = self.server.count("SELECT count(*) FROM currency_currency")
        for place, code in enumerate(choices[there:]):
            self.server.sql((
                "INSERT INTO currency_currency (name, symbol, code, digits, rounding, active)"
                " VALUES (?, ?, ?, 2, 0.01, 1)",
                (code, str(place), code),
            ))  # fmt: skip

    def lack(self) -> None:
        self.crm()
        self._lacks = True
        self._rights("remove")

    def _rights(self, order: str) -> None:
        admin = self.server.tryton.admin
        user, group = (admin.one(model, [[by, "=", one]]) for model, by, one in (
            ("res.user", "login", furnish.US), ("res.group", "name", "Sale Opportunity")))  # fmt: skip
        admin.write("res.user", [user], groups=[[order, [group]]])

    def close(self) -> None:
        if self._lacks:
            self._rights("add")
        super().close()
