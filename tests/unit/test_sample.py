from __future__ import annotations

import csv
import io
import tomllib
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.model.activity import Activity
from connector.model.errors import Problems, RecordError
from connector.model.lead import Lead
from connector.model.mapped import Contact
from connector.model.records import Record
from connector.sandbox import sample
from connector.steps.facts import build
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping
from connector.steps.normalise.values import derive
from connector.steps.qualification import judge
from connector.steps.scoring.compiler import compile_criteria
from connector.steps.scoring.defaults import completed

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
LANGUAGES = ("en", "ja")


def written(folder: Path, **options: object) -> dict[str, bytes]:
    sample.write(folder, now=NOW, **options)  # type: ignore[arg-type]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def mapping(content: bytes) -> CompiledMapping:
    problems = Problems()
    compiled = compile_mapping(
        tomllib.loads(content.decode()), connection="exports", zone="Europe/Berlin", region="DE", problems=problems
    )
    assert problems.found == []
    return compiled


def contacts_of(files: dict[str, bytes]) -> list[Contact]:
    reader = mapping(files["mappings/exports.toml"])
    whole = [row for row in rows(files["contacts.csv"]) if row["Changed"] is not None]
    return [reader.contact(Record(row["Contact ID"], row), NOW) for row in whole]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path / "one") == written(tmp_path / "two")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    assert written(tmp_path / "one")["contacts.csv"] != written(tmp_path / "two", seed=8)["contacts.csv"]


def test_it_counts_the_lines_that_it_writes(tmp_path: Path) -> None:
    made = sample.write(tmp_path, now=NOW)
    assert made.contacts == len((tmp_path / "contacts.csv").read_text("utf-8").splitlines()) - 1
    assert made.activities == len((tmp_path / "activities.csv").read_text("utf-8").splitlines()) - 1
    assert made.config == tmp_path / "config.toml"


def test_too_few_people_for_the_mix_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 100"):
        sample.write(tmp_path, now=NOW, people=99)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_reaches_anyone(tmp_path: Path, language: str) -> None:
    addresses = [contact.fields.get("email") for contact in contacts_of(written(tmp_path, language=language))]
    assert all(str(address).endswith(".example") for address in addresses if "@" in str(address))


@pytest.mark.parametrize("language", LANGUAGES)
def test_histories_lie_in_the_half_year_before_the_export(tmp_path: Path, language: str) -> None:
    reader = mapping(written(tmp_path, language=language)["mappings/exports.toml"])
    for row in rows((tmp_path / "activities.csv").read_bytes()):
        try:
            activity = reader.activity(Record(row["Event ID"], row), NOW)
        except RecordError:
            continue
        if isinstance(activity, Activity):
            assert NOW - timedelta(days=181) < activity.at < NOW


def test_the_export_has_the_faults_that_real_ones_have(tmp_path: Path) -> None:
    files = written(tmp_path)
    lines = files["contacts.csv"].decode("utf-8-sig").splitlines()
    assert sum(line.startswith('"') and line.endswith('"') for line in lines) == 1
    assert sum(row["Changed"] is None for row in rows(files["contacts.csv"])) == 2
    contacts = contacts_of(files)
    aside = Counter(field for contact in contacts for field, _reason in contact.aside)
    assert aside == {"source": 2, "consent.at": 2}
    mails = Counter(contact.fields.get("email") for contact in contacts)
    assert len([mail for mail, count in mails.items() if mail and count == 2]) == 4
    assert any(str(contact.fields.get("company.name", "")).startswith("=") for contact in contacts)


def test_some_events_are_of_nobody_known_and_one_is_there_twice(tmp_path: Path) -> None:
    files = written(tmp_path)
    known = {contact.external_id for contact in contacts_of(files)}
    events = rows(files["activities.csv"])
    assert len({row["Contact ID"] for row in events if row["Contact ID"]} - known) == 3
    assert [count for count in Counter(row["Event ID"] for row in events).values() if count > 1] == [2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", [7, 1])
def test_about_a_tenth_qualifies_by_the_shipped_criteria(tmp_path: Path, seed: int, language: str) -> None:
    files = written(tmp_path, seed=seed, language=language)
    stages = judged(files)
    leads = sum(stages.values())
    assert 0.08 <= stages["mql"] / leads <= 0.12
    assert stages["hot"] >= 8
    assert 0.05 <= stages["warm"] / leads <= 0.25
    assert stages["lacking"] >= 2


def judged(files: dict[str, bytes]) -> Counter[str]:
    """Leads by what becomes of them; `hot` are those of the MQLs that are flagged."""
    reader, flow, problems = mapping(files["mappings/exports.toml"]), completed({}), Problems()
    criteria = compile_criteria(flow, path=(), problems=problems, lists=lambda _name: frozenset[str]())
    assert problems.found == []
    done: dict[str, dict[str, Activity]] = defaultdict(dict)
    for row in rows(files["activities.csv"]):
        try:
            activity = reader.activity(Record(row["Event ID"], row), NOW)
        except RecordError:
            continue
        if isinstance(activity, Activity):
            done[activity.person][activity.source_id] = activity
    stages: Counter[str] = Counter()
    for contact in contacts_of(files):
        fields = {**contact.fields, **derive(contact.fields)}
        lead = Lead(fields)
        facts = build(lead, done[contact.external_id].values(), NOW)
        facts.score = criteria.score(facts)
        judgement = judge(lead, facts, criteria, flow["required"], handed_over=False)
        stages["lacking" if judgement.missing else judgement.stage] += 1
        stages["hot"] += judgement.stage == "mql" and judgement.hot
    return stages
