"""Handovers into HubSpot as the CRM are taken back: closed and marked, or put into its bin."""

from __future__ import annotations

from typing import Any

from connector.model import sentences
from connector.runs.reconcile import reconcile
from connector.runs.undo import undo
from connector.runs.undone import Undone
from tests.system.test_hubspot_as_crm import Sales, ana, sales

__all__ = ["sales"]


def take_back(sales: Sales, run: int, **how: Any) -> Undone:
    sales.portal.clock.stop(sales.line.now)
    return undo(sales.line.app.runtime(), sales.line.app.rows, run, **how)


def test_a_handover_is_closed_marked_and_its_task_completed(sales: Sales) -> None:
    ana(sales)
    run = sales.sync().run_id
    done = take_back(sales, run)
    assert (done.closed, done.waiting, done.refused) == (1, 0, 0)
    (contact,), (task,) = sales.held("contacts"), sales.held("tasks")
    assert (contact["hs_lead_status"], contact["lifecyclestage"]) == ("UNQUALIFIED", "lead")
    assert task["hs_task_status"] == "COMPLETED"
    assert any(f"handover of run {run} no longer counts" in one["hs_note_body"] for one in sales.held("notes"))
    deeds = sales.deeds()
    for _ in range(2):
        sales.sync()
    assert sales.deeds() == deeds
    assert sales.line.lead(1).stage == "rejected"


def test_what_nobody_touched_goes_into_the_bin_and_its_company_stays(sales: Sales) -> None:
    ana(sales)
    run = sales.sync().run_id
    sales.sync()
    done = take_back(sales, run, delete=True)
    assert (done.closed, done.deleted) == (0, 4)
    assert [len(sales.held(name)) for name in ("contacts", "tasks", "notes", "leads")] == [0, 0, 0, 0]
    assert {(one.object, one.why) for one in done.left} == {
        ("company", sentences.STAYS), ("association", sentences.STAYS),
    }  # fmt: skip
    assert len(sales.held("companies")) == 1
    for _ in range(2):
        sales.sync()
    assert sales.held("contacts") == []


def test_both_sides_agree_after_a_whole_run_and_after_an_undo(sales: Sales) -> None:
    ana(sales)
    run = sales.sync().run_id
    sales.sync()
    healthy = reconcile(sales.line.app.runtime(), sales.line.app.rows)
    assert (healthy.found, healthy.compared) == ([], {"crm": 1})
    take_back(sales, run)
    sales.sync()
    assert reconcile(sales.line.app.runtime(), sales.line.app.rows).found == []
    (contact,) = sales.held("contacts")
    sales.change(contact["hs_object_id"], baton_grade="Z9")
    (drift,) = reconcile(sales.line.app.runtime(), sales.line.app.rows).found
    assert (drift.kind, drift.field, drift.there) == ("stale", "baton_grade", "Z9")


def test_a_handover_is_given_again_where_the_undo_is_taken_back(sales: Sales) -> None:
    ana(sales)
    by = take_back(sales, sales.sync().run_id).by
    sales.sync()
    (contact,) = sales.held("contacts")
    assert contact["hs_lead_status"] == "UNQUALIFIED"
    done = take_back(sales, by)
    assert [one.object for one in done.left if one.object in ("lead", "contact")] == []
    assert sales.held("contacts")[0].get("hs_lead_status") != "UNQUALIFIED"
