"""The quarter before the sample: what the firm's marketing platform exported each workday, before today's files.

The same arguments give the same bytes, as in the sample itself; nobody in it exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from connector.sandbox.sample_export import ACTIVITY_COLUMNS, CONTACT_COLUMNS, activity_rows, contact_rows, table
from connector.sandbox.sample_names import LATER_FAMILIES
from connector.sandbox.sample_people import Person
from connector.sandbox.sample_people import people as make_people
from connector.sandbox.sample_story import story

WEEKS = 13
FOLDER = "earlier"
#: When the firm's day begins, in hours UTC, by the language of the demo; how many hours it has.
MORNING, HOURS = {"en": 7, "ja": 0}, 9
SATURDAY = 5
#: Ids begin above those of the sample, which has at most some thousand people.
FIRST_ID = 400_001


@dataclass(frozen=True, slots=True)
class Export:
    """One export: its moment, and the two files as text."""

    at: datetime
    contacts: str
    activities: str

    def write(self, folder: Path) -> None:
        """Add the files to `folder`, beside those of the days before."""
        (folder / FOLDER).mkdir(exist_ok=True)
        (folder / FOLDER / f"contacts-{self.at:%Y-%m-%d}.csv").write_text(self.contacts, "utf-8")
        (folder / FOLDER / f"activities-{self.at:%Y-%m-%d}.csv").write_text(self.activities, "utf-8")


def exports(now: datetime, people: int, seed: int, language: str) -> Iterator[Export]:
    """The exports of the workdays of thirteen weeks before `now` (aware), the oldest first; `people` in all.

    Each is made when the firm's day begins.
    """
    random = Random(f"quarter {seed}")  # noqa: S311 (sample data)
    persons = _renamed(random, make_people(random, people, language))
    morning = now.astimezone(UTC).replace(hour=MORNING[language], minute=0, second=0, microsecond=0)
    every = [morning - timedelta(days=back) for back in range(7 * WEEKS, 0, -1)]
    days = [day for day in every if day.weekday() < SATURDAY]
    # Those who raise their hand come all year: marketing gets a little better at finding them.
    share = [1.0 + 0.006 * day for day in range(len(days))]
    edges = [round(len(persons) * sum(share[:day]) / sum(share)) for day in range(len(days) + 1)]
    for number, day in enumerate(days):
        yield _export(random, persons[edges[number] : edges[number + 1]], day)


def _export(random: Random, persons: list[Person], moment: datetime) -> Export:
    events = {person.id: story(random, person, moment) for person in persons}
    contacts = contact_rows(random, persons, events, moment)
    activities = activity_rows(event for told in events.values() for event in told)
    for row in activities:
        row["Event ID"] = f"{moment:%y%m%d}-{row['Event ID']}"
    return Export(moment, _text(CONTACT_COLUMNS, contacts), _text(ACTIVITY_COLUMNS, activities))


def _text(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    return "\n".join(table(columns, rows)) + "\n"


def _renamed(random: Random, persons: list[Person]) -> list[Person]:
    """The same people under family names that the sample does not have, no two of one name, without phones.

    Nearly a thousand people of a few dozen names would be a list of namesakes for a person to look through.
    """
    taken: set[tuple[str, str]] = set()
    for number, person in enumerate(persons):
        person.id = str(FIRST_ID + number * 7)
        families = list(LATER_FAMILIES[person.language])
        random.shuffle(families)
        written, reading, latin = next(
            (one for one in families if (person.row["First name"], one[0]) not in taken), families[0]
        )
        taken.add((person.row["First name"], written))
        person.row |= {"Last name": written, "Phone": "", "Email": _email(person, latin, number)}
        if person.row["Name (reading)"]:
            person.row["Name (reading)"] = f"{reading} {person.row['Name (reading)'].split()[-1]}"
    return persons


def _email(person: Person, latin: str, number: int) -> str:
    given, _, domain = person.row["Email"].partition("@")
    return f"{given[0]}.{latin}{number}@{domain}"
