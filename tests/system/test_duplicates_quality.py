"""How well duplicates are found in public sets, with the points as shipped: what is linked without asking is right.

The data is not part of the project: the tests take it from the folder that BATON_SHARED names,
and are skipped without it. bench/README.md has the figures of every set.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import duplicates
from connector.steps import alike


@pytest.fixture(scope="module")
def data() -> Path:
    """The folder of public sets."""
    shared = os.environ.get("BATON_SHARED", "")
    if not shared:
        pytest.skip("BATON_SHARED does not name the folder with public sets")
    return Path(shared) / "data" / "dedupe"


@pytest.mark.parametrize(("name", "ahead_of"), [("fake_1000", 0.90), ("febrl 1", 0.98)])
def test_people(data: Path, name: str, ahead_of: float) -> None:
    records = next(one for one in duplicates.SETS if one.name == name).read(data)
    found = duplicates.look(records, alike.PERSON.among(len(records.profiles)))
    assert found.sure.precision >= 0.995
    assert found.sure.recall > 0.4
    assert found.both.f1 > ahead_of


def test_of_what_is_counted_each_pair_counts_once() -> None:
    records = duplicates.Records("person", truth=["a", "a", "a", "b", "b"], sides=[0] * 5)
    assert duplicates.measured(records, [[0, 1], [2, 3], [4]], []) == (1, 2, 4)
    assert duplicates.measured(records, [[0, 1], [2], [3], [4]], [([0, 1], [2]), ([2], [4])]) == (3, 4, 4)
    across = duplicates.Records("person", truth=["a", "a", "b"], sides=[0, 1, 1])
    assert duplicates.measured(across, [[0, 1], [2]], [([0, 1], [2])]) == (1, 2, 1)


def test_any_file_with_columns_of_usual_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "First Name,Last Name,E-Mail Address,who\nMara,Lindqvist,ml@acme.example,1\nMara,Lindqvist,ml@acme.example,1\n"
        "Jonas,Brandt,jb@acme.example,2\n",
        "utf-8",
    )
    assert duplicates.main(["--file", str(path), "--truth", "who"]) == 0
    figures = capsys.readouterr().out.splitlines()[-1].split()
    assert figures[:8] == ["people.csv", "3", "1.0000", "1.000", "1.000", "1.0000", "1.000", "1.000"]
