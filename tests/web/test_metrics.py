"""/metrics: what it says, and who may read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.logins import User
from connector.model.ports import Run
from connector.web.metrics import SECRET
from connector.web.site import site
from tests.line import START, Line
from tests.web.desk import ADMIN

HOUR = timedelta(hours=1)
MIA = User("mia@northwind.example", "Mia", ("manager",))


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


def browser(line: Line, host: str = "203.0.113.5", user: User | None = None) -> TestClient:
    made = site(lambda: line.app, lambda _: user, key="k")
    return TestClient(made, base_url="http://127.0.0.1", client=(host, 5000), follow_redirects=False)


def numbers(text: str) -> dict[tuple[str, ...], float]:
    return {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_the_numbers_are_those_of_the_store(line: Line) -> None:
    lead = Lead(flow="b2b", stage="mql", owner="lena@northwind.example", fields={"source": "secret fair"})
    with line.app.store.write() as tx:
        tx.intake.add_leads([lead], START)
        due = START - 2 * HOUR
        tx.handoffs.add([Handoff(lead.id, "b2b", "mql", "open", due, "v", owner=lead.owner, opened_at=due, due_at=due)])
        for result, ended in (("failed", START - 3 * HOUR), ("done", START - HOUR)):
            run = Run("pull", START - 4 * HOUR, connection="portal")
            tx.ledgers.start_run(run)
            run.ended_at, run.result = ended, result
            tx.ledgers.end_run(run)
    text = browser(line, "127.0.0.1").get("/metrics").text
    found = numbers(text)
    assert found["baton_leads", "b2b", "mql"] == 1
    assert found["baton_handoffs", "b2b", "open"] == 1
    assert (found["baton_clocks_overdue",], found["baton_clocks_oldest_overdue_seconds",]) == (1, 7200)
    assert (found["baton_run_age_seconds", "portal", "pull"], found["baton_run_ended_well", "portal", "pull"]) == (
        3600,
        1,
    )
    assert "lena" not in text
    assert "fair" not in text


def test_what_waits_is_counted_after_a_pass_of_the_line(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    found = numbers(browser(line, "127.0.0.1").get("/metrics").text)
    assert found["baton_run_age_seconds", "", "sync"] == 0
    assert sum(value for key, value in found.items() if key[0] == "baton_leads") == 1


def test_strangers_read_nothing(line: Line) -> None:
    assert browser(line).get("/metrics").status_code == 403
    assert browser(line, user=MIA).get("/metrics").status_code == 403
    assert browser(line, user=ADMIN).get("/metrics").status_code == 200
    for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        assert browser(line, "127.0.0.1").get("/metrics", headers={name: "127.0.0.1"}).status_code == 403


def test_a_token_opens_where_there_is_one(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = browser(line)
    for sent in ("Bearer ", "Bearer wrong", "Basic right"):
        assert asked.get("/metrics", headers={"Authorization": sent}).status_code == 403
    monkeypatch.setattr(line.app, "secrets", {SECRET: "right"})
    assert asked.get("/metrics", headers={"Authorization": "Bearer right"}).status_code == 200
    assert asked.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    assert asked.get("/metrics", headers={b"Authorization": "Bearer r\xe9".encode("latin-1")}).status_code == 403
