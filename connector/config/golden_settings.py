"""Every setting of `leads.toml`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from connector.config import values
from connector.config.strict import Strict
from connector.config.values import N_, refuse


def _moment(value: object) -> date:
    """A day stands for its first moment."""
    if not isinstance(value, date):
        raise refuse(
            N_("must be a day and a time without quotes"), "2026-12-07T08:00:00Z, 2026-12-07 09:00:00, 2026-12-07"
        )
    return value


def _bound(value: object) -> tuple[int | None, int | None]:
    allowed = "55, { at_least = 50 }, { at_most = 60 }"
    if type(value) is int:
        return value, value
    keys = ("at_least", "at_most")
    if not isinstance(value, dict) or not value or value.keys() - set(keys):
        raise refuse(N_("%(value)s is no number of points"), allowed, value=repr(value))
    if any(type(one) is not int for one in value.values()):
        raise refuse(N_("points are whole numbers"), allowed)
    return value.get("at_least"), value.get("at_most")


Moment = Annotated[date, PlainValidator(_moment)]
Points = Annotated[tuple[int | None, int | None], PlainValidator(_bound)]


class DeedSettings(Strict):
    """Something a golden lead did, `ago` before its moment or `at` a time."""

    kind: str = Field(description="the kind of activity")
    ago: values.PlainDuration | None = Field(None, description="how long before the lead's moment")
    at: Moment | None = Field(None, description="when, in place of ago")
    topic: str = Field("", description="what it was about")
    asset: str = Field("", description="what it was about, by name")
    url: str = Field("", description="the address; content.toml says the topic and asset of those that it knows")
    campaign: str = Field("", description="the campaign that it belongs to")
    lasting: values.PlainDuration | None = Field(None, description="how long it lasted")
    count: int = Field(1, ge=1, le=1000, description="so many of them, at the same time")


class ExpectedSettings(Strict):
    """What must come of a golden lead; what is not said is not asked."""

    stage: Literal["known", "warm", "mql"] | None = Field(None, description="where it must stand")
    hot: bool | None = Field(None, description="whether the hot gate must hold")
    total: Points | None = Field(None, description="the points: a number, or { at_least = 50, at_most = 60 }")
    fit: Points | None = Field(None, description="the points from fit, after the cap")
    engagement: Points | None = Field(None, description="the points from engagement, after the cap")
    intent: Points | None = Field(None, description="the points from intent, after the cap")
    grade: str | None = Field(None, description="the grade, such as A1")
    rules: list[str] = Field([], description="rules that must give points")
    not_rules: list[str] = Field([], description="rules that must give none")
    missing: list[values.FieldName] | None = Field(
        None, description="required fields that keep it from becoming an MQL"
    )
    to: str | None = Field(None, description="the team or person that the rules of routing name; nothing: no rule does")
    flow: str | None = Field(None, description="the flow that must take it; nothing: none takes it")


class GoldenSettings(Strict):
    """One golden lead."""

    name: str = Field(min_length=1, description="what it is called where something differs")
    flow: str = Field("", description="the flow that is asked; none: the first that takes it")
    at: Moment | None = Field(None, description="the moment at which it is judged")
    stage: Literal["known", "warm", "mql"] = Field("known", description="where it stood before")
    account_owner: values.Email | None = Field(None, description="who owns the account in the CRM")
    fields: dict[str, Any] = Field({}, description="its fields, by our names")
    changed: dict[str, values.PlainDuration] = Field({}, description="how long ago fields changed")
    did: list[DeedSettings] = Field([], description="what it did")
    expect: ExpectedSettings = Field(description="what must come of it")


class GoldenFile(Strict):
    """`leads.toml`."""

    at: Moment | None = Field(None, description="the moment of every lead that names none")
    lead: list[GoldenSettings] = Field(min_length=1, description="the golden leads")
