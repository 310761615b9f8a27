"""How well duplicates are found: python -m bench.duplicates (see README.md).

Public sets of records with known duplicates are read from the folder `data/dedupe` below the one that
BATON_SHARED names, or from --data; or any CSV from --file. The points are those that are shipped, the same for
every set.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import combinations, product
from pathlib import Path
from typing import NamedTuple

from connector.model.fields import Value
from connector.runs.likenesses import AT_MOST, MOST, RARE
from connector.steps import alike
from connector.steps.normalise.values import derive, domain

#: A key that more organisations share gives none.
MANY = 200

Fields = dict[str, Value]
Pair = tuple[int, int]

#: Columns by the names that are usual for them, in small letters without anything between.
COLUMNS = {
    "name.given": "givenname firstname forename given first vorname prenom nombre",
    "name.family": "surname lastname familyname family last nachname nom apellido",
    "name.full": "fullname name personname contactname",
    "name.reading": "reading namereading furigana kana",
    "email": "email emailaddress mail",
    "phone": "phone phonenumber telephone tel",
    "mobile": "mobile mobilephone cell cellphone",
    "city": "city town suburb birthplace place ort",
    "postal_code": "postcode postalcode zip zipcode postcodefake plz",
    "region": "state region province",
    "country": "country",
    "company.name": "company companyname organisation organization employer firm",
    "company.domain": "domain website companydomain",
    "job_title": "jobtitle title occupation position",
    "linkedin": "linkedin linkedinurl",
    "custom.birthday": "dob dateofbirth birthday birthdate",
}
STREET = "street address address1 streetnumber streetaddress addr"
#: In a set of organisations the name is the company's.
OF_ORGANISATIONS = {"company.name": "name sitename personname company companyname organisation organization agency"}


@dataclass
class Records:
    """Profiles with what they are in truth; `sides` where only pairs across two files count."""

    kind: alike.Kind
    profiles: list[alike.Profile] = field(default_factory=list)
    truth: list[str] = field(default_factory=list)
    sides: list[int] = field(default_factory=list)

    def add(self, said: Fields, truth: str, side: int = 0) -> None:
        """Take in one record, with what follows from what it says, as a mapping does."""
        fields = {name: domain(str(value))[0] if name == "company.domain" else value for name, value in said.items()}
        fields |= {name: value for name, value in derive(fields).items() if name in ("email_class", "company.domain")}
        self.profiles.append(alike.person(fields) if self.kind == "person" else alike.organisation(fields))
        self.truth.append(truth)
        self.sides.append(side)


def _plain(column: str) -> str:
    return "".join(sign for sign in column.lower() if sign.isalnum())


def recognised(columns: Iterable[str], kind: alike.Kind) -> Iterator[tuple[str, list[str]]]:
    """Canonical fields, and the columns of a file that hold each."""
    usual = {**COLUMNS, **(OF_ORGANISATIONS if kind == "organisation" else {}), "street": STREET}
    if kind == "organisation":
        usual = {name: words for name, words in usual.items() if not name.startswith("name.")}
    for name, words in usual.items():
        found = [column for word in words.split() for column in columns if _plain(column) == word]
        if name == "street":
            yield name, sorted(found, key=lambda column: "number" not in _plain(column))
        elif found:
            yield name, found[:1]


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, as texts without blanks around."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            yield {key.strip(): " ".join((value or "").split()) for key, value in row.items() if key}


def read(paths: Sequence[Path], kind: alike.Kind, truth: Callable[[Mapping[str, str]], str]) -> Records:
    """Files with columns of usual names; of two files only pairs across count."""
    found = Records(kind)
    for side, path in enumerate(paths):
        mapping: list[tuple[str, list[str]]] = []
        for row in rows(path):
            mapping = mapping or list(recognised(row, kind))
            values = {name: " ".join(filter(None, (row[column] for column in columns))) for name, columns in mapping}
            found.add({name: value for name, value in values.items() if value}, truth(row), side)
    return found


class Result(NamedTuple):
    """Pairs that are right, predicted and true."""

    right: int
    predicted: int
    true: int

    @property
    def precision(self) -> float:
        """The share of the predicted pairs that is right."""
        return self.right / self.predicted if self.predicted else 1.0

    @property
    def recall(self) -> float:
        """The share of the true pairs that is predicted."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (self.predicted + self.true) if self.predicted + self.true else 1.0


class Found(NamedTuple):
    """What comes out of a set."""

    sure: Result
    both: Result
    keys: int
    compared: int
    compare_us: float


class Matching:
    """Records as they come to be leads: who is surely one is joined, and compared again by what both know."""

    def __init__(self, kind: alike.Kind, profiles: Sequence[alike.Profile], weights: alike.Weights) -> None:
        self.kind = kind
        self.weights = weights
        self.leads = dict(enumerate(profiles))
        self.members = {index: [index] for index in self.leads}
        self.keys = {index: alike.keys(profile) for index, profile in self.leads.items()}
        self.blocks: dict[int, set[int]] = defaultdict(set)
        self.perhaps: dict[int, set[int]] = defaultdict(set)
        self.seen: set[Pair] = set()
        self.compared = 0
        self.seconds = 0.0

    def run(self) -> None:
        """Take the leads one after the other, joined ones again."""
        for lead in list(self.leads):
            self._put(lead)
            while (best := self._best(lead)) is not None:
                lead = self._join(lead, best)

    def _put(self, lead: int) -> None:
        for key in self.keys[lead]:
            self.blocks[key].add(lead)

    def _best(self, lead: int) -> int | None:
        """The lead that is surely the same, by the most points."""
        around = self._around(lead)
        sure = []
        begin = time.process_time()
        for other in around:
            pair = (min(lead, other), max(lead, other))
            if pair in self.seen:
                continue
            self.seen.add(pair)
            found = alike.compare(self.leads[lead], self.leads[other], self.weights)
            self.compared += 1
            if found.band == "sure":
                sure.append((found.points, -other))
            if found.band:
                self.perhaps[lead].add(other)
                self.perhaps[other].add(lead)
        self.seconds += time.process_time() - begin
        return -max(sure)[1] if sure else None

    def _around(self, lead: int) -> list[int]:
        """Those with whom a lead shares rare keys, as on the line; organisations with any key that is not of many."""
        if self.kind == "organisation":
            blocks = (self.blocks[key] for key in self.keys[lead])
            return sorted({one for block in blocks if len(block) <= MANY for one in block} - {lead})
        shared: dict[int, float] = defaultdict(float)
        for key in self.keys[lead]:
            block = self.blocks[key]
            if len(block) <= AT_MOST:
                for other in block:
                    shared[other] += 1 / max(len(block) - 1, 1)
        shared.pop(lead, None)
        near = [(rarity, -other) for other, rarity in shared.items() if rarity >= RARE]
        return sorted(-other for _, other in nlargest(MOST, near))

    def _join(self, one: int, other: int) -> int:
        new = len(self.members)
        self.members[new] = self.members[one] + self.members[other]
        self.leads[new] = alike.joined((self.leads[one], self.leads[other]))
        self.keys[new] = self.keys[one] | self.keys[other]
        for old in (one, other):
            del self.leads[old]
            for key in self.keys[old]:
                self.blocks[key].discard(old)
            for third in self.perhaps.pop(old, ()):
                self.perhaps[third].discard(old)
        self._put(new)
        return new


def look(records: Records, weights: alike.Weights) -> Found:
    """Match the records, and count: pairs of records in one lead, and of leads that are perhaps one."""
    matching = Matching(records.kind, records.profiles, weights)
    keys = sum(map(len, matching.keys.values()))
    matching.run()
    linked = [matching.members[lead] for lead in matching.leads]
    asked = [
        (matching.members[one], matching.members[other])
        for one, others in matching.perhaps.items()
        for other in others
        if one < other
    ]
    each = 1e6 * matching.seconds / max(matching.compared, 1)
    return Found(measured(records, linked, []), measured(records, linked, asked), keys, matching.compared, each)


def measured(records: Records, leads: Iterable[list[int]], asked: Iterable[tuple[list[int], list[int]]]) -> Result:
    """Pairs of records in one lead, and across two leads that a person is asked about."""
    right = predicted = 0
    for pairs in (
        *(combinations(lead, 2) for lead in leads),
        *(product(one, other) for one, other in asked),
    ):
        good, total = _counted(records, pairs)
        right, predicted = right + good, predicted + total
    return Result(right, predicted, _true(records))


def _counted(records: Records, pairs: Iterable[Pair]) -> tuple[int, int]:
    """(right, all) of the pairs that count."""
    truth, sides = records.truth, records.sides
    two = len(set(sides)) > 1
    counted = [truth[a] == truth[b] for a, b in pairs if not two or sides[a] != sides[b]]
    return sum(counted), len(counted)


def _true(records: Records) -> int:
    groups: dict[str, list[int]] = defaultdict(list)
    for truth, side in zip(records.truth, records.sides, strict=True):
        groups[truth].append(side)
    if len(set(records.sides)) > 1:
        return sum(group.count(0) * group.count(1) for group in groups.values())
    return sum(len(group) * (len(group) - 1) // 2 for group in groups.values())


class Set(NamedTuple):
    """A public set, and the F1 that other tools reach on it."""

    name: str
    kind: alike.Kind
    read: Callable[[Path], Records]
    reference: float | None = None


def _number(row: Mapping[str, str]) -> str:
    return row["rec_id"].split("-")[1]


def _cluster(row: Mapping[str, str]) -> str:
    return row["cluster"]


def _patstat(folder: Path) -> Records:
    found = Records("organisation")
    place = folder / "patstat-names"
    names = {row["person_id"]: row for row in rows(place / "patstat_reference.csv")}
    for row in rows(place / "patstat_input.csv"):
        other = names[row["person_id"]]
        found.add({"company.name": other["person_name"]}, other["leuven_id"])
    return found


def _chicago(folder: Path) -> Records:
    found = Records("organisation")
    for row in rows(folder / "chicago-sites" / "csv_example_input_with_true_ids.csv"):
        # The websites are those of authorities that run a hundred of the sites.
        values = {"company.name": row["Site name"], "street": row["Address"], "postal_code": row["Zip"],
                  "phone": row["Phone"]}  # fmt: skip
        found.add({name: value for name, value in values.items() if value}, row["True Id"])
    return found


SETS = (
    Set("fake_1000", "person", lambda at: read([at / "fake_1000/fake_1000.train.csv"], "person", _cluster), 0.90),
    Set("febrl 1", "person", lambda at: read([at / "febrl/dataset1.csv"], "person", _number)),
    Set("febrl 2", "person", lambda at: read([at / "febrl/dataset2.csv"], "person", _number), 0.987),
    Set("febrl 4", "person",
        lambda at: read([at / "febrl/dataset4a.csv", at / "febrl/dataset4b.csv"], "person", _number)),
    Set("historical_50k", "person",
        lambda at: read([at / "historical_50k/historical_50k.train.csv"], "person", _cluster)),
    Set("chicago-sites", "organisation", _chicago, 0.80),
    Set("patstat-names", "organisation", _patstat, 0.745),
)  # fmt: skip

_HEAD = (
    f"{'set':<16}{'records':>8}{'sure: P':>10}{'R':>8}{'F1':>8}{'both: P':>10}{'R':>8}{'F1':>8}{'reference':>11}"
    f"{'keys':>6}{'compared':>10}{'us each':>9}{'CPU s':>7}"
)


def line(name: str, records: Records, reference: float | None, seconds: float, found: Found) -> str:
    """A line of the table."""
    sure, both = found.sure, found.both
    return (
        f"{name:<16}{len(records.profiles):>8}{sure.precision:>10.4f}{sure.recall:>8.3f}{sure.f1:>8.3f}"
        f"{both.precision:>10.4f}{both.recall:>8.3f}{both.f1:>8.3f}{reference if reference else '-':>11}"
        f"{found.keys / max(len(records.profiles), 1):>6.1f}{found.compared:>10}{found.compare_us:>9.1f}{seconds:>7.1f}"
    )


def _show(name: str, records: Records, reference: float | None) -> None:
    shipped = alike.PERSON if records.kind == "person" else alike.ORGANISATION
    weights = shipped.among(len(records.profiles))
    begin = time.process_time()
    found = look(records, weights)
    print(line(name, records, reference, time.process_time() - begin, found), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each set."""
    parser = argparse.ArgumentParser(prog="python -m bench.duplicates", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, help="the folder with the public sets; default: data/dedupe in BATON_SHARED"
    )
    parser.add_argument("--only", default="", help="sets whose names begin so")
    parser.add_argument("--file", type=Path, help="any CSV with columns of usual names, in place of the public sets")
    parser.add_argument("--against", type=Path, help="a second CSV: only pairs across both count")
    parser.add_argument("--kind", choices=("person", "organisation"), default="person")
    parser.add_argument("--truth", default="cluster", help="the column that is equal for records of one thing")
    asked = parser.parse_args(arguments)
    if asked.file:
        paths = [asked.file, *([asked.against] if asked.against else [])]
        print(_HEAD)
        _show(asked.file.name[:15], read(paths, asked.kind, lambda row: row[asked.truth]), None)
        return 0
    folder = asked.data or Path(os.environ.get("BATON_SHARED", "")) / "data" / "dedupe"
    if not folder.is_dir():
        print(f"{folder} is no folder: say --data, or set BATON_SHARED", file=sys.stderr)
        return 2
    print(_HEAD)
    for one in SETS:
        if one.name.startswith(asked.only):
            _show(one.name, one.read(folder), one.reference)
    return 0


if __name__ == "__main__":
    sys.exit(main())
