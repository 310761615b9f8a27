"""A lead's story as lines of text, and as what JSON holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from connector.insight import nearest, timeline_text
from connector.insight.gates import Line
from connector.insight.why import Gate, Points, Story
from connector.locale.columns import aligned, width
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, beside, field_name

PASSED, FAILED = "✓", "✗"


def render(story: Story, columns: int = 100, *, whole: bool = True) -> list[str]:
    """Lines of at most `columns`, as far as single words let them; unless `whole`, about a screen of them."""
    writer = _Writer(story, columns)
    lines = [story.title, *aligned(story.head, columns=columns)]
    blocks = [
        (N_("What stands in the way"), writer.why_not()),
        (writer.near_title(), writer.near()),
        (N_("What happened"), timeline_text.render(story.timeline, story.words, columns, whole=whole)),
        (N_("Score"), writer.points()),
    ]
    if whole:
        blocks += [
            (N_("Gates"), list(writer.gates())),
            (N_("Consent"), [*writer.stands(), *writer.consent()]),
            (N_("Written outside"), writer.written()),
            (N_("Who said so"), writer.said()),
        ]
    else:
        blocks.append((N_("Consent"), writer.stands()))
    for title, body in blocks:
        if body:
            lines += ["", story.words.translate(title), *body]
    return lines


class _Writer:
    def __init__(self, story: Story, columns: int) -> None:
        self.story, self.words, self.columns = story, story.words, columns

    def why_not(self) -> list[str]:
        return aligned([("-", line) for line in self.story.why_not], columns=self.columns)

    def near_title(self) -> str:
        return N_("By how much it passed") if self.story.nearest is None else N_("What would have been enough")

    def near(self) -> list[str]:
        return aligned([("-", line) for line in self.story.near], columns=self.columns)

    def points(self) -> list[str]:
        if not self.story.points:
            return []
        rows = [(f"{one.points:+}", one.rule, self._evidence(one)) for one in self.story.points]
        total = sum(one.points for one in self.story.points)
        return aligned([*rows, (str(total), self.words.say(N_("in all")), "")], right=(0,), columns=self.columns)

    def _evidence(self, one: Points) -> str:
        group = self.words.translate(vocabulary.SCOPES[one.group])
        parts = [group, beside(one.rule, one.evidence)]
        if one.full != one.points:
            parts.append(self.words.say(N_("%(full)s at full strength"), full=f"{one.full:+}"))
        return " · ".join(part for part in parts if part)

    def gates(self) -> Iterator[str]:
        for gate in self.story.gates:
            if gate.name != "mql_ends" or self.story.lead.stage == "mql":
                yield from self._gate(gate)

    def _gate(self, gate: Gate) -> Iterator[str]:
        name = self.words.translate(vocabulary.GATES.get(gate.name, gate.name))
        yield f"  {PASSED if gate.passed else FAILED} {name}"
        for line in gate.tree:
            indent = "  " * (line.depth + 2)
            yield from aligned([(self._mark(line), self._condition(line))], indent=indent, columns=self.columns)

    def _mark(self, line: Line) -> str:
        return PASSED if line.passed else FAILED

    def _condition(self, line: Line) -> str:
        return line.text + (self.words.say(N_(" (here: %(seen)s)"), seen=line.seen) if line.seen else "")

    def consent(self) -> list[str]:
        told = self.story.consent
        said = [
            (self.words.moment(one.at), one.source, " · ".join(filter(None, (one.what, one.evidence, one.counts))))
            for one in told.words
        ]
        return aligned(said, columns=self.columns)

    def stands(self) -> list[str]:
        return aligned(self.story.consent.stands, columns=self.columns)

    def written(self) -> list[str]:
        rows = [
            (
                self.words.moment(one.at) if one.at else "",
                one.target,
                one.object,
                self.words.translate(vocabulary.ROW_STATES.get(one.state, one.state)),
                " · ".join(part for part in (one.crm_id, one.reason) if part),
            )
            for one in self.story.written
        ]
        return aligned(rows, columns=self.columns)

    def said(self) -> list[str]:
        names = [field_name(one.field, self.words.translate) for one in self.story.said]
        times = [" · ".join(part for part in (one.by, self.words.dates_in(one.at)) if part) for one in self.story.said]
        values = [one.value or self.words.say(N_("(cleared)")) for one in self.story.said]
        # Who said it, and when, stays on one line.
        beside = [max((width(cell) for cell in column), default=0) for column in (names, times)]
        longest = max(self.columns - sum(beside) - 6, self.columns // 4)
        rows = [
            (name, _clipped(value, longest), " · ".join(part for part in (by, one.flag) if part))
            for name, value, by, one in zip(names, values, times, self.story.said, strict=True)
        ]
        return aligned(rows, columns=self.columns)


def _clipped(text: str, columns: int) -> str:
    if width(text) <= columns:
        return text
    while width(text) >= columns:
        text = text[:-1]
    return text + "…"


def to_json(story: Story) -> dict[str, Any]:
    """The story as JSON holds it: times in ISO 8601 (UTC), values in the reader's words."""
    lead, score = story.lead, story.lead.score
    return {
        "lead": lead.id,
        "title": story.title,
        "stage": lead.stage,
        "stage_since": _iso(lead.stage_since),
        "flow": lead.flow,
        "owner": lead.owner,
        "why_owner": _why_owner(story),
        "score": _score(score) if score else None,
        "points": [asdict(one) for one in story.points],
        "gates": {gate.name: {"passed": gate.passed, "lines": _lines(gate)} for gate in story.gates},
        "why_not": list(story.why_not),
        "nearest": nearest.to_json(story.nearest, list(story.near)),
        "margin": asdict(story.margin) if story.margin is not None else None,
        "timeline": timeline_text.to_json(story.timeline),
        "consent": {
            "stands": dict(story.consent.stands),
            "ledger": [{**asdict(one), "at": _iso(one.at)} for one in story.consent.words],
        },
        "deleted": list(story.timeline.gaps),
        "written": [{**asdict(one), "at": _iso(one.at)} for one in story.written],
        "fields": {
            one.field: {"value": lead.fields.get(one.field), "by": one.by, "at": one.at, "flag": one.flag}
            for one in story.said
        },
    }


def _why_owner(story: Story) -> str:
    """The rule and the turn by which whoever has the lead now got it, "" where nobody has."""
    given = [one.routed_by for one in story.past.handoffs if one.owner and one.owner == story.lead.owner]
    return given[-1] if given else ""


def _score(score: Any) -> dict[str, Any]:
    names = ("total", "fit", "engagement", "intent", "grade", "version")
    return {
        **{name: getattr(score, name) for name in names},
        "at": _iso(score.at),
        "changes_at": _iso(score.next_change),
    }


def _lines(gate: Gate) -> list[dict[str, Any]]:
    return [asdict(line) for line in gate.tree]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
