"""A platform added with the kit: found by its entry point, proved, under contract, and in the line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from connector import config, platforms
from connector.app import open_app
from connector.config.connections import shipped_mapping
from connector.kit.contract.table import Line, Platform, lines
from connector.kit.package import package
from connector.kit.whole import missing
from connector.model.errors import ConfigError
from connector.runs.sync import sync
from tests.kit.conftest import Made

ROOT = Path(__file__).parents[2]
CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"
database = "baton.db"

[secrets]
backend = "environment"

[connections.toy]
type = "toy"
{settings}

[teams.sales]
members = [{{ email = "lena@northwind.example" }}]

[flows.b2b]
sources = ["toy"]
crm = "toy"
mode = "live"

[flows.b2b.fit]
"Can be reached" = {{ points = 60, has = "email" }}

[flows.b2b.gates]
mql = {{ has = "email" }}

[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""


def configured(folder: Path, settings: str = "") -> Path:
    (folder / "config.toml").write_text(CONFIG.format(settings=settings), "utf-8")
    return folder / "config.toml"


def suite(made: Made, *options: str) -> subprocess.CompletedProcess[str]:
    """What its own tests say, run as its author runs them."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(made.site), str(ROOT)])}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", *options]
    return subprocess.run(command, cwd=made.source, env=environment, capture_output=True, text=True, check=False)


def table() -> list[Line]:
    """Its line in the contract."""
    world: Any = import_module("toy_world").ToyWorld
    return list(lines({"toy": Platform(sources={"account": world}, crms={"account": world})}))


def lacks(made: Made) -> list[str]:
    world: Any = import_module("toy_world").ToyWorld
    platform = Platform(sources={"account": world}, crms={"account": world})
    return missing("toy", platform, mapping=made.source / "baton_toy" / "mapping.toml", page=made.source / "README.md")


def test_it_is_found_by_its_entry_point_with_its_settings_and_mapping(toy: Made, tmp_path: Path) -> None:
    assert "toy" in platforms.known()
    found = config.load(configured(tmp_path, "page_size = 7"))
    assert found.connections["toy"].settings.page_size == 7
    assert "company" in found.connections["toy"].mapping.source_names
    assert shipped_mapping("toy")["write"]["note"] == {"text": "handoff.brief"}


def test_its_settings_are_proved_as_ours_are(toy: Made, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(configured(tmp_path, 'page_size = 0\npage_sise = 3\nmapping = "own.toml"'))
    said = str(caught.value)
    assert "config.toml:11: connections.toy.page_size: must be 1 or more" in said
    assert "connections.toy.page_sise: unknown key page_sise; did you mean page_size?" in said


def test_a_fault_of_its_mapping_is_told_at_its_type(made: Made, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    made.change("baton_toy/mapping.toml", 'email          = "email"', 'emial          = "email"')
    request.getfixturevalue("toy")
    with pytest.raises(ConfigError, match=r"config\.toml:10: connections\.toy\.type: the mapping .* toy: read\.emial"):
        config.load(configured(tmp_path))


def test_one_that_breaks_costs_the_connection_that_names_it_one_sentence_and_nobody_else_anything(
    made: Made, request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made.change("baton_toy/__init__.py", 'STREAM = "contacts"', "STREAM = contacts")
    request.getfixturevalue("toy")
    sentence = "the adapter toy (baton_toy) cannot be loaded: NameError: name 'contacts' is not defined"
    with pytest.raises(ConfigError) as caught:
        config.load(configured(tmp_path))
    assert sentence in str(caught.value)
    assert str(caught.value).count("toy (") == 1
    types = config.schema()["$defs"]["ConnectionSettings"]["properties"]["type"]["enum"]
    assert types == list(platforms.shipped())
    assert caplog.messages == [f"left out: {sentence}"]
    configured(tmp_path).write_text(CONFIG.format(settings="").replace('type = "toy"', 'type = "memory"'), "utf-8")
    assert config.load(tmp_path / "config.toml").connections["toy"].type == "memory"


def test_it_passes_the_contract_as_it_is(toy: Made, tmp_path: Path) -> None:
    runs = [line for line in table() if not line.ruled_out]
    for number, line in enumerate(runs):
        folder = tmp_path / str(number)
        folder.mkdir()
        line.run(folder)
    assert len(runs) == 49
    assert {line.ruled_out for line in table()} > {"streams = ()", "look_up_batch = 0", "deletes = ()"}


def test_its_tests_run_as_its_author_runs_them_and_tell_what_it_does_not_keep(toy: Made) -> None:
    toy.change("baton_toy/__init__.py", 'gone=one["deleted"]', "gone=False")
    toy.install()
    result = suite(toy, "-k", "deletion or nothing_is_missing")
    assert result.returncode == 1
    assert re.findall(r"^FAILED .*-(\w+)\]", result.stdout, re.MULTILINE) == ["a_deletion_is_reported"]


@pytest.mark.parametrize(
    ("place", "old", "new", "said"),
    [
        ("baton_toy/__init__.py", "crm=ToyCrm, ", "", "toy: a world for crm, and no role"),
        ("README.md", 'type = "toy"', 'type = "toys"', 'toy: the page README.md does not show type = "toy"'),
        ("baton_toy/mapping.toml", "[read]", "[red]", "toy: mapping.toml: red: unknown key red; did you mean read?"),
    ],
)
def test_what_it_lacks_is_named(
    made: Made, request: pytest.FixtureRequest, place: str, old: str, new: str, said: str
) -> None:
    made.change(place, old, new)
    request.getfixturevalue("toy")
    assert lacks(made) == [said]


def test_whole_it_lacks_nothing_and_without_its_files_each_is_named(toy: Made) -> None:
    assert lacks(toy) == []
    (toy.source / "README.md").unlink()
    (toy.source / "baton_toy" / "mapping.toml").unlink()
    assert lacks(toy) == ["toy: no mapping mapping.toml", "toy: no page README.md"]


def test_a_lead_goes_from_it_to_it(toy: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "world").mkdir()
    world: Any = import_module("toy_world").ToyWorld(tmp_path / "world")
    monkeypatch.setenv("BATON_SECRET_TOY", "token-of-the-tests")
    ana = {"name": "Ana Weber", "email": "ana@firm.example", "company": "Firm GmbH", "country": "Germany"}
    world.account.tell("c1", ana)
    app = open_app(config.load(configured(tmp_path, f'base_url = "{world.server.url}"')))
    try:
        for _ in range(2):
            assert sync(app.runtime(), app.rows).failures == []
    finally:
        app.close()
        world.close()
    (lead,) = (one for one in world.account.records.values() if one["object"] == "lead")
    assert (lead["fields"]["name"], lead["fields"]["email"], lead["revision"]) == ("Ana Weber", "ana@firm.example", 1)
    assert sorted(one["object"] for one in world.account.records.values()) == ["lead", "note", "task"]


def test_the_page_says_how_many_files_and_lines_it_is() -> None:
    written = {place: len(text.splitlines()) for place, text in package("toy").items()}
    adapter = written["baton_toy/__init__.py"]
    said = f"{len(written)} files, {sum(written.values())} lines, of which the adapter is {adapter}"
    assert said in (ROOT / "docs" / "writing-an-adapter.md").read_text("utf-8")
