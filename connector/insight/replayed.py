"""Decisions that were taken again, in words: the same, differing and in what, or why nobody can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from connector.locale.columns import aligned
from connector.model.lead import Lead
from connector.steps.replaying import Doubt, Replayed
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, Words, field_name, stage

_DOUBTS: Mapping[Doubt, str] = {
    "deleted": N_("activities before %(about)s were deleted"),
    "overwritten": N_("said anew since: %(about)s"),
    "read late": N_("said so shortly before that it may have been read only after it: %(about)s"),
    "joined": N_("made one with lead %(about)s since, or taken apart from it"),
    "account": N_("what was known of the account then is not kept"),
    "returned": N_("it came back by the reason of its rejection, or needed something new"),
    "version": N_("criteria %(about)s are not kept, or one of their lists has changed since"),
    "flow": N_("the flow %(about)s is there no more"),
}


def render(found: Sequence[Replayed], words: Words, columns: int = 100) -> list[str]:
    """A line for each decision and one for what came of it, the oldest first; and how many came out how."""
    if not found:
        return ["", "  " + words.say(N_("no decision by points is recorded"))]
    rows = []
    for one in found:
        rows.append((words.moment(one.decision.at), " · ".join(_decision(one, words))))
        rows.append(("", verdict(one, words)))
    return ["", *aligned(rows, columns=columns)]


def _decision(one: Replayed, words: Words) -> Iterator[str]:
    decision = one.decision
    yield words.say(N_("→ %(stage)s"), stage=stage(decision.to, words.translate))
    if decision.why in vocabulary.WHYS:
        yield words.translate(vocabulary.WHYS[decision.why])
    yield words.say(N_("%(total)s points, grade %(grade)s"), total=decision.total, grade=decision.grade or "–")
    yield words.say(N_("criteria %(version)s"), version=decision.version)


def verdict(one: Replayed, words: Words) -> str:
    """What came of one decision."""
    if one.result == "same":
        parts = list(_with(one, words))
        return " · ".join([words.say(N_("same")), *parts])
    if one.result == "unknown":
        reasons = words.translate(N_("; ")).join(_doubt(*doubt, words) for doubt in one.doubts)
        return words.say(N_("cannot be replayed, because: %(reasons)s"), reasons=reasons)
    return words.say(N_("differs: %(what)s"), what=words.translate(N_(", ")).join(_differing(one, words)))


def _with(one: Replayed, words: Words) -> Iterator[str]:
    if one.late:
        yield words.say(N_("without the %(count)s activities that were read only after it"), count=one.late)
    if one.older:
        names = words.translate(N_(", ")).join(field_name(name, words.translate) for name in one.older)
        yield words.say(N_("with the words of then: %(fields)s"), fields=names)


def _doubt(doubt: Doubt, about: str, words: Words) -> str:
    if doubt in ("overwritten", "read late"):
        about = words.translate(N_(", ")).join(field_name(name, words.translate) for name in about.split(", "))
    return words.say(_DOUBTS[doubt], about=words.dates_in(about)) if about else words.translate(_DOUBTS[doubt])


def _differing(one: Replayed, words: Words) -> Iterator[str]:
    decision, say = one.decision, words.say
    if "stage" in one.differing:
        now = stage(one.stage, words.translate) if one.stage else say(N_("the flow does not take it"))
        yield say(N_("%(now)s instead of %(then)s"), now=now, then=stage(decision.to, words.translate))
    if "total" in one.differing:
        yield say(N_("%(now)s points instead of %(then)s"), now=one.total, then=decision.total)
    if "grade" in one.differing:
        yield say(N_("grade %(now)s instead of %(then)s"), now=one.grade or "–", then=decision.grade or "–")
    if "hot" in one.differing:
        yield say(N_("hot now and not then")) if one.hot else say(N_("hot then and not now"))
    if "ended" in one.differing:
        yield say(N_("the gate that takes an MQL back is not passed"))


def to_json(lead: Lead, found: Sequence[Replayed], words: Words) -> dict[str, Any]:
    """As one document; times are ISO 8601 in UTC."""
    return {"lead": lead.id, "decisions": [_plain(one, words) for one in found]}


def _plain(one: Replayed, words: Words) -> dict[str, Any]:
    decision = asdict(one.decision) | {"at": one.decision.at.isoformat(timespec="seconds")}
    return {
        "decision": decision, "result": one.result, "verdict": verdict(one, words), "stage": one.stage,
        "total": one.total, "grade": one.grade, "hot": one.hot, "differing": list(one.differing),
        "left_out": one.late, "older_words": list(one.older), "doubts": [list(doubt) for doubt in one.doubts],
        "gates": {name: tree.passed for name, tree in one.gates.items()},
    }  # fmt: skip
