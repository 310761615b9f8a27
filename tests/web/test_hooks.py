"""What platforms tell by themselves: who is heard, what follows, and what nobody can do with it."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from connector.cli.root import baton
from connector.daemon import Daemon
from connector.model.hooks import MOST_BYTES
from connector.runs.hints import ONCE_MORE, SOONEST, given
from connector.sandbox.clickup.webhooks import Webhook
from connector.web.hooks import MOST_REFUSED, WITHIN, Refusals
from connector.web.limits import BODY
from connector.web.site import site
from tests.clickup import SECRETS, Both, both
from tests.pair import Waiting
from tests.web.stored import digest

ADDRESS, SECRET = "https://baton.example/hooks/clickup", "s1"
JOBS = ["bring_back:clickup", "pull:clickup"]
BODY_OF_IT = b'{"event": "taskUpdated", "task_id": "86a", "history_items": [{"id": "7"}]}'
Make = Callable[..., "Told"]


class Told:
    """A workspace that tells, the desk that hears it, and the daemon that reads."""

    def __init__(self, one: Both, patch: pytest.MonkeyPatch) -> None:
        self.one, self.seconds = one, 0.0
        patch.setattr("connector.web.hooks.Refusals", lambda: Refusals(lambda: self.seconds))
        self.site = site(lambda: one.app, lambda _: None, key="k")
        self.browser = self.calling_from("testclient")
        self.daemon = self.new_daemon()
        for id in (one.leads.id, one.requests.id):
            one.space.webhooks[id] = Webhook(id, ADDRESS, ("*",), SECRET, id)

    def new_daemon(self) -> Daemon:
        """One that has just been started; what it waits for takes no time."""
        return Daemon(lambda: self.one.app, Waiting(self.one.clock))

    def calling_from(self, address: str) -> TestClient:
        """Whoever calls from an address."""
        return TestClient(self.site, base_url="http://127.0.0.1", client=(address, 5000), follow_redirects=False)

    def send(self, body: bytes = BODY_OF_IT, signature: str | None = None, to: str = "clickup", by: str = "") -> int:
        """The status that a delivery is answered with; `by` is whom the web server before us names as its sender."""
        made = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() if signature is None else signature
        sent = {"X-Signature": made, **({"X-Forwarded-For": by} if by else {})}
        return self.browser.post(f"/hooks/{to}", content=body, headers=sent).status_code

    def deliver(self) -> list[int]:
        """What the workspace has to tell arrives; the statuses that it is answered with."""
        hooks = self.one.space.webhooks.values()
        sent = [self.send(body, signature) for hook in hooks for body, signature in hook.sent]
        for hook in hooks:
            hook.sent = []
        return sent

    def tick(self, after: timedelta = timedelta(seconds=1)) -> list[str]:
        """Time goes by; which of the jobs that read ClickUp the daemon runs then."""
        self.one.clock.move(after.total_seconds())
        return [name for name in self.daemon.tick() if name in JOBS]

    def hints(self) -> dict[str, str]:
        with self.one.app.store.read() as tx:
            return dict(given(tx))


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    for name, value in {**SECRETS, "BATON_SECRET_CLICKUP_WEBHOOK": SECRET}.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as stack:

        def make(desk: str = 'hooks = ["clickup"]') -> Told:
            settings = f'webhook = "{ADDRESS}"\n[desk]\n{desk}\n'
            return Told(stack.enter_context(both(tmp_path, settings=settings)), monkeypatch)

        yield make


class TestWhatFollows:
    def test_a_form_is_read_and_handed_over_before_its_time(self, told: Make) -> None:
        one = told()
        assert one.tick() == JOBS
        assert one.tick(SOONEST) == []
        request = one.one.submits()
        assert one.tick() == []
        assert set(one.deliver()) == {200}
        assert one.tick() == JOBS
        assert one.one.handoff(request).state == "open"

    def test_what_a_rep_does_is_read_back_before_its_time(self, told: Make) -> None:
        one = told()
        one.tick()
        request = one.one.submits()
        one.one.sync()
        one.deliver()
        for _ in range(9):
            one.tick(SOONEST)
        one.one.acts("change", id=one.one.task(request).id, status="対応中")
        one.deliver()
        one.tick()
        # The search of the server lags behind: it is read once more.
        one.tick(ONCE_MORE)
        assert one.one.lead(request).stage == "sal"

    def test_many_deliveries_bring_about_one_reading_and_another_one_later(self, told: Make) -> None:
        one = told()
        one.tick()
        one.tick(SOONEST)
        for _ in range(20):
            assert one.send() == 200
        assert one.tick() == JOBS
        for _ in range(20):
            assert one.send() == 200
        assert one.tick() == []
        assert one.tick(SOONEST) == JOBS
        assert one.tick(SOONEST) == []
        assert one.tick(ONCE_MORE - SOONEST) == JOBS
        assert (one.tick(), one.hints()) == ([], {})

    def test_a_hint_waits_for_a_daemon_that_is_down(self, told: Make) -> None:
        one = told()
        one.tick()
        one.send()
        one.daemon = one.new_daemon()
        assert one.tick(SOONEST) == JOBS

    def test_what_was_not_delivered_is_found_by_the_schedule(self, told: Make) -> None:
        one = told()
        one.tick()
        for hook in one.one.space.webhooks.values():
            hook.deaf = True
        request = one.one.submits()
        assert one.deliver() == []
        assert one.tick(timedelta(minutes=5)) == JOBS
        assert one.one.handoff(request).state == "open"

    def test_a_failed_reading_is_not_tried_all_the_time(self, told: Make) -> None:
        one = told()
        one.tick()
        one.one.server.faults.add("status", match="GET /v2/list", code=500, times=99)
        one.send()
        assert one.tick(SOONEST) == JOBS
        assert one.tick() == []

    def test_the_same_delivery_again_writes_nothing(self, told: Make) -> None:
        one = told()
        one.send()
        before = digest(one.one)  # type: ignore[arg-type]
        assert [one.send() for _ in range(3)] == [200] * 3
        assert digest(one.one) == before  # type: ignore[arg-type]


class TestWhoIsHeard:
    def test_nobody_unless_it_is_switched_on(self, told: Make) -> None:
        one = told("")
        assert one.send() == 404
        assert one.hints() == {}

    def test_no_connection_that_is_not_named(self, told: Make) -> None:
        one = told()
        assert [one.send(to=name) for name in ("other", "clickup.", "%63lickup2", "")] == [404] * 4
        assert one.hints() == {}

    @pytest.mark.parametrize(
        ("body", "signature", "status"),
        [
            (BODY_OF_IT, "", 401),
            (BODY_OF_IT, "0" * 64, 401),
            (BODY_OF_IT, hmac.new(b"s2", BODY_OF_IT, hashlib.sha256).hexdigest(), 401),
            (BODY_OF_IT + b" ", hmac.new(b"s1", BODY_OF_IT, hashlib.sha256).hexdigest(), 401),
            (b"not json", None, 400),
            (b"[]", None, 400),
            (b'{"event": "listUpdated"}', None, 200),
        ],
    )
    def test_what_is_not_signed_or_names_nothing_has_no_effect(
        self, told: Make, body: bytes, signature: str | None, status: int
    ) -> None:
        one = told()
        assert one.send(body, signature) == status
        assert one.hints() == {}

    def test_no_page_and_no_other_method(self, told: Make) -> None:
        one = told()
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
            assert one.browser.request(method, "/hooks/clickup").status_code == 405

    def test_it_needs_no_session_and_begins_none(self, told: Make) -> None:
        one = told()
        answer = one.browser.post("/hooks/clickup", content=b"x", headers={"Origin": "https://evil.example"})
        assert (answer.status_code, answer.headers.get("set-cookie")) == (401, None)

    def test_a_large_delivery_is_heard_and_a_larger_one_is_not_read(self, told: Make) -> None:
        one = told()
        filled = BODY_OF_IT[:-1] + b', "x": "' + b"x" * BODY + b'"}'
        assert one.send(filled) == 200
        assert one.send(b"x" * (MOST_BYTES + 1)) == 413
        pieces = (b"x" * 100_000 for _ in range(11))
        assert one.browser.post("/hooks/clickup", content=pieces).status_code == 413
        # Elsewhere no more than a form needs.
        assert one.browser.post("/hooks", content=b"x" * (BODY + 1)).status_code == 413

    def test_without_a_secret_nothing_is_heard_and_the_log_says_so(
        self, told: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        one = told()
        monkeypatch.delenv("BATON_SECRET_CLICKUP_WEBHOOK")
        assert one.send() == 503
        assert "BATON_SECRET_CLICKUP_WEBHOOK" in caplog.text
        checked = CliRunner().invoke(baton, ["--config", str(one.one.folder / "config.toml"), "check"])
        assert "desk.hooks: there is no secret clickup-webhook" in checked.output
        assert "baton setup clickup" in checked.output
        assert one.hints() == {}


class TestWhatIsRefused:
    def test_it_is_counted_in_one_line_and_nothing_of_it_is_repeated(
        self, told: Make, caplog: pytest.LogCaptureFixture
    ) -> None:
        one = told()
        body = b'{"event": "taskUpdated", "task_id": "secret task"}'
        with caplog.at_level(logging.DEBUG):
            for _ in range(5):
                one.send(body, "forged")
            one.seconds += WITHIN
            one.send(body, "forged")
        lines = [record.getMessage() for record in caplog.records if record.name == "baton.desk.hooks"]
        assert [(line.split(":")[0], line.split(";")[-1]) for line in lines] == [
            ("clickup", " 1 since the start"), ("clickup", " 6 since the start"),
        ]  # fmt: skip
        assert "secret task" not in caplog.text
        assert "forged" not in caplog.text

    def test_who_sends_too_many_has_to_wait_and_nobody_else(self, told: Make) -> None:
        one = told('hooks = ["clickup"]\nproxy = { trusted = ["127.0.0.1"] }')
        one.browser = one.calling_from("127.0.0.1")
        sent = [one.send(signature="x", by="203.0.113.5") for _ in range(MOST_REFUSED + 2)]
        assert sent == [401] * MOST_REFUSED + [429] * 2
        assert one.send(by="203.0.113.5") == 429
        assert one.send(by="198.51.100.7") == 200
        one.seconds += WITHIN
        assert one.send(by="203.0.113.5") == 200

    def test_what_is_signed_never_has_to_wait(self, told: Make) -> None:
        one = told()
        assert {one.send() for _ in range(2 * MOST_REFUSED)} == {200}
