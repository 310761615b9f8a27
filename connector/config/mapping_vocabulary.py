"""The JSON Schema of a mapping file, `mappings/NAME.toml`."""

from __future__ import annotations

from typing import Any

from connector.config.condition_vocabulary import Schema, integer, table, tables, text, words
from connector.model.activity import KINDS
from connector.model.consent import CHANNELS
from connector.model.fields import FIELDS, OWN_FIELDS
from connector.model.stages import STAGES
from connector.steps.mapping.conversions import KINDS as CONVERSIONS
from connector.steps.mapping.converted import UNITS
from connector.steps.mapping.writing import KINDS as WRITTEN
from connector.steps.normalise.numbers import BOUNDS

_ANY: Schema = {"type": ["string", "number", "boolean"]}
_TABLE: Schema = {
    "description": "the name of one of [tables], or the table itself",
    "anyOf": [{"type": "string"}, {"type": "object"}],
}
_FORMAT = words('how a time is written: iso, or made of %Y %m %d %H %M %S, such as "%d.%m.%Y"')
_ZONE = text("the time zone of times that have none")

#: A line of `[read]`.
READ: Schema = {
    "from": words("their column, or several of which the first that is not blank counts"),
    "as": text("what it is turned into", enum=sorted(CONVERSIONS)),
    "table": _TABLE,
    "unknown": words("words that mean blank"),
    "default": {**_ANY, "description": "what stands for a blank"},
    "longest": integer("cut to so many characters", minimum=0),
    "ranges": text('which end of a range such as "100-499" counts', enum=sorted(BOUNDS)),
    "decimal_mark": text("what stands before the decimals", enum=[".", ","]),
    "unit": text("the unit that a duration is told in", enum=list(UNITS)),
    "true": words("words that mean yes"),
    "false": words("words that mean no"),
    "format": _FORMAT,
    "zone": _ZONE,
    "region": text("the country of phone numbers without one"),
    "split": text("what stands between the entries of a list"),
}

#: A line of `[write]`.
WRITE: Schema = {
    "from": words("our field, or several of which the first that is not blank counts"),
    "as": text("how the value is told", enum=sorted(WRITTEN)),
    "table": _TABLE,
    "template": text("a text with {{ fields }} in it, or a file in briefs/"),
    "default": {**_ANY, "description": "what is sent for a blank"},
    "longest": integer("cut to so many characters", minimum=0),
    "unit": text("the unit that a duration is told in", enum=list(UNITS)),
    "only": text("create: sent with the first write only", enum=["create"]),
    "split": text("what joins the entries of a list"),
    "true": {"description": "the word for yes", "anyOf": [words("the word for yes"), {"type": "boolean"}]},
    "false": {"description": "the word for no", "anyOf": [words("the word for no"), {"type": "boolean"}]},
    "format": _FORMAT,
    "zone": _ZONE,
}

_PATTERN = " (* stands for any text)"

#: An entry of `[[activities]]`.
ACTIVITY: Schema = {
    "kind": text("the kind of activity that it is", examples=list(KINDS)),
    "topic": text("what it is about"),
    "event": words("their name of the event" + _PATTERN),
    "form": words("the form that was sent" + _PATTERN),
    "page": words("the page that was seen" + _PATTERN),
    "asset": words("the asset of the event" + _PATTERN + "; beside `column`: the asset to note"),
    "campaign": words("the campaign" + _PATTERN),
    "where": tables("other columns, and what they must look like" + _PATTERN, words("a pattern")),
    "set_asset": text("the asset to note"),
    "keep_answers": words("answers of the form that go into the brief" + _PATTERN),
    "column": text("a column of the contact that holds when it happened"),
    "value_of": text("the column that `when` looks at"),
    "when": words("what that column must look like" + _PATTERN),
    "counter": text("a counter of the platform whose rise is an activity"),
    "format": _FORMAT,
    "zone": _ZONE,
}

#: `[contact]`, and `[event]`.
CONTACT: Schema = {
    "id": words("the column of their id"),
    "modified_at": words("the column of when the contact changed"),
    "zone": _ZONE,
    "format": _FORMAT,
}
EVENT: Schema = {
    "person": words("the column of the person's id"),
    "id": words("the column of the event's id"),
    "at": words("the column of when it happened"),
    "event": words("the column of the event's name"),
    "page": words("the column of the page"),
    "url": words("the same as page"),
    "form": words("the column of the form"),
    "asset": words("the column of the asset"),
    "topic": words("the column of the topic"),
    "campaign": words("the column of the campaign"),
    "seconds": words("the column of how long it lasted"),
    "answers": words("the beginning of the columns that hold answers, or their names"),
    "zone": _ZONE,
    "format": _FORMAT,
}

STAGE: Schema = {
    "field": text("their field of the status"),
    "table": {
        "description": "their words, and the stage that each means",
        "anyOf": [{"type": "string"}, tables("stages", text("a stage", enum=list(STAGES)))],
    },
    "reason": {
        "description": "their field of the reason of a rejection, and what its words mean",
        "anyOf": [{"type": "string"}, table("a reason", {"field": text("their field"), "table": _TABLE})],
    },
    "rating": {
        "description": "their field of the rating",
        "anyOf": [
            {"type": "string"},
            table("a rating", {"field": text("their field"), "as": text("its sort", enum=["integer", "text"])}),
        ],
    },
    "words": {
        "description": "their field of what the rep says about the lead",
        "anyOf": [{"type": "string"}, table("the words", {"field": text("their field")})],
    },
}


def _line(described: str, keys: Schema) -> Schema:
    """A line: false, their name, several names, or a table."""
    names: Schema = {"type": "array", "items": {"type": "string"}}
    return {"description": described, "anyOf": [{"const": False}, {"type": "string"}, names, table(described, keys)]}


def schema() -> dict[str, Any]:
    """The JSON Schema of a mapping file."""
    read = {"$ref": "#/$defs/read"}
    groups = sorted({name.partition(".")[0] for name in FIELDS if "." in name} | {"custom", "links"})
    lines = {name: read for name in FIELDS if name not in groups}
    nested = {name: tables(f"fields whose names begin with {name}.", read) for name in groups}
    stage = {
        "description": "their status, reason, rating and words, in ours",
        "anyOf": [{"const": False}, table("their status, in our words", STAGE)],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mappings/NAME.toml",
        "description": "What a platform calls things. Only what differs from the shipped mapping stands here.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "contact": table("the columns of a contact", CONTACT),
            "read": {
                "type": "object",
                "description": "our field = their column; false drops a shipped line",
                "properties": {**lines, **nested, "stage": stage},
                "patternProperties": {r"^(custom|links)\..+": read},
                # A line that this version does not ship may be dropped as well.
                "additionalProperties": {"const": False},
            },
            "event": table("the columns of an event", EVENT),
            "activities": {
                "description": "which event is which activity; the first that matches counts. "
                "Yours come before the shipped ones; false drops those",
                "anyOf": [{"const": False}, {"type": "array", "items": {"$ref": "#/$defs/activity"}}],
            },
            "write": {
                "type": "object",
                "description": "their field = our field; false drops a shipped line. Objects are tables of lines",
                "additionalProperties": {
                    "anyOf": [
                        {"$ref": "#/$defs/write"},
                        {
                            "type": "object",
                            "properties": dict.fromkeys(("from", "template", "default"), False),
                            "additionalProperties": {"$ref": "#/$defs/write"},
                        },
                    ]
                },
            },
            "tables": tables("tables of words: in read their word = ours, in write ours = theirs", {"type": "object"}),
            "consent": tables(
                "questions of forms whose answers (yes, no) say whether somebody may be contacted, and the channel",
                text("the channel", enum=[*CHANNELS]),
            ),
            "kinds": words("kinds of activity beside the shipped ones"),
            "unknown": words("words that mean blank in every column"),
        },
        "$defs": {
            "read": _line("their column, or how to make our value of it", READ),
            "write": _line(f"our field ({', '.join(OWN_FIELDS)}, ...), or how to make their value of it", WRITE),
            "activity": table("an entry: what it looks at, and the kind it makes", ACTIVITY, ("kind",)),
        },
    }
