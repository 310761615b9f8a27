"""The line from the command line: pull, look, mend, release."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.system.conftest import CONTACTS, Shop


def everything(shop: Shop) -> dict[str, list[Any]]:
    """Every row of every table of the store."""
    with sqlite3.connect(shop.folder / "baton.db") as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: list(database.execute(f"SELECT * FROM {name}")) for name in names}
    database.close()
    return found


def large(points: int) -> str:
    """A rule of its own, before the routing."""
    rule = f'"Large" = {{ points = {points}, field = "company.employees", at_least = 300 }}'
    return f"[flows.b2b.fit]\n{rule}\n\n[flows.b2b.routing]"


def test_sync_tells_what_it_did_in_numbers(shop: Shop) -> None:
    answer = shop.told("sync")
    counts = answer["counts"]
    assert (counts["contacts read"], counts["new leads"], counts["set aside"]) == (5, 4, 1)
    assert counts["contacts read"] == counts["new leads"] + counts["set aside"]
    assert (counts["activities"], counts["activities of people not known"]) == (4, 1)
    assert (counts["handed over"], counts["missing fields"]) == (1, 1)
    assert answer["delivered"] == {"done": {"lead": 1, "task": 1, "note": 1}}
    assert (answer["exit_code"], answer["failures"]) == (0, [])


def test_sync_shows_who_was_handed_over_to_whom_and_what_was_set_aside(shop: Shop) -> None:
    answer = shop.baton("sync")
    assert answer.exit_code == 0
    for words in ("Ana Alba", "lena", "contacts.csv:4", "too few columns", "baton errors", "task 1"):
        assert words in answer.stdout


def test_a_second_sync_sends_nothing(shop: Shop) -> None:
    shop.baton("sync")
    answer = shop.told("sync")
    assert answer["delivered"] == {}
    assert not {"new leads", "activities", "scored", "handed over"} & answer["counts"].keys()
    assert "nothing new" in shop.baton("sync").stdout


def test_set_aside_rows_are_an_error_only_under_strict(shop: Shop) -> None:
    assert shop.baton("sync", "--strict").exit_code == 5
    shop.write("contacts.csv", (shop.folder / "contacts.csv").read_text("utf-8") + "6,too,few\n")
    assert shop.baton("sync").exit_code == 0


def test_one_connection_that_fails_is_named_and_the_others_go_on(shop: Shop) -> None:
    second = '[connections.second]\ntype = "files"\ncontacts = "none.csv"\n\n'
    shop.edit("config.toml", "[connections.desk]", f"{second}[connections.desk]")
    shop.edit("config.toml", 'sources  = ["export"]', 'sources  = ["second", "export"]')
    answer = shop.baton("sync")
    assert answer.exit_code == 2
    assert "none.csv" in answer.stderr
    assert "Ana Alba" in answer.stdout


def test_status_says_where_everything_stands(shop: Shop) -> None:
    shop.baton("sync")
    found = shop.told("status", "--routing")
    assert found["flows"]["b2b"]["stages"] == {"known": 3, "mql": 1}
    assert found["flows"]["b2b"]["handoffs"] == {"open": 1}
    assert found["open_by_owner"] == {"lena@shop.example": 1}
    assert found["outbox"] == {"desk": {"done": 3}}
    assert found["reviews"] == {"missing_fields": 1, "set_aside": 2}
    assert found["unmatched"] == [{"connection": "export", "event": "quiz", "count": 1}]
    assert found["totals"]["waiting_activities"] == 1
    assert [run["kind"] for run in found["runs"]] == ["sync"]
    assert set(found["next"]) == {"bring_back:desk", "pull:export", "rescore", "deliver:desk", "deliver:notices"}
    assert [turn["email"] for turn in found["routing"]["sales"]["turns"]] == ["lena@shop.example"]
    text = shop.baton("status").stdout
    for words in ("4 leads", "lena@shop.example", "baton errors", "quiz", "pull:export"):
        assert words in text


@pytest.mark.parametrize("name", ["ana@alba.example", "1"])
def test_why_tells_the_story_of_a_lead(shop: Shop, name: str) -> None:
    shop.baton("sync")
    text = shop.baton("why", name).stdout
    for words in ("Ana Alba", "Asked for a demo", "handed over to lena@shop.example"):
        assert words in text


def test_why_says_what_stands_in_the_way(shop: Shop) -> None:
    shop.baton("sync")
    assert "company" in " ".join(shop.told("why", "cem@celik.example")["why_not"])


def test_why_lists_everyone_who_can_be_meant(shop: Shop) -> None:
    shop.baton("sync")
    # Lead 3 of ours is Cem, whom the export calls 4; lead 4 is Eve, whom it calls 5.
    found = shop.told("why", "4")["matches"]
    assert [one["name"] for one in found] == ["Cem Celik", "Eve Ek"]


def test_a_lead_nobody_knows_is_told_in_one_line(shop: Shop) -> None:
    answer = shop.baton("why", "nobody@nowhere.example")
    assert answer.exit_code == 2
    assert answer.stderr.startswith("error: no lead is known by nobody@nowhere.example")
    assert answer.stderr.count("\n") == 1


def test_why_of_a_row_that_was_set_aside_says_where_it_lies(shop: Shop) -> None:
    shop.write("contacts.csv", (shop.folder / "contacts.csv").read_text("utf-8") + "6,Fay Falk,fay@falk.example\n")
    shop.baton("sync")
    answer = shop.baton("why", "fay@falk.example")
    assert answer.exit_code == 2
    assert "export: contacts.csv:7: too few columns" in answer.stderr
    assert "set aside" not in shop.baton("why", "falk@falk.example").stderr


def test_errors_name_file_line_and_reason(shop: Shop) -> None:
    shop.baton("sync")
    found = shop.told("errors")
    told = [(one["kind"], one["where"], one["field"], one["reason"]) for one in found["errors"]]
    assert ("set_aside", "export: contacts.csv:4", "", "too few columns: 2, the header has 6") in told
    assert any(where == "export: contacts.csv:6" and field == "company.employees" for _, where, field, _ in told)
    assert any(kind == "missing_fields" and field == "company.name" for kind, _, field, _ in told)
    assert found["total"] == len(told) == 3
    assert shop.baton("errors").stdout == shop.baton("errors", "list").stdout


def test_a_mended_file_closes_what_was_set_aside(shop: Shop) -> None:
    shop.baton("sync")
    shop.edit("contacts.csv", "3,broken", "3,Dan Dorn,dan@dorn.example,Dorn KG,5,2026-11-05T10:00:00Z")
    shop.edit("contacts.csv", ",many,", ",40,")
    answer = shop.told("sync")
    assert answer["counts"]["mended"] == 2
    assert shop.told("errors")["counts"] == {"missing_fields": 1}


def test_retry_uses_the_mapping_as_it_is_now(shop: Shop) -> None:
    shop.baton("sync")
    (wrong,) = [one for one in shop.told("errors")["errors"] if one["field"] == "company.employees"]
    shop.edit("mapping.toml", '"company.employees" = { from = "size", as = "integer" }', '"custom.size" = "size"')
    shop.edit("mapping.toml", "[event]", '"company.employees" = false\n[event]')
    answer = shop.told("errors", "retry", wrong["id"])
    assert answer["counts"]["mended"] == 1, shop.baton("check").stdout
    assert wrong["id"] not in [one["id"] for one in shop.told("errors")["errors"]]


def test_dropped_errors_are_gone(shop: Shop) -> None:
    shop.baton("sync")
    ids = [one["id"] for one in shop.told("errors")["errors"] if one["kind"] == "set_aside"]
    assert shop.told("errors", "drop", *ids) == {"dropped": 2}
    assert shop.told("errors")["counts"] == {"missing_fields": 1}


def test_an_id_that_is_not_open_is_named_and_nothing_is_done(shop: Shop) -> None:
    shop.baton("sync")
    answer = shop.baton("errors", "drop", "1", "77", "out-9")
    assert answer.exit_code == 2
    assert "77, out-9" in answer.stderr
    assert shop.told("errors")["total"] == 3


def test_a_lead_in_review_goes_out_when_it_is_released(shop: Shop) -> None:
    shop.edit("config.toml", 'mode     = "live"', 'mode     = "review"')
    shop.baton("sync")
    assert shop.told("status")["flows"]["b2b"]["handoffs"] == {"review": 1}
    answer = shop.told("release", "ana@alba.example")
    assert answer["handoff"]["owner"] == "lena@shop.example"
    assert shop.told("sync")["delivered"] == {"done": {"lead": 1, "task": 1, "note": 1}}
    assert "nothing of lead 1 waits" in shop.baton("release", "1").stdout


def test_a_parked_flow_goes_on_when_it_is_released(shop: Shop) -> None:
    shop.baton("sync")
    shop.write("contacts.csv", (shop.folder / "contacts.csv").read_text("utf-8").splitlines()[0] + "\n")
    shop.baton("sync")
    assert shop.told("status")["flows"]["b2b"]["parked"]
    assert "baton release --flow" in shop.baton("errors").stdout
    assert shop.told("release", "--flow", "b2b") == {"flow": "b2b", "released": True}
    assert shop.told("status")["flows"]["b2b"]["parked"] is None


def test_a_flow_that_is_none_is_told_with_those_there_are(shop: Shop) -> None:
    for command in (("release", "--flow", "b2c"), ("plan", "--flow", "b2c"), ("criteria", "log", "--flow", "b2c")):
        answer = shop.baton(*command)
        assert answer.exit_code == 2
        assert "no flow b2c; there are: b2b" in answer.stderr


def test_criteria_log_keeps_every_version_with_its_text(shop: Shop) -> None:
    shop.baton("sync")
    shop.edit("config.toml", "[flows.b2b.routing]", large(7))
    assert shop.told("sync")["changed_criteria"] == ["b2b"]
    versions = shop.told("criteria", "log")["criteria"]
    assert len({one["version"] for one in versions}) == 2
    assert "Large" in versions[0]["text"]
    assert "Large" not in versions[1]["text"]
    assert versions[0]["version"][:10] in shop.baton("criteria", "log", "--flow", "b2b").stdout


def test_plan_shows_what_would_be_written_and_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.edit("config.toml", 'mode     = "live"', 'mode     = "observe"')
    shop.baton("sync")
    shop.edit("config.toml", 'mode     = "observe"', 'mode     = "live"')
    before = everything(shop)
    file = tmp_path / "plan.json"
    found = shop.told("plan")
    assert everything(shop) == before
    (create,) = [row for row in found["rows"] if row["action"] == "create"]
    assert (create["owner"], create["also"]) == ("lena@shop.example", ["task", "note"])
    assert {one["name"]: one["new"] for one in create["fields"]}["email"] == "ana@alba.example"
    assert any("company" in row["reason"] for row in found["rows"] if row["action"] == "skip")
    shop.told("plan", "-o", str(file))
    own = ("plan_key", f"kept_plan:{file}")
    kept = {**everything(shop), "meta": [row for row in everything(shop)["meta"] if row[0] not in own]}
    assert kept == before
    assert shop.told("apply", str(file))["written"] == 1
    assert shop.told("sync")["delivered"] == {}
    assert [row["kind"] for row in shop.told("plan")["rows"]].count("nothing to change") == 1


def test_plan_as_live_shows_what_going_live_would_do(shop: Shop) -> None:
    shop.edit("config.toml", 'mode     = "live"', 'mode     = "observe"')
    shop.baton("sync")
    before = everything(shop)
    assert "baton plan --as-live" in shop.baton("plan").stdout.replace("\n", " ")
    assert [row["action"] for row in shop.told("plan")["rows"]].count("create") == 0
    (create,) = [row for row in shop.told("plan", "--as-live")["rows"] if row["action"] == "create"]
    assert create["owner"] == "lena@shop.example"
    assert everything(shop) == before


def test_plan_shows_a_change_from_what_the_crm_has(shop: Shop) -> None:
    shop.baton("sync")
    shop.edit("config.toml", "[flows.b2b.routing]", large(30))
    (change,) = [row for row in shop.told("plan")["rows"] if row["action"] == "update"]
    old, new = next((one["old"], one["new"]) for one in change["fields"] if one["name"] == "score")
    assert old > new == 30


def test_backfill_reads_a_stretch_again_and_leaves_the_cursor(shop: Shop) -> None:
    shop.baton("sync")
    with_cursor = everything(shop)["cursors"]
    answer = shop.told("backfill", "--since", "2026-11-02", "--until", "2026-11-04")
    assert answer["counts"]["unchanged"] == 2
    assert all(row in everything(shop)["cursors"] for row in with_cursor)


def test_backfill_dry_run_counts_and_writes_nothing(shop: Shop) -> None:
    shop.baton("status")
    before = everything(shop)
    found = shop.told("backfill", "--since", "2026-11-01", "--until", "2026-11-03", "--dry-run")["streams"]
    assert found[0]["counts"] == {"read": 3, "set aside": 1, "new": 2}
    assert everything(shop) == before


@pytest.mark.parametrize("until", ["yesterday", "2026-13-01", "2026-10-01"])
def test_backfill_refuses_bounds_that_are_none(shop: Shop, until: str) -> None:
    answer = shop.baton("backfill", "--since", "2026-11-02", "--until", until)
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output


def test_one_is_told_as_one(shop: Shop) -> None:
    lines = CONTACTS.splitlines()
    shop.write("contacts.csv", "\n".join([lines[0], lines[4], "3,broken"]) + "\n")
    ends = shop.baton("sync").stdout.splitlines()
    assert "1 record or field is set aside: baton errors" in ends
    assert shop.baton("status").stdout.splitlines()[0].startswith("1 lead, 4 activities · ")
    review = shop.baton("report").stdout
    assert "- One record was set aside: who mends it? (baton errors)" in review
    assert "- One lead waits for fields that a handoff needs: who fills them? (baton errors)" in review
