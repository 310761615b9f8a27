"""Somebody is forgotten after a whole story over HubSpot and Salesforce: not one value of theirs is left anywhere."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.cli.root import baton
from connector.edge.trace import Trace
from connector.sandbox.salesforce.rules import ValidationRule
from tests.pair import SECRETS, Pair, pair

MINUTES = timedelta(minutes=5)

MAIL, OTHER_MAIL = "ilsebill@zwetschgenbaum.example", "ilse.old@pflaumenmus.example"
PHONE = "+493055501234"
HERS = {
    "firstname": "Ilsebill", "lastname": "Zwetschgenbaum", "jobtitle": "Director Pickling", "phone": PHONE,
    "company": "Zwetschgen Einmach GmbH", "city": "Quedlinburg",
}  # fmt: skip
ANSWER = "Jars by the thousand, please"
#: What may be found nowhere once she was forgotten.
VALUES = (
    MAIL, OTHER_MAIL, PHONE, "55501234", "Ilsebill", "Zwetschgen", "Pickling", "Einmach", "Quedlinburg",
    ANSWER, "zwetschgenbaum.example", "pflaumenmus",
)  # fmt: skip


class Story:
    """The pair with two people in it, and `baton` over its configuration."""

    def __init__(self, line: Pair) -> None:
        self.line = line
        self.hers: list[str] = []

    def run(self, *arguments: str) -> Result:
        """A command."""
        config = str(self.line.folder / "config.toml")
        return CliRunner().invoke(baton, ["--config", config, *arguments], prog_name="baton")

    def told(self, *arguments: str) -> Any:
        """What a command answers as JSON."""
        answer = self.run(*arguments, "--output", "json")
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.stdout)

    def happens(self) -> None:
        """She is handed over, merged, written to again, refused, and opts out; Bo is handed over."""
        line = self.line
        first = line.person(MAIL, **HERS)
        second = line.person(OTHER_MAIL, **HERS)
        self.trace(MAIL, OTHER_MAIL, first, second)
        bo = line.person("bo@berg.example", firstname="Bo", lastname="Berg", company="Berg AG")
        line.asks_for_a_demo(bo)
        line.asks_for_a_demo(first, message=ANSWER)
        line.asks_for_a_demo(second, message=ANSWER)
        assert line.sync(MINUTES).failures == []
        lead = line.their_lead(first)
        line.acts("change", id=first, properties={"jobtitle": "Director Pickling and Plums"})
        line.acts("merge", id=first, loser=second)
        line.acts("change", id=first, properties={"numemployees": "600", "city": "Quedlinburg am Harz"})
        assert line.sync(MINUTES).failures == []
        # What she changes is refused from now on: a dead letter.
        line.org.validation_rules.append(ValidationRule("Lead", "No", lambda after, _: after["Id"] == lead, "Title"))
        line.acts("change", id=first, properties={"jobtitle": "Chief Pickling Officer"})
        line.acts("unsubscribe", id=first)
        line.sync(MINUTES)
        self.set_aside(second)
        self.keep_plan()
        line.sync(MINUTES)
        self.trace()
        self.hers = [first, second, lead]
        with closing(sqlite3.connect(line.folder / "baton.db")) as store:
            # So that it stands in the file itself, and in its log too.
            store.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def trace(self, *keys: str) -> None:
        """Every call about her is written down, none where no key is given."""
        app = self.line.app
        trace = Trace(keys, app.config.root / "traces" / "unknown-20261207T080000Z.jsonl") if keys else None
        app.source("hubspot"), app.crm("salesforce")
        for client in app._clients.values():
            client.trace = trace

    def set_aside(self, contact: str) -> None:
        """A record of hers that could not be used, known to no lead."""
        from connector.model.ports import ReviewItem

        body = {"stream": "form_submissions", "id": "9:1", "values": {"email": OTHER_MAIL, "answers": [ANSWER]}}
        item = ReviewItem(
            "set_aside", "hubspot:form_submissions:9:1", "9:1", "no time", connection="hubspot", body=body
        )
        with self.line.app.store.write() as tx:
            tx.reviews.put([item], self.line.now)

    def keep_plan(self) -> None:
        """Plans that name her lie in the folder, one of them as a page."""
        for name in ("plan.json", "plan.html"):
            answer = self.run("plan", "-o", str(self.line.folder / name))
            assert answer.exit_code == 0, answer.output

    def files(self) -> dict[str, bytes]:
        """Everything in the folder: the store with its log, traces, plans."""
        return {
            str(file.relative_to(self.line.folder)): file.read_bytes()
            for file in sorted(self.line.folder.rglob("*")) if file.is_file()
        }  # fmt: skip

    def found(self) -> dict[str, list[str]]:
        """Her values and ids, by the file they stand in."""
        # A platform's small numbers stand in any file by chance; ids of Salesforce do not.
        words = [*VALUES, *(one for one in self.hers if len(one) > 9)]
        return {
            name: hits for name, text in self.files().items()
            if (hits := [word for word in words if word.lower().encode() in text.lower()])
        }  # fmt: skip

    def all_is_read_again(self) -> None:
        """Both platforms are read from the beginning."""
        app = self.line.app
        with app.store.write() as tx:
            for stream in app.source("hubspot").capabilities.streams:
                tx.ledgers.save_cursor("hubspot", stream, "", self.line.now)
            for stream in app.crm("salesforce").capabilities.streams:
                tx.ledgers.save_cursor("salesforce", f"read:{stream}", "", self.line.now)

    def rows(self) -> dict[str, set[tuple[Any, ...]]]:
        """All rows of the store by table."""
        with closing(sqlite3.connect(self.line.folder / "baton.db")) as store:
            names = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: set(store.execute(f"SELECT * FROM {name}")) for name in names}


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Story]:
    for name, value in {**SECRETS, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    caplog.set_level(logging.DEBUG, "baton")
    with pair(tmp_path, at=datetime.now(UTC).replace(microsecond=0)) as line:
        told = Story(line)
        told.happens()
        yield told


def test_nothing_of_a_person_is_left_and_they_do_not_come_back(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    line, (first, second, lead) = story.line, story.hers
    kept = line.lead(first)
    assert {"baton.db", "plan.json", "plan.html", "traces/unknown-20261207T080000Z.jsonl"} <= story.found().keys()
    assert line.outbox("dead"), "the story has a dead letter"
    before = story.rows()

    # It is only said what would go, and nothing goes.
    answer = story.run("forget", MAIL)
    assert answer.exit_code == 2
    assert "nothing was erased" in answer.stderr
    assert story.told("forget", MAIL, "--dry-run")["removed"]["activities"] > 0
    assert story.rows() == before

    said = story.told("forget", MAIL, "--yes")
    assert said["leads"][0] == kept.id
    assert said["store"] == "done"
    assert {first, second} <= set(said["elsewhere"]["hubspot"]["contact"])
    assert lead in said["elsewhere"]["salesforce"]["lead"]
    assert story.found() == {}
    after = story.rows()

    # Nobody else's rows were touched, and no row came but the digests.
    for table in before.keys() - {"meta", "erased"}:
        blanked = after[table] - before[table]
        assert table in ("leads", "transitions", "handoffs") or not blanked, table
    assert any("berg" in str(row) for row in after["leads"])
    assert all(row in after["activities"] for row in before["activities"] if row[4] not in said["leads"])

    # The next pulls, and a whole reading of both platforms, do not bring her back.
    line.acts("change", id=first, properties={"city": "Quedlinburg"})
    for _ in range(2):
        result = line.sync(MINUTES)
        assert result.failures == []
    assert result.counts["of people who were forgotten"] >= 0
    story.all_is_read_again()
    again = line.sync(MINUTES)
    assert again.counts["of people who were forgotten"] > 0
    assert again.counts["new leads"] == 0
    assert story.found() == {}
    assert not [one for one in VALUES if one.lower() in caplog.text.lower()]

    # Said once more it has nothing to do, by whatever she was known.
    for text in (MAIL, OTHER_MAIL, lead, str(kept.id)):
        assert story.told("forget", text, "--yes") == {"forgotten": True, "removed": {}, "store": "done"}
    assert story.run("why", MAIL).exit_code == 2

    # She asks for a demo: a new lead, with a number of its own.
    line.asks_for_a_demo(first, message="hello again")
    back = line.sync(MINUTES)
    assert back.counts["back by their own will"] == 1
    new = line.lead(first)
    assert new.id > kept.id
    assert new.fields["email"] == MAIL
    with line.app.store.read() as tx:
        assert [one.kind for one in tx.intake.activities([new.id])[new.id]] == ["demo_request"]
        assert not tx.erased.any()

    # What both platforms still hold of her before does no harm, however often it is read.
    story.all_is_read_again()
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    with line.app.store.read() as tx:
        assert tx.personal.is_forgotten(kept.id)
        assert tx.intake.leads([kept.id]) == {}
