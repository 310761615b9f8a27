from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.locale import translator
from connector.locale.stored import retell
from connector.model import sentences
from connector.model.errors import AuthError

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"%\((\w+)\)s")
#: Which argument of a call becomes a kept sentence, counted from 0.
KEEPERS = {"RecordError": 0, "Aside": 0, "Unsendable": 0, "Refused": 0, "NotExecuted": 0, "Rejected": 1}
#: The reference adapter fails on purpose, in words of its own; what the sandbox answers are words of the platforms.
NOT_FOR_READERS = ("adapters/memory.py", "adapters/_memory/", "adapters/_world.py", "connector/sandbox/")


def example(template: str) -> tuple[str, dict[str, str]]:
    """A sentence made from `template`, and its values."""
    values = {name: f"{place}7" for place, name in enumerate(PLACE.findall(template))}
    return template % values if values else template, values


@pytest.mark.parametrize("template", sentences.templates())
def test_a_kept_sentence_is_known_by_its_template(template: str) -> None:
    said, values = example(template)
    seen: list[str] = []
    retell(said, lambda text: seen.append(text) or text)  # type: ignore[func-returns-value]
    assert template in seen
    assert retell(said, lambda text: f"<{text}>" if text == template else text) == f"<{template}>" % values


@pytest.mark.parametrize("template", sentences.templates())
def test_a_kept_sentence_is_said_in_japanese_with_its_values(template: str) -> None:
    said, values = example(template)
    japanese = retell(said, translator("ja"))
    assert re.search("[ぁ-んァ-ヶ一-龠]", japanese), japanese
    assert all(value in japanese for value in values.values())


@pytest.mark.parametrize(
    ("kept", "japanese"),
    [
        (
            "Time: 'soon': not a time, expected YYYY-MM-DD or %d.%m.%Y",
            "Time: 'soon': 日時として読み取れません（使える形式: YYYY-MM-DD または %d.%m.%Y）",
        ),
        ("not sent: (hidden) is not in the table source", "未送信: （非表示） は対応表 source にありません"),
        (
            str(AuthError("crm", sentences.NO_SECRET, "baton auth set crm")),
            "crm: このシークレットは保存されていません。対処: baton auth set crm",
        ),
        (
            "several records are this person: contact 0035g is used, not lead 00Q5g, lead 00Q5h",
            "同じ人のレコードが複数あります。コンタクト 0035g を使い、リード 00Q5g、リード 00Q5h は使いません",
        ),
        (
            "may be the same person as contact 0035g: not linked; if it is, merge the records in the CRM",
            "コンタクト 0035g と同じ人かもしれませんが、結び付けていません。"
            "同じ人なら、CRM でレコードを統合してください",
        ),
        ("lead 7: lead magnet is not in the table source", "リード7: lead magnet は対応表 source にありません"),
        ("the list Baton: warm", "リスト Baton: warm"),
        (
            sentences.TO_BE_MENDED % {"reason": "wrong data"},
            "「データの誤り」で却下されました。データを直すと、再び引き継がれます",
        ),
        ("顧客ID or Email: no person", "顧客ID または Email: 誰の行動かを示す値がありません"),
        ("exports: contacts had records and is empty now; look at the source, then: baton release --flow", None),
    ],
)
def test_names_and_values_before_a_sentence_stay(kept: str, japanese: str | None) -> None:
    said = retell(kept, translator("ja"))
    if japanese is None:
        assert said.startswith("exports: ")
        assert "contacts" in said
        assert said != kept
    else:
        assert said == japanese


def test_a_time_is_written_as_people_write_it() -> None:
    kept = "at: 2026-12-07T00:30:00+00:00 lies in the future"
    assert retell(kept, translator("ja"), lambda _iso: "12月7日(月) 9:30") == "at: 12月7日(月) 9:30 は未来の日時です"


@pytest.mark.parametrize("text", ["", "country", "email: country", "UNABLE_TO_LOCK_ROW", "a: b: c", "HTTPError: 500"])
def test_what_is_not_known_stays_as_it_is(text: str) -> None:
    assert retell(text, translator("ja")) == text


def told_in_place() -> Iterator[str]:
    """Calls that keep a sentence which is written out on the spot."""
    for package in ("connector", "adapters", "state"):
        for path in (ROOT / package).rglob("*.py"):
            name, text = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
            # Most files keep no sentence, and parsing them all would take seconds.
            if not name.startswith(NOT_FOR_READERS) and any(f"{keeper}(" in text for keeper in KEEPERS):
                yield from (f"{name}:{line}" for line in written_out(ast.parse(text)))


def written_out(tree: ast.AST) -> Iterator[int]:
    """The lines of such calls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEEPERS:
            place = KEEPERS[node.func.id]
            told = node.args[place] if len(node.args) > place else None
            # A name and a colon before a sentence are no words of it.
            parts = told.values if isinstance(told, ast.JoinedStr) else [told]
            own = "".join(str(one.value) for one in parts if isinstance(one, ast.Constant) and one.value)
            if not re.fullmatch(r"(\w+: |\W*)", own):
                yield node.lineno


def test_sentences_that_are_kept_are_made_from_templates() -> None:
    assert list(told_in_place()) == []


def test_a_sentence_written_out_on_the_spot_is_noticed() -> None:
    kept = ('Refused(f"currency: {sentences.GONE}", "CODE")', 'Refused(sentences.GONE, "CODE")')
    on_the_spot = ('RecordError("no id")', 'Aside(f"{x} is bad")', 'Rejected(where, "no")')
    source = "\n".join((*kept, *on_the_spot))
    assert list(written_out(ast.parse(source))) == [3, 4, 5]
