"""HubSpot and Salesforce on local servers, as people see them, in the words of `adapters._world.World`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, ClassVar

from connector.selftest.books import last_line
from tests.machine.ground import FLOW
from tests.machine.on_servers import OnServers, Side
from tests.machine.process import REPS
from tests.pair import Pair

MAPPING = """\
[write.lead]
Baton_Score__c = "score.total"
[write.contact]
Baton_Score__c = "score.total"
[read.stage]
reason = { field = "Rejection_Reason__c", table = { "Not now" = "not_now", "Not a fit" = "other" } }
rating = { field = "Lead_Quality__c", as = "integer" }
"""
#: A status that the shipped mapping does not name, and what an admin says of it later.
EXTRA = '[read.stage.table]\nNurturing = "rejected"\n'
#: Our names and theirs.
FIELDS = {"job_title": "Title", "city": "City", "stage": "Status", "owner": "OwnerId", "score.total": "Baton_Score__c",
          "reason": "Rejection_Reason__c", "rating": "Lead_Quality__c", "email": "Email"}  # fmt: skip
NAMES = {theirs: ours for ours, theirs in FIELDS.items()}
TOLD = {"baton_stage": "stage", "baton_owner": "owner", "baton_score": "score.total"}
WORDS = {"mql": "Open", "sal": "Working", "sql": "Qualified", "rejected": "Unqualified", "nurturing": "Nurturing"}
OURS = {theirs: ours for ours, theirs in WORDS.items()}
REASONS = {"not_now": "Not now", "other": "Not a fit", "": None}
FORMS = {"demo_request": "Request a demo", "webinar_attend": "Newsletter"}


@dataclass
class Sales(Side):
    """Salesforce, where reps work."""

    pair: Pair

    def things(self, object: str, *, gone: bool = False) -> list[Any]:
        """Records of a kind, oldest first."""
        found = [one for one in self.pair.org.table(object.title()) if gone or not one["IsDeleted"]]
        found = [one for one in found if object != "task" or one["CreatedById"] == self.pair.org.api_user]
        return [self._shown(object, one) for one in sorted(found, key=lambda one: str(one["Id"]))]

    def thing(self, id: str) -> Any:
        """A lead or a contact."""
        return self._shown("lead" if id.startswith("00Q") else "contact", self.pair.org.record(id))

    def _shown(self, object: str, record: Mapping[str, Any]) -> Any:
        key = last_line(record) if object == "task" else str(record.get("Baton_Id__c") or "")
        on = record.get("WhoId") or record.get("WhatId")
        return SimpleNamespace(
            crm_id=record["Id"], object=object, our_key=key, parent_id=on, seq=0, gone=record["IsDeleted"],
            values=self.ours(record),
        )  # fmt: skip

    def ours(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Values under our names, and in our words."""
        values = {ours: record.get(theirs) for theirs, ours in NAMES.items() if theirs in record}
        if values.get("owner"):
            values["owner"] = self.pair.org.record(str(values["owner"])).get("Email")
        values["stage"] = OURS.get(str(values.get("stage")), values.get("stage"))
        return values

    def effects(self, _what: str) -> list[Any]:
        """What was made with our key, deleted or not."""
        made = [*self.things("lead", gone=True), *self.things("task", gone=True)]
        for one in made:
            # The status is Salesforce's own.
            one.values.pop("stage", None)
        return [one for one in made if one.our_key]

    def make(self, _object: str, values: Mapping[str, Any], _at: datetime) -> str:
        """A rep makes a lead by hand."""
        said = {"LastName": values["name.family"], "Company": "Firm", "Email": values["email"], "City": values["city"]}
        return self.pair.org.create("Lead", said, by=REPS[0])

    def edit(self, id: str, values: Mapping[str, Any], _at: datetime) -> None:
        """A rep edits a lead, or ends a deal."""
        self.pair.clock.move(1)
        if "won" in values:
            self.pair.org.close_opportunity(id, won=bool(values["won"]), by=REPS[0])
            return
        said = {FIELDS[name]: value for name, value in values.items()}
        if "stage" in values:
            said["Status"] = WORDS[str(values["stage"])]
        if "reason" in values:
            said["Rejection_Reason__c"] = REASONS[str(values["reason"])]
        self.pair.org.edit(id, said, by=REPS[0])

    def remove(self, id: str, merged_into: str = "") -> None:
        """A rep deletes a lead, or makes one of two."""
        self.pair.clock.move(1)
        if merged_into:
            self.pair.org.merge(merged_into, [id], by=REPS[0])
        else:
            self.pair.org.delete(id, by=REPS[0])

    def restore(self, id: str) -> None:
        """A rep takes a lead out of the bin."""
        self.pair.clock.move(1)
        self.pair.org.undelete(id, by=REPS[0])

    def convert(self, id: str, _at: datetime, *, deal: Mapping[str, Any] | None) -> dict[str, str]:
        """A rep converts a lead, with a deal or without; the status stays as it is."""
        self.pair.clock.move(1)
        status = str(self.pair.org.record(id)["Status"])
        return self.pair.org.convert(id, by=REPS[0], opportunity=deal is not None, status=status)


@dataclass
class Marketing(Side):
    """HubSpot. People are known by our numbers."""

    pair: Pair
    ids: dict[str, str] = field(default_factory=dict)

    def make(self, *_: Any, **__: Any) -> None:
        """Nothing is there before the person's own values are."""

    def put(self, stream: str, number: str, values: Mapping[str, Any], _at: datetime) -> None:
        """Somebody comes, changes, or does something."""
        self.pair.clock.move(1)
        if stream == "activities":
            self.pair.acts("submit", id=self.ids[values["person"]], form=FORMS[values["event"]], values={})
            return
        said = {"email": values["email"], "lastname": values["name.family"], "company": values["company.name"],
                "jobtitle": values["job_title"], "city": values["city"], "country": "Germany"}  # fmt: skip
        if number in self.ids:
            self.pair.acts("change", id=self.ids[number], properties=said)
        else:
            self.ids[number] = str(self.pair.acts("create", properties=said)["id"])

    def delete(self, _stream: str, number: str, _at: datetime) -> None:
        """Somebody is archived."""
        self.pair.clock.move(1)
        self.pair.acts("archive", id=self.ids[number])

    def remove(self, *_: Any, **__: Any) -> None:
        """HubSpot has one record of a person."""

    def restore(self, number: str) -> None:
        """Somebody comes out of the bin."""
        self.pair.clock.move(1)
        self.pair.acts("restore", id=self.ids[number])

    def merge(self, _stream: str, loser: str, winner: str, _at: datetime) -> None:
        """Marketing makes one contact of two: a third one, which goes on under the winner's number."""
        self.pair.clock.move(1)
        self.ids[winner] = str(self.pair.acts("merge", id=self.ids[winner], loser=self.ids[loser])["id"])

    def thing(self, number: str) -> Any:
        """What HubSpot was told of somebody."""
        table = self.pair.portal.tables["contacts"]
        row = table.rows.get(int(self.ids.get(number, 0)))
        if row is None:
            return None
        told = {ours: value for theirs, ours in TOLD.items() if (value := table.properties(row).get(theirs))}
        points = told.get("score.total")
        return SimpleNamespace(values=told | ({"score.total": int(points)} if points else {}))


@dataclass
class Served(OnServers):
    """The line between both servers."""

    names: ClassVar[dict[str, str]] = {"crm": "salesforce", "portal": "hubspot"}
    once: ClassVar[tuple[str, ...]] = ("task",)
    status_required: ClassVar[bool] = True

    pair: Pair = field(init=False)

    def __post_init__(self) -> None:
        self.pair = Pair(self.folder, files={"salesforce.toml": MAPPING}, salesforce='mapping = "salesforce.toml"')
        self.clock = self.pair.clock
        self.pair.start()
        self.reopen()
        self.crm = Sales(self.pair.salesforce, self.pair)
        self.portal = Marketing(self.pair.hubspot, self.pair)
        self._keep_journal()

    def open(self) -> None:
        (self.folder / "salesforce.toml").write_text(MAPPING + (EXTRA if self.extra_word else ""), "utf-8")
        self.pair.reopen(mode=self.mode, flow=FLOW.replace("webinar_attend", "form_submit") % self.line_at)
        self.app = self.pair.app
        self.watch(*self.app.config.connections)

    def close(self) -> None:
        self.pair.stop()
        assert self.pair.hubspot.errors == []
        assert self.pair.salesforce.errors == []
        assert self.pair.described.problems == []

    def effects(self) -> int:
        return sum(len(server.ledger.deeds()) for server in (self.pair.hubspot, self.pair.salesforce))

    def _keep_journal(self) -> None:
        org, change = self.pair.org, self.pair.org.change

        def changed(id: str, changes: Mapping[str, Any], by: str, **more: Any) -> None:
            before = dict(org.record(id))
            change(id, changes, by, **more)
            if org.object_of(id).name not in ("Lead", "Contact"):
                return
            said = {name: value for name, value in self.crm.ours(changes).items() if FIELDS[name] in changes}
            self.note(id, by == org.api_user, said, self.crm.ours(before))

        org.change = changed  # type: ignore[method-assign,assignment]
