"""What a goal may say in `config.toml`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, PlainValidator, WithJsonSchema

from connector.config import values
from connector.config.strict import Strict
from connector.config.values import N_, refuse
from connector.model import durations

#: Stages that leads are counted at; who is only known or warm has come to none.
CountedStage = Literal["mql", "sal", "sql", "opportunity", "won", "lost", "rejected"]
WayStage = Literal["mql", "sal", "sql", "opportunity", "won"]


class Figure(NamedTuple):
    """A number, a share of 1, or seconds of one of the two clocks."""

    value: float
    kind: Literal["number", "share", "time", "working time"]


def _figure(value: object) -> Figure:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return Figure(float(value), "number")
    if isinstance(value, str) and value.strip().endswith("%"):
        return Figure(values.read_share(value), "share")
    try:
        found = durations.parse(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.working_days:
        raise refuse(N_("%(value)s is no number, share or time"), '100, "20 %", "4 working hours"', value=repr(value))
    return Figure(float(found.seconds), "working time" if found.working else "time")


_FIGURE: dict[str, Any] = {
    "type": ["number", "string"],
    "description": "a number, a share, or a length of time",
    "examples": [100, "20 %", "4 working hours"],
}
AnyFigure = Annotated[Figure, PlainValidator(_figure), WithJsonSchema(_FIGURE)]
OneOrMore = str | list[str]


class WhereSettings(Strict):
    """Which leads count; each key takes one value or a list of them, and all keys together hold."""

    flow: OneOrMore | None = Field(None, description="of these flows")
    source: OneOrMore | None = Field(None, description="from these sources")
    campaign: OneOrMore | None = Field(None, description="of these campaigns")
    owner: OneOrMore | None = Field(None, description="that these people own now, by email")
    team: OneOrMore | None = Field(None, description="that somebody of these teams owns now")
    segment: OneOrMore | None = Field(None, description="of companies of these sizes: 1-9, 10-49, 50-249, 250+")


class GoalSettings(Strict):
    """A number to reach: one of `count`, `rate`, `amount`, `median` and `share`, with `at_least` or `at_most`."""

    count: CountedStage | None = Field(None, description="leads that reached this stage")
    rate: list[WayStage] | None = Field(
        None, min_length=2, max_length=2, description="share of the leads that went from the first stage to the second"
    )
    amount: Literal["won"] | None = Field(
        None, description="what the deals of leads that were won are worth together, in the currency of reports"
    )
    median: Literal["response time"] | None = Field(
        None, description="what half of the handoffs took at most, from the handoff to the first contact"
    )
    share: Literal["contacted in time", "accepted in time"] | None = Field(
        None, description="share of the handoffs whose clock was kept"
    )
    at_least: AnyFigure | None = Field(
        None, description="to be reached: a number for a count or an amount, a share for a rate or a share"
    )
    at_most: AnyFigure | None = Field(None, description="not to be exceeded, in place of at_least; a time for a median")
    per: Literal["week", "month", "quarter", "year", "fiscal quarter", "fiscal year"] = Field(
        "month", description="the span of time that is looked at"
    )
    owner: values.Email = Field(description="who answers for it")
    where: WhereSettings = Field(default_factory=WhereSettings, description="only these leads")
    under: str = Field("", description="the goal that this one is a part of")
    begins: date | None = Field(None, alias="from", description="the first day on which it holds")
    until: date | None = Field(None, description="the last day on which it holds")
    benchmark: AnyFigure | None = Field(None, description="what others reach; shown beside it, and never judged by")
    benchmark_from: str = Field("", description="who says so")
