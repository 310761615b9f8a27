"""Reasons of rejection: the shipped ones, with an admin's laid over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from connector.config.flow_settings import FlowSettings, ReasonSettings
from connector.config.types import Reason
from connector.model.durations import parse
from connector.model.errors import Path, Problems
from connector.steps.conditions.compiler import Condition

#: What a shipped reason does where the flow says nothing about it.
SHIPPED: Mapping[str, Reason] = {
    "not_now": Reason("not_now", back_after=parse("90 days")),
    "unreachable": Reason("unreachable", back_after=parse("30 days")),
    "wrong_fit": Reason("wrong_fit"),
    "wrong_data": Reason("wrong_data"),
    "duplicate": Reason("duplicate"),
    "customer": Reason("customer"),
    "competitor": Reason("competitor"),
    "other": Reason("other"),
}

#: So like a shipped name that it is taken for a slip of the pen, and not for a reason of one's own.
_LIKE = 0.8


def compile_reasons(
    own: FlowSettings, path: Path, problems: Problems, compile_: Callable[[Any, Path], Condition]
) -> dict[str, Reason]:
    """The reasons of a flow by name; `NAME = false` takes a shipped one away."""
    reasons = dict(SHIPPED)
    for name, said in own.reasons.items():
        near = get_close_matches(name, SHIPPED, n=1, cutoff=_LIKE)
        if name not in SHIPPED and (near or not isinstance(said, ReasonSettings)):
            problems.unknown((*path, name), name, SHIPPED, "reason")
        elif isinstance(said, ReasonSettings):
            reasons[name] = _reason(name, said, (*path, name), compile_)
        else:
            del reasons[name]
    return reasons


def _reason(name: str, said: ReasonSettings, path: Path, compile_: Callable[[Any, Path], Condition]) -> Reason:
    shipped = SHIPPED.get(name, Reason(name))
    when = compile_(said.back_when, (*path, "back_when")) if said.back_when is not None else None
    return Reason(name, said.list, said.back_after or shipped.back_after, when, said.mend_by or "")
