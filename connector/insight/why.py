"""The whole story of one lead: from events to points, to the gate, to an owner; and why not, where it was not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.insight.consented import Consent, consent_of
from connector.insight.gates import Line, lacking, lines
from connector.insight.nearest import margin_told
from connector.insight.nearest import told as nearest_told
from connector.insight.timeline import Past, Timeline, timeline
from connector.model import sentences
from connector.model.company import Company
from connector.model.facts import Facts
from connector.model.handoff import Handoff
from connector.model.lead import Lead, Link, display_name
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.model.score import Score
from connector.model.stages import OF_PEOPLE, Transition
from connector.steps.conditions.condition import Explained
from connector.steps.margin import Margin
from connector.steps.nearest import Nearest
from connector.steps.scoring.criteria import Criteria
from connector.steps.telling import vocabulary
from connector.steps.telling.routed import routed
from connector.steps.telling.words import N_, Words, field_name, rule_name, stage

#: The order in which fields are told.
_PLACES = {name: place for place, name in enumerate(vocabulary.FIELDS)}


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
    empty where it is; `near` what would have turned that, the nearest first, or by how much it passed.
    """

    lead: Lead
    words: Words = field(repr=False)
    title: str
    head: tuple[tuple[str, str], ...]
    points: tuple[Points, ...] = ()
    gates: tuple[Gate, ...] = ()
    why_not: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    nearest: Nearest | None = None
    margin: Margin | None = None
    timeline: Timeline = field(default_factory=Timeline)
    past: Past = field(default_factory=Past, repr=False)
    said: tuple[Said, ...] = ()
    written: tuple[Written, ...] = ()
    consent: Consent = field(default_factory=Consent)


def story(
    lead: Lead,
    past: Past,
    *,
    words: Words,
    criteria: Criteria | None = None,
    facts: Facts | None = None,
    next_steps: Mapping[int, str] | None = None,
    notes: Sequence[str] = (),
    company: Company | None = None,
    nearest: Nearest | None = None,
    margin: Margin | None = None,
    whole: bool = True,
) -> Story:
    """The story of `lead` out of what is stored about it.

    `facts` (with the score set) and `criteria` explain the gates; without them the gates are left
    out. `words.now` is the moment of asking. `next_steps` says what to do about a row, by its id; `notes` what else
    there is to do. Unless `whole`, what was done alike on one day is one entry of the time line.
    """
    score = facts.score if facts and facts.score else lead.score
    teller = _Teller(lead, words, score, next_steps or {}, company, facts)
    gates = criteria.explain(facts) if criteria is not None and facts is not None else {}
    own_reviews = [item for item in past.reviews if item.lead_id == lead.id]
    open_handoffs = [one for one in past.handoffs if one.state != "closed"]
    near = nearest_told(nearest, lead, words) if nearest is not None else []
    near += margin_told(margin, lead, words) if margin is not None else []
    return Story(
        lead, words, title(lead, words), tuple(teller.head(past.links, past.handoffs)), tuple(teller.points()),
        tuple(Gate(name, tree.passed, tuple(lines(tree, words))) for name, tree in gates.items()),
        (*teller.why_not(gates, open_handoffs, own_reviews, past.rows, past.transitions), *notes),
        tuple(near), nearest, margin, timeline(lead, past, words, whole=whole), past,
        tuple(teller.said()), tuple(teller.written(past.rows)),
        consent_of(past.consents, str(lead.fields.get("email") or ""), words),
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

    def head(self, links: Iterable[Link], handoffs: Sequence[Handoff] = ()) -> Iterator[tuple[str, str]]:
        lead, say = self.lead, self.words.say
        email, wrong = str(lead.fields.get("email") or ""), self.words.retell(lead.flags.get("email", ""))
        email += f" ({wrong})" if email and wrong else ""
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
        given = [one for one in handoffs if one.owner and one.owner == lead.owner and one.routed_by]
        if given:
            yield say(N_("why them")), routed(given[-1].routed_by, self.words.translate)
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
                why = routed(one.routed_by, self.words.translate)
                said = f"{what} ({why})" if why else what
                # Whoever is out of reach: the reason says the state too.
                yield why or what if one.state == "suppressed" else said
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
