"""The canonical fields of a lead: names as they stand in TOML, their kinds and choices.

A value is always JSON-ready: `str`, `int`, `float`, `bool`, or a list of `str`. A date is
`YYYY-MM-DD`; a datetime is ISO 8601 in UTC, `2026-12-07T08:00:00+00:00`, so that text order
is time order. Decimals (amounts) are `float`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text", "integer", "decimal", "boolean", "date", "datetime", "email", "phone", "country", "list", "choice"
]  # fmt: skip
Value = str | int | float | bool | list[str]

JOB_LEVELS = ("staff", "manager", "director", "vp", "c_level")
EMAIL_CLASSES = ("work", "free", "role", "disposable")
JOB_FUNCTIONS = (
    "executive", "marketing", "sales", "it", "engineering", "product", "operations", "finance",
    "hr", "legal", "support", "purchasing", "education", "student", "consulting", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldType:
    """What a canonical field holds. `choices` are allowed words, lowest first where `ordered`."""

    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    ordered: bool = False


_TEXT = FieldType()
_NUMBER = FieldType("integer")
_WHEN = FieldType("datetime")

_ORIGIN = ("source", "medium", "campaign", "term", "content", "landing_page", "referrer")

FIELDS: dict[str, FieldType] = {
    # person
    "name.given": _TEXT,
    "name.family": _TEXT,
    "name.full": _TEXT,
    "name.reading": _TEXT,
    "honorific": _TEXT,
    "email": FieldType("email"),
    "email_class": FieldType("choice", EMAIL_CLASSES),
    "phone": FieldType("phone"),
    "mobile": FieldType("phone"),
    "phone_extension": _TEXT,
    "job_title": _TEXT,
    "job_level": FieldType("choice", JOB_LEVELS, ordered=True),
    "job_function": FieldType("choice", JOB_FUNCTIONS),
    "language": _TEXT,
    "timezone": _TEXT,
    "linkedin": _TEXT,
    # place
    "country": FieldType("country"),
    "region": _TEXT,
    "city": _TEXT,
    "postal_code": _TEXT,
    "street": _TEXT,
    # company
    "company.name": _TEXT,
    "company.domain": _TEXT,
    "company.employees": _NUMBER,
    "company.revenue": FieldType("decimal"),
    "company.industry": _TEXT,
    "company.country": FieldType("country"),
    "company.technologies": FieldType("list"),
    "company.is_customer": FieldType("boolean"),
    # origin: the latest, and the first kept apart
    **dict.fromkeys(_ORIGIN, _TEXT),
    **{f"first.{name}": _TEXT for name in _ORIGIN},
    "first_touch_at": _WHEN,
    "last_touch_at": _WHEN,
    # state that a marketing platform or CRM may carry for us
    "persona": _TEXT,
    # consent
    "consent.email": FieldType("boolean"),
    "consent.phone": FieldType("boolean"),
    "consent.all": FieldType("boolean"),
    "consent.at": _WHEN,
    "consent.source": _TEXT,
    # sales
    "budget": _TEXT,
    "authority": _TEXT,
    "need": _TEXT,
    "timing": _TEXT,
    "fit_confirmed": FieldType("boolean"),
    "conversation": FieldType("boolean"),
    "opportunity.id": _TEXT,
    "opportunity.amount": FieldType("decimal"),
    "opportunity.currency": _TEXT,
    "opportunity.stage": _TEXT,
    "outcome": _TEXT,
}

#: Computed by Baton: a mapping may write them to a platform, never read them from one.
OWN_FIELDS: dict[str, FieldType] = {
    "stage": _TEXT,
    "stage_since": _WHEN,
    "grade": _TEXT,
    "score.total": _NUMBER,
    "score.fit": _NUMBER,
    "score.engagement": _NUMBER,
    "score.intent": _NUMBER,
    "owner": _TEXT,
    "flow": _TEXT,
    "handoff.reason": _TEXT,
    "handoff.rating": _NUMBER,
    "handoff.response_time": _NUMBER,
    "handoff.response_working_time": _NUMBER,
    "handoff.brief": _TEXT,
    "handoff.hot": FieldType("boolean"),
    "handoff.opened_at": _WHEN,
    "handoff.due_at": _WHEN,
    # the task that a handoff leads to, in our own words
    "task.subject": _TEXT,
    "task.text": _TEXT,
    "task.owner": _TEXT,
    "task.due_at": _WHEN,
    "task.priority": FieldType("choice", ("normal", "high"), ordered=True),
    "task.key": _TEXT,
}

#: What the people of a lead's company come to (model/company.py): asked by conditions of flows that have an account.
ACCOUNT_FIELDS: dict[str, FieldType] = {
    "account.score": _NUMBER,
    "account.people": _NUMBER,
    "account.active": _NUMBER,
    "account.roles": FieldType("list"),
}


def field_type(name: str) -> FieldType | None:
    """The type of canonical field `name`; `custom.<name>` is text, unknown names give None."""
    if name.startswith("custom.") and len(name) > len("custom."):
        return _TEXT
    return FIELDS.get(name) or OWN_FIELDS.get(name)
