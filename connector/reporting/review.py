"""A review pack as a document: what the meeting looks at, and what it has to decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connector.config import Config
from connector.insight.goal_words import STATES, Teller
from connector.locale import translator
from connector.locale.format import share as percent
from connector.locale.format import span
from connector.model.follow_up import Agreement, Pack
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.reporting.document import Block, Bullets, Heading, Paragraph, Table
from connector.reporting.pack import ENOUGH, share
from connector.steps.kept_goals import goal_of
from connector.steps.telling.words import N_, Words, field_name, reason_name, stage

_TITLES = {
    "weekly": N_("Review of week %(period)s"),
    "monthly": N_("Review of month %(period)s"),
    "quarterly": N_("Review of quarter %(period)s"),
}
_QUESTIONS = {
    "late": N_("%(share)s of the handoffs (%(count)s) were contacted late: too few people, or too short a time?"),
    "late_owner": N_("%(owner)s contacted %(share)s late: too many leads, or the wrong ones?"),
    "reason": N_("%(share)s of the rejections say: %(reason)s. Should the criteria ask for more, or for less?"),
    "goal": N_("%(goal)s was missed: is the goal right, and what would have to change for it?"),
    "lacking": N_("%(share)s of the new leads lack %(field)s: can a form ask for it?"),
    "duplicates": N_("%(count)s pairs may be one person: who decides them? (baton duplicates)"),
    "unmapped": N_("%(count)s values are not in the mapping: who names them? (baton errors)"),
    "set_aside": N_("%(count)s records were set aside: who mends them? (baton errors)"),
    "missing_fields": N_("%(count)s leads wait for fields that a handoff needs: who fills them? (baton errors)"),
    "no_note": N_("The criteria of %(flow)s changed without a word why: what was meant?"),
    "past_due": N_("%(count)s leads are past due now: who calls them today?"),
}
#: Questions about a single one.
_QUESTIONS_OF_ONE = {
    "duplicates": N_("One pair may be one person: who decides it? (baton duplicates)"),
    "unmapped": N_("One value is not in the mapping: who names it? (baton errors)"),
    "set_aside": N_("One record was set aside: who mends it? (baton errors)"),
    "missing_fields": N_("One lead waits for fields that a handoff needs: who fills them? (baton errors)"),
    "past_due": N_("One lead is past due now: who calls today?"),
}
_QUALITY = (
    ("bounces", N_("emails that bounced")),
    ("duplicates", N_("pairs that may be one person, to be decided")),
    ("unmapped", N_("values that the mapping does not name")),
    ("set_aside", N_("records set aside")),
    ("missing_fields", N_("leads that lack a required field")),
)


def review(tx: Transaction, config: Config, pack: Pack, language: str) -> list[Block]:
    """The document of a pack; names of leads are those of today, and none of who was forgotten."""
    ids = [id for one in pack.body["rejections"] for id in one["examples"]]
    handoffs = tx.handoffs.by_ids([*ids, *(one["handoff"] for one in pack.body["past_due"])])
    leads = tx.intake.leads(sorted({one.lead_id for one in handoffs.values()}))
    words = Words(language, config.zone, translator(language), pack.made_at)
    goal_words = Teller(words.translate, language, config.zone, config.currency.report_in)
    agreements = tx.meetings.agreements(only_open=True)
    return list(_Review(pack, words, handoffs, leads, agreements, goal_words).blocks())


class _Review:
    def __init__(
        self, pack: Pack, words: Words, handoffs: Mapping[int, Handoff], leads: Mapping[int, Lead],
        agreements: Sequence[Agreement], goal_words: Teller,
    ) -> None:  # fmt: skip
        self.goal_words = goal_words
        self.pack, self.body, self.words, self.say = pack, pack.body, words, words.say
        self.handoffs, self.leads, self.agreements = handoffs, leads, agreements

    def blocks(self) -> Iterator[Block]:
        """All parts, the questions first."""
        yield Heading(self.say(_TITLES[self.pack.kind], period=self.pack.period), 1)
        # The last day belongs to it; what is kept is the moment at which it is over.
        first, over = (datetime.fromisoformat(self.body[name]) for name in ("since", "until"))
        first_day, last_day = (self.words.day(at, year=True) for at in (first, over - timedelta(seconds=1)))
        made = self.words.moment(self.pack.made_at)
        text = N_("From %(first)s to %(last)s; as the store had it %(made)s.")
        yield Paragraph(self.say(text, first=first_day, last=last_day, made=made), quiet=True)
        for title, part in (
            (N_("To decide"), self.questions()),
            (N_("Agreed before, still open"), self.open_agreements()),
            (N_("Goals"), self.goals()),
            (N_("From lead to customer"), self.numbers()),
            (N_("Past due now"), self.past_due()),
            (N_("Times kept"), self.clocks()),
            (N_("Rejected, and why"), self.rejections()),
            (N_("Data quality"), self.quality()),
            (N_("Changes of criteria"), self.criteria()),
        ):
            if found := list(part):
                yield Heading(self.say(title))
                yield from found

    def questions(self) -> Iterator[Block]:
        asked = [self._question(name, values) for name, values in self.body["questions"]]
        yield Bullets(asked) if asked else Paragraph(self.say(N_("Nothing stands out.")))

    def _question(self, name: str, values: Mapping[str, Any]) -> str:
        if name in _QUESTIONS_OF_ONE and values["count"] == 1:
            return self.say(_QUESTIONS_OF_ONE[name])
        return self.say(_QUESTIONS[name], **self._values(values))

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        told = dict(values)
        if "share" in told:
            told["share"] = self._percent(told["share"])
        if "field" in told:
            told["field"] = field_name(told["field"], self.words.translate)
        if "reason" in told:
            told["reason"] = reason_name(told["reason"], self.words.translate)
        return told

    def _percent(self, text: str) -> str:
        """A share as the pack keeps it, as the language writes it."""
        return percent(float(text.removesuffix(" %")) / 100, self.words.language) if text else ""

    def open_agreements(self) -> Iterator[Block]:
        if self.agreements:
            head = (N_("what was agreed"), N_("owner"), N_("due"), N_("number"))
            rows = [(one.text, one.owner, self.words.dates_in(one.due_on), str(one.id)) for one in self.agreements]
            yield Table([self.say(one) for one in head], rows)

    def goals(self) -> Iterator[Block]:
        # A pack that was made before there were any has none.
        rows = [self._goal(one) for one in self.body.get("goals", ())]
        if rows:
            head = (N_("goal"), N_("asked"), N_("so far"), N_("owner"), N_("state"))
            yield Table([self.say(one) for one in head], rows)

    def _goal(self, one: Mapping[str, Any]) -> tuple[str, ...]:
        goal = goal_of(one["name"], one["said"])
        told = "" if one["value"] is None else self.goal_words.number(goal, one["value"])
        if one["hits"] is not None:
            counts = self.say(N_("%(part)s of %(whole)s"), part=one["hits"], whole=one["of"])
            told = f"{told} ({counts})" if told else counts
        name = "– " * one["depth"] + one["name"]
        return name, self.goal_words.asked(goal, one["target"]), told, goal.owner, self.say(STATES[one["state"]])

    def numbers(self) -> Iterator[Block]:
        now, earlier = self.body["flow"], self.body["flow_before"]
        names = {"new": self.say(N_("new leads")), "handed_over": self.say(N_("handed over"))}
        rows = [
            (names.get(name) or stage(name, self.words.translate), str(count), str(earlier.get(name, 0)))
            for name, count in now.items()
        ]
        head = ("", self.say(N_("this period")), self.say(N_("before")))
        yield Table(head, rows, frozenset({1, 2}))
        yield Paragraph(self.say(N_("Leads that reached each stage, each counted once.")), quiet=True)

    def past_due(self) -> Iterator[Block]:
        rows = [
            (self._lead(one["handoff"]), one["owner"], self.words.dates_in(one["due"])) for one in self.body["past_due"]
        ]
        if rows:
            yield Table([self.say(one) for one in (N_("lead"), N_("owner"), N_("was due"))], rows)

    def clocks(self) -> Iterator[Block]:
        rows = [
            (
                one["owner"] or self.say(N_("nobody")), str(one["handed_over"]), self._kept(one["accepted"]),
                self._kept(one["contacted"]),
                "" if one["median_worked"] is None else span(one["median_worked"], self.words.language),
            )
            for one in self.body["clocks"]
        ]  # fmt: skip
        if rows:
            head = (N_("owner"), N_("handed over"), N_("accepted in time"), N_("contacted in time"),
                    N_("working time to contact, median"))  # fmt: skip
            yield Table([self.say(one) for one in head], rows, frozenset({1, 2, 3, 4}))

    def _kept(self, counts: Mapping[str, int]) -> str:
        """`8 of 10 (80 %)`; a share only where it says something."""
        over = counts.get("in time", 0) + counts.get("late", 0)
        if not over:
            return ""
        told = self.say(N_("%(part)s of %(whole)s"), part=counts.get("in time", 0), whole=over)
        return f"{told} ({self._percent(share(counts.get('in time', 0), over))})" if over >= ENOUGH else told

    def rejections(self) -> Iterator[Block]:
        rows = [
            (
                reason_name(one["reason"], self.words.translate), str(one["count"]),
                "\n".join(self._example(id) for id in one["examples"]),
            )
            for one in self.body["rejections"]
        ]  # fmt: skip
        if rows:
            yield Table([self.say(one) for one in (N_("reason"), N_("leads"), N_("examples"))], rows, frozenset({1}))

    def _example(self, handoff_id: int) -> str:
        handoff = self.handoffs.get(handoff_id)
        said = f": {' '.join(handoff.words.split())}" if handoff and handoff.words else ""
        return self._lead(handoff_id) + said

    def _lead(self, handoff_id: int) -> str:
        """A lead by number and company: the pack is mailed."""
        handoff = self.handoffs.get(handoff_id)
        lead = self.leads.get(handoff.lead_id) if handoff else None
        if handoff is None or lead is None:
            return self.say(N_("a lead that was forgotten"))
        company = str(lead.fields.get("company.name") or "")
        number = self.say(N_("lead %(id)s"), id=lead.id)
        return f"{number} · {company}" if company else number

    def quality(self) -> Iterator[Block]:
        quality = self.body["quality"]
        rows = [(self.say(text), str(quality[name])) for name, text in _QUALITY]
        for name, filled in quality["filled"].items():
            told = self.say(N_("%(part)s of %(whole)s"), part=filled, whole=quality["leads"])
            text = self.say(N_("new leads with %(field)s"), field=field_name(name, self.words.translate))
            part = self._percent(share(filled, quality["leads"]))
            rows.append((text, f"{told} ({part})" if quality["leads"] >= ENOUGH else told))
        yield Table((self.say(N_("what is looked at")), self.say(N_("count"))), rows, frozenset({1}))
        for name, event, count in quality["unmatched"]:
            text = N_("Of no kind in the mapping of %(connection)s: %(event)s, %(count)s times.")
            yield Paragraph(self.say(text, connection=name, event=event, count=count))

    def criteria(self) -> Iterator[Block]:
        rows = [
            (self.words.dates_in(one["at"]), one["flow"], one["version"][:10], one["author"], one["note"])
            for one in self.body["criteria"]
        ]
        if rows:
            head = (N_("when"), N_("flow"), N_("version"), N_("by whom"), N_("why"))
            yield Table([self.say(one) for one in head], rows)
