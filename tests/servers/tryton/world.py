"""A Tryton account to test against: a database of a running server, and the people in it."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import cache, cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from tests.servers.tryton import furnish
from tests.servers.tryton.install import Installed, installed
from tests.servers.tryton.mailbox import Inbox, Mailbox, mailbox
from tests.servers.tryton.people import Marketer, Recipient, Rep
from tests.servers.tryton.process import Process
from tests.servers.tryton.rpc import Rest, Rpc
from tests.servers.tryton.template import ADMIN, PASSWORD, TEMPLATE, furnished


class Tryton:
    """One database. `base_url`, `database` and `key` are what an admin gives a connection."""

    def __init__(self, url: str, mails: Inbox) -> None:
        self.url = url
        self.base_url, self.database = url.rsplit("/", 1)
        self.key = furnish.KEY
        self.mails = mails
        self.recipient = Recipient()
        self._open = ExitStack()
        self._books = self._rest(furnish.BOOKS, {})
        (company,) = self.ledger("company.company")
        self.company = int(company["id"])
        self.employees = {row["login"]: row["employee"] for row in self.ledger("res.user", "login", "employee")}
        self.context = {"company": self.company, "employee": self.employees[furnish.US]}
        self._books = self._rest(furnish.BOOKS, {"company": self.company})
        self.rest = self._rest(self.key, self.context)

    def _rest(self, key: str, context: Mapping[str, Any]) -> Rest:
        return self._open.enter_context(closing(Rest(self.url, key, context)))

    def _as(self, login: str, password: str, **context: int) -> Rpc:
        return self._open.enter_context(closing(Rpc(self.url, login, password, {"company": self.company} | context)))

    @cached_property
    def admin(self) -> Rpc:
        """Whoever keeps the system."""
        return self._as(ADMIN, PASSWORD)

    @cached_property
    def reps(self) -> dict[str, Rep]:
        """Those who sell, by their login."""
        return {login: Rep(self._employee(login), self.employees[login]) for login in furnish.REPS}

    @cached_property
    def marketer(self) -> Marketer:
        """Whoever writes to contacts."""
        return Marketer(self._employee(furnish.MARKETER), self.admin)

    def _employee(self, login: str) -> Rpc:
        return self._as(login, furnish.PASSWORD, employee=self.employees[login])

    @contextmanager
    def without_a_key(self) -> Iterator[None]:
        """As if an admin had cancelled our key, and validated it again."""
        key = self.admin.one("res.user.application", [["key", "=", self.key]])
        self.admin.press("res.user.application", "cancel", key)
        try:
            yield
        finally:
            self.admin.write("res.user.application", [key], state="validated")

    @contextmanager
    def without(self, **taken: Any) -> Iterator[None]:
        """As if an admin had taken something from our user, and given it back: `groups` by their names, `company`."""
        user = self.admin.one("res.user", [["login", "=", furnish.US]])

        def order(word: str) -> dict[str, Any]:
            ids = [self.admin.one("res.group", [["name", "=", one]]) for one in taken.get("groups", ())]
            if "company" not in taken:
                return {"groups": [[word, ids]]}
            company, employee = self.company, self.employees[furnish.US]
            held = {"company": company, "employee": employee} if word == "add" else {"company": None, "employee": None}
            return {"companies": [[word, [company]]], "employees": [[word, [employee]]], **held}

        self.admin.write("res.user", [user], **order("remove"))
        try:
            yield
        finally:
            self.admin.write("res.user", [user], **order("add"))

    @contextmanager
    def in_another_company(self, shown: str) -> Iterator[None]:
        """As if our user had been given another company and gone there, and back. `shown` is `one` company or `all`."""
        user = self.admin.one("res.user", [["login", "=", furnish.US]])
        with self.without(company=True):
            values = {"companies": [["add", [self.company, self._other_company]]], "company": self._other_company}
            self.admin.write("res.user", [user], company_filter=shown, **values)
            try:
                yield
            finally:
                gone = {"companies": [["remove", [self._other_company]]], "company": None}
                self.admin.write("res.user", [user], company_filter="one", **gone)

    @cached_property
    def _other_company(self) -> int:
        (party,) = self.admin.create("party.party", {"name": "Southwind"})
        currency = self.admin.one("currency.currency", [])
        (company,) = self.admin.create("company.company", {"party": party, "currency": currency})
        return company

    def ledger(self, model: str, *fields: str, domain: list[Any] | None = None) -> list[dict[str, Any]]:
        """What the server itself holds: fields of every record of a model, in the order of their ids."""
        return self._books.search(model, domain or [], fields, [["id", "ASC"]])

    def close(self) -> None:
        """Close all connections."""
        self._open.close()


class Server:
    """A running server that makes an account for whoever wants one; `copy` copies the furnished database."""

    def __init__(self, process: Process, copy: Callable[[str], None], mails: Mailbox, prefix: str = "crm") -> None:
        self.process = process
        self.mails = mails
        self._copy = copy
        self._names = (f"{prefix}{number}" for number in itertools.count(1))

    @contextmanager
    def account(self) -> Iterator[Tryton]:
        """A new database, furnished and otherwise empty."""
        name = next(self._names)
        self._copy(name)
        account = Tryton(self.process.opened(name), self.mails.since_now())
        try:
            yield account
        finally:
            account.close()


@contextmanager
def running(found: Installed, folder: Path) -> Iterator[Server]:
    """A server on SQLite with its files in `folder`, and a mailbox beside it."""

    def copy(name: str) -> None:
        shutil.copy(found.template / f"{TEMPLATE}.sqlite", folder / f"{name}.sqlite")

    with mailbox() as mails, Process(found.programs, folder, mail_port=mails.port) as process:
        yield Server(process, copy, mails)


@cache
def shared() -> Server:
    """One server on SQLite for all tests of a process; where Tryton is not installed yet, that comes first."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(TemporaryDirectory(prefix="baton-tryton-", ignore_cleanup_errors=True))
    return stack.enter_context(running(installed(), Path(folder)))


@contextmanager
def running_on_postgresql(programs: Path, folder: Path, url: str) -> Iterator[Server]:
    """A server on PostgreSQL that never tries a transaction again; the databases are gone afterwards.

    `url` is a database in which the user may make others; furnishing the first one takes a minute.
    """
    prefix = f"baton_tryton_{os.getpid()}_"
    uri = urlsplit(url)._replace(path="/").geturl()
    with psycopg.connect(url, autocommit=True) as admin, ExitStack() as stack:

        def copy(name: str, source: str = "template0") -> None:
            admin.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(source)))
            stack.callback(admin.execute, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

        copy(prefix + TEMPLATE)
        furnished(programs, folder, uri, prefix + TEMPLATE)
        mails = stack.enter_context(mailbox())
        process = Process(programs, folder, uri, mail_port=mails.port, retries=0)
        yield Server(stack.enter_context(process), partial(copy, source=prefix + TEMPLATE), mails, prefix)
