"""What pydantic finds wrong, as problems in plain sentences, and a document without it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from connector.config.documents import take_out
from connector.model.errors import Path, Problem, Problems, Step

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

#: A faulty key can hide another behind it; no document needs more rounds than this to show all.
_ROUNDS = 20

_SENTENCES = {
    "missing": N_("is missing"),
    "string_type": N_("must be a text in quotes"),
    "string_too_short": N_("must not be empty"),
    "int_type": N_("must be a whole number"),
    "int_from_float": N_("must be a whole number"),
    "int_parsing": N_("must be a whole number"),
    "float_parsing": N_("must be a number"),
    "bool_parsing": N_("must be true or false"),
    "tuple_type": N_("must be a list: [ ... ]"),
    "float_type": N_("must be a number"),
    "finite_number": N_("must be a number"),
    "bool_type": N_("must be true or false"),
    "list_type": N_("must be a list: [ ... ]"),
    "dict_type": N_("must be a table: { ... }"),
    "model_type": N_("must be a table: { ... }"),
    "date_type": N_("must be a day, such as 2026-12-07, without quotes"),
    "too_short": N_("must have at least %(min_length)s entries"),
    "too_long": N_("must have at most %(max_length)s entries"),
    "greater_than": N_("must be above %(gt)s"),
    "greater_than_equal": N_("must be %(ge)s or more"),
    "less_than_equal": N_("must be %(le)s or less"),
}
_OTHER = N_("is not right: %(reason)s")
_UNKNOWN_WORD = N_("%(value)s is not a word that is known here")


def validated(
    model: type[BaseModel], table: Mapping[str, Any], problems: Problems, path: Path = (), known: Iterable[str] = ()
) -> tuple[BaseModel | None, dict[str, Any]]:
    """(the model of `table`, the table) without what is wrong in it, which is added to `problems`.

    None where nothing is left to make a model of. `known` are keys that are right at the top
    although the model does not know them.
    """
    rest = copy.deepcopy(dict(table))
    taken: set[Path] = set()
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(rest), rest
        except ValidationError as error:
            found = [(one, _place(one)) for one in error.errors(include_url=False)]
        for one, place in found:
            missing = one["type"] == "missing"
            if not (missing and place in taken):
                problems.found.append(_problem(one, (*path, *place), model, place, known))
            taken.add(take_out(rest, place[:-1] if missing else place))
        if () in taken:
            return None, rest
    return None, rest


def _place(error: Any) -> Path:
    """Where the error is in the table: pydantic's own steps, which are no keys, left out."""
    steps = error["loc"][: error["loc"].index("[key]")] if "[key]" in error["loc"] else error["loc"]
    return tuple(step for step in steps if not (isinstance(step, str) and step.startswith("<") and step.endswith(">")))


def _problem(error: Any, path: Path, model: type[BaseModel], place: Path, known: Iterable[str]) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "said":
        said: Problem = context["problem"]
        return Problem(path, said.what, said.allowed, said.nearest, values=said.values)
    if kind == "extra_forbidden":
        return _unknown_key(path, [*keys_at(model, place[:-1]), *(known if len(place) == 1 else ())])
    if kind == "literal_error":
        return _unknown_word(path, error["input"], context["expected"])
    if kind == "value_error":
        return Problem(path, "%(reason)s", values={"reason": context["error"]})
    if kind in _SENTENCES:
        return Problem(path, _SENTENCES[kind], values=context)
    return Problem(path, _OTHER, values={"reason": error["msg"]})


def _unknown_key(path: Path, keys: Iterable[str]) -> Problem:
    problems = Problems()
    problems.unknown(path, str(path[-1]), keys)
    return problems.found[0]


def _unknown_word(path: Path, value: object, expected: str) -> Problem:
    from difflib import get_close_matches

    words = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    near = get_close_matches(str(value), words, n=1)
    return Problem(path, _UNKNOWN_WORD, ", ".join(words), near[0] if near else "", values={"value": repr(value)})


def keys_at(model: type[BaseModel], place: Path) -> list[str]:
    """The keys that the table at `place` may have; none where that is up to the admin."""
    kinds: list[Any] = [model]
    for step in place:
        kinds = [inner for kind in kinds for inner in _inside(kind, step)]
    return [field.alias or name for kind in kinds if _is_model(kind) for name, field in kind.model_fields.items()]


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _inside(kind: Any, step: Step) -> list[Any]:
    """What stands behind `step` in a value of `kind`: models, with wrappings taken off."""
    if _is_model(kind):
        field = kind.model_fields.get(step)
        return _unwrapped(field.annotation) if field else []
    arguments = get_args(kind)
    return _unwrapped(arguments[-1]) if arguments else []


def _unwrapped(annotation: Any) -> list[Any]:
    """A union's and an `Annotated`'s members; a list or dict stays as it is."""
    arguments = get_args(annotation)
    if not arguments or getattr(annotation, "__origin__", None) in (list, dict):
        return [annotation]
    members = arguments[:1] if hasattr(annotation, "__metadata__") else arguments
    return [inner for member in members for inner in _unwrapped(member)]
