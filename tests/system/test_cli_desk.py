"""`baton desk user` and `baton desk trail`, as an admin uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from connector.cli.root import baton
from connector.web import passwords
from tests.line import Line

PASSWORD = "correct horse battery"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """A configuration with a team, and hashes that are quick."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", lambda: quick)
    made = Line(tmp_path)
    made.app.close()
    text = (tmp_path / "config.toml").read_text("utf-8")
    (tmp_path / "config.toml").write_text(text + '\n[desk]\nsign_in = "logins"\n', "utf-8")
    return made


def run(line: Line, *arguments: str, typed: str = "") -> Result:
    config = ["--config", str(line.folder / "config.toml"), "desk"]
    return CliRunner().invoke(baton, [*config, *arguments], input=typed)


def told(line: Line, *arguments: str) -> Any:
    answer = run(line, *arguments, "--output", "json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)


def test_whom_the_configuration_names_is_listed_with_whom_an_admin_added(line: Line) -> None:
    assert run(line, "user", "add", "Rita@northwind.example", "--role", "marketing", "--name", "Rita").exit_code == 0
    users = {one["email"]: one for one in told(line, "user", "list")["users"]}
    assert users["rita@northwind.example"]["roles"] == ["marketing"]
    assert users["lena@northwind.example"]["roles_by_configuration"] == ["rep"]
    assert "rita@northwind.example" in run(line, "user", "list").output


def test_a_password_is_typed_or_made_and_kept_as_a_hash(line: Line) -> None:
    assert run(line, "user", "password", "lena@northwind.example", typed=f"{PASSWORD}\n").exit_code == 0
    made = told(line, "user", "password", "tom@northwind.example", "--generate")["password"]
    assert len(made) >= 12
    whole = b"".join(path.read_bytes() for path in line.folder.glob("baton.db*"))
    assert PASSWORD.encode() not in whole
    assert made.encode() not in whole
    assert whole.count(b"$argon2id$") >= 2


@pytest.mark.parametrize("typed", ["", "short", "lena@northwind.example", "x" * 201])
def test_a_password_that_does_not_do_is_refused(line: Line, typed: str) -> None:
    answer = run(line, "user", "password", "lena@northwind.example", typed=f"{typed}\n")
    assert answer.exit_code == 2
    assert "12 to 200 characters" in answer.output


def test_roles_are_given_and_taken_and_somebody_is_let_in_no_more(line: Line) -> None:
    run(line, "user", "add", "rita@northwind.example", "--role", "marketing")
    assert told(line, "user", "roles", "rita@northwind.example", "--role", "admin")["user"]["roles"] == ["admin"]
    assert told(line, "user", "roles", "rita@northwind.example")["user"]["roles"] == []
    assert told(line, "user", "disable", "rita@northwind.example")["user"]["disabled_at"]
    assert told(line, "user", "enable", "rita@northwind.example")["user"]["disabled_at"] is None
    actions = [one["action"] for one in told(line, "trail")["trail"]]
    assert actions == ["user enabled", "user disabled", "roles given", "roles given", "user added"]
    assert "rita@northwind.example" in run(line, "trail").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("user", "add", "rita@northwind.example"), "--role"),
        (("user", "add", "rita", "--role", "rep"), "rita is no email address"),
        (("user", "roles", "lenna@northwind.example", "--role", "admin"), "did you mean lena@northwind.example?"),
        (("user", "disable", "x@elsewhere.example"), "baton desk user add x@elsewhere.example"),
        (("user", "add", "rita@northwind.example", "--role", "boss"), "boss"),
    ],
)
def test_slips_are_told(line: Line, arguments: tuple[str, ...], said: str) -> None:
    answer = run(line, *arguments)
    assert answer.exit_code == 2
    assert said in answer.output


def test_the_trail_goes_on_where_a_page_of_it_ends(line: Line) -> None:
    for name in ("a", "b", "c"):
        run(line, "user", "add", f"{name}@northwind.example", "--role", "rep")
    answer = run(line, "trail", "--limit", "2")
    assert "baton desk trail --before 2" in answer.output
    assert [one["body"]["user"] for one in told(line, "trail", "--before", "2")["trail"]] == ["a@northwind.example"]
