"""What stood there before is kept as it stood: a person's word, our last one, or that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model import sentences
from connector.model.before_image import BeforeImage
from connector.model.mirror import CrmRecord
from connector.model.outbox import OutboxRow, Receipt, Settlement
from connector.runs.before_images import Images
from tests.line import Line
from tests.pair import MINUTES, SECRETS, Pair, pair
from tests.undo.test_undo import FLOW, SETTINGS, STEP, changed, given, ids, take_back
from tests.undo.test_undo_pair import take_back as pair_back

WARM = "Baton: warm"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm_settings=SETTINGS, flow=FLOW)
    yield made
    made.app.close()


def images(line: Line | Pair, run: int) -> list[BeforeImage]:
    with line.app.store.read() as tx:
        return tx.images.of_run(run)


def test_a_run_that_made_records_says_so_and_a_second_look_writes_none(line: Line) -> None:
    run = given(line, 2)
    made = images(line, run)
    assert sorted((one.object, one.created, bool(one.before)) for one in made) == sorted(
        [("lead", True, False), ("task", True, False), ("note", True, False)] * 2
    )
    assert {one.crm_id for one in made} == {one.crm_id for one in line.crm.things()}
    assert images(line, line.sync(STEP).run_id) == []


def test_what_a_person_said_in_a_field_of_batons_own_comes_back(line: Line) -> None:
    given(line, 1)
    crm_id = ids(line, 1)[0]
    line.now += STEP
    line.crm.edit(crm_id, {"grade": "Z9"}, line.now)
    run = line.sync(STEP).run_id
    ours = line.crm.thing(crm_id).values["grade"]  # type: ignore[union-attr]
    (image,) = images(line, run)
    assert (image.written, image.before) == ({"grade": ours}, {"grade": "Z9"})
    take_back(line, run)
    for _ in range(3):
        line.sync(STEP)
    assert line.crm.thing(crm_id).values["grade"] == "Z9"  # type: ignore[union-attr]


def test_only_what_differed_is_in_it(line: Line) -> None:
    given(line, 1)
    (image,) = images(line, changed(line, 1))
    assert (image.written, image.before) == ({"job_title": "CTO"}, {"job_title": "Director IT"})


def test_a_write_without_an_answer_is_kept_once_it_was_found(line: Line) -> None:
    given(line, 1)
    line.crm.fault("write", "done")
    run = changed(line, 1)
    assert images(line, run) == []
    line.sync(timedelta(hours=1))
    (image,) = images(line, run)
    assert (image.written, image.before) == ({"job_title": "CTO"}, {"job_title": "Director IT"})
    assert take_back(line, run).records == 1
    assert line.crm.things("lead")[0].values["job_title"] == "Director IT"


def test_without_reading_back_it_is_what_we_wrote_last(tmp_path: Path) -> None:
    line = Line(tmp_path, flow=FLOW)
    given(line, 1)
    (image,) = images(line, changed(line, 1))
    assert image.before == {"job_title": "Director IT"}
    line.app.close()


def test_what_we_wrote_after_the_record_was_read_last_counts(line: Line) -> None:
    given(line, 1)
    changed(line, 1)
    line.crm.fault("changes", "throttled", times=9)
    (image,) = images(line, changed(line, 1, "CEO"))
    assert (image.written, image.before) == ({"job_title": "CEO"}, {"job_title": "CTO"})


@pytest.mark.parametrize(("later", "before"), [(STEP, "read"), (-STEP, "ours")])
def test_what_was_read_counts_where_it_is_later_than_what_we_wrote(line: Line, later: timedelta, before: str) -> None:
    row = OutboxRow(
        target="crm", kind="state", object="lead", our_key="k-1", key="crm:lead:k-1", values={"city": "new"}
    )
    known = Receipt("crm", "lead", "k-1", "M1", {"city": "ours"}, at=line.now)
    written = Settlement(
        row, 1, "done", receipt=Receipt("crm", "lead", "k-1", "M1", {"city": "new"}, at=line.now + STEP)
    )
    record = CrmRecord("lead", "M1", line.now + later, "k-1", values={"city": "read"})
    kept = Images(line.app.config, "crm", line.app.crm("crm").capabilities)
    with line.app.store.write() as tx:
        tx.mirror.put("crm", [record], line.now)
        (image,) = kept.of(tx, [written], {("lead", "k-1"): known}, line.now)
    assert image.before == {"city": before}


class TestMarketing:
    @pytest.fixture
    def two(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
        for name, secret in SECRETS.items():
            monkeypatch.setenv(name, secret)
        with pair(tmp_path) as made:
            yield made

    def members(self, two: Pair) -> list[str]:
        return [str(id) for one in two.portal.lists.values() if one.name == WARM for id in sorted(one.members)]

    def test_a_list_that_was_joined_is_left_and_what_was_never_read_is_named(self, two: Pair) -> None:
        contact = two.person()
        run = two.sync(MINUTES).run_id
        assert self.members(two) == [contact]
        done = pair_back(two, run)
        assert self.members(two) == []
        assert {one.why for one in done.left} == {sentences.BEFORE_UNKNOWN}
        for _ in range(2):
            assert two.sync(MINUTES).failures == []
        assert self.members(two) == []

    def test_what_marketing_was_told_goes_back_and_is_not_told_again(self, two: Pair) -> None:
        contact, _ = two.given()
        run = two.sync(timedelta(days=1)).run_id
        assert two.contact(contact)["baton_grade"] == "A3"
        pair_back(two, run)
        assert two.contact(contact)["baton_grade"] == "A2"
        for _ in range(2):
            assert two.sync(MINUTES).failures == []
        assert two.contact(contact)["baton_grade"] == "A2"
