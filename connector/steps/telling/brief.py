"""What a rep reads before the phone is answered: who, why now, what they did, what not to ask again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from textwrap import shorten

from connector.model import sentences
from connector.model.activity import Activity
from connector.model.content import Content
from connector.model.fields import Value
from connector.model.handoff import Handoff
from connector.model.lead import Lead, display_name
from connector.model.score import Contribution, Score
from connector.steps.consent import no_calls, no_mail
from connector.steps.content import Library
from connector.steps.telling.deeds import deeds, told, when
from connector.steps.telling.routed import routed
from connector.steps.telling.words import N_, Translate, Words, beside, field_name, reason_name, rule_name, stage

REASONS = 5
DEEDS = 10
EARLIER = 3
ANSWERS = 6
LONGEST_ANSWER = 200
#: Fields whose answer the rep would ask for otherwise.
NO_LIBRARY = Library()
_ASKED = ("budget", "authority", "need", "timing")
#: Ways of address that go after a Japanese name; another (Dr., Ms) goes before.
_AFTER_NAME = ("様", "さん", "先生", "殿", "氏", "教授", "博士")


def brief(
    lead: Lead,
    score: Score | None,
    activities: Sequence[Activity],
    *,
    handoff: Handoff,
    language: str,
    translate: Translate,
    now: datetime,
    zone: tzinfo,
    doubts: Sequence[str] = (),
    earlier: Sequence[Handoff] = (),
    library: Library = NO_LIBRARY,
) -> str:
    """The brief as plain text of about twenty lines; a part about which nothing is known is left out.

    `doubts` are sentences about whom else this may be; they stand below the name. `earlier` are handoffs before this
    one, `library` what there is to send.
    """
    told = parts(
        lead, score, activities, handoff=handoff, language=language, translate=translate, now=now, zone=zone,
        doubts=doubts, earlier=earlier, library=library,
    )  # fmt: skip
    return "\n\n".join(text for text in told.values() if text)


def parts(
    lead: Lead,
    score: Score | None,
    activities: Sequence[Activity],
    *,
    handoff: Handoff,
    language: str,
    translate: Translate,
    now: datetime,
    zone: tzinfo,
    doubts: Sequence[str] = (),
    earlier: Sequence[Handoff] = (),
    library: Library = NO_LIBRARY,
) -> dict[str, str]:
    """The parts of a brief by name, in their order, as `brief` puts them together; "" where nothing is known."""
    writer = _Brief(lead, score, activities, handoff, Words(language, zone, translate, now))
    blocks = {
        "who": [*writer.who(), *doubts],
        "why": writer.why(),
        "before": writer.before(earlier),
        "did": writer.did(),
        "answered": writer.answered(),
        "next": writer.next(library.next_for(activities, handoff.stage, _spoken(lead, language))),
        "contact": writer.contact(),
    }
    return {name: "\n".join(block) for name, block in blocks.items()}


def _spoken(lead: Lead, otherwise: str) -> str:
    """The language to write to the lead in."""
    return str(lead.fields.get("language") or otherwise).replace("_", "-").partition("-")[0].lower()


def spared(lead: Lead) -> str:
    """How a person must not be reached, to be said first; "" where any way will do."""
    if no_mail(lead) and no_calls(lead):
        return sentences.NO_CONTACT
    return sentences.NO_MAIL if no_mail(lead) else sentences.NO_CALLS if no_calls(lead) else ""


def top_reasons(score: Score | None, n: int = 3, translate: Translate = str) -> str:
    """The rules that gave most points, in one line: `Asked for a demo +25, Director or above +15`."""
    listed = (f"{rule_name(one.rule, translate)} +{one.points}" for one in top_contributions(score, n))
    return translate(N_(", ")).join(listed)


def top_contributions(score: Score | None, n: int) -> list[Contribution]:
    """The `n` contributions with the most points, highest first; none that takes points away."""
    given = [one for one in score.contributions if one.points > 0] if score else []
    return sorted(given, key=lambda one: -one.points)[:n]


def addressed(lead: Lead, words: Words, *, reads: bool = True) -> str:
    """The name as one would say it on the phone, with its reading if that `reads`; "" where no name is known."""
    name = display_name(lead, words.language)
    if not name:
        return ""
    honorific = str(lead.fields.get("honorific") or "")
    reading = str(lead.fields.get("name.reading") or "")
    shown = words.say(N_(" (%(reading)s)"), reading=reading) if reads and reading and reading != name else ""
    if words.language == "ja" and (not honorific or honorific in _AFTER_NAME):
        return name + (shown or " ") + (honorific or "様")
    if honorific and honorific not in _AFTER_NAME:
        name = f"{honorific} {name}"
    return name + shown


class _Brief:
    def __init__(
        self, lead: Lead, score: Score | None, activities: Sequence[Activity], handoff: Handoff, words: Words
    ) -> None:
        self.lead, self.score, self.activities, self.handoff, self.words = lead, score, activities, handoff, words

    # blocks

    def who(self) -> Iterator[str]:
        """Name, position, company, standing."""
        if only := spared(self.lead):
            yield self.words.say(only)
        number = self.words.say(sentences.LEAD, id=self.lead.id)
        name = addressed(self.lead, self.words) or self._value("email") or number
        company = self._value("company.name") or self._value("company.domain")
        yield self._joined((name, company))
        position = self._joined((self._value("job_title"), self._value("job_level"), self._value("job_function")))
        if position:
            yield position
        about_company = self._joined(self._company())
        if about_company:
            # Of a private person it is only where they live.
            named = any(field.startswith("company.") for field in self.lead.fields)
            yield self._line(N_("Company") if named else N_("Place"), about_company)
        if account := self._joined(self._account()):
            yield self._line(N_("Account"), account)
        yield self._joined(self._standing())

    def why(self) -> Iterator[str]:
        """The contributions that weigh most, with what they stand on."""
        top = top_contributions(self.score, REASONS)
        if top:
            yield self.words.say(N_("Why now"))
        for one in top:
            rule = rule_name(one.rule, self.words.translate)
            evidence = beside(rule, self.words.evidence(one.evidence))
            yield f"  +{one.points:<3} {rule}" + (f"  ({evidence})" if evidence else "")

    def did(self) -> Iterator[str]:
        """The latest deeds, in the order they were done."""
        found = deeds(self.activities)
        if not found:
            return
        left_out = len(found) - DEEDS
        title = self.words.say(N_("What they did, oldest first"))
        if left_out > 0:
            title += self.words.say(N_(" (the latest %(count)s)"), count=DEEDS)
        yield title
        for deed in found[-DEEDS:]:
            yield f"  {when(deed, self.words)}  {told(deed, self.words)}"

    def before(self, earlier: Sequence[Handoff]) -> Iterator[str]:
        """What became of earlier handoffs, the latest last: who had them, what they said."""
        done = [one for one in earlier if one.owner and one.opened_at and one.id != self.handoff.id][-EARLIER:]
        if done:
            yield self.words.say(N_("Spoken to before"))
        for one in done:
            yield "  " + self._joined(
                (self.words.day(one.closed_at or one.opened_at or one.decided_at), *self._end(one))
            )

    def next(self, contents: Sequence[Content]) -> Iterator[str]:
        """What to send next."""
        if contents:
            yield self.words.say(N_("To send next, not seen yet"))
        for one in contents:
            yield "  " + self._joined((one.title, one.kind, one.link))

    def answered(self) -> Iterator[str]:
        """What they said already."""
        answers = self._answers()
        if answers:
            yield self.words.say(N_("Already answered: do not ask again"))
        for question, answer in list(answers.items())[-ANSWERS:]:
            yield "  " + self._line(question, answer)

    def contact(self) -> Iterator[str]:
        """How they may be reached, where they came from, who has them and why."""
        phones = () if no_calls(self.lead) else (self._phone("phone"), self._phone("mobile"))
        mail = "" if no_mail(self.lead) else self._value("email")
        for label, parts in (
            (N_("Reach"), (*phones, mail, self._value("linkedin"))),
            (N_("Consent"), self._consent()),
            (N_("Came from"), self._origin()),
        ):
            text = self._joined(parts)
            if text:
                yield self._line(label, text)
        if self.handoff.owner:
            why = routed(self.handoff.routed_by, self.words.translate)
            yield self._line(N_("Owner"), self._joined((self.handoff.owner, why)))

    # parts

    def _end(self, handoff: Handoff) -> Iterator[str]:
        """Who had it and how it ended."""
        yield handoff.owner
        if handoff.reason:
            reason = reason_name(handoff.reason, self.words.translate)
            yield self.words.say(N_("rejected: %(reason)s"), reason=reason)
        elif handoff.contacted_at:
            yield self.words.say(N_("got in touch"))
        if handoff.words:
            said = shorten(handoff.words, LONGEST_ANSWER, placeholder="…")
            yield self.words.say(N_('"%(words)s"'), words=said)
        if handoff.rating is not None:
            yield self.words.say(N_("rated %(rating)s of 5"), rating=handoff.rating)

    def _company(self) -> Iterator[str]:
        employees = self._value("company.employees")
        if employees:
            yield self.words.say(N_("%(number)s employees"), number=employees)
        yield self._value("company.industry")
        yield self._value("company.country") or self._value("country")
        yield self._value("city")
        yield self._value("company.domain") if self._value("company.name") else ""
        if self.lead.fields.get("company.is_customer") is True:
            yield self.words.say(N_("customer already"))

    def _account(self) -> Iterator[str]:
        """What colleagues make of it, where there are some; without a name, which could not be taken back."""
        known = self.score.account if self.score is not None else None
        people, roles = (known.get("account.people", 0), known.get("account.roles")) if known else (0, None)
        if known is None or not isinstance(people, int) or people < 2:
            return
        yield self.words.say(
            N_("%(points)s points (people: %(people)s, active: %(active)s)"),
            points=known.get("account.score"), people=people, active=known.get("account.active"),
        )  # fmt: skip
        yield from map(self.words.translate, roles if isinstance(roles, list) else ())

    def _standing(self) -> Iterator[str]:
        if self.handoff.hot:
            yield self.words.say(N_("HOT"))
        yield stage(self.handoff.stage, self.words.translate)
        if self.score is not None:
            yield self.score.grade
            yield self.words.say(
                N_("%(total)s points (fit %(fit)s, engagement %(engagement)s, intent %(intent)s)"),
                total=self.score.total, fit=self.score.fit,
                engagement=self.score.engagement, intent=self.score.intent,
            )  # fmt: skip
        if self.handoff.due_at is not None:
            yield self.words.say(N_("first contact due %(when)s"), when=self.words.moment(self.handoff.due_at))

    def _answers(self) -> dict[str, str]:
        found = {name: self._value(name) for name in _ASKED if self._value(name)}
        for activity in sorted(self.activities, key=lambda one: one.at):
            for question, answer in activity.answers.items():
                if answer.strip():
                    # Said again later: it stands where it was said last.
                    found.pop(question, None)
                    found[question] = shorten(answer, LONGEST_ANSWER, placeholder="…")
        return found

    def _consent(self) -> Iterator[str]:
        fields = self.lead.fields
        if fields.get("consent.all") is False:
            yield self.words.say(N_("NONE: no contact of any kind"))
        for name, given, refused in (
            ("consent.email", N_("email yes"), N_("email NO")),
            ("consent.phone", N_("calls yes"), N_("calls NO")),
        ):
            if name in fields:
                yield self.words.say(given if fields[name] else refused)
        if any(name in fields for name in ("consent.all", "consent.email", "consent.phone")):
            yield self._value("consent.source")
            yield self._value("consent.at")

    def _origin(self) -> Iterator[str]:
        latest = self._joined((self._value("source"), self._value("medium")), " / ")
        yield latest
        campaigns = [one.campaign for one in self.activities if one.campaign]
        campaign = self._value("campaign") or (campaigns[-1] if campaigns else "")
        if campaign:
            yield self.words.say(N_("campaign %(name)s"), name=campaign)
        first = self._joined((self._value("first.source"), self._value("first.medium")), " / ")
        if first and first != latest:
            yield self.words.say(N_("at first %(source)s"), source=first)

    def _phone(self, name: str) -> str:
        text = self._value(name)
        extension = self._value("phone_extension") if name == "phone" else ""
        return (
            self.words.say(N_("%(phone)s ext. %(extension)s"), phone=text, extension=extension) if extension else text
        )

    def _value(self, name: str) -> str:
        value: Value | None = self.lead.fields.get(name)
        return "" if value is None else " ".join(self.words.value(name, value).split())

    def _line(self, label: str, text: str) -> str:
        translated = field_name(label, self.words.translate) if label in _ASKED else self.words.translate(label)
        return self.words.say(N_("%(label)s: %(text)s"), label=translated, text=text)

    def _joined(self, parts: Iterable[str], between: str = " · ") -> str:
        return between.join(part for part in parts if part)
