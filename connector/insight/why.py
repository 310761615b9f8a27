"""The whole story of one lead: from events to points, to the gate, to an owner; and why not, where it was not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.insight.consented import Consent, consent_of
from connector.insight.duplicates import joined
from connector.insight.followed import first_owner
from connector.insight.followed import told as followed
from connector.insight.gates import Line, lacking, lines
from connector.model import sentences
from connector.model.activity import Activity
from connector.model.company import Company
from connector.model.consent import ConsentEvent
from connector.model.facts import Facts
from connector.model.handoff import BY_PLAN, Handoff, HandoffEvent, Turn
from connector.model.joining import Joining
from connector.model.lead import Lead, Link, display_name
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.model.score import Score
from connector.model.stages import OF_PEOPLE, Transition
from connector.steps.conditions.condition import Explained
from connector.steps.routing.turns import read
from connector.steps.scoring.criteria import Criteria
from connector.steps.telling import vocabulary
from connector.steps.telling.deeds import deeds, told
from connector.steps.telling.words import N_, Words, field_name, rule_name, stage

#: The order in which fields are told.
_PLACES = {name: place for place, name in enumerate(vocabulary.FIELDS)}

#: The latest deeds that are told one by one.
DEEDS = 40


@dataclass(frozen=True, slots=True)
class Points:
    """What one rule gave. `full` is what it would give had nothing faded or been limited."""

    rule: str
    group: str
    points: int
    full: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One computed gate, explained."""

    name: str
    passed: bool
    tree: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `more` are lines that go below it."""

    at: datetime
    kind: str
    what: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Where a field's value comes from."""

    field: str
    value: str
    by: str
    at: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """One thing written, or to be written, outside."""

    target: str
    object: str
    state: str
    at: datetime | None
    crm_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one lead that a person may ask for, in the words of one reader.

    `head` holds (label, text). `why_not` says what keeps the lead from being with a rep, and is
    empty where it is.
    """

    lead: Lead
    words: Words = field(repr=False)
    title: str
    head: tuple[tuple[str, str], ...]
    points: tuple[Points, ...] = ()
    gates: tuple[Gate, ...] = ()
    why_not: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    earlier: int = 0
    said: tuple[Said, ...] = ()
    written: tuple[Written, ...] = ()
    gaps: tuple[str, ...] = ()
    consent: Consent = field(default_factory=Consent)


def story(
    lead: Lead,
    *,
    words: Words,
    activities: Sequence[Activity] = (),
    transitions: Sequence[Transition] = (),
    handoffs: Sequence[Handoff] = (),
    rows: Sequence[OutboxRow] = (),
    links: Sequence[Link] = (),
    turns: Sequence[Turn] = (),
    reviews: Sequence[ReviewItem] = (),
    criteria: Criteria | None = None,
    facts: Facts | None = None,
    next_steps: Mapping[int, str] | None = None,
    notes: Sequence[str] = (),
    consents: Sequence[ConsentEvent] = (),
    complete: Mapping[str, datetime] | None = None,
    deleted: int = 0,
    company: Company | None = None,
    joinings: Sequence[Joining] = (),
    happened: Mapping[int, Sequence[HandoffEvent]] | None = None,
) -> Story:
    """The story of `lead` out of rows of the store, in any order.

    `facts` (with the score set) and `criteria` explain the gates; without them the gates are left
    out. `words.now` is the moment of asking. `turns` and `reviews` may hold those of other leads.
    `next_steps` says what to do about a row, by its id; `notes` what else there is to do; `complete`
    tells from when on tables are complete, `happened` what became of handoffs by id, `deleted` how many activities of
    the lead are only counted by now.
    """
    score = facts.score if facts and facts.score else lead.score
    teller = _Teller(lead, words, score, next_steps or {}, company, facts)
    gates = criteria.explain(facts) if criteria is not None and facts is not None else {}
    own_reviews = [item for item in reviews if item.lead_id == lead.id]
    open_handoffs = [one for one in handoffs if one.state != "closed"]
    told_deeds, earlier = teller.deeds(activities)
    moved = [*teller.first_seen(), *teller.transitions(transitions), *teller.handoffs(handoffs, turns, happened or {})]
    moved += [Event(at, "joining", text) for at, text in joined(lead.id, joinings, words)]
    return Story(
        lead, words, title(lead, words), tuple(teller.head(links)), tuple(teller.points()),
        tuple(Gate(name, tree.passed, tuple(lines(tree, words))) for name, tree in gates.items()),
        (*teller.why_not(gates, open_handoffs, own_reviews, rows, transitions), *notes),
        tuple(sorted([*told_deeds, *moved], key=lambda event: event.at)), earlier,
        tuple(teller.said()), tuple(teller.written(rows)), tuple(teller.gaps(complete or {}, deleted)),
        consent_of(consents, str(lead.fields.get("email") or ""), words),
    )  # fmt: skip


def title(lead: Lead, words: Words) -> str:
    """What a lead is called on top of its story."""
    name = display_name(lead, words.language)
    known = [str(part) for part in (name, lead.fields.get("company.name")) if part]
    return " · ".join(known) or str(lead.fields.get("email") or words.say(sentences.LEAD, id=lead.id))


@dataclass(frozen=True, slots=True)
class _Teller:
    lead: Lead
    words: Words
    score: Score | None
    next_steps: Mapping[int, str]
    company: Company | None = None
    facts: Facts | None = None

    def head(self, links: Iterable[Link]) -> Iterator[tuple[str, str]]:
        lead, say = self.lead, self.words.say
        email = str(lead.fields.get("email") or "")
        yield say(N_("lead")), " · ".join(part for part in (str(lead.id), email) if part)
        if lead.merged_into:
            yield say(N_("one with")), say(sentences.LEAD, id=lead.merged_into)
        standing = stage(lead.stage, self.words.translate)
        if lead.stage_since is not None:
            standing = say(N_("%(stage)s since %(when)s"), stage=standing, when=self.words.moment(lead.stage_since))
        yield say(N_("stage")), standing
        yield say(N_("score")), self._score()
        if self.company is not None:
            yield say(N_("company")), self._company(self.company)
        yield say(N_("flow")), lead.flow or say(N_("none: no flow takes this lead"))
        yield say(N_("owner")), lead.owner or say(N_("nobody yet"))
        if self.score is not None:
            yield say(N_("criteria")), say(N_("version %(version)s"), version=self.score.version)
        known = " · ".join(map(self._link, links))
        if known:
            yield say(N_("known as")), known

    def _company(self, company: Company) -> str:
        """Who they are and, where the flow asks for the account, what it came to when the lead was scored."""
        known = [str(company.fields.get("company.name") or ""), company.domain]
        fields = self.facts.fields if self.facts is not None else {}
        if "account.score" in fields:
            text = N_("%(points)s points (people: %(people)s, active: %(active)s)")
            values = {"points": fields["account.score"], "people": fields["account.people"]}
            known.append(self.words.say(text, active=fields["account.active"], **values))
        return " · ".join(part for part in known if part)

    def _score(self) -> str:
        score = self.score
        if score is None:
            return self.words.say(N_("not scored"))
        return self.words.say(
            N_("%(total)s points, grade %(grade)s (fit %(fit)s, engagement %(engagement)s, intent %(intent)s)"),
            total=score.total, grade=score.grade or "–", fit=score.fit,
            engagement=score.engagement, intent=score.intent,
        )  # fmt: skip

    def points(self) -> Iterator[Points]:
        for one in self.score.contributions if self.score else ():
            name = rule_name(one.rule, self.words.translate)
            evidence = self.words.evidence(one.evidence)
            yield Points(name, one.group, one.points, one.full, evidence)

    # what happened

    def gaps(self, complete: Mapping[str, datetime], deleted: int) -> Iterator[str]:
        """What was deleted because it was older than it is kept."""
        made, say = self.lead.created_at, self.words.say
        for table, at in complete.items():
            told = {"date": self.words.day(at.date(), year=True), "count": deleted}
            if table == "activities" and deleted:
                what = N_("activities before %(date)s were deleted: %(count)s of this lead, which still count")
                yield say(what, **told)
            elif table == "decisions" and made is not None and made < at:
                yield say(N_("moves and briefs before %(date)s were deleted"), **told)

    def first_seen(self) -> Iterator[Event]:
        if self.lead.created_at is not None:
            sources = sorted({connection for connection, _at in self.lead.said.values()})
            known = (self.words.say(N_("from %(sources)s"), sources=", ".join(sources)),) if sources else ()
            yield Event(self.lead.created_at, "first_seen", self.words.say(N_("first seen by Baton")), known)

    def deeds(self, activities: Sequence[Activity]) -> tuple[list[Event], int]:
        """The latest deeds as events, and how many activities are older."""
        found = deeds(activities)
        kept = found[-DEEDS:]
        return [self._deed_event(one.last, one.kind, told(one, self.words), one.campaign) for one in kept], sum(
            one.count for one in found[: len(found) - len(kept)]
        )

    def _deed_event(self, at: datetime, kind: str, what: str, campaign: str) -> Event:
        more = (self.words.say(N_("campaign %(name)s"), name=campaign),) if campaign else ()
        return Event(at, kind, what, more)

    def transitions(self, transitions: Iterable[Transition]) -> Iterator[Event]:
        say, translate = self.words.say, self.words.translate
        for one in transitions:
            to = stage(one.to, translate)
            what = say(N_("%(origin)s → %(to)s"), origin=stage(one.origin, translate), to=to) if one.origin else to
            why = translate(vocabulary.WHYS[one.why]) if one.why in vocabulary.WHYS else self.words.retell(one.why)
            by = "" if one.by == "baton" else say(N_("by %(who)s"), who=one.by)
            at_that = say(N_("%(total)s points, grade %(grade)s"), total=one.total, grade=one.grade or "–")
            version = say(N_("criteria %(version)s"), version=one.version) if one.version else ""
            detail = " · ".join(part for part in (why, by, at_that if one.version else "", version) if part)
            yield Event(one.at, "stage", what, (detail,) if detail else ())

    def handoffs(
        self, handoffs: Iterable[Handoff], turns: Iterable[Turn], happened: Mapping[int, Sequence[HandoffEvent]]
    ) -> Iterator[Event]:
        by_handoff = {turn.handoff_id: turn for turn in turns}
        for one in handoffs:
            if one.opened_at is None:
                what = self.words.translate(vocabulary.HANDOFF_STATES[one.state])
                what = self.words.say(N_("handoff: %(what)s"), what=what)
                yield Event(one.decided_at, "handoff", what, (one.routed_by,) if one.routed_by else ())
                continue
            events = happened.get(one.id, ())
            what = self.words.say(N_("handed over to %(owner)s"), owner=first_owner(one.owner, events))
            given_on = [event for event in events if event.kind == "reassigned"]
            how = (one.routed_by,) if one.routed_by and not given_on else ()
            yield Event(one.opened_at, "handoff", what, (*how, *self._opened(one, by_handoff.get(one.id))))
            for event in events:
                if said := followed(event, self.words):
                    why = one.routed_by if event in given_on[-1:] else said[1]
                    yield Event(event.at, event.kind, said[0], (why,) if why else ())

    def _opened(self, handoff: Handoff, turn: Turn | None) -> Iterator[str]:
        say = self.words.say
        if turn is not None and len(read(turn.weights)) > 1:
            places = ", ".join(self._place(place.email, place.weight, str(place.owed)) for place in read(turn.weights))
            yield say(N_("turn %(number)s of %(team)s; before it: %(places)s"),
                      number=turn.given + 1, team=turn.team, places=places)  # fmt: skip
        if handoff.due_at is not None:
            yield say(N_("first contact due %(when)s"), when=self.words.moment(handoff.due_at))
        if handoff.released_by:
            plan = handoff.released_by == BY_PLAN
            yield say(N_("released by a plan")) if plan else say(N_("released by %(who)s"), who=handoff.released_by)
        if handoff.state == "closed":
            yield self.words.translate(vocabulary.HANDOFF_STATES["closed"])

    def _place(self, email: str, weight: int, owed: str) -> str:
        if not weight:
            return self.words.say(N_("%(email)s not available"), email=email)
        text = self.words.say(N_("%(email)s weight %(weight)s"), email=email, weight=weight)
        return text if owed == "0" else text + self.words.say(N_(" owed %(turns)s"), turns=owed)

    # why it is not with a rep

    def why_not(
        self,
        gates: Mapping[str, Explained],
        handoffs: Sequence[Handoff],
        reviews: Sequence[ReviewItem],
        rows: Sequence[OutboxRow],
        transitions: Sequence[Transition] = (),
    ) -> Iterator[str]:
        if self.lead.stage in ("known", "warm"):
            yield from self._below_the_line(gates, reviews)
        for one in handoffs:
            if one.state != "open":
                what = self.words.translate(vocabulary.HANDOFF_STATES[one.state])
                said = f"{what} ({one.routed_by})" if one.routed_by else what
                # Whoever is out of reach: the reason says the state too.
                yield one.routed_by or what if one.state == "suppressed" else said
        if self.lead.stage == "mql" and not handoffs:
            yield self.words.say(N_("over the line, but there is no handoff yet"))
        if self.lead.stage in OF_PEOPLE and self.lead.stage in ("rejected", "lost"):
            last = max(transitions, key=lambda one: (one.at, one.id), default=None)
            if last and last.by == "baton" and last.to == self.lead.stage:
                # A run that was taken back: nobody has said anything of the lead.
                yield self.words.retell(last.why)
            else:
                yield self.words.say(N_("%(stage)s by a person"), stage=stage(self.lead.stage, self.words.translate))
        for row in rows:
            if row.state in ("unknown", "dead", "parked") and row.kind in ("state", "once"):
                state = self.words.translate(vocabulary.ROW_STATES[row.state])
                reason = f" ({self.words.retell(row.reason)})" if row.reason else ""
                step = self.next_steps.get(row.id)
                yield f"{row.target}: {self._object(row.object)}: {state}{reason}{self._then(row)}" + (
                    f" → {step}" if step else ""
                )
            elif row.state == "waiting" and row.not_before and row.not_before > self.words.now:
                told = {"reason": self.words.retell(row.reason), "when": self.words.moment(row.not_before)}
                said = self.words.say(N_("waits since the last try (%(reason)s), tried again %(when)s"), **told)
                yield f"{row.target}: {self._object(row.object)}: {said}"

    def _then(self, row: OutboxRow) -> str:
        """When an unknown row is looked up."""
        if row.state != "unknown" or not row.resolve_at:
            return ""
        return self.words.say(N_(", looked up %(when)s"), when=self.words.moment(row.resolve_at))

    def _below_the_line(self, gates: Mapping[str, Explained], reviews: Sequence[ReviewItem]) -> Iterator[str]:
        say = self.words.say
        if not self.lead.flow:
            yield say(N_("no flow takes this lead"))
        missing = [item for item in reviews if item.kind == "missing_fields"]
        for item in missing:
            names = [field_name(name.strip(), self.words.translate) for name in item.field.split(",")]
            yield say(N_("over the line, but lacks: %(fields)s"), fields=say(N_(", ")).join(names))
        gate = gates.get("mql")
        if gate is not None and not gate.passed:
            for first, *others in lacking(gate, self.words):
                yield say(N_("not an MQL, for it lacks: %(what)s"), what=first)
                yield from (say(N_("… or: %(what)s"), what=other) for other in others)

    # provenance and writes

    def said(self) -> Iterator[Said]:
        names = self.lead.fields.keys() | self.lead.said.keys()
        for name in sorted(names, key=lambda name: (_PLACES.get(name, len(_PLACES)), name)):
            value = self.lead.fields.get(name)
            shown = "" if value is None else self.words.value(name, value)
            by, at = self.lead.said.get(name, ("", ""))
            yield Said(name, shown, by, at, self.words.retell(self.lead.flags.get(name, "")))

    def written(self, rows: Iterable[OutboxRow]) -> Iterator[Written]:
        for row in rows:
            if row.kind in ("state", "once") and row.state != "superseded":
                at = row.sent_at or row.created_at
                yield Written(
                    row.target, self._object(row.object), row.state, at, row.crm_id, self.words.retell(row.reason)
                )

    def _link(self, link: Link) -> str:
        text = f"{link.connection} {self._object(link.object)} {link.external_id}"
        return text + " " + self.words.say(N_("(deleted there)")) if link.gone else text

    def _object(self, name: str) -> str:
        return self.words.translate(vocabulary.OBJECTS.get(name, name))
