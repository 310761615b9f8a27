"""HubSpot as the CRM, on a local server, as reps see it; marketing is a platform in memory.

A merge makes a new contact there. The machine goes on to call it by the id of the one whose values count.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, ClassVar

from adapters import memory
from connector.app import open_app
from connector.config import load
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import TOKEN, HubSpotServer, Portal, edit, furnish
from connector.sandbox.hubspot.portal import Owner
from connector.sandbox.hubspot.table import Row
from tests.line import CONFIG, START
from tests.machine.ground import FIELDS, FLOW, PORTAL, PORTAL_MAPPING
from tests.machine.on_servers import OnServers, Side
from tests.machine.process import REPS
from tests.pair import Waiting

SETTINGS = """\
mapping = "crm.toml"
base_url = "{url}"
searches_per_second = 1000

[secrets]
backend = "environment"
"""
#: Two words of the status mean something else here, so that there is one for each stage and one for none.
MAPPING = """\
[read.stage.table]
OPEN_DEAL  = "sql"
BAD_TIMING = {word}
"""
#: Our names and theirs.
NAMES = {"job_title": "jobtitle", "city": "city", "stage": "hs_lead_status", "owner": "hubspot_owner_id",
         "score.total": "baton_score", "reason": "baton_rejected_for", "rating": "baton_rating",
         "email": "email"}  # fmt: skip
OURS = {theirs: ours for ours, theirs in NAMES.items()}
STATUS = {"mql": "OPEN", "sal": "IN_PROGRESS", "sql": "OPEN_DEAL", "rejected": "UNQUALIFIED",
          "nurturing": "BAD_TIMING"}  # fmt: skip
STAGES = {theirs: ours for ours, theirs in STATUS.items()} | {"NEW": "mql"}
KINDS = {"lead": ("contacts", "baton_id"), "task": ("tasks", "baton_key"), "note": ("notes", "baton_key")}
#: What setup made in a portal once, for all that follow.
_PREPARED: list[Portal] = []


@dataclass
class Contacts(Side):
    """The portal."""

    portal: Portal
    clock: Clock
    #: By the ids of contacts that a merge made: what the machine calls them.
    called: dict[int, str] = field(default_factory=dict)
    made: list[Any] = field(default_factory=list)
    by_person: bool = False

    def things(self, object: str, *, gone: bool = False) -> list[Any]:
        """Records of a kind, oldest first."""
        rows = self.portal.tables[KINDS[object][0]].rows if object in KINDS else {}
        return [self._shown(object, row) for _, row in sorted(rows.items()) if gone or not row.archived]

    def thing(self, id: str) -> Any:
        """A contact, whatever it was merged into."""
        row = self.portal.tables["contacts"].get(id)
        return None if row is None else self._shown("lead", row)

    def known_as(self, id: str) -> list[str]:
        """The ids by which a contact may be known."""
        return [id, *(str(new) for new, name in self.called.items() if name == id)]

    def _shown(self, object: str, row: Row) -> Any:
        table, key = KINDS[object]
        values = self.portal.tables[table].properties(row)
        hangs_on = self.portal.links.of(table, row.id, "contacts") if object != "lead" else {}
        parent = next((self.called.get(id, str(id)) for id in hangs_on), "")
        return SimpleNamespace(
            crm_id=self.called.get(row.id, str(row.id)), object=object, our_key=values.get(key, ""), seq=0,
            parent_id=parent, gone=bool(row.archived), values=self.ours(values),
        )  # fmt: skip

    def ours(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Values under our names, and in our words."""
        found: dict[str, Any] = {OURS[name]: value or None for name, value in values.items() if name in OURS}
        if found.get("owner"):
            found["owner"] = self.portal.owners[found["owner"]].email
        if found.get("stage"):
            found["stage"] = STAGES[found["stage"]]
        if found.get("score.total"):
            found["score.total"] = int(found["score.total"])
        return found

    def effects(self, _what: str) -> list[Any]:
        """What was made with our key."""
        return self.made

    def _acts(self, do: str, **wish: Any) -> Any:
        self.clock.move(1)
        self.by_person = True
        try:
            return edit(self.portal, {"do": do, "object": "contacts", **wish})
        finally:
            self.by_person = False

    def make(self, _object: str, values: Mapping[str, Any], _at: datetime) -> str:
        """A rep makes a contact by hand."""
        said = {"lastname": values["name.family"], "email": values["email"], "city": values["city"]}
        return str(self._acts("create", properties=said)["id"])

    def edit(self, id: str, values: Mapping[str, Any], _at: datetime) -> None:
        """A rep edits a contact."""
        said = {NAMES[name]: "" if value is None else str(value) for name, value in values.items()}
        if "stage" in values:
            said["hs_lead_status"] = STATUS[str(values["stage"])]
        if values.get("owner"):
            said["hubspot_owner_id"] = next(
                one.id for one in self.portal.owners.values() if one.email == values["owner"]
            )
        self._acts("change", id=id, properties=said)

    def remove(self, id: str, merged_into: str = "") -> None:
        """A rep deletes a contact, or makes a third one of two."""
        if merged_into:
            made = self._acts("merge", id=merged_into, loser=id)
            self.called[int(made["id"])] = merged_into
        else:
            self._acts("archive", id=id)

    def restore(self, id: str) -> None:
        """A rep takes a contact out of the bin."""
        self._acts("restore", id=id)


@dataclass
class InHubSpot(OnServers):
    """The line between a platform in memory and HubSpot as the CRM."""

    status_required: ClassVar[bool] = True
    converts: ClassVar[bool] = False
    hears_repeats: ClassVar[bool] = False

    def __post_init__(self) -> None:
        os.environ["BATON_SECRET_CRM"] = TOKEN
        self.clock = Clock(START)
        self.hubspot = Portal(self.clock)
        furnish(self.hubspot)
        self.hubspot.limits.generous()
        for number, rep in enumerate(REPS):
            self.hubspot.owners[str(900 + number)] = Owner(str(900 + number), rep, rep.partition("@")[0], "Northwind")
        self.server = HubSpotServer(self.hubspot)
        self.server.start()
        self.crm = Contacts(self.server, self.hubspot, self.clock)
        (self.folder / "portal.toml").write_text(PORTAL_MAPPING, "utf-8")
        self.reopen()
        self._prepare()
        self._keep_journal()

    def _prepare(self) -> None:
        if not _PREPARED:
            for step in self.app.crm("crm").setup():  # type: ignore[attr-defined]
                if step.act is not None and not step.there:
                    step.act()
            _PREPARED.append(Portal())
            _PREPARED[0].properties = deepcopy(self.hubspot.properties)
        self.hubspot.properties.update(deepcopy(_PREPARED[0].properties))
        for name, known in self.hubspot.properties.items():
            table = self.hubspot.tables[name]
            for one in known.values():
                if one.unique and one.name not in (*table.unique, "hs_object_id"):
                    table.keep_unique(one.name)

    def open(self) -> None:
        word = '"rejected"' if self.extra_word else "false"
        (self.folder / "crm.toml").write_text(MAPPING.format(word=word), "utf-8")
        flow = FLOW % self.line_at + (FIELDS.format(rule=self.rule) if self.rule else "")
        text = CONFIG.format(
            database="baton.db", crm="hubspot", crm_settings=SETTINGS.format(url=self.server.url), mode=self.mode,
            flow=flow, portal_settings=PORTAL, page_size=3,
        )  # fmt: skip
        (self.folder / "config.toml").write_text(text, "utf-8")
        self.app = open_app(load(self.folder / "config.toml"), self.clock.now)
        self.app.stop = Waiting(self.clock)
        self.portal = self.app.source("portal").world  # type: ignore[attr-defined]
        self.portal.watch = self._boundary
        self.watch("crm")

    def close(self) -> None:
        self.app.close()
        self.server.stop()
        for key in [key for key in memory._worlds if str(self.folder) in key]:
            memory._worlds.pop(key).close()
        assert self.server.errors == []

    def effects(self) -> int:
        return len(self.hubspot.ledger.deeds()) + len(self.portal.effects())

    def known_as(self, id: str) -> list[str]:
        return list(self.crm.known_as(id))

    def _keep_journal(self) -> None:
        table = self.hubspot.tables["contacts"]
        change, create = table.change, self.hubspot.create

        def changed(row: Row, properties: Mapping[str, str], at: int) -> tuple[str, ...]:
            before, ours = table.properties(row), not self.crm.by_person
            names = change(row, properties, at)
            said = {name: value for name, value in properties.items() if name in OURS and (ours or name in names)}
            if said:
                id = self.crm.called.get(row.id, str(row.id))
                self.note(id, ours, self.crm.ours(said), self.crm.ours(before))
            return names

        def created(object: str, values: Mapping[str, str], at: int | None = None) -> Row:
            row = create(object, values, at)
            kinds = {table: (kind, key) for kind, (table, key) in KINDS.items()}
            if object in kinds and values.get(kinds[object][1]):
                kind, key = kinds[object]
                made = SimpleNamespace(
                    object=kind, our_key=values[key], crm_id=str(row.id), values=self.crm.ours(values)
                )
                self.crm.made.append(made)
            return row

        table.change = changed  # type: ignore[method-assign]
        self.hubspot.create = created  # type: ignore[method-assign]
