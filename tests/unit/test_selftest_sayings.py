"""What the self-test says, in the language of whoever reads it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from connector.cli import selftest
from connector.cli.faults import Mistake
from connector.cli.session import Session
from connector.locale import translator
from connector.selftest import crash, sayings
from connector.selftest.world import Verdict
from connector.selftest.worlds import all_worlds
from connector.steps.telling import vocabulary

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"%\((\w+)\)s")
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
japanese = translator("ja")


@pytest.mark.parametrize("template", sayings.templates())
def test_a_sentence_is_known_again_and_keeps_its_values(template: str) -> None:
    values = {name: f"{place}7" for place, name in enumerate(PLACE.findall(template))}
    said = template % values if values else template
    assert sayings.told(said, str) == said
    assert sayings.told(said, japanese) == (japanese(template) % values if values else japanese(template))
    assert JAPANESE.search(sayings.told(said, japanese))


def test_a_sentence_within_a_sentence_is_said_too() -> None:
    inner = sayings.LOST % {"what": sayings.NO_TASK % {"id": 7}}
    said = sayings.told(sayings.AMISS_ALL_THE_SAME % {"what": inner}, japanese)
    assert said == "強制終了しなくても異常: 欠落: 引き継ぎ 7 のタスク: なし"
    ended = sayings.KILLED % {"boundary": "before the commit of pull", "what": sayings.TOO_LONG % {"seconds": 60}}
    assert sayings.told(ended, japanese) == "before the commit of pull で強制終了: 60秒以内に終わらない"


def test_what_is_lost_is_not_called_as_a_lost_lead_is() -> None:
    assert [sayings.heading(one, str) for one in (sayings.LOST, sayings.DOUBLE)] == ["lost", "double"]
    assert sayings.heading(sayings.LOST, japanese) != japanese(vocabulary.STAGES["lost"])


def test_every_world_has_a_name_and_a_target_in_japanese() -> None:
    texts = [text for world in all_worlds() for text in (world.name, world.target)]
    assert [text for text in texts if not JAPANESE.search(japanese(text))] == []


def written_out(tree: ast.AST) -> list[int]:
    """Lines on which a problem, a fault or something amiss is told in words of the moment."""
    found = []
    for node in ast.walk(tree):
        told: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            where = ast.unparse(node.func.value)
            told = node.args if where.endswith((".problems", ".lost", ".double", ".other", ".said")) else []
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            told = node.value.elts[1:]
        found += [one.lineno for one in told if isinstance(one, ast.JoinedStr | ast.Constant)]
    return found


def test_sentences_are_made_from_templates() -> None:
    files = sorted((ROOT / "connector" / "selftest").rglob("*.py"))
    assert [f"{path.name}:{line}" for path in files for line in written_out(ast.parse(path.read_text("utf-8")))] == []
    assert written_out(ast.parse('found.lost.append(f"{x}")\ndef f():\n    yield LOST, "gone"')) == [1, 3]


def test_a_point_says_what_is_amiss_in_english_first() -> None:
    point = crash.Point(3, "before a commit", Verdict(lost=("a",), double=("b",), other=("c",)), fault="d")
    assert crash.sentences(point) == ["d", "lost: a", "double: b", "other: c"]


def test_a_world_is_chosen_by_either_name_and_the_nearest_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('language = "ja"\n', "utf-8")
    session = Session(tmp_path / "config.toml")
    assert [one.name for one in selftest.chosen(session, ["desk", "デスク", "変更、検"])] == [
        "desk",
        "changes, only searched",
    ]
    with pytest.raises(Mistake, match="dsk という構成はありません。desk のことですか"):
        selftest.chosen(session, ["dsk"])
