"""docs/identity.md and docs/ja/duplicates.md are walked through: files, commands, and what they say, but for times."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.steps.alike.likeness import PERSON

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "identity.md").read_text("utf-8")
JAPANESE = (DOCS / "ja" / "duplicates.md").read_text("utf-8")
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
MOMENT = re.compile(
    r"[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2}( \d{4})?( \d\d:\d\d)?|\d{1,2}月\d{1,2}日\([月火水木金土日]\)( +\d{1,2}:\d\d)?"
)


def plain(line: str) -> str:
    """A line without what differs from run to run: times, numbers, and the bars that they make."""
    line = re.sub("[█▌▏▎▍▋▊▉]+", "", MOMENT.sub("MOMENT", line))
    return " ".join(re.sub(r"[+-]?\d+", "#", line).split())


def put(folder: Path, name: str, rows: list[str]) -> None:
    """Rows take the place of those with the same id; others are added."""
    path = folder / name
    known = {row.partition(",")[0]: row for row in (path.read_text("utf-8").splitlines() if path.exists() else [])}
    known |= {row.partition(",")[0]: row for row in rows}
    path.write_text("\n".join([*known.values(), ""]), "utf-8")


def shown(block: str) -> list[tuple[list[str], list[str]]]:
    """Each command of a block, and the lines below it."""
    found: list[tuple[list[str], list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ baton "):
            found.append((shlex.split(line)[2:], []))
        else:
            found[-1][1].append(line)
    return found


def missing(told: list[str], wanted: list[str]) -> list[str]:
    """Lines of the page that were not said in that order."""
    rest, lines = iter(map(plain, told)), [plain(line) for line in wanted if line.strip(" …")]
    return [line for line in lines if line not in rest]


@pytest.mark.parametrize(("page", "least"), [(PAGE, 16), (JAPANESE, 8)], ids=["en", "ja"])
def test_the_page_is_walked_through(page: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    commands, wrong = 0, []
    for kind, body in BLOCK.findall(page):
        if kind.startswith("csv "):
            name = kind.removeprefix("csv ")
            text = body.replace("2026-11-20", yesterday) if name == "deeds.csv" else body
            put(tmp_path, name, text.splitlines())
        elif kind == "toml" and "[connections.web]" in body:
            (tmp_path / "config.toml").write_text(body, "utf-8")
        elif kind == "console" and "--config" not in body:
            for arguments, lines in shown(body):
                answer = CliRunner().invoke(
                    baton, ["--config", str(tmp_path / "config.toml"), *arguments], prog_name="baton"
                )
                commands += 1
                assert answer.exit_code == 0, (arguments, answer.output)
                wrong += [(arguments, line) for line in missing(answer.output.splitlines(), lines)]
    assert wrong == []
    assert commands >= least


def test_the_bands_are_those_that_are_shipped() -> None:
    bands = dict(re.findall(r"^\| (sure|perhaps) \| (\d+)", PAGE, re.MULTILINE))
    assert bands == {"sure": str(PERSON.sure), "perhaps": str(PERSON.perhaps)}
    assert f"never from fewer than {PERSON.perhaps_at_least}" in PAGE


def test_each_case_says_what_is_done_and_what_is_not() -> None:
    cases = re.split(r"^### \d+\. ", PAGE.partition("## What is not done")[0], flags=re.MULTILINE)[1:]
    assert len(cases) == 10
    for case in cases:
        assert "**What Baton does.**" in case, case.splitlines()[0]
        assert "**What is not done.**" in case, case.splitlines()[0]
        assert "**What you can do.**" in case, case.splitlines()[0]
