"""What a list must be given before Baton can work with it: all by hand, since ClickUp has no calls for it.

There is none to define fields, statuses, forms or automations (the published description of v2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adapters._clickup.board import BUILT_IN, Board
from adapters._clickup.settings import ClickUpSettings
from connector.model import sentences
from connector.model.adapter import SetupStep

#: The types of fields that the shipped mapping names, in ClickUp's own words for them; any other is a text.
TYPES = {
    "Email": "Email", "Phone": "Phone", "Score": "Number", "Lead quality": "Rating",
    "Rejection reason": "Dropdown: Not now, Unreachable, Not a fit, Wrong data, Duplicate, Customer, Competitor, Other",
    "Why": "Text Area (Long Text)", "Amount": "Money", "Employees": "Number",
}  # fmt: skip
_TEXT = "Text"
_VERDICT = "Dropdown: Accepted, Rejected"
_RELATIONSHIP = "Relationship"
#: What the API calls the types that such a field may have. Of a field of the company's own, any will do.
_FITTING = {
    "Email": ("email",), "Phone": ("phone",), "Score": ("number",), "Lead quality": ("emoji", "number"),
    "Rejection reason": ("drop_down", "short_text"), "Why": ("text", "short_text"), "Amount": ("currency", "number"),
    "Employees": ("number", "short_text", "drop_down"),
}  # fmt: skip
_KEY_TYPES = ("short_text", "text")
#: A new list has three: these cannot tell a lead that was won from one that was lost.
_LEAST_STATUSES = 4


def steps(board: Board, settings: ClickUpSettings, wanted: Iterable[str]) -> Iterator[SetupStep]:
    """The key, the fields that the mapping names, the statuses."""
    yield _field(board, settings.key_field, _KEY_TYPES)
    for name in sorted(set(wanted) - BUILT_IN.keys() - {settings.key_field}):
        yield _field(board, name, _FITTING.get(name, ()))
    what = sentences.SETUP_STATUSES % {"list": board.name}
    there = len(board.statuses) >= _LEAST_STATUSES
    by_hand = (sentences.SETUP_STATUSES_1, sentences.SETUP_STATUSES_2, sentences.SETUP_STATUSES_3)
    yield SetupStep(what, there, None, by_hand)


def feedback_steps(board: Board, settings: ClickUpSettings, wanted: Iterable[str]) -> Iterator[SetupStep]:
    """What the form of sales' feedback asks for: which lead, the verdict, words; `wanted` are reason and quality.

    A relationship to the lead's task will do in place of the field for its address.
    """
    if board.of_type("tasks") is None:
        yield _field(board, settings.feedback_lead, ())
    yield _field(board, settings.feedback_verdict, ("drop_down", "short_text"), _VERDICT)
    yield _field(board, settings.feedback_words, ("text", "short_text"), TYPES["Why"])
    for name in sorted(set(wanted) - BUILT_IN.keys()):
        yield _field(board, name, _FITTING.get(name, ()))


def deal_steps(board: Board) -> Iterator[SetupStep]:
    """What joins a deal to the lead that it came of."""
    what = sentences.SETUP_FIELD % {"name": "Lead", "type": _RELATIONSHIP, "list": board.name}
    by_hand = (
        sentences.SETUP_FIELD_1 % {"list": board.name}, sentences.SETUP_FIELD_2 % {"type": _RELATIONSHIP},
        sentences.SETUP_FIELD_3 % {"name": "Lead"},
    )  # fmt: skip
    yield SetupStep(what, board.of_type("tasks") is not None, None, by_hand)


def _field(board: Board, name: str, fitting: Sequence[str], type: str = "") -> SetupStep:
    """A field is known by its name and its type: `fitting` are the types that will do, none for any."""
    type, column = type or TYPES.get(name, _TEXT), board.column(name)
    what = sentences.SETUP_FIELD % {"name": name, "type": type, "list": board.name}
    by_hand = (
        sentences.SETUP_FIELD_1 % {"list": board.name}, sentences.SETUP_FIELD_2 % {"type": type},
        sentences.SETUP_FIELD_3 % {"name": name}, sentences.SETUP_WRITTEN_OR,
    )  # fmt: skip
    if column is None:
        return SetupStep(what, False, None, by_hand)
    in_the_way = sentences.SETUP_FIELD_OTHER % {"name": column.name, "type": column.type}
    return SetupStep(what, not fitting or column.type in fitting, None, (in_the_way, *by_hand))


def form_steps(board: Board) -> Iterator[SetupStep]:
    """The form of a list: it must ask for an address, into a field of its own."""
    what = sentences.SETUP_FORM % {"list": board.name}
    by_hand = (
        sentences.SETUP_FORM_1 % {"list": board.name}, sentences.SETUP_FORM_2, sentences.SETUP_FORM_3,
    )  # fmt: skip
    yield SetupStep(what, board.of_type("email") is not None, None, by_hand)
