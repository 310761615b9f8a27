"""Why somebody got a lead, for readers of another language than its flow's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.locale import LANGUAGES, translator
from connector.model import sentences
from connector.steps.telling import routed as routing
from connector.steps.telling.routed import routed

EN, JA = translator("en"), translator("ja")
VALUES = {
    "number": "2", "when": "the country is Germany, ≥ 20 points", "to": "sales", "email": "lena@northwind.example",
    "deputy": "tom@northwind.example", "count": "3", "total": "7", "away": "1", "full": "0", "strangers": "2",
    "why": "not contacted in time", "channels": "email: crm, 2026-12-01; phone: crm, 2026-12-02",
}  # fmt: skip


@given(st.lists(st.sampled_from(routing.TEMPLATES), min_size=1, max_size=4), st.sampled_from(LANGUAGES))
def test_every_part_is_said_in_the_readers_language_from_whichever_it_was_kept_in(
    parts: list[str], kept_in: str
) -> None:
    def said(language: str) -> str:
        _ = translator(language)
        return "; ".join(_(part) % {**VALUES, "why": _(sentences.NOT_CONTACTED)} for part in parts)

    for reads in LANGUAGES:
        assert routed(said(kept_in), translator(reads)) == said(reads)


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("", ""),
        ("rule 1", "rule 1"),
        ("Regel 1: alle → sales", "Regel 1: alle → sales"),
        ("rule 1: everyone → sdr: 1 away, 0 at their limit", "ルール1: 全員 → sdr: 不在1名、上限到達0名"),
        ("rule 2: the country is Germany → sales; turn of lena@x.example, 1 of the team's 2",
         "ルール2: the country is Germany → sales; lena@x.exampleの番（チーム2件中1件目）"),
        ("given on from lena@x.example (as a person said)", "lena@x.exampleから交代（人の指示）"),
        ("2026-12-01", "2026-12-01"),
    ],
)  # fmt: skip
def test_what_is_known_is_said_and_the_rest_stays(kept: str, told: str) -> None:
    assert routed(kept, JA) == told
    assert routed(kept, EN) == kept
