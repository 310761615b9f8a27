"""A plan on very many records, some of which people change before it is applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import Receipt
from connector.model.stages import Stage
from connector.runs.rows import our_key
from tests.line import Line
from tests.plans.ground import FLOW, STEP, applied, kept, made

#: How many records there are, and how many of them people change.
SIZES = [(1000, 50), pytest.param((5000, 50), marks=pytest.mark.servers)]
STAGE: Stage = "sal"
#: A platform that is told three fields: what is written makes no difference here, how many records do.
MAPPING = """\
[write.lead]
email = "email"
job_title = "job_title"
"""
SHIPPED = (
    "company.domain", "company.employees", "company.name", "country", "flow", "grade", "handoff.brief",
    "handoff.due_at", "handoff.hot", "handoff.opened_at", "name.family", "name.full", "name.given", "owner",
    "score.engagement",
    "score.fit", "score.intent", "score.total", "stage",
)  # fmt: skip


def given(folder: Path, records: int) -> Line:
    """So many leads that a rep has, as the CRM holds them; marketing said another title since."""
    (folder / "crm.toml").write_text(MAPPING + "".join(f'"{name}" = false\n' for name in SHIPPED), "utf-8")
    line = Line(folder, flow=FLOW)
    text = (folder / "config.toml").read_text("utf-8")
    line.reopen(text.replace("[connections.crm]\n", '[connections.crm]\nmapping = "crm.toml"\n'))
    store_id, crm = line.app.rows().store_id, line.crm
    leads = [
        Lead(
            {"email": f"ana{number}@firm.example", "job_title": "CTO", "name.full": f"Ana {number}"},
            {"email": ("portal", ""), "job_title": ("portal", "")}, stage=STAGE, flow="b2b", stage_since=line.now,
            owner="lena@northwind.example",
        )
        for number in range(records)
    ]  # fmt: skip
    with line.app.store.write() as tx, crm.together():
        tx.intake.add_leads(leads, line.now)
        receipts, handoffs = [], []
        for lead in leads:
            key, said = our_key(store_id, lead.id), {"email": lead.fields["email"], "job_title": "Director IT"}
            id = crm.make("lead", said, line.now, crm_id=f"00Q{lead.id}", our_key=key)
            receipts.append(Receipt("crm", "lead", key, id, said, lead_id=lead.id, at=line.now))
            handoffs.append(
                Handoff(lead.id, "b2b", "mql", "open", line.now, "v", owner="lena@northwind.example", target="crm")
            )
        tx.outbox.put_receipts(receipts)
        tx.handoffs.add(handoffs)
        tx.scores.mark_all_due(line.now)
    return line


@pytest.mark.parametrize("size", SIZES)
def test_exactly_those_that_people_changed_are_refused_and_the_calls_are_those_of_the_plan(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    records, changed = size
    line = given(tmp_path, records)
    plan = made(line)
    assert [(row.action, [one.name for one in row.fields]) for row in plan.rows] == [
        ("update", ["job_title"])
    ] * records
    document = kept(line, plan)
    line.now += STEP
    edited = {row.lead_id: row.crm_id for row in plan.rows[:: records // changed]}
    for crm_id in edited.values():
        line.crm.edit(crm_id, {"job_title": "Head of IT"}, line.now)
    before = len(line.crm.calls())
    done = applied(line, document)
    assert {one.row.lead_id: one.why for one in done.refused} == dict.fromkeys(edited, sentences.CHANGED_SINCE)
    assert (len(done.refused), done.written) == (changed, records - changed)
    # The books of the CRM itself: each record once, in no more calls than the plan said.
    written = line.crm.effects("updated")
    assert len({one.crm_id for one in written}) == len(written) == records - changed
    assert {one.crm_id for one in written}.isdisjoint(edited.values())
    assert {tuple(one.values.items()) for one in written} == {(("job_title", "CTO"),)}
    calls = [one.operation for one in line.crm.calls()[before:]]
    assert plan.cost["crm"].calls == {"lead update": calls.count("write"), "ask records": calls.count("find")}
    line.app.close()
