"""Which of two leads that are one person stays, and what is known of the other."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connector.model.handoff import Handoff, HandoffState
from connector.model.lead import Lead, Statement
from connector.model.stages import Stage
from connector.steps.joining import (
    brought_back,
    kept,
    remember_addresses,
    standing,
    stay_out,
    taken_back,
    took,
    took_from,
    winner_of,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
AT = ("portal", "2026-11-01T00:00:00+00:00")


def handoff(state: HandoffState, *, was_out: bool = False) -> Handoff:
    return Handoff(0, "b2b", "mql", state, NOW, "v1", opened_at=NOW if was_out else None)


OPEN, CLOSED = handoff("open", was_out=True), handoff("closed", was_out=True)
WAITING, WITHDRAWN = handoff("waiting"), handoff("closed")


@pytest.mark.parametrize(
    ("stage", "handoffs", "expected"),
    [
        ("known", [], (0, False, False)),
        ("known", [WITHDRAWN], (0, False, False)),
        ("mql", [WAITING], (0, False, True)),
        ("mql", [CLOSED], (0, True, False)),
        ("mql", [CLOSED, WAITING], (0, True, True)),
        ("warm", [OPEN], (1, True, True)),
        ("mql", [OPEN], (1, True, True)),
        ("sal", [OPEN], (2, True, True)),
        ("sql", [CLOSED], (0, True, False)),
        ("sql", [CLOSED, OPEN], (3, True, True)),
        ("opportunity", [], (4, False, False)),
        ("won", [CLOSED], (5, True, False)),
    ],
)
def test_how_far_a_lead_is_in_sales(stage: Stage, handoffs: list[Handoff], expected: tuple[int, bool, bool]) -> None:
    assert standing(Lead(stage=stage), handoffs) == expected


def test_whoever_is_further_stays_then_who_was_first_named_then_the_older() -> None:
    one, other = Lead(id=4), Lead(id=9)
    assert winner_of(one, other, {}) == winner_of(other, one, {}) == (one, other)
    assert winner_of(one, other, {}, 9) == winner_of(other, one, {}, 9) == (other, one)
    assert winner_of(one, other, {}, 4) == (one, other)
    for handoffs in ({9: [WAITING]}, {4: [WAITING], 9: [CLOSED]}, {4: [CLOSED, WAITING], 9: [OPEN]}):
        assert winner_of(one, other, handoffs, 4) == winner_of(other, one, handoffs, 4) == (other, one)
    both = {4: [OPEN], 9: [OPEN]}
    assert winner_of(one, other, both) == (one, other)
    assert winner_of(one, other, both, 4, {9}) == winner_of(other, one, both, 4, {9}) == (other, one)
    won = Lead(id=9, stage="won")
    assert winner_of(one, won, {4: [OPEN]}) == (won, one)


def test_who_is_out_of_a_channel_stays_out_with_the_word_that_said_so() -> None:
    winner = Lead({"consent.email": True, "consent.phone": False}, {"consent.email": AT, "consent.phone": AT})
    later = ("crm", "2026-11-02T00:00:00+00:00")
    loser = Lead(
        {"consent.email": False, "consent.phone": False, "consent.all": False},
        {"consent.email": later, "consent.phone": later},
    )
    stay_out(winner, loser)
    assert winner.fields == {"consent.email": False, "consent.phone": False, "consent.all": False}
    assert winner.said == {"consent.email": later, "consent.phone": AT, "consent.all": ("", "")}
    silent = Lead({"consent.email": False})
    winner = Lead({"consent.email": True}, {"consent.email": AT})
    stay_out(winner, silent)
    assert (winner.fields, winner.said) == ({"consent.email": False}, {"consent.email": AT})
    given = Lead({"consent.email": True})
    stay_out(given, Lead({"consent.email": True, "city": "Bonn"}))
    assert given.fields == {"consent.email": True}


def test_addresses_are_remembered_but_those_of_a_role_and_what_is_none() -> None:
    def former(mine: str, winners: list[str], theirs: str, losers: list[str], **more: str) -> list[str]:
        winner = Lead({"email": mine} if mine else {}, former=winners)
        loser = Lead({"email": theirs, **more} if theirs else {}, former=losers)
        remember_addresses(winner, loser)
        return winner.former

    assert former("a@x.example", ["b@x.example"], "c@x.example", ["d@x.example", "a@x.example"]) == [
        "d@x.example", "c@x.example", "b@x.example",
    ]  # fmt: skip
    assert former("a@x.example", [], "a@x.example", []) == []
    assert former("a@x.example", [], "info@x.example", ["d@x.example"], email_class="role") == ["d@x.example"]
    assert former("", [], "", []) == []
    none = Lead(former=["XXXX"])
    remember_addresses(none, Lead({"email": "c@x.example"}))
    assert none.former == ["c@x.example", "XXXX"]
    winner = Lead({"email": "a@x.example"})
    remember_addresses(winner, Lead({"email": "no mail"}, flags={"email": "not an address"}))
    assert winner.former == []


def test_what_was_taken_over_is_told_by_part_and_by_whom() -> None:
    lead = Lead({"city": "Bonn"}, {"city": AT}, counters={"portal:visits": 2})
    was = kept(lead)
    assert was["values"] == {"city": ["Bonn", list(AT)]}
    lead.fields["phone"], lead.said["phone"] = "+49 1", ("crm", "")
    lead.sides = {"forms": {"city": Statement("Ulm", AT[1])}}
    lead.counters["portal:visits"] = 3
    taken = took(was, lead)
    assert taken["values"] == {"phone": ["+49 1", ["crm", ""]]}
    assert taken["counters"] == {"portal:visits": 3}
    assert (taken["flags"], list(taken["sides"])) == ({}, ["forms\tcity"])
    before = {"took": taken}
    assert took_from(before, "forms", "city")
    assert took_from(before, "crm", "phone")
    for connection, name in [("crm", "city"), ("forms", "phone"), ("portal", "city"), ("", "phone")]:
        assert not took_from(before, connection, name)
    assert not took_from({}, "crm", "phone")
    assert not took_from({"took": {"values": {"phone": [None, []]}}}, "crm", "phone")
    taken_back(lead, was, taken)
    assert kept(lead) == was


def test_taken_back_is_only_what_has_not_changed_since() -> None:
    lead = Lead({"city": "Bonn"}, {"city": AT}, former=["a@x.example"], stage="known")
    was = kept(lead)
    lead.fields |= {"city": "Ulm", "phone": "+49 1"}
    lead.said |= {"city": ("crm", "1"), "phone": ("crm", "1")}
    lead.former, lead.stage = ["a@x.example", "b@x.example"], "mql"
    taken = took(was, lead)
    lead.fields["phone"], lead.stage = "+49 2", "sal"
    lead.former.append("c@x.example")
    taken_back(lead, was, taken)
    assert lead.fields == {"city": "Bonn", "phone": "+49 2"}
    assert lead.former == ["a@x.example", "c@x.example"]
    assert lead.stage == "sal"


def test_a_lead_is_again_all_that_it_was() -> None:
    lead = Lead(
        {"city": "Bonn", "grade": "A"}, {"city": AT, "phone": AT}, {"city": "odd"}, {"portal:visits": 2},
        {"forms": {"city": Statement("Ulm", AT[1]), "phone": Statement(None)}, "crm": {"city": Statement("Kiel")}},
        stage="mql", stage_since=NOW, flow="b2b", owner="lena@x.example", former=["a@x.example"],
    )  # fmt: skip
    was = kept(lead)
    assert was["values"] == {"city": ["Bonn", list(AT)], "grade": ["A", []], "phone": [None, list(AT)]}
    assert was["standing"] == ["mql", NOW.isoformat(), "b2b", "lena@x.example"]
    other = Lead({"city": "Kiel", "fax": "1"}, {"fax": AT}, {"fax": "odd"}, {"x:y": 1}, former=["b@x.example"])
    brought_back(other, json.loads(json.dumps(was)))
    assert (other.fields, other.said, other.flags) == ({"city": "Bonn"}, lead.said, lead.flags), "and what follows"
    assert (other.counters, other.sides, other.former) == (lead.counters, lead.sides, lead.former)
    assert (other.stage, other.stage_since, other.flow, other.owner) == ("mql", NOW, "b2b", "lena@x.example")
