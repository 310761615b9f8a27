"""Reasons of rejection: the shipped ones, with an admin's laid over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from connector.config.flow_settings import FlowSettings, ReasonSettings
from connector.config.types import Reason
from connector.model.durations import parse
from connector.model.errors import Path, Problems
from connector.steps.conditions.compiler import Condition

#: Stands for the manager of the team that had the lead.
MANAGER = "manager"
#: What a shipped reason does where the flow says nothing about it.
SHIPPED: Mapping[str, Reason] = {
    "not_now": Reason("not_now", back_after=parse("90 days")),
    "unreachable": Reason("unreachable", back_after=parse("30 days")),
    "wrong_fit": Reason("wrong_fit"),
    "wrong_data": Reason("wrong_data", mend_by=MANAGER),
    "duplicate": Reason("duplicate"),
    "customer": Reason("customer"),
    "competitor": Reason("competitor"),
    "other": Reason("other"),
}

#: What must hold for a lead to come back from a shipped reason.
SHIPPED_WHEN: Mapping[str, Mapping[str, Any]] = {"wrong_fit": {"changed": ["job_title", "company.name"]}}

#: So like a shipped name that it is taken for a slip of the pen, and not for a reason of one's own.
_LIKE = 0.8


def compile_reasons(
    own: FlowSettings, path: Path, problems: Problems, compile_: Callable[[Any, Path], Condition]
) -> dict[str, Reason]:
    """The reasons of a flow by name; `NAME = false` takes a shipped one away."""
    reasons = {name: _shipped(one, own, (*path, name), compile_) for name, one in SHIPPED.items()}
    for name, said in own.reasons.items():
        near = get_close_matches(name, SHIPPED, n=1, cutoff=_LIKE)
        if name not in SHIPPED and (near or not isinstance(said, ReasonSettings)):
            problems.unknown((*path, name), name, SHIPPED, "reason")
        elif isinstance(said, ReasonSettings):
            reasons[name] = _reason(said, reasons.get(name, Reason(name)), (*path, name), compile_)
        else:
            del reasons[name]
    return reasons


def _shipped(one: Reason, own: FlowSettings, path: Path, compile_: Callable[[Any, Path], Condition]) -> Reason:
    """A shipped reason in a flow: whoever mends what its leads lack mends here, too."""
    when = compile_(dict(SHIPPED_WHEN[one.name]), path) if one.name in SHIPPED_WHEN else None
    return replace(one, back_when=when, mend_by=(own.mend_by or one.mend_by) if one.mend_by else "")


def _reason(said: ReasonSettings, shipped: Reason, path: Path, compile_: Callable[[Any, Path], Condition]) -> Reason:
    when = shipped.back_when
    if said.back_when is not None:
        when = compile_(said.back_when, (*path, "back_when"))
    back_after = said.back_after or shipped.back_after
    return Reason(shipped.name, said.list, back_after, when, said.mend_by or shipped.mend_by)
