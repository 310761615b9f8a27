"""A plausible firm's marketing data, made from a seed: what `baton demo` and newcomers play with.

The same arguments give the same bytes. Nobody in it exists, and every address ends in `.example`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from connector.sandbox.sample_config import MAPPING, config
from connector.sandbox.sample_export import (
    ACTIVITY_COLUMNS,
    CONTACT_COLUMNS,
    activity_rows,
    broken_contact_lines,
    contact_rows,
    spoil_activities,
    spoil_contacts,
    table,
)
from connector.sandbox.sample_people import Person
from connector.sandbox.sample_people import people as make_people
from connector.sandbox.sample_story import Event, story

FEWEST = 100
#: What `write` writes.
FILES = ("contacts.csv", "activities.csv", "mappings/exports.toml", "config.toml")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was written: the configuration, and the number of lines under the headings, broken ones included."""

    config: Path
    contacts: int
    activities: int


def write(
    folder: Path, *, now: datetime, people: int = 300, seed: int = 7, language: str = "en", earlier: bool = False
) -> Sample:
    """Write contacts.csv, activities.csv, mappings/exports.toml and config.toml into `folder`.

    `now` (aware) is the moment of the export; histories lie in the half year before it. `people`
    is at least 100, or the shares of the mix would not be whole people. `language` is en or ja. With `earlier` the
    configuration reads the files of the quarter before, too (sample_quarter.py).
    """
    if people < FEWEST:
        raise ValueError(f"a sample has at least {FEWEST} people")
    random = Random(seed)  # noqa: S311 (sample data)
    moment = now.replace(second=0, microsecond=0)
    persons = make_people(random, people, language)
    events = {person.id: story(random, person, moment) for person in persons}
    contacts = _contact_lines(random, persons, events, moment)
    activities = _activity_lines(random, events, moment)
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    # The people with a byte order mark, as spreadsheets write it.
    exports = "\ufeff" + "\n".join(contacts), "\n".join(activities)
    for name, text in zip(FILES, (*exports, MAPPING.rstrip(), config(language, earlier=earlier).rstrip()), strict=True):
        (folder / name).write_bytes(f"{text}\n".encode())
    return Sample(folder / "config.toml", len(contacts) - 1, len(activities) - 1)


def _contact_lines(random: Random, persons: list[Person], events: dict[str, list[Event]], now: datetime) -> list[str]:
    rows = contact_rows(random, persons, events, now)
    rows = spoil_contacts(random, rows, {person.id: person.fate for person in persons})
    return broken_contact_lines(table(CONTACT_COLUMNS, rows))


def _activity_lines(random: Random, events: dict[str, list[Event]], now: datetime) -> list[str]:
    rows = activity_rows(event for told in events.values() for event in told)
    return table(ACTIVITY_COLUMNS, spoil_activities(random, rows, now))
