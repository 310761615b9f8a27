from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.ids import long_id, normal
from connector.sandbox.salesforce.soql_run import Query

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LENA, TOM = "lena@northwind.example", "tom@northwind.example"


@pytest.fixture
def org() -> Org:
    return Org(Clock(NOW))


def people(count: int) -> list[dict[str, str]]:
    return [
        {
            "id": str(100 + n), "firstname": "Ana", "lastname": f"Weber{chr(97 + n % 26)}{n}",
            "email": f"ana{n}@firm{n % 40}.example", "phone": f"+49 (0)30 23125 {n:04}",
            "company": f"Firm {n % 40} GmbH",
        }
        for n in range(count)
    ]  # fmt: skip


def test_ids_say_in_their_last_letters_which_letters_are_capitals() -> None:
    # Ids of the example in developer.salesforce.com: api_rest, headers_api_usage.
    for id in ("a00D0000008pQSNIA2", "005D0000001QX8WIAW"):
        assert normal(id[:15]) == normal(id) == id
    assert len(long_id("00Q", 62**3)) == 18
    assert normal("short") == normal("00Q5g0000000-1!") == ""


def test_a_rep_edits_and_is_named(org: Org) -> None:
    lead = org.create("Lead", {"LastName": "Weber", "Company": "Firm", "OwnerId": org.user(LENA)})
    org.clock.move(60)
    org.edit(lead, {"Status": "Working", "OwnerId": TOM}, by=LENA)
    record = org.record(lead)
    assert (record["Status"], record["OwnerId"]) == ("Working", org.user(TOM))
    assert record["LastModifiedById"] == org.user(LENA)
    assert record["SystemModstamp"] > record["CreatedDate"]


def test_conversion_makes_an_account_a_contact_and_an_opportunity(org: Org) -> None:
    org.converted_fields = {"Baton_Id__c": "Baton_Id__c"}
    lead = org.create(
        "Lead", {"LastName": "Weber", "Company": "Firm", "Email": "a@b.example", "Baton_Id__c": "k"}, by=LENA
    )
    task = org.log_call(lead, by=LENA)
    campaign = org.create("Campaign", {"Name": "Fair"})
    member = org.create("CampaignMember", {"CampaignId": campaign, "LeadId": lead})
    became = org.convert(lead, by=LENA)
    record, contact = org.record(lead), org.record(became["contact"])
    assert (record["IsConverted"], record["ConvertedDate"], record["Status"]) == (True, "2026-11-20", "Qualified")
    assert record["ConvertedContactId"] == became["contact"]
    assert record["ConvertedOpportunityId"] == became["opportunity"]
    assert (contact["Email"], contact["Baton_Id__c"], contact["AccountId"]) == ("a@b.example", "k", became["account"])
    assert org.record(became["account"])["Name"] == "Firm"
    assert org.record(task)["WhoId"] == org.record(member)["ContactId"] == became["contact"]
    roles = Query(org, f"SELECT Id FROM OpportunityContactRole WHERE ContactId = '{became['contact']}'").run()
    assert len(roles.ids) == 1


def test_conversion_into_what_is_there_already(org: Org) -> None:
    account = org.create("Account", {"Name": "Firm", "Type": "Customer"})
    contact = org.create("Contact", {"LastName": "Weber", "AccountId": account})
    lead = org.create("Lead", {"LastName": "Weber", "Company": "Firm"})
    assert org.convert(lead, account=account, contact=contact, opportunity=False) == {
        "account": account, "contact": contact,
    }  # fmt: skip
    assert org.live("Opportunity") == []


def test_a_merge_leaves_a_trace_at_the_losers(org: Org) -> None:
    winner, loser = (org.create("Lead", {"LastName": name, "Company": "Firm"}) for name in "AB")
    task = org.log_call(loser, by=TOM)
    org.merge(winner, [loser], by=TOM, values={"Title": "COO"})
    lost = org.record(loser)
    assert (lost["IsDeleted"], lost["MasterRecordId"]) == (True, winner)
    assert org.record(task)["WhoId"] == winner
    assert org.record(winner)["Title"] == "COO"
    assert [one.id for one in org.deletions] == [loser]


def test_a_call_and_the_end_of_a_deal(org: Org) -> None:
    lead = org.create("Lead", {"LastName": "Weber", "Company": "Firm"}, by=LENA)
    became = org.convert(lead)
    call = org.record(org.log_call(became["contact"], by=LENA, what=became["opportunity"]))
    assert (call["IsClosed"], call["TaskSubtype"], call["OwnerId"]) == (True, "Call", org.user(LENA))
    assert call["AccountId"] == became["account"]
    org.close_opportunity(became["opportunity"], won=True, amount=9000.0, by=LENA)
    deal = org.record(became["opportunity"])
    assert (deal["IsClosed"], deal["IsWon"], deal["Amount"], deal["CloseDate"]) == (True, True, 9000.0, "2026-11-20")


def test_nobody_is_named_where_nobody_is(org: Org) -> None:
    with pytest.raises(KeyError, match="no user"):
        org.edit(org.user(LENA), {}, by="nobody@northwind.example")
    with pytest.raises(ValueError, match="no act"):
        org.act({"act": "remove"})


def test_an_admin_who_changes_a_picklist_leaves_the_old_values_inactive(org: Org) -> None:
    org.set_picklist("Lead", "Rejection_Reason__c", ["Too early", "No answer"])
    choices = org.sobject("Lead").fields["rejection_reason__c"].choices
    assert [choice.value for choice in choices if choice.active] == ["Too early", "No answer"]
    assert "Not now" in [choice.value for choice in choices if not choice.active]


def test_a_seeded_org_knows_some_of_the_people_in_every_role(org: Org) -> None:
    given = people(1000)
    truths = org.seed(given, share=0.2)
    known = [truth for truth in truths if truth.person]
    kinds = Counter(truth.kind for truth in truths)
    assert len(known) == 200
    assert len({truth.person for truth in known}) == 200
    assert set(kinds) == {"lead", "contact", "converted", "customer", "opportunity", "stranger"}
    assert kinds["stranger"] == 60
    assert {truth.by for truth in known} == {"email", "phone", ""}
    for truth in known:
        for record_id in truth.ids.values():
            assert not org.record(record_id)["IsDeleted"]
        if truth.kind == "customer":
            assert org.record(truth.ids["account"])["Type"] == "Customer"
        if truth.kind == "opportunity":
            assert not org.record(truth.ids["opportunity"])["IsClosed"]
        if truth.kind == "converted":
            assert org.record(truth.ids["lead"])["ConvertedContactId"] == truth.ids["contact"]


def test_the_truth_says_by_which_key_a_record_can_be_found(org: Org) -> None:
    given = people(1000)
    by_id = {one["id"]: one for one in given}
    emails = {one["email"] for one in given}

    def digits(text: str) -> str:
        return "".join(filter(str.isdigit, text.replace("(0)", "")))

    for truth in org.seed(given, share=0.3):
        record = org.record(truth.ids.get("contact") or truth.ids["lead"])
        email = record.get("Email", "").lower()
        if truth.by == "email":
            assert email == by_id[truth.person]["email"]
            continue
        assert email not in emails
        if truth.by == "phone":
            person = by_id[truth.person]
            assert digits(record["Phone"]) == digits(person["phone"])
            assert record["LastName"].lower() == person["lastname"].lower()
        else:
            assert not record.get("Phone")


def test_the_same_people_make_the_same_org() -> None:
    def made(seed: int) -> list[object]:
        org = Org(Clock(NOW))
        return [org.seed(people(200), seed=seed), *org.live("Lead")]

    assert made(3) == made(3)
    assert made(3) != made(4)


def test_an_import_shares_one_time(org: Org) -> None:
    org.seed(people(500), share=0.5)
    stamps = Counter(record["SystemModstamp"] for record in org.live("Lead"))
    assert stamps.most_common(1)[0][1] > len(org.live("Lead")) / 2
    assert max(stamps) < "2026-11-20"


def test_an_owner_may_be_named_by_email(org: Org) -> None:
    lead = org.create("Lead", {"LastName": "Weber", "Company": "Firm", "OwnerId": TOM})
    assert org.record(lead)["OwnerId"] == org.record(lead)["CreatedById"] == org.user(TOM)


def test_an_admin_makes_fields(org: Org) -> None:
    org.act({"act": "add_field", "object": "Task", "name": "Baton_Id__c", "external_id": True, "unique": True})
    org.act({"act": "add_field", "object": "Lead", "name": "Plan__c", "kind": "picklist", "choices": ["S", "L"]})
    assert [choice.value for choice in org.sobject("Lead").fields["plan__c"].choices] == ["S", "L"]
    assert Query(org, "SELECT Baton_Id__c FROM Task WHERE Baton_Id__c = 'x'").run().ids == []
