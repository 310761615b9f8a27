"""What the people of the sample did: each fate told as events over half a year.

The firm whose export this is sells software for planning production, in English, German and
Japanese. A story draws on the same few acts; how many, and how long ago, makes the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from connector.sandbox.sample_people import Person

DAYS = 180
SITE = "https://www.haulmere.example"

#: (path, title by language)
CASE_STUDIES = (
    ("changeover", {"en": "Changeovers halved at a bottling plant", "de": "Halbe Rüstzeit in der Abfüllung",
                    "ja": "飲料工場の段取り時間を半減"}),
    ("delivery-dates", {"en": "Delivery dates a foundry can keep", "de": "Liefertermine, die eine Gießerei hält",
                        "ja": "鋳造会社の納期遵守率が98%に"}),
    ("one-plan", {"en": "One plan for four plants", "de": "Ein Plan für vier Werke", "ja": "4工場の計画を一つに"}),
    ("shift-plan", {"en": "Shift planning without the spreadsheet", "de": "Schichtplanung ohne Tabelle",
                    "ja": "表計算に頼らないシフト計画"}),
)  # fmt: skip
WEBINARS = (
    {"en": "Planning in uncertain times", "de": "Planen in unsicheren Zeiten", "ja": "不確実な時代の生産計画"},
    {"en": "From spreadsheet to schedule", "de": "Von der Tabelle zum Plan", "ja": "表計算から生産計画へ"},
)
DEMO_FORMS = {"en": "Request a demo", "de": "Demo anfragen", "ja": "デモのお申し込み"}
PRICING = {"en": "/pricing", "de": "/de/preise", "ja": "/ja/price"}
PAGES = ("/", "/product/scheduling", "/product/capacity", "/integrations", "/blog/lean-planning", "/about")
CAMPAIGNS = ("autumn-planning", "plan-smarter", "trade-fair", "newsletter", "")
ANSWERS = {
    "Budget": {"en": ("20-50k", "not fixed yet", "under 20k"), "de": ("20-50 T€", "noch offen"),
               "ja": ("500万円程度", "未定")},
    "Timeline": {"en": ("this quarter", "by spring", "just looking"), "de": ("dieses Quartal", "bis Frühjahr"),
                 "ja": ("今期中", "来年度", "情報収集中")},
    "Current tool": {"en": ("spreadsheets", "an old ERP module", "Plandrift"), "de": ("Excel", "ERP-Modul"),
                     "ja": ("表計算ソフト", "自社開発", "Plandrift")},
}  # fmt: skip


@dataclass(slots=True)
class Event:
    """One line of the activity export. `row` holds the columns beside id, person and time."""

    person: str
    at: datetime
    row: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells one person's story: `now` is the moment of the export."""

    random: Random
    person: Person
    now: datetime

    def at(self, newest: float, oldest: float) -> datetime:
        """A moment between two ages in days, at an hour at which people work."""
        day = self.now - timedelta(days=self.random.uniform(newest, oldest))
        moment = day.replace(hour=self.random.randint(7, 18), minute=self.random.randrange(60), second=0, microsecond=0)
        return min(moment, self.now - timedelta(minutes=self.random.randint(5, 55)))

    def event(self, at: datetime, name: str, **row: str) -> Event:
        """One event of this person's."""
        return Event(self.person.id, at, {"Event": name, **{key.replace("_", " "): text for key, text in row.items()}})

    def word(self, words: dict[str, str]) -> str:
        """The word in this person's language."""
        return words[self.person.language]

    def visit(self, at: datetime, *, pricing: bool = False) -> Iterator[Event]:
        """A session with its pages, and the pricing page among them if asked for."""
        campaign = self.random.choice(CAMPAIGNS)
        pages = self.random.sample(PAGES, self.random.randint(1, 3)) + (
            [PRICING[self.person.language]] if pricing else []
        )
        spent = [self.random.randint(10, 90) if page in PAGES else self.random.randint(40, 240) for page in pages]
        yield self.event(at, "Session", Page=SITE + pages[0], Seconds=str(sum(spent)), Campaign=campaign)
        for page, seconds in zip(pages, spent, strict=True):
            yield self.event(at, "Page view", Page=SITE + page, Seconds=str(seconds), Campaign=campaign)
            at += timedelta(seconds=seconds)

    def visits(self, count: int, newest: float, oldest: float) -> Iterator[Event]:
        """`count` sessions, none with the pricing page."""
        for _ in range(count):
            yield from self.visit(self.at(newest, oldest))

    def download(self, newest: float, oldest: float, count: int = 1) -> Iterator[Event]:
        """`count` different case studies."""
        for path, titles in self.random.sample(CASE_STUDIES, count):
            page = f"{SITE}/resources/case-studies/{path}"
            yield self.event(
                self.at(newest, oldest), "Form submission", Page=page, Form="Download", Asset=self.word(titles)
            )

    def webinar(self, newest: float, oldest: float, *, attends: bool) -> Iterator[Event]:
        """A registration and, days later, perhaps the webinar itself."""
        title, at = self.word(self.random.choice(WEBINARS)), self.at(newest + 4, oldest + 4)
        yield self.event(at, "Form submission", Page=f"{SITE}/webinars/register", Form="Webinar", Asset=title)
        if attends:
            stayed = str(self.random.randint(900, 3300))
            yield self.event(at + timedelta(days=3), "Webinar attendance", Asset=title, Seconds=stayed)

    def mail(self, count: int, newest: float, oldest: float) -> Iterator[Event]:
        """`count` newsletters opened, one in four clicked as well."""
        for _ in range(count):
            at = self.at(newest, oldest)
            asset = f"Newsletter {at:%B %Y}"
            yield self.event(at, "Email open", Asset=asset, Campaign="newsletter")
            if self.random.random() < 0.25:
                page = f"{SITE}/blog/lean-planning"
                yield self.event(
                    at + timedelta(minutes=1), "Email click", Page=page, Asset=asset, Campaign="newsletter"
                )

    def demo(self, newest: float, oldest: float) -> Iterator[Event]:
        """The pricing page, and then the form that asks for a demo, with its answers."""
        at = self.at(newest, oldest)
        yield from self.visit(at - timedelta(minutes=9), pricing=True)
        answers = {column: self.random.choice(words[self.person.language]) for column, words in ANSWERS.items()}
        form = DEMO_FORMS[self.person.language]
        yield Event(self.person.id, at, {"Event": "Form submission", "Page": f"{SITE}/demo", "Form": form, **answers})


def _asked(tell: Teller) -> Iterator[Event]:
    yield from tell.visits(tell.random.randint(1, 4), 2, 60)
    yield from tell.mail(tell.random.randint(0, 4), 10, 120)
    if tell.random.random() < 0.5:
        yield from tell.download(3, 50)
    yield from tell.demo(0.05, 22)


def _ideal(tell: Teller) -> Iterator[Event]:
    yield from tell.mail(tell.random.randint(1, 6), 5, DAYS)
    yield from tell.visits(tell.random.randint(2, 5), 1, 40)
    yield from tell.download(2, 25, tell.random.choice((2, 2, 3)))
    yield from tell.webinar(1, 10, attends=True)
    for _ in range(3):
        yield from tell.visit(tell.at(0.2, 4), pricing=True)


def _warm(tell: Teller) -> Iterator[Event]:
    yield from tell.mail(tell.random.randint(1, 5), 5, DAYS)
    yield from tell.visits(tell.random.randint(1, 3), 3, 90)
    yield from tell.download(5, 70, tell.random.choice((0, 1, 1, 2)))
    yield from tell.webinar(5, 60, attends=tell.random.random() < 0.7)
    if tell.random.random() < 0.5:
        yield from tell.visit(tell.at(1, 12), pricing=True)


def _faded(tell: Teller) -> Iterator[Event]:
    yield from tell.download(110, 170, 2)
    yield from tell.demo(75, 150)
    yield from tell.mail(tell.random.randint(0, 2), 40, 100)


def _reader(tell: Teller) -> Iterator[Event]:
    yield from tell.mail(tell.random.randint(0, 6), 3, DAYS)
    yield from tell.visits(tell.random.randint(1, 3), 5, 150)
    yield from tell.download(10, 160)


def _visitor(tell: Teller) -> Iterator[Event]:
    yield from tell.mail(tell.random.randint(0, 4), 3, DAYS)
    yield from tell.visits(tell.random.randint(1, 3), 2, DAYS)


def _curious(tell: Teller) -> Iterator[Event]:
    """Looks like a buyer, and is none: a student with a thesis, a rival with a question."""
    yield from tell.download(2, 60, 3)
    yield from tell.visits(3, 1, 25)
    yield from tell.visit(tell.at(1, 10), pricing=True)


def _left(tell: Teller) -> Iterator[Event]:
    yield from tell.mail(tell.random.randint(1, 3), 60, DAYS)
    yield tell.event(tell.at(2, 55), "Unsubscribe", Asset="Newsletter", Campaign="newsletter")


STORIES: dict[str, Callable[[Teller], Iterator[Event]]] = {
    "asked": _asked,
    "asked, half a form": _asked,
    "ideal": _ideal,
    "warm": _warm,
    "faded": _faded,
    "reader": _reader,
    "visitor": _visitor,
    "student": _curious,
    "competitor": _curious,
    "left": _left,
}


def story(random: Random, person: Person, now: datetime) -> list[Event]:
    """What `person` did in the half year before `now`, oldest first."""
    teller = STORIES.get(person.fate)
    events = list(teller(Teller(random, person, now))) if teller else []
    return sorted((event for event in events if event.at < now), key=lambda event: event.at)
