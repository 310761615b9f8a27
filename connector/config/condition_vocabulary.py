"""The JSON Schema of what the steps compile: conditions, rules, gates, routing.

A `named(...)` stands where a `$ref` belongs; `describe` puts the references and `DEFINITIONS` in.
"""

from __future__ import annotations

from typing import Any

from connector.model.fields import JOB_FUNCTIONS

Schema = dict[str, Any]

#: The key that marks a reference to one of `DEFINITIONS`.
NAMED = "x-named"


def named(name: str) -> Schema:
    """A reference to definition `name`."""
    return {NAMED: name}


def text(described: str, **more: Any) -> Schema:
    """A text."""
    return {"type": "string", "description": described, **more}


def integer(described: str, **more: Any) -> Schema:
    """A whole number."""
    return {"type": "integer", "description": described, **more}


def table(described: str, properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    """A table that takes these keys and no other."""
    schema: Schema = {
        "type": "object",
        "description": described,
        "properties": properties,
        "additionalProperties": False,
    }
    return {**schema, "required": list(required)} if required else schema


def tables(described: str, each: Schema) -> Schema:
    """A table whose keys are the admin's own names."""
    return {"type": "object", "description": described, "additionalProperties": each}


def words(described: str) -> Schema:
    """A text, or a list of texts."""
    return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}], "description": described}


_DURATION = {"examples": ["30 min", "7 days", "90 days"]}

#: What a condition is asked of.
SUBJECTS: Schema = {
    "field": text("the name of a canonical field"),
    "activity": words("a kind of activity, or several"),
    "score": text("total, fit, engagement or intent", enum=["total", "fit", "engagement", "intent"]),
    "grade": words('a grade such as "A1", a letter alone, or a list of them'),
    "changed": words("fields, one of which changed"),
    "has": {"description": "an entry that a list has; alone: account owner, or a field that has a value"},
}

#: What is asked.
OPERATORS: Schema = {
    "is": {"description": "the value is this, without regard to case"},
    "is_not": {"description": "the value is not this, or blank"},
    "in": {"type": "array", "description": "the value is one of these"},
    "not_in": {"type": "array", "description": "the value is none of these"},
    "like": words("the value looks like this: * stands for any text, ? for one character"),
    "in_file": text("the value stands in this file, one entry a line"),
    "not_in_file": text("the value does not stand in this file"),
    "blank": {"type": "boolean", "description": "true: there is no value. false: there is one"},
    "at_least": {"description": "this or more; of an ordered word: this or above"},
    "at_most": {"description": "this or less; of activities: no more of them than this"},
    "above": {"description": "more than this"},
    "below": {"description": "less than this"},
    "has_not": {"description": "a list without this entry"},
    "has_any": {"type": "array", "description": "a list with one of these entries"},
    "before": {"description": "a day or time before this"},
    "after": {"description": "a day or time after this"},
    "topic": words("activities on this topic; * stands for any text"),
    "asset": words("activities with this asset; * stands for any text"),
    "campaign": words("activities of this campaign; * stands for any text"),
    "url": words("activities on this address; * stands for any text"),
    "lasting": text("activities that lasted at least so long", **_DURATION),
    "within": text("no longer ago than this", **_DURATION),
    "since": {"description": "changed on this day or later"},
    "count": integer("at least so many activities", minimum=1),
}

_SEVERAL: Schema = {"anyOf": [named("condition"), {"type": "array", "items": named("condition"), "minItems": 1}]}
JOINS: Schema = {
    "all": {**_SEVERAL, "description": "every one of these holds"},
    "any": {**_SEVERAL, "description": "at least one of these holds"},
    "not": {**_SEVERAL, "description": "none of these holds"},
}

CONDITION: Schema = named("condition")
CONDITIONS = tables("conditions by name", named("condition"))

#: What a rule says beside its condition.
RULE: Schema = {
    "points": integer("points that the rule gives, below 0 to take away", minimum=-1000, maximum=1000),
    "each": {"type": "boolean", "description": "for each activity that matches, not once"},
    "up_to": integer("no more points than this from the rule"),
    "half_life": text("after this long an activity gives half of its points", **_DURATION),
}
RULES = tables("rules by name", named("rule"))

TOTAL = table(
    "caps, and how points become a grade",
    {
        "at_most": table(
            "the most points of a group",
            {group: integer("points", minimum=0) for group in ("fit", "engagement", "intent")},
        ),
        "letter": tables("points of fit from which the letter is given", {"type": "integer"}),
        "number": tables("points of engagement and intent from which the number is given", {"type": "integer"}),
    },
)

ACCOUNT = table(
    "the account that a lead's colleagues make with it; without this table the flow has none",
    {
        "per_person": integer("the most points of engagement and intent that one person gives", minimum=1, default=30),
        "up_to": integer("the most points of the whole account", minimum=1, default=100),
        "buys": {
            "type": "array",
            "items": {"type": "string", "enum": list(JOB_FUNCTIONS)},
            "description": "functions whose directors decide, beside the top level; none: all",
        },
        "roles": tables(
            "roles by name, in the order in which they are asked; none: decision maker, influencer, user",
            named("condition"),
        ),
    },
)

_PEOPLE_GATE = table(
    "a gate that a person decides",
    {
        "by": text("owner, manager, or an address"),
        "within": text("how long they have", examples=["1 working day"]),
        "asks": {"type": "array", "items": {"type": "string"}, "description": "what they are asked"},
        "then": text("the team that the lead is handed to next"),
    },
)
GATES = table(
    "when a stage is reached",
    {
        "mql": {
            **named("condition"),
            "description": "a lead becomes an MQL when this holds, and all `required` fields are there",
        },
        "mql_ends": {
            **named("condition"),
            "description": "it is one no longer when this holds and `mql` does not; only before it is handed over",
        },
        "hot": {**named("condition"), "description": "flagged, first in the queue, with the shorter clock"},
        "nurture": table(
            "joins when this holds; leaves on mql, or below",
            {
                "when": {**named("condition"), "description": "who joins"},
                "list": text("the marketing list that is joined"),
                "untouched": table(
                    "who is warm for long, and nobody got in touch with",
                    {
                        "after": text("for how long", examples=["30 days"]),
                        "list": text("the marketing list that they join; none: only counted"),
                    },
                    ("after",),
                ),
            },
            ("when",),
        ),
        "review": table(
            "who releases a lead before it is handed over, in a flow whose mode is review",
            {
                "by": text("manager, or an address; none: whoever looks"),
                "within": text("how long they have", examples=["4 working hours"]),
                "deputy": text("whose it is after that, or while they are away: manager, or an address"),
            },
        ),
        "sal": named("people_gate"),
        "sql": named("people_gate"),
    },
)

ROUTING = table(
    "who gets the lead",
    {
        "order": {
            "type": "array",
            "minItems": 1,
            "description": "rules in order; the first that holds decides",
            "items": table(
                "a rule",
                {
                    "when": {**named("condition"), "description": "whom the rule takes; none: everyone"},
                    "to": text("a team, a person's email, or account owner"),
                },
                ("to",),
            ),
        },
        "nobody_there": table(
            "what happens where nobody in the team can take the lead",
            {
                "give_to": text("next to be back, next rule, a team, or a person's email"),
                "tell": text("who hears of it: manager, or an email"),
            },
        ),
    },
    ("order",),
)

DEFINITIONS: Schema = {
    "people_gate": _PEOPLE_GATE,
    "condition": {
        "description": "a condition, or the name of one",
        "anyOf": [{"type": "string"}, table("a condition", {**SUBJECTS, **OPERATORS, **JOINS})],
    },
    "rule": table("points, and what they are for", {**RULE, **SUBJECTS, **OPERATORS, **JOINS}, ("points",)),
}
