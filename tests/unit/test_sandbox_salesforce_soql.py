from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.org import Org
from connector.sandbox.salesforce.soql_parse import Junction, parse
from connector.sandbox.salesforce.soql_run import Query

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def org() -> Org:
    return Org(Clock(NOW))


def names(org: Org, where: str, *, deleted_too: bool = False) -> list[str]:
    query = Query(org, f"SELECT Id FROM Lead {where}", deleted_too=deleted_too)
    return [org.record(one)["LastName"] for one in query.run().ids]


def refused(org: Org, text: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        Query(org, text).run()
    return caught.value


def lead(org: Org, family: str, **values: object) -> str:
    return org.create("Lead", {"LastName": family, "Company": "Firm", **values})


def test_text_is_compared_without_regard_to_case(org: Org) -> None:
    lead(org, "Weber", Email="Ana@Firm.example")
    assert names(org, "WHERE Email = 'ana@FIRM.example'") == ["Weber"]
    assert names(org, "WHERE Email IN ('x@y.example', 'ANA@firm.example') AND LastName LIKE 'we_e%'") == ["Weber"]
    assert names(org, "WHERE LastName LIKE 'We'") == []


def test_quotes_and_wildcards_in_a_text_can_be_escaped(org: Org) -> None:
    lead(org, "O'Hara")
    lead(org, "50% off")
    assert names(org, r"WHERE LastName = 'O\'Hara'") == ["O'Hara"]
    assert names(org, r"WHERE LastName LIKE '50\%%'") == ["50% off"]


def test_a_missing_value_equals_null_only_and_is_not_anything_else(org: Org) -> None:
    lead(org, "With", Phone="1")
    lead(org, "Without")
    assert names(org, "WHERE Phone = null") == ["Without"]
    assert names(org, "WHERE Phone != null") == ["With"]
    assert names(org, "WHERE Phone != '2' ORDER BY LastName") == ["With", "Without"]
    assert names(org, "WHERE Phone NOT IN ('1')") == ["Without"]
    assert names(org, "WHERE Phone > '0'") == ["With"]


def test_ids_are_found_in_their_short_form_too(org: Org) -> None:
    found = lead(org, "Weber")
    assert names(org, f"WHERE Id = '{found[:15]}'") == ["Weber"]
    assert refused(org, "SELECT Id FROM Lead WHERE Id = 'nonsense'").code == "INVALID_QUERY_FILTER_OPERATOR"


def test_changes_are_walked_by_time_and_id(org: Org) -> None:
    first, second = lead(org, "A"), lead(org, "B")
    org.clock.move(60)
    lead(org, "C")
    since = "2026-11-20T08:00:00Z"
    walk = "ORDER BY SystemModstamp, Id LIMIT 2"
    assert names(org, f"WHERE SystemModstamp >= {since} {walk}") == ["A", "B"]
    after = f"WHERE SystemModstamp > {since} OR (SystemModstamp = {since} AND Id > '{first}') {walk}"
    assert names(org, after) == ["B", "C"]
    assert names(org, "WHERE SystemModstamp > 2026-11-20T09:00:00+01:00") == ["C"]
    assert first < second


def test_several_orders_and_where_the_empty_ones_stand(org: Org) -> None:
    lead(org, "A", City="Bonn")
    lead(org, "B", City="Aachen")
    lead(org, "C")
    assert names(org, "ORDER BY City") == ["C", "B", "A"]
    assert names(org, "ORDER BY City DESC NULLS LAST") == ["A", "B", "C"]
    assert names(org, "ORDER BY Company, City NULLS LAST LIMIT 1 OFFSET 1") == ["A"]


def test_what_hangs_on_a_record_can_be_asked(org: Org) -> None:
    lena, tom = org.user("lena@northwind.example"), org.user("tom@northwind.example")
    lead(org, "Hers", OwnerId=lena)
    lead(org, "His", OwnerId=tom)
    assert names(org, "WHERE Owner.Email = 'lena@northwind.example'") == ["Hers"]
    assert names(org, "WHERE Lead.Owner.Name LIKE 'Tom%'") == ["His"]
    account = org.create("Account", {"Name": "Firm", "Type": "Customer"})
    org.create("Contact", {"LastName": "Kunde", "AccountId": account})
    org.create("Contact", {"LastName": "Anyone"})
    found = Query(org, "SELECT Id FROM Contact WHERE Account.Type = 'Customer'").run()
    assert [org.record(one)["LastName"] for one in found.ids] == ["Kunde"]


def test_the_kind_of_whom_a_task_is_about(org: Org) -> None:
    who = lead(org, "Weber")
    task = org.log_call(who, by="lena@northwind.example")
    assert Query(org, "SELECT Id FROM Task WHERE Who.Type = 'Lead' AND IsClosed = true").run().ids == [task]
    assert Query(org, "SELECT Id FROM Task WHERE Who.Type = 'Contact'").run().ids == []


def test_deleted_records_are_seen_by_query_all_only(org: Org) -> None:
    org.delete(lead(org, "Gone"))
    lead(org, "Here")
    assert names(org, "ORDER BY LastName") == ["Here"]
    assert names(org, "WHERE IsDeleted = true") == []
    assert names(org, "WHERE IsDeleted = true", deleted_too=True) == ["Gone"]


def test_and_and_or_are_mixed_in_parentheses_only(org: Org) -> None:
    lead(org, "A", City="Bonn")
    lead(org, "B", City="Aachen", Rating="Hot")
    assert names(org, "WHERE (City = 'Bonn' OR City = 'Aachen') AND (NOT Rating = 'Hot')") == ["A"]
    for mixed in ("City = 'a' OR City = 'b' AND Rating = 'Hot'", "City = 'a' AND NOT City = 'b'"):
        assert refused(org, f"SELECT Id FROM Lead WHERE {mixed}").code == "MALFORMED_QUERY"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("SELECT Id, Nonsense__c FROM Lead", "INVALID_FIELD", "No such column 'Nonsense__c' on entity 'Lead'"),
        ("SELECT Owner.Nonsense FROM Lead", "INVALID_FIELD", "No such column 'Nonsense' on entity 'Name'"),
        ("SELECT Nobody.Email FROM Lead", "INVALID_FIELD", "Didn't understand relationship 'Nobody'"),
        ("SELECT Id FROM Leed", "INVALID_TYPE", "sObject type 'Leed' is not supported"),
        ("SELECT Id FROM Lead WHERE Description LIKE '%x%'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Lead WHERE LastName = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM Lead WHERE IsConverted > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT * FROM Lead", "MALFORMED_QUERY", "unexpected token: '*'"),
        ("SELECT Id FROM Lead LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"),
        ("SELECT Id FROM Lead WHERE LastName = 'a' x", "MALFORMED_QUERY", "unexpected token: 'x'"),
        ("SELECT Id FROM Lead WHERE LastName = 'a", "MALFORMED_QUERY", "unexpected token: '''"),
    ],
)
def test_refusals_name_the_fault(org: Org, text: str, code: str, words: str) -> None:
    error = refused(org, text)
    assert (error.code, words in error.message) == (code, True), error.message


def test_a_hidden_field_does_not_exist(org: Org) -> None:
    org.hide_field("Lead", "Rating")
    assert refused(org, "SELECT Rating FROM Lead").code == "INVALID_FIELD"


def test_an_index_finds_what_a_walk_finds(org: Org) -> None:
    """Conditions on indexed fields take another way; the answer is the same."""
    for number in range(30):
        lead(org, f"L{number}", Email=f"e{number % 7}@x.example", Phone=str(number % 3), City=str(number % 2))
    asked = (
        "(Email = 'E1@x.example' OR Phone IN ('2')) AND City = '1'",
        "Email IN ('e1@x.example', 'e2@x.example') OR Phone = '0'",
        "Email = 'e1@x.example' OR City = '1'",
        "Phone = null",
    )
    for condition in asked:
        query = Query(org, f"SELECT Id FROM Lead WHERE {condition}")
        assert query.asked.where is not None
        test = query.test(query.asked.where)
        assert sorted(query.run().ids) == sorted(record["Id"] for record in org.table("Lead") if test(record))
    assert Query(org, "SELECT Id FROM Lead WHERE Email = 'e1@x.example' OR Phone = '1'").candidates(
        parse("SELECT Id FROM Lead WHERE Email = 'e1@x.example' OR Phone = '1'").where
    )


def test_parentheses_make_the_tree() -> None:
    where = parse("SELECT Id FROM Lead WHERE (A = 1 OR B = 2) AND C = 3").where
    assert isinstance(where, Junction)
    assert where.word == "AND"
    assert isinstance(where.parts[0], Junction)
    assert where.parts[0].word == "OR"
