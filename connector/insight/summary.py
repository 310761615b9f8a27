"""The picture that a run ends with: pulled, set aside and why, scored, qualified, handed to whom, due when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.locale.columns import GAP, aligned, pad, width
from connector.locale.format import number
from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import Lead, display_name
from connector.model.ports import ReviewItem
from connector.model.stages import STAGES
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, Words, field_name, stage

BAR = 16
FULL, HALF = "█", "▌"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass of the line came to.

    `counts` are the run's own, `stages` the leads by (flow, stage) as they stand now, `set_aside`
    open reviews, `handed` the handoffs to show with their leads, `handoffs` all by (flow, state).
    """

    counts: Mapping[str, int]
    stages: Mapping[tuple[str, str], int]
    set_aside: Sequence[ReviewItem] = ()
    handed: Sequence[tuple[Lead, Handoff]] = ()
    handoffs: Mapping[tuple[str, str], int] | None = None


def summary(outcome: Outcome, words: Words, *, columns: int = 80, longest: int = 12) -> list[str]:
    """The picture as lines. Of reasons and handoffs at most `longest` are listed, and the rest counted."""
    writer = _Writer(outcome, words, columns, longest)
    lines: list[str] = []
    for title, block in (
        (N_("This run"), writer.run()),
        (N_("Set aside, and why"), writer.set_aside()),
        (N_("Where the leads stand"), writer.stages()),
        (N_("With whom"), writer.owners()),
        (N_("Next to be called"), writer.next_calls()),
    ):
        if body := list(block):
            lines += [*([""] if lines else []), words.translate(title), *body]
    return lines


def bar(part: int, whole: int, columns: int = BAR) -> str:
    """`part` of `whole` as a bar of at most `columns`; never empty for a part that is not nought."""
    if part <= 0 or whole <= 0:
        return ""
    halves = max(round(2 * columns * min(part, whole) / whole), 1)
    return FULL * (halves // 2) + HALF * (halves % 2)


class _Writer:
    def __init__(self, outcome: Outcome, words: Words, columns: int, longest: int) -> None:
        self.outcome, self.words, self.columns, self.longest = outcome, words, columns, longest

    def run(self) -> Iterator[str]:
        counts, say = self.outcome.counts, self.words.say
        steps = (
            (N_("pulled"), counts.get("contacts read", 0), self._pulled()),
            (N_("activities"), counts.get("activities read", 0), self._activities()),
            (N_("set aside"), counts.get("set aside", 0), self._fields_aside()),
            (N_("scored"), counts.get("scored", 0), self._scored()),
            (N_("qualified"), counts.get("mql", 0), self._qualified()),
            (N_("handed over"), counts.get("handed over", 0), self._handed()),
        )
        if not any(size for _label, size, _more in steps):
            yield "  " + say(N_("nothing new"))
            return
        most = max(size for label, size, _more in steps if label != "activities")
        rows = [
            (self.words.translate(label), number(size), "" if label == "activities" else bar(size, most), more)
            for label, size, more in steps
        ]
        yield from self._bars(rows)

    def _bars(self, rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
        """Label, number, bar, details; a bar keeps its width so that the details are in line."""
        longest = max(width(row[2]) for row in rows)
        filled = [(label, size, pad(drawn, longest), more) for label, size, drawn, more in rows]
        return aligned(filled, right=(1,), columns=self.columns)

    def _counted(self, *parts: tuple[str, str]) -> str:
        """`name` of the count, and its words with `%(count)s`; those that are nought are left out."""
        found = [(text, self.outcome.counts.get(name, 0)) for name, text in parts]
        return " · ".join(self.words.say(text, count=number(count)) for text, count in found if count)

    def _pulled(self) -> str:
        return self._counted(
            ("new leads", N_("%(count)s new leads")),
            ("changed leads", N_("%(count)s changed")),
            ("unchanged", N_("%(count)s unchanged")),
            ("same person", N_("%(count)s of a person known already")),
            ("perhaps the same", N_("%(count)s may be a person known already: baton duplicates")),
            ("deleted at the source", N_("%(count)s deleted at the source")),
            ("merged at the source", N_("%(count)s merged at the source")),
        )

    def _activities(self) -> str:
        return self._counted(
            ("activities", N_("%(count)s new")),
            ("activities known already", N_("%(count)s known already")),
            ("activities of people not known", N_("%(count)s of people not known yet")),
            ("activities of no kind", N_("%(count)s that no mapping entry matched")),
        )

    def _fields_aside(self) -> str:
        return self._counted(
            ("fields set aside", N_("and single fields: %(count)s")), ("mended", N_("%(count)s mended"))
        )

    def _scored(self) -> str:
        return self._counted(("in no flow", N_("%(count)s in no flow")), ("warm", N_("%(count)s became warm")))

    def _qualified(self) -> str:
        return self._counted(("missing fields", N_("%(count)s more lack required fields")))

    def _handed(self) -> str:
        return self._counted(
            ("for another day", N_("%(count)s wait for another day")),
            ("nobody there", N_("%(count)s with nobody there")),
            ("reminded", N_("%(count)s reminded of")),
            ("overdue", N_("%(count)s overdue")),
            ("stalled", N_("%(count)s without progress")),
            ("given to another", N_("%(count)s given to another owner")),
        )

    def set_aside(self) -> Iterator[str]:
        reasons: Counter[str] = Counter()
        first: dict[str, str] = {}
        for item in self.outcome.set_aside:
            name = f"{field_name(item.field, self.words.translate)}: " if item.field else ""
            reason = name + self.words.retell(item.reason)
            reasons[reason] += 1
            first.setdefault(reason, item.where)
        listed = reasons.most_common(self.longest)
        rows = [(number(count), first[reason], reason) for reason, count in listed]
        yield from aligned(rows, right=(0,), columns=self.columns)
        yield from self._rest(len(reasons) - len(listed), N_("and %(count)s other reasons: baton errors"))

    def stages(self) -> Iterator[str]:
        by_stage: Counter[str] = Counter()
        for (_flow, name), count in self.outcome.stages.items():
            by_stage[name] += count
        present = [name for name in STAGES if by_stage[name]]
        most = max(by_stage.values(), default=0)
        rows = [
            (stage(name, self.words.translate), number(by_stage[name]), bar(by_stage[name], most), self._waiting(name))
            for name in present
        ]
        if rows:
            yield from self._bars(rows)

    def _waiting(self, name: str) -> str:
        """Of the MQLs, those that are not with a rep, and why."""
        if name != "mql" or not self.outcome.handoffs:
            return ""
        by_state: Counter[str] = Counter()
        for (_flow, state), count in self.outcome.handoffs.items():
            by_state[state] += count
        states = ("observed", "before_start", "review", "waiting", "nobody", "suppressed")
        waiting = ((state, by_state[state]) for state in states)
        return " · ".join(
            f"{self.words.translate(vocabulary.HANDOFF_STATES[state])} ({number(count)})"
            for state, count in waiting
            if count
        )

    def owners(self) -> Iterator[str]:
        handed = [handoff for _lead, handoff in self.outcome.handed if handoff.owner]
        counts = Counter(handoff.owner for handoff in handed)
        most = max(counts.values(), default=0)
        rows = []
        for owner, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
            hot = sum(handoff.hot for handoff in handed if handoff.owner == owner)
            due = min((one.due_at for one in handed if one.owner == owner and one.due_at), default=None)
            more = [self.words.say(N_("%(count)s hot"), count=hot)] if hot else []
            more += [self.words.say(N_("first due %(when)s"), when=self.words.moment(due))] if due else []
            rows.append((self._name(owner), number(count), bar(count, most), " · ".join(more)))
        if rows:
            yield from self._bars(rows)

    def next_calls(self) -> Iterator[str]:
        due = [(handoff.due_at, lead, handoff) for lead, handoff in self.outcome.handed if handoff.due_at]
        due.sort(key=lambda one: (one[0], -one[2].total, one[1].id))
        rows = []
        for at, lead, handoff in due[: self.longest]:
            hot = self.words.say(N_("HOT")) if handoff.hot else ""
            standing = GAP.join(part for part in (handoff.grade, number(handoff.total), hot) if part)
            rows.append((self.words.moment(at), self._name(handoff.owner), standing, self._who(lead)))
        yield from aligned(rows, columns=self.columns)
        yield from self._rest(len(due) - len(rows), N_("and %(count)s more"))

    def _name(self, owner: str) -> str:
        """An owner without the domain that all of them share: a line has little room."""
        domains = {handoff.owner.partition("@")[2] for _lead, handoff in self.outcome.handed if handoff.owner}
        return owner.partition("@")[0] if len(domains) == 1 else owner

    def _who(self, lead: Lead) -> str:
        known = (display_name(lead, self.words.language), str(lead.fields.get("company.name") or ""))
        return " · ".join(part for part in known if part) or self.words.say(sentences.LEAD, id=lead.id)

    def _rest(self, left: int, text: str) -> Iterator[str]:
        if left > 0:
            yield "  " + self.words.say(text, count=number(left))
