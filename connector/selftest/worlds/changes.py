"""Leads that were handed over and go on: marketing and sales change them, and each is told of the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from connector.model.sentences import N_
from connector.selftest import sayings
from connector.selftest.world import World
from connector.selftest.worlds._books import DOUBLE, LOST, OTHER, Said, judged
from connector.selftest.worlds._line import Line, LineWorld
from connector.selftest.worlds.memory import MEMORY, PEOPLE, SEARCHED, books, some_ask

if TYPE_CHECKING:
    from adapters._world import Thing

#: A CRM that has no field for our key is told apart by the records' own ids.
READ_BACK_BY_ID = 'crm_streams = ["user", "lead", "task"]\nlook_up_batch = 50\nreports_deletes = true\n'
READ_BACK = f'{READ_BACK_BY_ID}key_field = "Baton_Id"\n'
PORTAL = 'objects = ["contact", "membership"]\nmapping = "portal.toml"\n'
MAPPING = '[write.contact]\nstage = "stage"\nowner = "owner"\nscore = "score.total"\n'
HOUR = timedelta(hours=1)
#: What a rep typed stays; what marketing says last arrives, and not what it said in between.
REPS_TITLE, BETWEEN, LAST = "Head of IT, as she says", "IT lead", "Chief of IT"
TOM = "tom@northwind.example"


def worlds() -> list[World]:
    """The same stretch with a CRM that takes our key, and one that can only be searched."""
    return [
        world(N_("changes, unique key"), N_("told and read back, takes our key"), MEMORY + READ_BACK),
        world(N_("changes, only searched"), N_("told and read back, search lags 20 s"), SEARCHED + READ_BACK_BY_ID),
    ]


def world(name: str, target: str, crm: str) -> LineWorld:
    """Both sides change both leads."""
    return LineWorld(
        name=name, target=target, crm=crm, portal=PORTAL, files={"portal.toml": MAPPING}, furnished=both_change,
        judged=partial(judged, books=books, people=PEOPLE, more=changed),
    )  # fmt: skip


def both_change(line: Line) -> None:
    """Both are handed over; an update of one waits, and then both sides change both."""
    for email in ("lena@northwind.example", TOM):
        line.crm.make("user", {"email": email}, line.now, crm_id=f"U-{email[:3]}")
    some_ask(line)
    for number in range(PEOPLE):
        line.portal.make("contact", {}, line.now, crm_id=str(number))
    for _ in range(3):
        line.sync(HOUR)
    line.person(1, job_title=BETWEEN)
    line.crm.fault("write", "throttled", times=9)
    line.sync(HOUR)
    _clear(line)
    line.now += HOUR
    line.person(1, job_title=LAST)
    line.person(0, job_title=LAST, phone="+49 30 1234567")
    first, second = (lead.crm_id for lead in _leads(line))
    line.crm.edit(first, {"stage": "sal", "job_title": REPS_TITLE}, line.now)
    line.crm.edit(second, {"owner": TOM if _owner(line, second) != TOM else "lena@northwind.example"}, line.now)
    line.now += timedelta(minutes=1)


def _leads(line: Line) -> list[Thing]:
    """The CRM's leads, by person."""
    return sorted(line.crm.things("lead"), key=lambda lead: str(lead.values["email"]))


def _clear(line: Line) -> None:
    with line.crm.together() as platform:
        platform.execute("delete from fault")


def _owner(line: Line, crm_id: str) -> str:
    thing = line.crm.thing(crm_id)
    return str(thing.values.get("owner", "")) if thing else ""


def changed(line: Line) -> Iterator[Said]:
    """What sales did stays and is known; what marketing said last is there; marketing has been told."""
    leads = _leads(line)
    wanted = [("job_title", REPS_TITLE), ("phone", "+49301234567")], [("job_title", LAST)]
    # How many there are is judged already.
    for lead, values in zip(leads, wanted, strict=False):
        for name, value in values:
            if lead.values.get(name) != value:
                said = {"has": repr(lead.values.get(name)), "wanted": repr(value)}
                yield LOST, sayings.FIELD_IS % {"record": lead.crm_id, "name": name, **said}
    yield from _both_know(line, [str(lead.values.get("owner")) for lead in leads])
    if len(line.portal.things("contact")) > PEOPLE:
        yield DOUBLE, sayings.MADE_IN_MARKETING


def _both_know(line: Line, owners: list[str]) -> Iterator[Said]:
    """The store and marketing know the stage that a rep has set, and who has each lead."""
    told = {one.crm_id: one.values for one in line.portal.things("contact")}
    with line.app.store.read() as tx:
        links = tx.intake.links("portal", "contact", list(told))
        leads = tx.intake.leads([link.lead_id for link in links.values()])
    for number, (stage, owner) in enumerate(zip(("sal", "mql"), owners, strict=False)):
        known, wanted = leads[links[str(number)].lead_id], {"stage": stage, "owner": owner}
        for template, there in (
            (sayings.STORE_SAYS, {"stage": known.stage, "owner": known.owner}),
            (sayings.MARKETING_SAYS, {name: told[str(number)].get(name) for name in wanted}),
        ):
            if there != wanted:
                yield OTHER, template % {"number": number, "has": there, "wanted": wanted}
