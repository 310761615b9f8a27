"""Laws of dead letters: batches shrink, every kind of refusal has a next step, groups lose nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.locale import translator
from connector.model.adapter import CrmCapabilities
from connector.model.outbox import ALONE, Found, OutboxRow, Unknown, most_together
from connector.model.refusals import REFUSAL_KINDS, RefusalKind, kind_of
from connector.runs.faults import Fault, grouped
from connector.steps.delivery import MOST_ALONE, after_look, after_write
from connector.steps.telling.next_steps import Refusal, next_step
from connector.steps.telling.words import Words

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
WORDS = Words("en", UTC, translator("en"), NOW)
ROW = OutboxRow("crm", "state", "lead", "k", "crm:lead:k", {"name": "Ana"}, id=1, epoch=1, sent_at=NOW)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="%"), min_size=1, max_size=12)


@given(limit=st.integers(1, 10_000), resends=st.integers(0, 40), least=st.integers(1, 20_000))
def test_batches_shrink_to_one_and_never_grow_beyond_the_limit(limit: int, resends: int, least: int) -> None:
    size = most_together(limit, resends, least)
    assert 1 <= size <= limit
    assert most_together(limit, resends + 1, least) <= size
    assert most_together(limit, 40) == 1
    assert most_together(limit, 0) == limit


@given(taken=st.lists(st.booleans(), max_size=30))
def test_a_row_dies_only_after_so_many_lone_failures_beside_others_that_were_taken(taken: list[bool]) -> None:
    code, ended = "", False
    for number, one in enumerate(taken):
        row = OutboxRow(**{**{name: getattr(ROW, name) for name in ROW.__slots__}, "code": code, "resends": number})
        unknown = after_write(row, Unknown("500"), CrmCapabilities(), None, NOW, alone=True)
        row.code, row.reason = unknown.code, unknown.reason
        end = after_look(row, Found(), None, NOW, taken=one)
        ended = end.state == "dead"
        assert ended == (sum(taken[: number + 1]) >= MOST_ALONE)
        if ended:
            assert (end.code, end.resend) == (ALONE, False)
            break
        assert end.not_before is not None
        assert end.not_before - NOW <= timedelta(hours=1)
        code = end.code


@pytest.mark.parametrize("kind", REFUSAL_KINDS)
@given(platform=TEXT, name=TEXT | st.just(""), label=TEXT | st.just(""), undecided=st.booleans())
def test_every_kind_of_refusal_has_a_next_step_that_says_where(
    kind: RefusalKind, platform: str, name: str, label: str, undecided: bool
) -> None:
    said = next_step(Refusal("out-7", kind, platform, "lead", name, label, undecided=undecided), WORDS)
    assert "%(" not in said
    assert kind == "gone" or "baton errors" in said or undecided
    assert undecided or kind in ("no_object", "choice") or platform in said or "[write.lead]" in said


@given(code=TEXT)
def test_a_code_that_nobody_knows_is_of_the_unknown_kind(code: str) -> None:
    assert kind_of(code, {}) in REFUSAL_KINDS
    assert kind_of(code, {code: "rule"}) == "rule"


FAULTS = st.builds(
    Fault, id=st.uuids().map(str), kind=st.sampled_from(["dead", "parked", "notice"]), where=TEXT,
    field=st.sampled_from(["", "Phone"]), reason=st.sampled_from(["lead 7", "lead 8", "a rule: no", "not a number"]),
    seen=st.just(1), since=st.just(NOW), lead=st.just(0), row_id=st.integers(1, 9),
    code=st.sampled_from(["", "A", "B"]), target=st.sampled_from(["crm", "hub"]),
    object=st.sampled_from(["lead", "task"]),
)  # fmt: skip


@given(faults=st.lists(FAULTS, max_size=12))
def test_groups_lose_nobody_and_mix_no_reasons(faults: list[Fault]) -> None:
    groups = grouped(faults)
    assert sorted(one.id for group in groups for one in group.faults) == sorted(one.id for one in faults)
    for group in groups:
        assert len({(one.kind, one.target, one.object, one.field, one.code) for one in group.faults}) == 1
