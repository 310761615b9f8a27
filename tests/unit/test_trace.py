from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.edge.trace import Trace
from connector.edge.wire import Reply
from connector.model.http import Request

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
TOKEN = "pat-eu1-abc"
ANA, BO = {"id": "17", "email": "ana@example.com"}, {"id": "18", "email": "bo@example.com"}


def answer(document: Any, **headers: str) -> Reply:
    return Reply(200, headers, json.dumps(document).encode())


def written(tmp_path: Path, request: Request, reply: Reply, *keys: str) -> list[dict[str, Any]]:
    trace = Trace(keys or ("17", "ana@example.com"), tmp_path / "traces" / "one.jsonl")
    body = json.dumps(request.json).encode() if request.json is not None else None
    trace.write("crm", request, body, reply, TOKEN, NOW)
    return [json.loads(line) for line in trace.file.read_text().splitlines()] if trace.file.exists() else []


def test_of_a_list_only_the_leads_own_elements_stay(tmp_path: Path) -> None:
    request = Request("POST", "/batch", json={"inputs": [BO, ANA]}, about=("17", "18"))
    (line,) = written(tmp_path, request, answer({"results": [BO, {"id": "19"}, ANA]}))
    assert line["request"]["body"] == {"inputs": [ANA, "[1 others]"]}
    assert line["answer"]["body"] == {"results": [ANA, "[2 others]"]}
    assert "bo@example.com" not in json.dumps(line)


def test_an_answer_by_position_keeps_the_leads_position(tmp_path: Path) -> None:
    request = Request("PATCH", "/collections", json={"records": [BO, ANA]}, about=("17",))
    (line,) = written(tmp_path, request, answer([{"success": True}, {"success": False}]))
    assert line["answer"]["body"] == [{"success": False}, "[1 others]"]


def test_calls_about_others_are_not_written(tmp_path: Path) -> None:
    request = Request("POST", "/batch", json={"inputs": [BO]}, about=("18",))
    assert written(tmp_path, request, answer({"results": [BO]})) == []


def test_a_page_that_happens_to_hold_the_lead_is_written(tmp_path: Path) -> None:
    request = Request("GET", "/contacts", {"after": "100"}, reads=True)
    (line,) = written(tmp_path, request, answer({"results": [{"properties": ANA}, {"properties": BO}]}))
    assert line["answer"]["body"] == {"results": [{"properties": ANA}, "[1 others]"]}


def test_a_short_id_within_another_word_is_nobody(tmp_path: Path) -> None:
    request = Request("GET", "/contacts", reads=True)
    assert written(tmp_path, request, answer({"results": [{"id": "2017"}]}), "17") == []


def test_secrets_are_left_out_everywhere(tmp_path: Path) -> None:
    request = Request(
        "POST", "/x?access_token=abc", {"api_key": "abc"}, json={"clientSecret": "abc", "note": f"{TOKEN}"},
        headers={"X-Key": "abc"}, about=("17",),
    )  # fmt: skip
    (line,) = written(tmp_path, request, answer({"refresh_token": "abc"}, **{"set-cookie": "abc", "date": "today"}))
    assert "abc" not in json.dumps(line)
    assert line["request"]["body"] == {"clientSecret": "[secret]", "note": "[secret]"}
    assert line["answer"]["headers"] == {"date": "today"}


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    trace = Trace(("17",), tmp_path / "traces" / "one.jsonl")
    for _ in range(2):
        trace.write("crm", Request("GET", "/17", about=("17",)), None, Reply(502, {}, b"<html>"), TOKEN, NOW)
    assert stat.S_IMODE(trace.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(trace.file.parent.stat().st_mode) == 0o700
    assert trace.calls == len(trace.file.read_text().splitlines()) == 2
    assert "[6 bytes]" in trace.file.read_text()
