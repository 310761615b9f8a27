"""HubSpot as declared: settings, sign-in, limits, errors, properties, what setup makes."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

import mappings
from adapters._hubspot.api import ERRORS, api, limits, portal, read_error
from adapters._hubspot.cursors import decode, encode, named, remember
from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.source import HubSpotSource
from connector.model.errors import ConfigError, Problems
from connector.model.http import RefreshToken, StaticToken, Usage
from connector.model.mapped import Unmatched
from connector.model.records import Record
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping
from tests.hubspot import World

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def shipped() -> CompiledMapping:
    problems = Problems()
    text = mappings.shipped("hubspot")
    assert text is not None
    found = compile_mapping(tomllib.loads(text), connection="hubspot", zone="UTC", region="DE", problems=problems)
    assert problems.found == []
    return found


def activity(**values: Any) -> Any:
    return shipped().activity(Record("e", {"id": "e", "at": "2026-11-01T09:00:00+00:00", **values}), NOW)


def test_an_address_is_safe_or_on_this_machine() -> None:
    assert HubSpotSettings(base_url="http://127.0.0.1:8080/").base_url == "http://127.0.0.1:8080"
    with pytest.raises(ValidationError):
        HubSpotSettings(base_url="http://api.hubapi.com")


def test_signing_in_with_a_refresh_token_needs_the_app() -> None:
    with pytest.raises(ValidationError):
        HubSpotSettings(sign_in="refresh_token")
    told = api(HubSpotSettings(sign_in="refresh_token", client_id="app")).sign_in
    assert isinstance(told, RefreshToken)
    assert (told.call.url, told.client_id) == ("https://api.hubapi.com/oauth/2026-03/token", "app")
    assert isinstance(api(HubSpotSettings()).sign_in, StaticToken)


def test_the_end_of_the_old_sign_in_is_known() -> None:
    old = api(HubSpotSettings(sign_in="refresh_token", client_id="app", oauth="v1"))
    assert [one.on for one in old.endings] == [date(2027, 2, 16)]
    assert api(HubSpotSettings(oauth="v1")).endings == ()


def test_limits_are_those_of_the_settings() -> None:
    rates = {rate.name: rate for rate in api(HubSpotSettings(calls_per_10_seconds=100)).rates}
    assert (rates["burst"].calls, rates["burst"].seconds) == (100, 10.0)
    assert (rates["daily"].calls, rates["daily"].seconds) == (650_000, 86_400.0)
    assert (rates["search"].calls, rates["search"].named) == (5, True)


def test_headers_say_what_was_used() -> None:
    told = limits(
        {
            "x-hubspot-ratelimit-max": "190", "x-hubspot-ratelimit-remaining": "150",
            "x-hubspot-ratelimit-daily": "650000", "x-hubspot-ratelimit-daily-remaining": "649000",
        }
    )  # fmt: skip
    assert told == [Usage("burst", 40, 190), Usage("daily", 1000, 650_000)]
    assert limits({"x-hubspot-ratelimit-max": "many"}) == []


def test_the_portal_is_asked_for_its_id() -> None:
    world = World()
    assert portal(world.http) == "24050311"
    world.source.check()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"category": "MISSING_SCOPES", "message": "no scope"}, ("MISSING_SCOPES", "no scope", "")),
        (
            {"category": "VALIDATION_ERROR", "message": 'Property values were not valid: [{"name":"numemployees"}]'},
            ("VALIDATION_ERROR", 'Property values were not valid: [{"name":"numemployees"}]', "numemployees"),
        ),
        (
            {"message": "wrong", "errors": [{"message": "bad", "context": {"propertyName": ["phone"]}}]},
            ("", "wrong bad", "phone"),
        ),
        ({"errors": [{"message": "bad", "in": "city"}]}, ("", "bad", "city")),
        ({"policyName": "DAILY", "errorType": "RATE_LIMIT"}, ("RATE_LIMIT", "", "")),
        (["no", "object"], ("", "", "")),
    ],
)
def test_an_error_body_is_read_whatever_it_lacks(body: Any, told: tuple[str, str, str]) -> None:
    assert read_error(body) == told


def test_no_address_is_taken_from_an_error() -> None:
    _, words, _ = read_error({"message": "Email address ana@firm.example is invalid"})
    assert "ana" not in words


def test_every_line_of_the_error_table_names_its_source() -> None:
    assert all(rule.source.startswith("https://") for rule in ERRORS.rules)


def test_a_damaged_cursor_is_the_beginning() -> None:
    assert decode("") == decode("no json") == decode("[1]") == {}
    assert decode(encode({"since": 5, "seen": {}, "after": ""})) == {"since": 5}


def test_what_is_remembered_has_a_limit() -> None:
    assert remember({"old": 1}, [("a", 10)], since=5) == {"a": 10}
    assert remember({}, [(str(n), 10) for n in range(1001)], since=5) == {}
    names: dict[str, str] = {}
    for number in range(205):
        names = named(names, str(number), "name")
    assert next(iter(names)) == "5"


def test_fields_are_the_portal_s_properties() -> None:
    world = World()
    world.do("set_options", property="hs_lead_status", options=[["NEW", "New"], ["OPEN", "Open"]])
    found = {info.name: info for info in world.source.fields()}
    assert found["hs_lead_status"].choices == ("NEW", "OPEN")
    assert found["hs_lead_status"].ids == {"New": "NEW", "Open": "OPEN"}
    assert found["hs_lead_status"].restricted
    assert found["email"].unique
    assert not found["createdate"].writable
    assert found["hs_email_optout"].kind == "boolean"
    assert all(info.fill is None for info in found.values())
    assert not any(name.startswith("company.") for name in found)
    with_companies = World(frozenset({"email", "company.name"}))
    assert "company.name" in {info.name for info in with_companies.source.fields()}


def preparing(world: World, **extra: Any) -> HubSpotSource:
    context = replace(world.context, written={"": shipped().written("contact")}, extra=extra)
    return HubSpotSource(world.source.settings, context)


def test_setup_makes_the_group_the_properties_and_the_lists_once() -> None:
    world = World()
    source = preparing(world, lists=["Baton: warm"])
    steps = source.setup()
    assert [step.there for step in steps if "lifecyclestage" in step.what] == []
    assert not any(step.there for step in steps)
    before = len(world.http.calls)
    for step in steps:
        assert step.act is not None
        step.act()
    assert len(world.http.calls) - before == len(steps)
    made = world.portal.properties["contacts"]
    assert (made["baton_score"].type, made["baton_score"].group) == ("number", "baton")
    assert made["baton_why"].field_type == "textarea"
    assert made["baton_owner"].type == "string"
    assert [one.name for one in world.portal.lists.values()] == ["Baton: warm"]
    assert all(step.there for step in source.setup())


def test_a_property_that_another_setup_made_meanwhile_is_fine() -> None:
    world = World()
    for step in [*preparing(world).setup(), *preparing(world).setup()]:
        assert step.act is not None
        step.act()


def test_a_property_that_is_not_ours_is_not_made() -> None:
    world = World()
    context = replace(world.context, written={"contact": ("lifecycle_stage",)})
    (step,) = HubSpotSource(world.source.settings, context).setup()
    assert step.act is None
    assert len(step.by_hand) == 2


def test_what_setup_cannot_make_is_told() -> None:
    world = World()
    (step, *_) = preparing(world).setup()
    world.http.fails = [(403, {"category": "MISSING_SCOPES", "message": "no scope"})]
    assert step.act is not None
    with pytest.raises(ConfigError, match="MISSING_SCOPES"):
        step.act()


def test_the_shipped_mapping_reads_what_the_source_tells() -> None:
    found = shipped()
    values = dict.fromkeys(found.source_names)
    values |= {"firstname": "Ana", "company": "Firm", "company.name": None, "hs_email_optout": "true",
               "company.numberofemployees": "250", "hs_latest_source": "PAID_SOCIAL"}  # fmt: skip
    contact = found.contact(Record("17", values), NOW)
    assert contact.external_id == "17"
    assert contact.fields["company.name"] == "Firm"
    assert contact.fields["consent.email"] is False
    assert contact.fields["source"] == "paid"
    assert contact.fields["company.employees"] == 250
    values["hs_email_optout"] = "false"
    assert "consent.email" in found.contact(Record("17", values), NOW).blank


@pytest.mark.parametrize(
    ("values", "kind", "person"),
    [
        ({"event": "email_click", "email": "a@b.example", "page": ""}, "email_click", "a@b.example"),
        ({"event": "page_view", "contact": "17", "page": "https://x.example/pricing?a=1"}, "pricing_view", "17"),
        ({"event": "page_view", "contact": "17", "page": "https://x.example/"}, "page_view", "17"),
        ({"event": "form_submission", "email": "a@b.example", "form": "Request a demo"}, "demo_request", "a@b.example"),
        ({"event": "form_submission", "email": "a@b.example", "form": "Newsletter"}, "form_submit", "a@b.example"),
        ({"event": "unsubscribe", "email": "a@b.example"}, "unsubscribe", "a@b.example"),
    ],
)
def test_the_shipped_mapping_knows_the_deeds(values: dict[str, Any], kind: str, person: str) -> None:
    made = activity(**values)
    assert (made.kind, made.person) == (kind, person)


def test_answers_of_a_form_are_kept() -> None:
    answers = [{"name": "budget", "value": "10k"}, {"name": "email", "value": "a@b.example"}]
    made = activity(event="form_submission", email="a@b.example", form="Demo", answers=answers)
    assert made.answers["budget"] == "10k"


def test_an_event_of_the_portal_s_own_is_counted_until_it_is_mapped() -> None:
    assert activity(event="pe1_trial", contact="17") == Unmatched("pe1_trial")


def test_what_goes_back_is_in_the_portal_s_words() -> None:
    view: dict[str, Any] = {"stage": "mql", "score.total": 71, "grade": "A1", "handoff.response_time": 5400}
    values, problems = shipped().to_platform("contact", view, creating=False, render=lambda text, _: "why")
    assert problems == []
    assert values["lifecyclestage"] == "marketingqualifiedlead"
    assert (values["baton_score"], values["baton_contacted_in"]) == (71, 90)
    values, _ = shipped().to_platform("contact", {"stage": "warm"}, creating=False)
    assert "lifecyclestage" not in values
