"""Two leads that become one, by a merge on either side or by a person: what stays, and taking it apart again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.activity import Activity
from connector.model.handoff import Handoff
from connector.model.joining import Joining
from connector.model.lead import Lead
from connector.runs import sync
from connector.runs.joining import make_one
from connector.runs.take_apart import Apart, comes_first, take_apart
from tests.line import Line

HOUR = timedelta(hours=1)
CRM = """\
mapping = "crm.toml"
crm_streams = ["user", "account", "lead", "contact", "opportunity", "task"]
reports_deletes = true
look_up_batch = 50
"""
MAPPING = '[read.stage]\ntable = { sal = "sal", rejected = "rejected" }\n'
OTHER = {"name.given": "Bernd", "name.family": "Schulze"}


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = started(tmp_path)
    yield made
    made.app.close()


def started(folder: Path, mode: str = "live") -> Line:
    (folder / "crm.toml").write_text(MAPPING, "utf-8")
    return Line(folder, crm_settings=CRM, mode=mode)


def by_marketing(line: Line, winner: int, loser: int) -> None:
    line.portal.merge("contacts", str(loser), str(winner), line.now)


def by_person(line: Line, winner: int, loser: int) -> None:
    one, other = line.lead(winner).id, line.lead(loser).id
    with line.app.store.write() as tx:
        assert make_one(tx, line.app.config, one, other, "person", "lena", line.now)


def by_crm(line: Line, winner: int, loser: int) -> None:
    line.crm.remove(crm_id(line, loser), merged_into=crm_id(line, winner))


MERGES = pytest.mark.parametrize("merges", [by_marketing, by_person, by_crm])
Merges = Callable[[Line, int, int], None]


def crm_id(line: Line, number: int) -> str:
    with line.app.store.read() as tx:
        key = f"{tx.admin.store_id()}-{line.lead(number).id}"
    (found,) = [one.crm_id for one in line.crm.things("lead", gone=True) if one.our_key == key]
    return found


def two(line: Line) -> tuple[Lead, Lead]:
    """Two people, the first of whom asked for a demo an hour later than the second."""
    for number in (1, 2):
        line.person(number, **(OTHER if number == 2 else {}))
        line.did(number, "visit")
        line.did(number, "demo_request")
    line.sync()
    return line.lead(1), line.lead(2)


def joinings(line: Line) -> list[Joining]:
    with line.app.store.read() as tx:
        return tx.joinings.latest()


def lead_of(line: Line, lead_id: int) -> Lead:
    with line.app.store.read() as tx:
        return tx.intake.leads([lead_id])[lead_id]


def handoffs(line: Line, lead_id: int) -> list[Handoff]:
    with line.app.store.read() as tx:
        return tx.handoffs.of_leads([lead_id]).get(lead_id, [])


def apart(line: Line, joining: Joining) -> Apart:
    with line.app.store.write() as tx:
        found = take_apart(tx, joining, "lena", line.now)
    assert found is not None
    return found


@MERGES
def test_an_open_handover_survives_and_the_score_is_made_anew(line: Line, merges: Merges) -> None:
    first, second = two(line)
    alone = first.score
    assert alone is not None
    assert first.score
    assert second.score
    assert first.score.total == second.score.total
    merges(line, 1, 2)
    line.sync(HOUR)
    one = line.lead(1)
    assert line.lead(2).id == one.id == first.id
    assert [(row.state, row.stage) for row in handoffs(line, one.id)] == [("open", "mql")]
    assert [row.state for row in handoffs(line, second.id)] == ["closed"]
    assert handoffs(line, second.id)[0].reason == f"one with lead {first.id}"
    # Both asked for a demo: that it was done twice may count more than once, but nothing of what fits them does.
    assert one.score is not None
    assert one.score.fit == alone.fit
    assert one.score.total < 2 * alone.total
    (made,) = joinings(line)
    assert (made.winner, made.loser, made.undone_at) == (first.id, second.id, None)


@MERGES
def test_what_a_rep_says_goes_on(line: Line, merges: Merges) -> None:
    first, _ = two(line)
    there = crm_id(line, 1)
    merges(line, 1, 2)
    line.sync(HOUR)
    line.crm.edit(there, {"stage": "sal"}, line.now)
    line.sync(HOUR)
    assert lead_of(line, first.id).stage == "sal"
    line.person(1, phone="+49 30 901820")
    line.sync(HOUR)
    (thing,) = [one for one in line.crm.things("lead") if one.crm_id == there]
    assert "+4930901820" in thing.values.values()
    assert line.outbox("dead", "parked", "waiting") == []
    line.crm.edit(there, {"stage": "rejected"}, line.now)
    line.sync(HOUR)
    assert lead_of(line, first.id).stage == "rejected"
    assert {one.state for id in (1, 2) for one in handoffs(line, id)} == {"closed"}


@MERGES
def test_who_alone_is_with_a_rep_stays(line: Line, merges: Merges) -> None:
    first, second = two(line)
    line.crm.edit(crm_id(line, 1), {"stage": "rejected"}, line.now)
    line.sync(HOUR)
    assert lead_of(line, first.id).stage == "rejected"
    there = crm_id(line, 1)
    merges(line, 1, 2)
    line.sync(HOUR)
    assert line.lead(1).id == line.lead(2).id == second.id
    if merges is by_crm:
        # Their record is the one that the CRM has kept, and it says that they were rejected.
        assert [row.state for row in handoffs(line, second.id)] == ["closed"]
        line.crm.edit(there, {"stage": "sal"}, line.now)
        line.sync(HOUR)
        assert lead_of(line, second.id).stage == "sal"
    assert [row.state for row in handoffs(line, second.id)] == ["open"]


@MERGES
def test_taken_apart_each_has_its_own_again(line: Line, merges: Merges) -> None:
    first, second = two(line)
    merges(line, 1, 2)
    line.sync(HOUR)
    line.did(2, "visit")
    line.sync(HOUR)
    done = apart(line, joinings(line)[0])
    line.sync(HOUR)
    one, other = lead_of(line, first.id), lead_of(line, second.id)
    assert (one.merged_into, other.merged_into) == (0, 0)
    assert (line.lead(1).id, line.lead(2).id) == (first.id, second.id)
    assert other.fields["email"] == "ana2@firm.example"
    assert other.fields["name.family"] == "Schulze"
    with line.app.store.read() as tx:
        assert tx.intake.lifetime([first.id, second.id]) == {
            first.id: {"visit": 1, "demo_request": 1}, second.id: {"visit": 2, "demo_request": 1},
        }  # fmt: skip
    assert one.score is not None
    assert first.score is not None
    assert one.score.total == first.score.total
    assert [row.state for row in handoffs(line, first.id)] == ["open"]
    if merges is by_crm:
        assert [one[2] for one in done.gone] == [crm_id(line, 2)]
        assert next(row.state for row in handoffs(line, second.id)) == "closed"
    else:
        assert [row.state for row in handoffs(line, second.id)] == ["open"]
        line.crm.edit(crm_id(line, 2), {"stage": "sal"}, line.now)
        line.sync(HOUR)
        assert (lead_of(line, first.id).stage, lead_of(line, second.id).stage) == ("mql", "sal")


@MERGES
def test_they_are_not_made_one_again_by_the_same_word(line: Line, merges: Merges) -> None:
    first, second = two(line)
    merges(line, 1, 2)
    line.sync(HOUR)
    apart(line, joinings(line)[0])
    if merges is not by_person:
        merges(line, 1, 2)
    line.sync(HOUR)
    assert (lead_of(line, first.id).merged_into, lead_of(line, second.id).merged_into) == (0, 0)
    with line.app.store.read() as tx:
        (pair,) = tx.pairs.of_leads([first.id])
    assert (pair.state, pair.decided_by) == ("different", "lena")


@MERGES
def test_whoever_is_out_stays_out_as_both(line: Line, merges: Merges) -> None:
    first, second = two(line)
    line.did(2, "unsubscribe", at=line.now)
    line.sync(HOUR)
    assert lead_of(line, second.id).fields["consent.email"] is False
    merges(line, 1, 2)
    line.sync(HOUR)
    assert lead_of(line, first.id).fields["consent.email"] is False
    apart(line, joinings(line)[0])
    line.sync(HOUR)
    for lead_id in (first.id, second.id):
        assert lead_of(line, lead_id).fields["consent.email"] is False


def test_a_record_that_marketing_brings_back_is_a_lead_of_its_own_again(line: Line) -> None:
    first, second = two(line)
    by_marketing(line, 1, 2)
    line.sync(HOUR)
    assert line.lead(2).id == first.id
    line.now += HOUR
    line.person(2, **OTHER, job_title="CIO")
    result = line.sync(HOUR)
    assert result.counts["taken apart"] == 1
    assert (line.lead(1).id, line.lead(2).id) == (first.id, second.id)
    assert lead_of(line, second.id).fields["job_title"] == "CIO"
    assert lead_of(line, first.id).fields["job_title"] != "CIO"
    assert [row.state for row in handoffs(line, second.id)] == ["open"]
    (made,) = joinings(line)
    assert made.undone_by == "portal"


def test_a_record_that_the_crm_brings_back_is_a_lead_of_its_own_again(line: Line) -> None:
    first, second = two(line)
    there = crm_id(line, 2)
    by_crm(line, 1, 2)
    line.sync(HOUR)
    assert line.lead(2).id == first.id
    line.crm.restore(there)
    assert line.sync(HOUR).counts["taken apart"] == 1
    assert (line.lead(1).id, line.lead(2).id) == (first.id, second.id)
    assert [row.state for row in handoffs(line, second.id)] == ["open"]
    line.crm.edit(there, {"stage": "sal"}, line.now)
    line.sync(HOUR)
    assert (lead_of(line, first.id).stage, lead_of(line, second.id).stage) == ("mql", "sal")


def test_what_waits_for_a_rep_goes_on_with_the_winner(tmp_path: Path) -> None:
    line = started(tmp_path, "review")
    line.person(1)
    line.person(2, **OTHER)
    line.did(2, "demo_request")
    line.sync()
    first, second = line.lead(1), line.lead(2)
    assert [row.lead_id for row in line.handoffs("review")] == [second.id]
    by_person(line, 1, 2)
    assert [row.lead_id for row in line.handoffs("review")] == [first.id]
    assert lead_of(line, first.id).stage == "mql"
    line.sync(HOUR)
    apart(line, joinings(line)[0])
    assert [row.lead_id for row in line.handoffs("review")] == [second.id]
    assert (lead_of(line, first.id).stage, lead_of(line, second.id).stage) == (first.stage, "mql")
    line.app.close()


def test_the_last_of_several_comes_first(line: Line) -> None:
    two(line)
    line.person(3)
    line.sync(HOUR)
    by_person(line, 1, 3)
    by_person(line, 1, 2)
    last, before = joinings(line)
    with line.app.store.write() as tx:
        assert (found := comes_first(tx, before)) is not None
        assert found.id == last.id
        assert take_apart(tx, before, "lena", line.now) is None
        assert take_apart(tx, last, "lena", line.now) is not None
        assert take_apart(tx, before, "lena", line.now) is not None
    assert len({line.lead(number).id for number in (1, 2, 3)}) == 3


def test_what_was_cleared_in_the_winner_stays_clear(line: Line) -> None:
    line.person(1, phone="+49 30 901821")
    line.person(2, phone="+49 30 901820")
    line.sync()
    line.person(1, phone="")
    line.sync(HOUR)
    assert "phone" not in line.lead(1).fields
    by_person(line, 1, 2)
    line.sync(HOUR)
    assert "phone" not in line.lead(1).fields


def test_addresses_of_both_are_known(line: Line) -> None:
    first, _ = two(line)
    by_person(line, 1, 2)
    assert lead_of(line, first.id).former == ["ana2@firm.example"]
    apart(line, joinings(line)[0])
    assert lead_of(line, first.id).former == []


def test_an_activity_of_both_by_a_column_is_there_again(line: Line) -> None:
    first, second = two(line)
    at = line.now - HOUR
    with line.app.store.write() as tx:
        tx.intake.add_activities([
            Activity("portal", f"{person}:met:{at.isoformat()}", person, at, "meeting", lead_id=lead.id)
            for person, lead in (("1", first), ("2", second))
        ])  # fmt: skip
    by_marketing(line, 1, 2)
    line.sync(HOUR)
    with line.app.store.read() as tx:
        assert tx.intake.lifetime([first.id])[first.id]["meeting"] == 1
    apart(line, joinings(line)[0])
    with line.app.store.read() as tx:
        counts = tx.intake.lifetime([first.id, second.id])
    assert (counts[first.id]["meeting"], counts[second.id]["meeting"]) == (1, 1)


def test_who_was_surely_alike_and_taken_apart_is_not_matched_again(line: Line) -> None:
    alike = {"name.given": "Annegret", "name.family": "Zwickelhuber", "phone": "+49 30 901820", "city": "Ulm"}
    line.person(1, email="annegret.zwickelhuber@firm.example", **alike)
    line.person(2, email="zwickelhuber.annegret@firm.example", **alike)
    line.sync()
    (made,) = joinings(line)
    assert made.how == "matching"
    assert line.lead(1).id == line.lead(2).id
    apart(line, made)
    for _ in range(2):
        line.person(2, email="zwickelhuber.annegret@firm.example", **alike, job_title="CIO")
        line.sync(HOUR)
    assert line.lead(1).id != line.lead(2).id
    assert len(joinings(line)) == 1


def test_what_was_not_sent_yet_of_the_other_is_not_sent(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both were given to reps, and none is in the CRM yet: no second record is made of one person."""
    with monkeypatch.context() as nothing:
        nothing.setattr(sync, "deliver", lambda *_: None)
        first, second = two(line)
    by_person(line, 1, 2)
    line.sync(HOUR)
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    assert [one.state for one in handoffs(line, first.id)] == ["open"]
    done = apart(line, joinings(line)[0])
    (handoff,) = handoffs(line, second.id)
    assert (done.over, handoff.state) == ([handoff.id], "closed")
    # They are given to a rep anew, by another handover: the first one's task is not made any more.
    line.sync(HOUR)
    assert [one.state for one in handoffs(line, second.id)] == ["closed", "open"]
    assert line.crm_counts() == {"lead": 2, "task": 2, "note": 2}


def test_where_both_have_one_the_further_goes_on(line: Line) -> None:
    first, second = two(line)
    line.crm.edit(crm_id(line, 2), {"stage": "sal"}, line.now)
    line.sync(HOUR)
    by_marketing(line, 1, 2)
    line.sync(HOUR)
    assert line.lead(1).id == second.id
    assert lead_of(line, second.id).stage == "sal"
    with line.app.store.read() as tx:
        moves = [(one.origin, one.to) for one in tx.scores.transitions(second.id)]
    assert moves[-1] == ("mql", "sal")
    assert [one.state for one in handoffs(line, first.id)] == ["closed"]


def test_of_two_words_about_contact_the_stricter_stands_until_they_come_back(line: Line) -> None:
    first, _ = two(line)
    line.did(1, "subscribe", at=line.now - HOUR)
    line.did(2, "unsubscribe", at=line.now)
    line.sync(HOUR)
    assert line.lead(1).fields["consent.email"] is True
    by_person(line, 1, 2)
    assert lead_of(line, first.id).fields["consent.email"] is False
    line.sync(HOUR)
    assert lead_of(line, first.id).fields["consent.email"] is False
    line.did(1, "subscribe", at=line.now)
    line.sync(HOUR)
    assert lead_of(line, first.id).fields["consent.email"] is True
