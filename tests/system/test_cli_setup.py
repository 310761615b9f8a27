"""Setting up from the command line: init, check, fields, schema, auth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.edge.secrets import Secrets
from tests.system.conftest import Shop


def test_init_writes_a_configuration_and_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    first = json.loads(CliRunner().invoke(baton, ["init", "new", "--output", "json"]).stdout)
    assert "config.toml" in first["written"]
    config = tmp_path / "new" / "config.toml"
    config.write_text("mine", "utf-8")
    second = json.loads(CliRunner().invoke(baton, ["init", "new", "--output", "json"]).stdout)
    assert (second["written"], second["kept"]) == ([], first["written"])
    assert config.read_text("utf-8") == "mine"


def test_init_speaks_the_language_of_its_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    CliRunner().invoke(baton, ["init"])
    assert 'language = "ja"' in (tmp_path / "config.toml").read_text("utf-8")


def test_check_of_what_init_wrote_asks_only_for_the_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    CliRunner().invoke(baton, ["init"])
    answer = CliRunner().invoke(baton, ["check", "--output", "json"])
    found = json.loads(answer.stdout)
    errors = [one["text"] for one in found["findings"] if one["level"] == "error"]
    assert answer.exit_code == 2
    assert (len(errors), found["ready"]) == (1, False)
    assert "exports/contacts.csv" in errors[0]


def test_check_ends_with_a_verdict(shop: Shop) -> None:
    answer = shop.baton("check")
    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[-1].startswith("READY: errors 0, warnings ")


def test_the_desk_keeps_fields_of_ones_own_and_check_does_not_doubt_them(shop: Shop) -> None:
    shop.write("desk.toml", '[write.lead]\nshoe_size = "custom.shoe_size"\n')
    shop.edit("config.toml", 'type = "desk"', 'type = "desk"\nmapping = "desk.toml"')
    assert shop.told("check")["findings"] == []


def test_check_warns_of_a_limit_that_only_fills_up(shop: Shop) -> None:
    shop.edit("config.toml", '"tom@shop.example" }', '"tom@shop.example", open_at_most = 15 }')
    assert shop.told("check")["findings"] == []
    shop.edit("config.toml", 'type = "desk"', 'type = "memory"')
    (warning,) = shop.told("check")["findings"]
    assert warning["level"] == "warning"
    assert "teams.sales.members.2.open_at_most: nothing is read back" in warning["text"]
    assert "after 15 turns" in warning["text"]


def test_check_tells_every_problem_with_file_line_and_key(shop: Shop) -> None:
    shop.edit("config.toml", 'mode     = "live"', 'mode     = "liv"\npionts = 3')
    shop.edit("mapping.toml", "email               =", "emial               =")
    answer = shop.baton("check")
    assert answer.exit_code == 2
    assert "did you mean" in answer.stdout
    found = {(one["file"].rpartition("/")[2], one["line"]) for one in shop.told("check")["findings"]}
    assert found == {("config.toml", 26), ("config.toml", 27), ("mapping.toml", 7)}
    assert answer.stdout.splitlines()[-1] == "NOT READY: errors 3, warnings 0"


def test_a_command_that_needs_the_configuration_tells_the_same_problems(shop: Shop) -> None:
    shop.edit("config.toml", 'mode     = "live"', 'mode     = "liv"\npionts = 3')
    answer = shop.baton("sync")
    assert answer.exit_code == 2
    assert answer.stderr.count("error: ") == answer.stderr.count("\n") == 2
    error = shop.told("sync")["error"]
    assert [one["line"] for one in error["problems"]] == [26, 27]


def test_problems_are_told_in_the_language_of_the_configuration(shop: Shop) -> None:
    shop.edit("config.toml", 'language = "en"', 'language = "ja"')
    shop.edit("config.toml", 'mode     = "live"', 'mode     = "live"\nsorces = 3')
    assert "sources のことですか?" in shop.baton("sync").stderr


def test_check_tells_a_column_of_the_own_mapping_that_the_source_lacks(shop: Shop) -> None:
    shop.edit("mapping.toml", '= "company"\n', '= "compny"\n')
    (found,) = [one for one in shop.told("check")["findings"] if one["file"].endswith("mapping.toml")]
    assert (found["level"], found["line"]) == ("warning", 8)
    assert "compny" in found["text"]
    assert "company" in found["text"]


def test_check_tells_a_threshold_out_of_reach_with_its_line(shop: Shop) -> None:
    gates = '[flows.b2b.gates]\nmql = { score = "total", at_least = 900 }\n\n'
    shop.edit("config.toml", "[flows.b2b.routing]", f"{gates}[flows.b2b.routing]")
    texts = [one["text"] for one in shop.told("check")["findings"]]
    assert any("config.toml:30" in text and "out of reach" in text for text in texts), texts


def test_check_tells_a_connection_that_no_flow_uses(shop: Shop) -> None:
    shop.edit("config.toml", "[connections.desk]", '[connections.spare]\ntype = "desk"\n\n[connections.desk]')
    texts = [one["text"] for one in shop.told("check")["findings"]]
    assert any("connections.spare: no flow uses this connection" in text for text in texts)


def test_fields_lists_canonical_names_with_types() -> None:
    found = json.loads(CliRunner().invoke(baton, ["fields", "--output", "json"]).stdout)["fields"]
    by_name = {one["name"]: one for one in found}
    assert by_name["company.employees"]["kind"] == "integer"
    assert by_name["job_level"]["choices"][0] == "staff"
    assert by_name["score.total"]["computed"]
    assert "company.employees" in CliRunner().invoke(baton, ["fields"]).stdout


def test_fields_of_a_platform_say_how_full_they_are(shop: Shop) -> None:
    found = {one["name"]: one["fill"] for one in shop.told("fields", "export")["fields"] if one["object"] == "contacts"}
    assert found["email"] == 1.0
    assert 0 < found["company"] < 1
    assert "email" in shop.baton("fields", "export").stdout


def test_a_connection_that_is_none_is_told_with_those_there_are(shop: Shop) -> None:
    answer = shop.baton("fields", "hubspot")
    assert (answer.exit_code, answer.stderr) == (2, "error: no connection hubspot; there are: export, desk\n")


@pytest.mark.parametrize("which", ["config", "mapping"])
def test_schema_prints_json_schema(which: str) -> None:
    assert json.loads(CliRunner().invoke(baton, ["schema", which]).stdout)["$schema"].startswith("https://json-schema")


def test_a_secret_is_read_from_stdin_and_its_value_is_never_shown(shop: Shop) -> None:
    answer = shop.baton("auth", "set", "crm-token", typed="s3cr3t-value\n")
    assert answer.exit_code == 0
    assert "s3cr3t-value" not in answer.output
    assert shop.told("auth", "list") == {"backend": "sealed", "secrets": ["crm-token"], "needed": []}
    assert b"s3cr3t-value" not in (shop.folder / "secrets.sealed").read_bytes()


def test_a_key_is_read_with_all_its_lines(shop: Shop) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIx\n-----END PRIVATE KEY-----"
    assert shop.baton("auth", "set", "crm", typed=key + "\n").exit_code == 0
    assert shop.baton("auth", "set", "token", typed="first line\nsecond line\n").exit_code == 0
    secrets = Secrets(shop.folder, "sealed")
    assert (secrets.get("crm"), secrets.get("token")) == (key, "first line")


def test_an_empty_secret_is_refused(shop: Shop) -> None:
    answer = shop.baton("auth", "set", "crm-token", typed="\n")
    assert answer.exit_code == 3
    assert "cannot be empty" in answer.stderr


def test_login_says_that_files_and_desk_need_none(shop: Shop) -> None:
    states = {one["connection"]: one["state"] for one in shop.told("auth", "login")["connections"]}
    assert states == {"export": "not needed", "desk": "not needed"}
