"""Every setting of a flow, with its default and what it is for.

Criteria and routing stay tables here: they are compiled, and proved, by the steps that use them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, WithJsonSchema

from connector.config import values
from connector.config.condition_vocabulary import ACCOUNT, CONDITION, CONDITIONS, GATES, ROUTING, RULES, TOTAL
from connector.config.strict import Strict
from connector.steps.scoring.defaults import shipped

_EXISTING = Literal["task on contact", "tell owner"]
WINNERS = Literal["prefer_crm_unless_blank", "always_crm", "always_marketing", "newest", "fill_blank", "never"]

#: The two shapes of a value that may be a word or a table; no key looks like that.
WORD, TABLE = "<word>", "<table>"


class ContactSettings(Strict):
    """By when first contact is due after the handoff."""

    hot: values.AnyDuration = Field("30 working min", validate_default=True, description="for hot leads")
    other: values.AnyDuration = Field("4 working hours", validate_default=True, description="for the others")


class ExistingSettings(Strict):
    """What becomes of someone who is in the CRM already: never a second record."""

    contact: _EXISTING = Field("task on contact", description="is a contact already")
    open_opportunity: _EXISTING = Field("tell owner", description="is in an open deal")
    customer: _EXISTING = Field("tell owner", description="is a customer")


class BreachSettings(Strict):
    """What to do some time after a breach."""

    do: Literal["tell rep", "tell manager", "reassign"] = Field(description="what to do")
    after: values.AnyDuration | None = Field(None, description="how long after the breach; none: at once")


def _shape(value: object) -> str:
    return TABLE if isinstance(value, dict | BaseModel) else WORD


BreachStep = Annotated[
    Annotated[Literal["tell rep", "tell manager", "reassign"], Tag(WORD)] | Annotated[BreachSettings, Tag(TABLE)],
    Discriminator(_shape),
]


class ClockSettings(Strict):
    """The agreed times."""

    contact: ContactSettings = Field(
        default_factory=ContactSettings, description="by when first contact is due after the handoff"
    )
    touch: list[Literal["call", "email", "meeting"]] = Field(
        ["call", "email", "meeting"], description="what counts as contact, by a person"
    )
    not_by: list[str] = Field([], description="names of automatic senders, which do not count")
    remind: list[values.Share] = Field(
        ["50 %", "80 %"], validate_default=True, description="when to remind, as shares of the time"
    )
    breach: list[BreachStep] = Field(
        ["tell rep", "tell manager"], validate_default=True, description="what to do when the time is over"
    )
    pause_after: Annotated[int, Field(ge=0)] = Field(
        0,
        description="handoffs in a row that a rep lets go overdue, after which they take no turns until somebody ends "
        "that (baton absent); 0: never",
    )


class ReasonSettings(Strict):
    """A reason of rejection and its effect. `NAME = false` takes a shipped reason away."""

    list: str = Field("", description="the marketing list that the lead joins")
    back_after: values.PlainDuration | None = Field(None, description="how long until it may come back")
    back_when: Annotated[Any, WithJsonSchema(CONDITION)] = Field(
        None,
        description="a condition that must hold for it to come back",
    )
    mend_by: values.Email | None = Field(None, description="who mends the data; then it is handed over again")


Reason = Annotated[
    Annotated[Literal[False], Tag(WORD)] | Annotated[ReasonSettings, Tag(TABLE)],
    Discriminator(_shape),
]


class FieldSettings(Strict):
    """Who wins a field, and which source speaks for marketing."""

    rule: WINNERS = Field("prefer_crm_unless_blank", description="who wins where both sides have a value")
    sources: list[str] = Field(
        [], description="whose word is marketing's in this field, the first that has a value; then the flow's others"
    )


FieldRule = Annotated[
    Annotated[WINNERS, Tag(WORD)] | Annotated[FieldSettings, Tag(TABLE)],
    Discriminator(_shape),
]
SHIPPED = shipped()
_Count = Annotated[int, Field(ge=1)]


class FlowSettings(Strict):
    """Who is taken, how they are scored, who gets them, by when."""

    sources: list[str] = Field(min_length=1, description="the connections that leads come from")
    crm: str = Field(description="the connection that leads are handed over to")
    takes: Annotated[Any, WithJsonSchema(CONDITION)] = Field(
        None, description="who is taken, a condition; none: everyone. The first flow that takes a lead has it"
    )
    mode: Literal["observe", "review", "live"] = Field(
        "observe", description="observe: decide, write nothing. review: a person releases each. live"
    )
    start: date | None = Field(
        None, description="who was over the line before this day gets a score, but no handoff; none: no such day"
    )
    handoffs_per_day: _Count | None = Field(None, description="the rest waits, best first; none: no limit")
    changes_per_run: values.Share = Field(
        "30 %",
        validate_default=True,
        description="the flow is parked where one run would change more of its leads outside than this share "
        "(and 100 at least); 100 %: never",
    )
    accept_over: Annotated[int, Field(ge=0)] = Field(
        50,
        description="a change of criteria that would move more leads than this waits for baton criteria accept; "
        "0: none waits",
    )
    write_score: str = Field(SHIPPED["write_score"], description="when a changed score is written again")
    language: Literal["en", "ja"] | None = Field(None, description="of briefs; none: the one on top")
    brief: str = Field(
        "", description="a template in briefs/, such as briefs/b2b.txt (in Japanese: briefs/b2b.ja.txt); none: shipped"
    )
    required: list[values.FieldName] = Field(
        SHIPPED["required"],
        description="fields without which a lead is not handed over; what lacks one waits in baton errors",
    )
    mend_by: values.Email | None = Field(
        None,
        description="who completes and corrects the data of this flow's leads; none: the manager of the team",
    )
    existing: ExistingSettings = Field(
        default_factory=ExistingSettings, description="what becomes of someone who is in the CRM already"
    )
    conditions: Annotated[dict[str, Any], WithJsonSchema(CONDITIONS)] = Field(
        {}, description="conditions named once, used by name below"
    )
    fit: Annotated[dict[str, Any], WithJsonSchema(RULES)] = Field({}, description="points for who the lead is")
    engagement: Annotated[dict[str, Any], WithJsonSchema(RULES)] = Field(
        {}, description="points for interest shown; once, unless `each`"
    )
    intent: Annotated[dict[str, Any], WithJsonSchema(RULES)] = Field({}, description="points for signs of buying")
    total: Annotated[dict[str, Any], WithJsonSchema(TOTAL)] = Field({}, description="how points become a grade")
    account: Annotated[dict[str, Any], WithJsonSchema(ACCOUNT)] | None = Field(
        None,
        description="the account that colleagues make together: account.score, account.people, account.active, "
        "account.roles in conditions; none: not asked for",
    )
    gates: Annotated[dict[str, Any], WithJsonSchema(GATES)] = Field({}, description="when a stage is reached")
    routing: Annotated[dict[str, Any], WithJsonSchema(ROUTING)] = Field(description="who gets the lead")
    clock: ClockSettings = Field(default_factory=ClockSettings, description="the agreed times")
    reasons: dict[str, Reason] = Field({}, description="reasons of rejection and their effects, over the shipped ones")
    fields: dict[str, FieldRule] = Field(
        {}, description="who wins where both sides have a value; not named: prefer_crm_unless_blank"
    )
