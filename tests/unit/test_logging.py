from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from connector.edge.logging import Json, Plain, redact, set_up


@pytest.fixture(autouse=True)
def _own_handlers() -> Iterator[None]:
    """Give the root logger back what it had."""
    root, ours = logging.getLogger(), logging.getLogger("baton")
    kept, level, ours_level = list(root.handlers), root.level, ours.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)
    ours.setLevel(ours_level)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("no lead for ana.lopez+x@example.co.uk here", "no lead for [email] here"),
        ("GET /contacts?email=ana%40example.com", "GET /contacts?email=[email]"),
        ("山田@例え.jp", "[email]"),
        ("Authorization: Bearer abc.def-ghi_jkl", "Authorization: [secret] [secret]"),
        ('{"access_token": "xyz", "n": 1}', '{"access_token": "[secret]", "n": 1}'),
        ("https://x.example/hook?token=abc&n=1", "https://x.example/hook?token=[secret]&n=1"),
        ("postgresql://baton:hunter2@db.example/baton", "postgresql://[secret]@db.example/baton"),
        ("key pat-na1-4f5e1c2a-91b7-4d0e-8a77-0c1d2e3f4a5b refused", "key [secret] refused"),
        ("call +4915112345678", "call [phone]"),
        ("xoxbQ7rT2pLm9ZsK4vNw8YbC", "[secret]"),
        (
            '{"id_token":"ab","instance_url":"https://x.example"}',
            '{"id_token":"[secret]","instance_url":"https://x.example"}',
        ),
        (
            "grant_type=refresh_token&refresh_token=ab&client_id=app",
            "grant_type=refresh_token&refresh_token=[secret]&client_id=app",
        ),
        ("assertion=e30.e30.c2ln&x=1", "assertion=[secret]&x=1"),
        (
            "https://x.example/?hapikey=ab&code=cd&sid=ef",
            "https://x.example/?hapikey=[secret]&code=[secret]&sid=[secret]",
        ),
        ("Authorization: Bearer 00D5g00000ABCDE!AQEAQ.x_y", "Authorization: [secret] [secret]"),
        ("refused 00D5g00000ABCDE!AQEAQ.abcdef_g", "refused [secret]"),
        ("key eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhcHAifQ.c2ln refused", "key [secret] refused"),
    ],
)
def test_addresses_and_secrets_are_taken_out(text: str, clean: str) -> None:
    assert redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "hubspot: contacts read 12000, new 11800, set aside 3",
        "leads.as-found-malformed.train.csv:12: too few columns",
        "export_of_all_contacts_2026_12_07_final.csv",
        "2026-12-07T08:00:00+00:00",
        "connector/runs/hand_over_and_a_very_long_name.py",
        "sqlalchemy.exc.OperationalError: database is locked",
        "RequestsDependencyConfigurationWarning",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert redact(text) == text


def test_a_secret_that_hides_in_a_traceback_is_taken_out() -> None:
    stream = io.StringIO()
    set_up(stream=stream)
    try:
        raise ValueError("refused for ana@example.com with Bearer abcdefgh12345678")
    except ValueError:
        logging.getLogger("baton.daemon").exception("pull failed")
    assert "ana@example.com" not in stream.getvalue()
    assert "abcdefgh12345678" not in stream.getvalue()
    assert "ValueError: refused for [email]" in stream.getvalue()


def test_a_json_line_stays_json_when_something_is_taken_out() -> None:
    stream = io.StringIO()
    set_up("json", stream=stream)
    logging.getLogger("baton.daemon").info('it said "token": "abc" for %s\nsecond line', "ana@example.com")
    entry = json.loads(stream.getvalue())
    assert entry["logger"] == "baton.daemon"
    assert entry["message"] == 'it said "token": "[secret]" for [email]\nsecond line'


def test_a_plain_line_names_time_level_and_part() -> None:
    record = logging.LogRecord("baton.daemon", logging.INFO, "", 0, "started", (), None)
    record.created = 0.0
    assert Plain().format(record) == "1970-01-01T00:00:00Z info    daemon: started"
    assert json.loads(Json().format(record))["at"] == "1970-01-01T00:00:00Z"


def test_setting_up_twice_writes_each_line_once() -> None:
    stream = io.StringIO()
    set_up(stream=stream)
    set_up(stream=stream)
    logging.getLogger("baton").info("once")
    logging.getLogger("baton").debug("only when verbose")
    logging.getLogger("another").info("of others only warnings")
    assert stream.getvalue().count("\n") == 1
