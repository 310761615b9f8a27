"""A line whose CRM is read, with reasons that have effects: reps say things, and leads come back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters._world import Thing
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.stages import Transition
from tests.line import Line

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
CRM = 'crm_streams = ["user", "lead", "task", "opportunity"]\nreports_deletes = true\n'
SOURCE = 'objects = ["contact", "membership"]\nmapping = "portal.toml"\n'
PORTAL = '[write.contact]\nbaton_stage = "stage"\nbaton_reason = "handoff.reason"\nbaton_owner = "owner"\n'
REASONS = """
[flows.b2b.reasons]
not_now = { list = "later", back_after = "90 days", back_when = { activity = "visit", within = "14 days" } }
unreachable = { list = "later", back_after = "30 days" }
lost = { back_after = "180 days" }
"""


class Desk(Line):
    """A line on which reps work."""

    def __init__(self, folder: Path, *, flow: str = REASONS, crm: str = "", **more: Any) -> None:
        (folder / "portal.toml").write_text(PORTAL, "utf-8")
        super().__init__(folder, flow=flow, crm_settings=CRM + crm, portal_settings=SOURCE, **more)
        for name in ("lena", "tom", "karl"):
            self.crm.make("user", {"email": f"{name}@northwind.example"}, self.now, crm_id=f"U-{name}")

    def asks(self, number: int = 1) -> None:
        """Somebody asks for a demo, and the line runs."""
        self.person(number)
        self.did(number, "demo_request")
        self.sync()

    def record(self, number: int = 1) -> Thing:
        """Their record in the CRM."""
        email = f"ana{number}@firm.example"
        (found,) = [one for one in self.crm.things("lead") if one.values.get("email") == email]
        return found

    def says(self, number: int = 1, after: timedelta = HOUR, **values: Any) -> None:
        """A rep says something in the record, and it is read back at once."""
        self.now += after
        self.crm.edit(self.record(number).crm_id, values, self.now)
        self.sync()

    def given(self, number: int = 1) -> list[Handoff]:
        """The handoffs of a person, oldest first."""
        lead = self.lead(number)
        with self.app.store.read() as tx:
            return tx.handoffs.of_leads([lead.id]).get(lead.id, [])

    def events(self, handoff: Handoff, *kinds: str) -> list[HandoffEvent]:
        """What happened to a handoff."""
        with self.app.store.read() as tx:
            found = tx.handoff_events.of_handoffs([handoff.id]).get(handoff.id, [])
        return [one for one in found if not kinds or one.kind in kinds]

    def moves(self, number: int = 1) -> list[Transition]:
        """Where a person has been."""
        with self.app.store.read() as tx:
            return tx.scores.transitions(self.lead(number).id)

    def path(self, number: int = 1) -> list[str]:
        """Where a person has been, in short."""
        return [one.to for one in self.moves(number)]

    def listed(self, name: str, number: int = 1) -> bool:
        """Whether a person is on a list of the portal."""
        told = [one for one in self.portal.effects() if one.object == "membership"]
        mine = [one.values["member"] for one in told if one.our_key == f"{name}:{number}"]
        return bool(mine and mine[-1])

    def told(self, name: str, number: int = 1) -> list[str]:
        """What the portal was told of a person in a field, in order."""
        rows = [
            one for one in self.outbox() if (one.target, one.object, one.our_key) == ("portal", "contact", str(number))
        ]
        return [str(one.values[name]) for one in rows if one.state != "superseded" and one.values.get(name)]
