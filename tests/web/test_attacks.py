"""What somebody may try who is not let in, or not as far as that: each attempt, and what keeps it out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.exceptions import HTTPException

from connector.web import limits
from connector.web.lead_page import sent_answers
from connector.web.limits import ADDRESS, BODY
from connector.web.protect import local_path
from connector.web.visit import Sent
from tests.line import Line
from tests.web.browsers import Browser, user
from tests.web.stored import digest

LOGINS = '\n[desk]\nsign_in = "logins"\n'
LENA, TOM, PETRA = "lena@northwind.example", "tom@northwind.example", "petra@northwind.example"
Make = Callable[..., Line]


def signed_in(line: Line, email: str) -> Browser:
    """A browser in which somebody is signed in."""
    with line.app.store.read() as tx:
        known = tx.logins.user(email)
    if known is None:
        user(line, email)
    browser = Browser(line)
    assert browser.sign_in(email).status_code == 303
    return browser


class TestForms:
    """CSRF: a form that another site sends in the name of whoever looks at it."""

    def test_without_the_token_of_the_session_nothing_is_done(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        hers, his = signed_in(line, LENA), signed_in(line, TOM)
        known = his.token("/probe")
        assert hers.press("/probe/1/done").status_code == 303
        for fields in ({}, {"token": ""}, {"token": known}, {"token": "x" * 43}, {"token": "東" * 43},
                       {"token": known, "said": "x"}):  # fmt: skip
            assert hers.post("/probe/1/done", fields).status_code == 403

    def test_a_token_in_the_address_is_none(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        token = browser.token("/probe")
        assert browser.post(f"/probe/1/done?token={token}").status_code == 403

    def test_a_form_of_another_site_is_refused_even_with_the_token(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        token, own = browser.token("/probe"), "http://127.0.0.1:8377"
        for origin in ("https://evil.example", "null", "http://127.0.0.1:9999", f"{own}.evil.example", "", "http://[x"):
            assert browser.post("/probe/1/done", {"token": token}, Origin=origin).status_code == 403, origin
        for site in ("cross-site", "same-site"):
            headers = {"Origin": own, "Sec-Fetch-Site": site}
            assert browser.post("/probe/1/done", {"token": token}, **headers).status_code == 403
        headers = {"Origin": own, "Sec-Fetch-Site": "same-origin"}
        assert browser.post("/probe/1/done", {"token": token}, **headers).status_code == 303

    def test_nobody_is_signed_in_as_somebody_else_by_another_site(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        assert Browser(line).post("/sign-in", {"email": LENA, "password": "x"}).status_code == 403
        assert Browser(line).sign_in(LENA, Origin="https://evil.example").status_code == 403

    def test_refusals_stand_in_the_trail_with_who_was_used(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        browser = signed_in(line, LENA)
        browser.post("/probe/1/done")
        with line.app.store.read() as tx:
            [entry, _] = tx.logins.trail()
        assert (entry.action, entry.who, entry.role) == ("probe: done", LENA, "rep")
        assert entry.body == {"outcome": "refused", "status": 403}


class TestDoors:
    def test_an_act_is_no_page(self, desk_of: Make) -> None:
        """A mail's picture, a link, a preview: a GET does nothing."""
        line = desk_of(LOGINS)
        browser = signed_in(line, LENA)
        token, before = browser.token("/probe"), digest(line)
        assert browser.get(f"/probe/1/done?token={token}").status_code == 405
        assert browser.http.head("/probe/1/done").status_code == 405
        assert (
            browser.http.request("GET", "/probe/1/done", headers={"X-HTTP-Method-Override": "POST"}).status_code == 405
        )
        assert digest(line) == before

    def test_a_page_takes_no_form(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"):
            assert browser.http.request(method, "/probe").status_code == 405

    def test_what_is_for_others_is_refused_and_written_down(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        browser = signed_in(line, LENA)
        assert browser.get("/probe/managers").status_code == 403
        assert browser.get("/admin/trail").status_code == 403
        assert browser.press("/probe/manage").status_code == 403
        assert browser.trail()[-1] == "probe: manage"
        assert signed_in(line, PETRA).press("/probe/manage").status_code == 303

    def test_an_act_stands_in_the_trail_with_its_lead(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        line.person(1)
        line.did(1, "demo_request")
        line.sync()
        [handoff] = line.handoffs("open")
        browser = signed_in(line, LENA)
        browser.press(f"/probe/{handoff.id}/done")
        browser.press("/probe/4711/done")
        with line.app.store.read() as tx:
            [unknown, known, _] = tx.logins.trail()
        assert (known.lead_id, known.handoff_id, known.body["outcome"]) == (handoff.lead_id, handoff.id, "done")
        assert (unknown.lead_id, unknown.handoff_id) == (None, None)


class TestOtherPeoplesLeads:
    @pytest.fixture
    def given(self, desk_of: Make) -> tuple[Line, str]:
        """A lead that is Lena's, and its page."""
        line = desk_of(LOGINS)
        line.person(1)
        line.did(1, "demo_request")
        line.sync()
        [handoff] = line.handoffs("open")
        assert handoff.owner == LENA
        return line, f"/leads/{handoff.lead_id}"

    def test_it_is_not_there_for_another_rep(self, given: tuple[Line, str]) -> None:
        line, page = given
        assert signed_in(line, LENA).get(page).status_code == 200
        browser = signed_in(line, TOM)
        assert browser.get(page).status_code == 404
        assert browser.get(page).text == browser.get("/leads/4711").text
        assert "Weber" not in browser.get("/inbox").text

    def test_nothing_can_be_done_about_it(self, given: tuple[Line, str]) -> None:
        line, page = given
        browser = signed_in(line, TOM)
        for act in ("accept", "reject", "touch", "rate", "pass", "deal", "qualify", "answer"):
            assert browser.press(f"{page}/{act}", to=TOM, reason="budget", kind="call", rating="5").status_code == 404
        with line.app.store.read() as tx:
            assert {one.body["status"] for one in tx.logins.trail() if one.action.startswith("lead")} == {404}
        [handoff] = line.handoffs("open")
        assert (handoff.owner, handoff.accepted_at, handoff.rating) == (LENA, None, None)

    def test_numbers_that_are_none_are_no_pages(self, given: tuple[Line, str]) -> None:
        browser = signed_in(given[0], TOM)
        for number in ("0", "-1", "1e3", "9" * 19, "9" * 400, "1%00", "1;2", "%31%2f..", "१"):
            assert browser.get(f"/leads/{number}").status_code == 404, number


NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7919 * 7919 }}{% for x in y %}${7919*7919}#{7919*7919}",
    "%(email)s %s %d {0} {name}",
    "javascript:alert(1)",
)

ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example", "///evil.example", "\\\\evil.example",
    "javascript:alert(1)", "/x\r\nSet-Cookie: a=b", "/x\nLocation: https://evil.example", "/\t/evil.example",
    "", "x", "/probe\x00", " //evil.example", "/ /evil.example",
)  # fmt: skip


class TestInjection:
    def test_what_a_lead_is_called_is_text_on_every_page(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        for number, name in enumerate(NASTY, 1):
            words = dict.fromkeys(("name.given", "name.family", "company.name", "job_title"), name)
            line.person(number, **words)
            line.did(number, "demo_request", topic=name)
        line.sync()
        user(line, PETRA, "admin")
        browser = signed_in(line, PETRA)
        leads = [f"/leads/{line.lead(number).id}" for number in range(1, len(NASTY) + 1)]
        for page in ("/", "/inbox", *leads, *(f"{lead}/why" for lead in leads)):
            answer = browser.get(page)
            assert answer.status_code == 200, page
            assert "<script" not in answer.text.replace('<script src="/static/', "")
            assert "<img src=x" not in answer.text
            assert '="javascript:' not in answer.text
            assert "62710561" not in answer.text

    def test_a_user_is_called_by_text_too(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, "x@northwind.example", "admin", name=NASTY[0] + NASTY[2])
        browser = signed_in(line, "x@northwind.example")
        page = browser.get("/").text
        assert "&lt;script&gt;alert(1)" in page
        assert "{{ 7919 * 7919 }}" in page

    def test_what_was_said_and_what_the_address_says_is_text(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        browser.press("/probe/1/done", said=NASTY[0])
        assert (
            "&lt;script&gt;"
            in browser.get(
                "/probe",
            ).text
        )
        assert "<script>" not in browser.get("/probe?title=%3Cscript%3Ealert(1)%3C/script%3E").text

    def test_nobody_is_sent_elsewhere_and_no_header_is_made(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        token = browser.token("/probe")
        for to in ELSEWHERE:
            answer = browser.post("/probe/1/done", {"token": token, "to": to})
            assert answer.headers["location"] in ("/", "/probe"), to
            assert "=b" not in answer.headers.get("set-cookie", "")
            assert local_path(to) == "/"

    def test_nobody_is_sent_elsewhere_after_signing_in(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        for wanted in ("//evil.example/x", "/\\evil.example", "/%5Cevil.example", "/%2F/evil.example"):
            first, second = Browser(line), Browser(line)
            first.http.get(f"http://127.0.0.1:8377{wanted}")
            assert first.sign_in(LENA).headers["location"] == "/"
            second.get(f"/sign-in?next={wanted}&wanted={wanted}")
            assert second.sign_in(LENA).headers["location"] == "/"

    def test_paths_of_our_own_are_left(self) -> None:
        for path in ("/", "/inbox", "/leads/7?x=1&y=%E6%9D%B1#a", "/a-b_c.d/~e"):
            assert local_path(path) == path


class TestNought:
    """A byte of nought, which PostgreSQL keeps in no text."""

    def test_none_comes_out_of_an_address(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, PETRA, "admin")
        browser = signed_in(line, PETRA)
        assert browser.get("/dashboard?flow=b2b%00").status_code == 200
        assert browser.press("/admin/flows/b2b%00/release").status_code == 404

    def test_answers_are_of_the_length_that_the_page_takes(self) -> None:
        assert sent_answers(Sent({"answer.budget": "a\0" * 600}), ["budget"]) == {"budget": "a" * 500}


class TestPaths:
    def test_only_what_is_meant_to_be_seen_is_a_file(self, desk_of: Make) -> None:
        browser = Browser(desk_of(LOGINS))
        for path in (
            "/static/../site.py", "/static/..%2fsite.py", "/static/%2e%2e/site.py", "/static/%2e%2e%2fsite.py",
            "/static/..\\site.py", "/static/%252e%252e/site.py", "/static//etc/passwd", "/static/%2fetc%2fpasswd",
            "/static/....//site.py", "/static/%00", "/static/baton.css%00.html", "/static/", "/static",
            "/static/./../../../config.toml", "/static/../../../../../../../../etc/passwd",
        ):  # fmt: skip
            # As the server hands it on: a browser would put "/static/../x" right by itself.
            assert raw(browser, path) in (404, 307), path
        assert browser.get("/static/baton.css").status_code == 200


def raw(browser: Browser, path: str) -> int:
    """The status of a path that nobody has put right before."""
    sent: list[int] = []

    async def call() -> None:
        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": unquote(path), "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "headers": [(b"host", b"127.0.0.1:8377")], "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 8377),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                sent.append(message["status"])

        await browser.http.app(scope, receive, send)

    asyncio.run(call())
    return sent[0]


class TestSizes:
    def test_a_body_larger_than_a_form_is_refused_before_it_is_read(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        token = browser.token("/probe")
        assert browser.post("/probe/1/done", {"token": token, "said": "x" * (BODY - 200)}).status_code == 303
        answer = browser.post("/probe/1/done", {"token": token, "said": "x" * BODY})
        assert answer.status_code == 413
        assert answer.headers["connection"] == "close"

    def test_no_cookie_is_larger_than_browsers_keep(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        for path in ("/probe?title=" + "x" * 400, "/probe?title=" + "x" * 4000):
            assert len(browser.get(path).headers["set-cookie"]) < 4096
        browser.sign_in(LENA)
        answer = browser.press("/probe/1/done", said="\N{CJK UNIFIED IDEOGRAPH-6771}" * 5000)
        assert len(answer.headers["set-cookie"]) < 4096
        assert browser.get("/probe").status_code == 200

    def test_a_body_of_no_length_is_counted_while_it_comes(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        taken = []

        def endless() -> Iterator[bytes]:
            yield b"said="
            for number in range(10_000):
                taken.append(number)
                yield b"x" * 1024

        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = browser.http.post("/probe/1/done", content=endless(), headers=headers)
        assert answer.status_code == 413

    def test_a_length_that_is_none_is_refused(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        for length in ("-1", "1e9", "99999999999999999999", "0x10"):
            answer = browser.http.request("POST", "/probe/1/done", headers={"content-length": length})
            assert answer.status_code == 413, length

    def test_an_address_longer_than_any_of_ours_is_refused(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        assert browser.get("/probe?" + "x" * (ADDRESS - 20)).status_code == 200
        assert browser.get("/probe?" + "x" * ADDRESS).status_code == 414

    def test_what_comes_byte_by_byte_is_not_waited_for(self, desk_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        async def never() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        async def read(scope: Any, receive: Any, send: Any) -> None:
            await receive()

        async def ignored(_message: Any) -> None:
            pass

        scope = {"type": "http", "raw_path": b"/", "query_string": b"", "headers": []}
        with pytest.raises(HTTPException) as raised:
            asyncio.run(limits.Limits(read, seconds=0.01)(scope, never, ignored))
        assert raised.value.status_code == 408


class TestHost:
    """DNS rebinding: a page of another site lets its own name mean this machine, and asks us as that."""

    def test_by_another_name_nobody_is_answered(self, desk_of: Make) -> None:
        browser = Browser(desk_of())
        link = browser.opened.url.removeprefix(browser.base)
        for host in (
            "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8377", "evil.example:8377", "",
            "127.0.0.2", "[::2]", "a b",
        ):  # fmt: skip
            assert browser.get(link, Host=host).status_code == 400, host
            assert browser.get("/static/baton.css", Host=host).status_code == 400
        assert browser.get(link).status_code == 303

    def test_by_its_own_names_it_is(self, desk_of: Make) -> None:
        browser = Browser(desk_of())
        for host in ("127.0.0.1", "localhost:8377", "[::1]:8377", "LOCALHOST"):
            assert browser.get("/sign-in", Host=host).status_code == 200, host

    def test_a_host_that_is_passed_on_makes_no_link(self, desk_of: Make) -> None:
        browser = Browser(desk_of(LOGINS))
        answer = browser.get("/", **{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
        assert answer.headers["location"] == "/sign-in"


class TestTrouble:
    def test_a_fault_has_a_number_and_quotes_nobody(self, desk_of: Make, caplog: pytest.LogCaptureFixture) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        with caplog.at_level(logging.INFO):
            answer = browser.get("/probe/broken")
        assert answer.status_code == 500
        assert "ana@firm.example" not in answer.text + caplog.text
        assert "Traceback" not in answer.text
        [said] = [
            record.getMessage()
            for record in caplog.records
            if record.msg.startswith("fault") and record.levelname == "ERROR"
        ]
        assert said.split()[1].rstrip(":") in answer.text
        assert "KeyError in browsers.py" in caplog.text

    def test_it_is_told_in_the_readers_language_with_what_browsers_keep_to(self, desk_of: Make) -> None:
        browser = signed_in(desk_of(LOGINS), LENA)
        for tag, language in (("ja,en;q=0.5", "ja"), ("en-GB", "en"), ("xx", "en"), ("x" * 5000, "en")):
            for path in ("/nothing", "/probe/managers", "/probe/1/done", "/probe/broken"):
                answer = browser.get(path, **{"Accept-Language": tag})
                assert f'<html lang="{language}">' in answer.text
                assert "script-src 'self'" in answer.headers["content-security-policy"]
                assert answer.headers["content-type"].startswith("text/html")

    def test_the_access_log_names_nobody_and_nothing_that_was_asked_for(
        self, desk_of: Make, caplog: pytest.LogCaptureFixture
    ) -> None:
        line = desk_of(LOGINS)
        with caplog.at_level(logging.DEBUG):
            browser = signed_in(line, LENA)
            browser.get("/probe?title=ana@firm.example")
            browser.get("/open/a.token.of.somebody")
            browser.get("/ana@firm.example")
            browser.get("/leads/4711")
            browser.http.request("ANA", "/")
        said = [record.getMessage() for record in caplog.records if record.name == "baton.desk.access"]
        assert [one.rpartition(" ")[0].rsplit(" ", 1)[0] for one in said[-5:]] == [
            "GET /probe 200", "GET /open/{token} 404", "GET - 404", "GET /leads/{lead:int} 404", "? - 405",
        ]  # fmt: skip
        whole = " ".join(said)
        assert all(word not in whole for word in ("ana", "ANA", "lena", "4711", "token.of", "203.0.113.7"))
