from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connector.model.activity import Activity
from connector.model.before_image import BeforeImage
from connector.model.company import Company
from connector.model.consent import ConsentEvent
from connector.model.follow_up import Pack
from connector.model.handoff import Handoff, HandoffEvent, Turn
from connector.model.joining import Joining, Pair
from connector.model.lead import CONTACT, Lead, Link
from connector.model.logins import Audited
from connector.model.mirror import CrmRecord
from connector.model.outbox import LANES, OutboxRow, Receipt
from connector.model.ports import ReviewItem, Store, Transaction
from connector.model.stages import Transition
from state.personal import ABOUT_NOBODY, PARTS

HOUR = timedelta(hours=1)


def person(tx: Transaction, number: int, now: datetime) -> Lead:
    """Somebody with a row in every table."""
    email, store = f"ana{number}@firm.example", tx.admin.store_id()
    lead = Lead(fields={"email": email, "name.given": f"Ana{number}"}, said={"email": ("portal", now.isoformat())})
    tx.intake.add_leads([lead], now)
    key = f"{store}-{lead.id}"
    tx.intake.put_links([Link("portal", CONTACT, f"c{number}", lead.id)])
    done = Activity("portal", f"a{number}", f"c{number}", now, "demo_request", answers={"why": "x"}, lead_id=lead.id)
    waits = Activity("other", f"w{number}", email, now, "visit")
    tx.intake.add_activities([done, waits])
    tx.scores.add_transitions([Transition(lead.id, "b2b", "known", "mql", now, "baton", "a demo", "v1")])
    handoff = Handoff(
        lead.id, "b2b", "mql", "open", now, "v1", owner="lena@northwind.example", brief="who", target="crm"
    )
    handoff.record = f"contact:C{number}"
    tx.handoffs.add([handoff])
    tx.handoffs.add_turns([Turn(handoff.id, "sales", "lena@northwind.example", now, "rule 1", 1, "")])
    tx.handoff_events.add([HandoffEvent(handoff.id, "opened", "opened", now)], now)
    tx.logins.record(Audited(now, "lena@northwind.example", "rep", "accept", lead.id, handoff.id))
    task = f"{store}:handoff-{handoff.id}:task:1"
    tx.outbox.put(
        [
            OutboxRow("crm", "state", "lead", key, f"crm:lead:{key}", {"Email": email}, lead_id=lead.id),
            OutboxRow("crm", "once", "task", task, f"crm:{task}", {"Subject": "Ana"}, lead_id=lead.id, parent=key),
        ],
        now,
    )
    tx.outbox.put_receipts([Receipt("crm", "lead", key, f"00Q{number}", {"Email": email}, lead_id=lead.id, at=now)])
    tx.images.add([BeforeImage(1, "crm", "lead", key, f"00Q{number}", {"Title": "a"}, {}, True, now, lead.id)])
    tx.consents.add([ConsentEvent(lead.id, "email", False, now, "portal", "unsubscribe")], now)
    tx.mirror.put(
        "crm",
        [
            CrmRecord("lead", f"00Q{number}", now, key, email),
            CrmRecord("contact", f"C{number}", now, email=email),
            CrmRecord("task", f"T{number}", now, person=f"C{number}"),
        ],
        now,
    )
    tx.keys.put({lead.id: {number}})
    tx.keys.wait([lead.id])
    tx.keys.put_records("crm", {("contact", f"C{number}"): {number}})
    tx.pairs.put([Pair(lead.id, lead.id, 12, "perhaps", [("email", "same", 12)])], now)
    tx.joinings.add(Joining(lead.id, lead.id, "matching", "", now, {"email": email}))
    firm = Company(f"firm{number}.example")
    tx.companies.add([firm], now)
    tx.companies.put_people({lead.id: firm.id})
    tx.desk.put("lead", key, "", {"name": "Ana"}, now)
    body = {"stream": "contacts", "id": f"c{number}", "values": {"email": email}}
    tx.reviews.put(
        [ReviewItem("set_aside", f"portal:contacts:{number}", "x", "y", connection="portal", body=body)], now
    )
    tx.admin.set_meta(f"flips:crm:lead:{key}", "{}")
    tx.admin.set_meta("merged:portal", f'{{"gone{number}": "{key}", "other": "x"}}')
    return lead


def stored(tx: Transaction, lead: Lead) -> dict[str, int]:
    return {table: len(rows) for table, rows in tx.personal.stored(tx.personal.person(lead.id)).items()}


class TestPersonal:
    def test_every_table_is_handed_out_and_erased_or_says_why_not(self) -> None:
        from state.erasing import DELETED
        from state.schema import metadata

        assert PARTS.keys() | ABOUT_NOBODY.keys() == set(metadata.tables)
        assert not PARTS.keys() & ABOUT_NOBODY.keys()
        assert set(PARTS) == {*DELETED, "leads", "transitions", "handoffs", "turns"}
        for name, table in metadata.tables.items():
            assert name not in PARTS or set(PARTS[name].columns) == set(table.columns.keys())
            assert name in PARTS or "lead_id" not in table.columns

    def test_all_of_a_person_is_found_and_goes_and_nothing_of_another(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana, bo = person(tx, 1, now), person(tx, 2, now)
            tx.scores.mark_due([ana.id], now)
            whole = stored(tx, bo)
            # The roll-up of days is made later, and counts what both have done.
            assert {table for table, count in stored(tx, ana).items() if not count} == {"activity_days"}
            hers = tx.personal.person(ana.id)
            assert {("crm", "contact", "C1"), ("portal", "contact", "c1"), ("crm", "task", "T1")} <= hers.places
            assert hers.emails == {"ana1@firm.example"}
            tx.personal.erase(hers, now + HOUR)
            assert stored(tx, bo) == whole
            assert {t: n for t, n in stored(tx, ana).items() if n} == {
                "leads": 1, "transitions": 1, "handoffs": 1, "turns": 1
            }  # fmt: skip
            assert tx.admin.meta(f"flips:crm:lead:{tx.admin.store_id()}-{ana.id}") == ""
            assert tx.admin.meta("merged:portal") != ""

    def test_what_counts_for_others_stays_without_a_word(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana = person(tx, 1, now)
            tx.personal.erase(tx.personal.person(ana.id), now + HOUR)
            assert tx.intake.leads([ana.id]) == {}
            assert tx.personal.is_forgotten(ana.id)
            assert not tx.personal.is_forgotten(ana.id + 1)
            assert tx.reports.find_leads(str(ana.id)) == []
            assert tx.reports.totals()["leads"] == 0
            (moved,) = tx.scores.transitions(ana.id)
            assert (moved.to, moved.at, moved.why) == ("mql", now, "")
            (handoff,) = tx.handoffs.of_leads([ana.id])[ana.id]
            assert (handoff.state, handoff.brief, handoff.record) == ("closed", "", "")
            assert tx.handoffs.turn_counts("sales") == {"lena@northwind.example": 1}
            new = Lead()
            tx.intake.add_leads([new], now)
            assert new.id > ana.id

    def test_packs_that_show_somebody_are_not_kept_as_they_were_sent(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana, bo = person(tx, 1, now), person(tx, 2, now)
            [hers], [his] = (tx.personal.person(one.id).handoffs for one in (ana, bo))
            late = {"handoff": hers, "lead": ana.id, "owner": "lena@northwind.example", "due": "", "hot": False}
            for period, shown in (("2026-W46", [hers]), ("2026-W47", [his])):
                body = {"past_due": [late] if hers in shown else [], "rejections": [{"examples": shown}]}
                tx.meetings.put_pack(Pack("weekly", period, now, now, body))
                key = f"pack:weekly:{period}:mail:petra@northwind.example"
                row = OutboxRow("notices", "once", "notice", key, f"notices:{key}", {"text": "Firm GmbH"})
                tx.outbox.put([row], now)
            tx.personal.erase(tx.personal.person(ana.id), now + HOUR)
            left = tx.outbox.rows(target="notices")
            assert [one.our_key for one in left] == ["pack:weekly:2026-W47:mail:petra@northwind.example"]

    def test_leads_that_became_one_are_one_person(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana, bo = person(tx, 1, now), person(tx, 2, now)
            tx.intake.merge(bo.id, ana.id, now)
            for one in (ana, bo):
                both = tx.personal.person(one.id)
                assert both.lead_ids == (ana.id, bo.id)
                assert both.emails == {"ana1@firm.example", "ana2@firm.example"}
            tx.personal.erase(both, now)
            assert tx.personal.is_forgotten(bo.id)

    def test_items_that_name_their_records_go(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana = person(tx, 1, now)
            bodies: tuple[dict[str, Any], ...] = (
                {"records": [["contact", "C1"], ["lead", "zz"]]},
                {"record": "C1"},
                {"record": "C2", "values": {"n": "C1"}},
            )
            for number, body in enumerate(bodies):
                tx.reviews.put([ReviewItem("notice", f"n{number}", "x", "y", connection="crm", body=body)], now)
            tx.personal.erase(tx.personal.person(ana.id), now)
            assert [one.key for one in tx.reviews.open("notice")] == ["n2"]

    def test_what_is_under_way_is_counted(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana = person(tx, 1, now)
            assert tx.personal.under_way(tx.personal.person(ana.id)) == 0
            tx.outbox.claim("crm", now, now + HOUR, 10)
            assert tx.personal.under_way(tx.personal.person(ana.id)) == 1

    def test_an_opt_out_that_waits_is_under_way(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana = person(tx, 1, now)
            said = OutboxRow("portal", "state", "contact", "c1", "portal:c1", {"optout": True}, lead_id=ana.id)
            tx.outbox.put([replace(said, lane=LANES["consent"])], now)
            assert tx.personal.under_way(tx.personal.person(ana.id)) == 1

    def test_a_company_that_others_are_joined_to_stays(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana, bo = person(tx, 1, now), person(tx, 2, now)
            company = OutboxRow("crm", "once", "company", "s-firm", "crm:company:s-firm", {"name": "F"}, lead_id=ana.id)
            joined = OutboxRow("crm", "once", "association", "x", "crm:x", {"company": "s-firm"}, lead_id=bo.id)
            tx.outbox.put([company, joined], now)
            tx.personal.erase(tx.personal.person(ana.id), now)
            assert "company" in {row.object for row in tx.outbox.rows(target="crm")}
            tx.personal.erase(tx.personal.person(bo.id), now)
            assert "association" not in {row.object for row in tx.outbox.rows(target="crm")}
