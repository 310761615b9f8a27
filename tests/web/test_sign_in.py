"""The ways in by a link and by a password, and how a session ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.web import attempts, passwords
from tests.line import Line
from tests.web.browsers import PASSWORD, Browser, user

LOGINS = '\n[desk]\nsign_in = "logins"\n'
LENA = "lena@northwind.example"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Make = Callable[..., Line]


class TestLink:
    def test_the_link_lets_in_one_browser_once(self, desk_of: Make) -> None:
        first = Browser(desk_of())
        path = first.opened.url.removeprefix(first.base)
        assert first.get(path).headers["location"] == "/"
        assert first.get("/").status_code == 200
        second = first.other()
        assert second.get(path).status_code == 403
        assert second.get("/").headers["location"] == "/sign-in"

    def test_a_link_that_was_guessed_lets_in_nobody(self, desk_of: Make) -> None:
        browser = Browser(desk_of())
        for guess in ("/enter", "/enter?key=", "/enter?key=x", "/enter?key=%C3%A9"):
            assert browser.get(guess).status_code == 403
        assert browser.get("/").headers["location"] == "/sign-in"

    def test_nobody_is_asked_for_more_where_they_have_no_link(self, desk_of: Make) -> None:
        assert "baton desk" in Browser(desk_of()).get("/sign-in").text

    def test_the_link_of_a_person_gives_what_they_may(self, desk_of: Make) -> None:
        browser = Browser(desk_of(), email=LENA)
        browser.get(browser.opened.url.removeprefix(browser.base))
        assert browser.get("/probe/managers").status_code == 403
        assert LENA in browser.get("/").text

    def test_the_key_that_signs_its_sessions_is_another_one_each_time(self, desk_of: Make) -> None:
        line = desk_of()
        before, after = Browser(line), Browser(line)
        before.get(before.opened.url.removeprefix(before.base))
        after.http.cookies = before.http.cookies
        assert after.get("/").headers["location"] == "/sign-in"


class TestPassword:
    def test_whoever_knows_it_comes_in_and_goes_where_they_wanted(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        assert browser.get("/probe?title=here").headers["location"] == "/sign-in"
        assert browser.sign_in(LENA).headers["location"] == "/probe?title=here"
        assert LENA in browser.get("/").text
        assert browser.trail() == ["signed in"]

    def test_a_wrong_name_and_a_wrong_password_are_answered_alike(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        user(line, "gone@northwind.example", "admin", disabled_at=line.now)
        user(line, "none@northwind.example")
        said = set()
        for email, password in (
            (LENA, "wrong password"), ("nobody@northwind.example", PASSWORD), ("gone@northwind.example", PASSWORD),
            ("none@northwind.example", PASSWORD), ("tom@northwind.example", ""),
        ):  # fmt: skip
            browser = Browser(line)
            answer = browser.sign_in(email, password)
            said.add((answer.status_code, answer.text.replace(browser.token("/sign-in"), "")))
        assert len(said) == 1
        assert said.pop()[0] == 403

    def test_a_name_that_nobody_has_is_proved_as_long_as_one_that_somebody_has(
        self, desk_of: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        proved = []

        class Counting:
            def verify(self, kept: str, password: str) -> bool:
                proved.append(kept.startswith("$argon2id$"))
                return False

        monkeypatch.setattr(passwords, "hasher", Counting)
        browser = Browser(line)
        browser.sign_in(LENA)
        browser.sign_in("nobody@northwind.example")
        assert proved == [True, True]

    def test_the_trail_does_not_keep_what_was_typed_as_a_name(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        Browser(line).sign_in("my secret password")
        with line.app.store.read() as tx:
            assert [(one.action, one.who) for one in tx.logins.trail()] == [("sign-in refused", "")]


class TestSession:
    def test_a_session_is_another_one_after_signing_in(self, desk_of: Make) -> None:
        """Whoever put a cookie of theirs into the browser before holds nothing afterwards."""
        line = desk_of(LOGINS)
        user(line, LENA)
        attacker, victim = Browser(line), Browser(line)
        known = attacker.token("/sign-in")
        victim.http.cookies.set("baton-8377", attacker.cookie(), domain="127.0.0.1", path="/")
        victim.sign_in(LENA)
        assert attacker.get("/").headers["location"] == "/sign-in"
        assert victim.post("/probe/1/done", {"token": known}).status_code == 403
        assert victim.token("/probe") != known

    def test_it_ends_after_its_time_and_after_doing_nothing(self, desk_of: Make) -> None:
        line = desk_of(LOGINS + 'session = "3 hours"\nidle = "1 hour"\n')
        user(line, LENA)
        browser = Browser(line)
        browser.sign_in(LENA)
        line.now += HOUR
        assert browser.get("/").headers["location"] == "/sign-in"
        browser.sign_in(LENA)
        for _ in range(3):
            line.now += 59 * MINUTE
            assert browser.get("/").status_code == 200
        line.now += 3 * MINUTE
        assert browser.get("/").headers["location"] == "/sign-in"

    def test_signing_out_ends_a_copy_of_it_too(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        browser.sign_in(LENA)
        thief = browser.other()
        thief.http.cookies.set("baton-8377", browser.cookie(), domain="127.0.0.1", path="/")
        assert thief.get("/").status_code == 200
        assert browser.press("/sign-out").headers["location"] == "/sign-in"
        assert browser.get("/").headers["location"] == "/sign-in"
        assert thief.get("/").headers["location"] == "/sign-in"

    def test_signing_out_leaves_other_browsers_alone_and_everywhere_does_not(self, desk_of: Make) -> None:
        line = desk_of(LOGINS + 'session = "3 days"\nidle = "3 days"\n')
        user(line, LENA)
        here, there, third = (Browser(line) for _ in range(3))
        for browser in (here, there, third):
            browser.sign_in(LENA)
        copy = here.cookie()
        here.press("/sign-out")
        assert there.get("/").status_code == third.get("/").status_code == 200
        line.now += timedelta(hours=47)
        assert here.sign_in(LENA).status_code == 303
        thief = here.other()
        thief.http.cookies.set("baton-8377", copy, domain="127.0.0.1", path="/")
        assert thief.get("/").headers["location"] == "/sign-in", "forgotten while a copy may still be used"
        assert here.press("/sign-out-everywhere", "/password").headers["location"] == "/sign-in"
        assert {one.get("/").headers["location"] for one in (here, there, third)} == {"/sign-in"}
        assert here.trail()[-3:] == ["account: sign out", "signed in", "account: sign out everywhere"]

    def test_signing_out_is_no_address_to_be_sent_to(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        browser.sign_in(LENA)
        assert browser.get("/sign-out").status_code == 405
        assert browser.get("/").status_code == 200

    def test_another_password_ends_all_others(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        here, there = Browser(line), Browser(line)
        here.sign_in(LENA)
        there.sign_in(LENA)
        new = "another horse battery"
        assert here.press("/password", "/password", old=PASSWORD, new=new).headers["location"] == "/"
        assert here.get("/").status_code == 200
        assert there.get("/").headers["location"] == "/sign-in"
        assert there.sign_in(LENA).status_code == 403
        assert there.sign_in(LENA, new).status_code == 303

    @pytest.mark.parametrize(
        ("old", "new", "status"),
        [
            ("wrong", "another horse battery", 403),
            (PASSWORD, "short", 422),
            (PASSWORD, LENA, 422),
            (PASSWORD, "x" * 201, 422),
        ],
    )
    def test_a_password_that_does_not_do_changes_nothing(self, desk_of: Make, old: str, new: str, status: int) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        browser.sign_in(LENA)
        assert browser.press("/password", "/password", old=old, new=new).status_code == status
        assert Browser(line).sign_in(LENA).status_code == 303

    def test_who_is_disabled_is_out_at_once(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        lena = user(line, LENA)
        browser = Browser(line)
        browser.sign_in(LENA)
        with line.app.store.write() as tx:
            tx.logins.save(replace(lena, disabled_at=line.now), line.now)
        assert browser.get("/").headers["location"] == "/sign-in"

    def test_a_cookie_that_was_changed_is_none(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        browser.sign_in(LENA)
        body, _, signature = browser.cookie().partition(".")
        for forged in (f"{body}x.{signature}", "e30=.x.y", "", "{}", "." * 3):
            other = browser.other()
            other.http.cookies.set("baton-8377", forged, domain="127.0.0.1", path="/")
            assert other.get("/").headers["location"] == "/sign-in"

    def test_beyond_this_machine_its_cookie_goes_over_https_alone(self, desk_of: Make) -> None:
        line = desk_of(LOGINS + 'base_url = "https://baton.northwind.example"\n')
        browser = Browser(line, base="https://baton.northwind.example")
        said = browser.get("/sign-in").headers["set-cookie"].lower()
        assert said.startswith("__host-baton=")
        assert all(word in said for word in ("secure", "httponly", "samesite=lax", "path=/"))
        assert "domain" not in said


@pytest.fixture
def _few_from_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "BY_ADDRESS", (attempts.Bound(4, MINUTE),))


class TestBruteForce:
    def test_after_five_wrong_ones_the_right_one_waits_too(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        assert [browser.sign_in(LENA, "wrong").status_code for _ in range(6)] == [403] * 5 + [429]
        answer = browser.sign_in(LENA)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
        line.now += MINUTE
        assert browser.sign_in(LENA).status_code == 303

    def test_the_wait_grows(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        tried = 0
        while tried < 10:
            tried += browser.sign_in(LENA, "wrong").status_code == 403
            line.now += MINUTE / 4
        line.now += MINUTE
        assert browser.sign_in(LENA).headers["retry-after"] == "900"
        line.now += 15 * MINUTE
        assert browser.sign_in(LENA).status_code == 303

    def test_a_name_that_nobody_has_waits_as_well(self, desk_of: Make) -> None:
        browser = Browser(desk_of(LOGINS))
        answers = [browser.sign_in("nobody@northwind.example", "wrong").status_code for _ in range(6)]
        assert answers == [403] * 5 + [429]

    @pytest.mark.usefixtures("_few_from_one_address")
    def test_whoever_tries_a_name_keeps_nobody_waiting_where_its_owner_has_signed_in_before(
        self, desk_of: Make
    ) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        user(line, "tom@northwind.example", "rep")
        hers, stranger = Browser(line), Browser(line)
        hers.sign_in(LENA)
        hers.press("/sign-out")
        assert [stranger.sign_in(LENA, "wrong").status_code for _ in range(4)][-1] == 429
        assert hers.sign_in("tom@northwind.example").status_code == 429, "known for another name"
        assert hers.sign_in(LENA).status_code == 303

    def test_what_strangers_tried_is_not_forgotten_when_its_owner_comes_in(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        hers, stranger = Browser(line), Browser(line)
        hers.sign_in(LENA)
        hers.press("/sign-out")
        assert [stranger.sign_in(LENA, "wrong").status_code for _ in range(6)][-1] == 429
        assert hers.sign_in(LENA).status_code == 303
        assert stranger.sign_in(LENA).status_code == 429

    def test_a_browser_that_is_known_may_not_try_for_ever_either(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        browser.sign_in(LENA)
        browser.press("/sign-out")
        assert [browser.sign_in(LENA, "wrong").status_code for _ in range(6)] == [403] * 5 + [429]

    @pytest.mark.parametrize("forged", ["", "x", "e30.x.y", "W10.aaaa.bbbb"])
    def test_a_browser_is_not_known_by_its_own_word(self, desk_of: Make, forged: str) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        browser.http.cookies.set("baton-8377-known", forged, domain="127.0.0.1", path="/")
        assert [browser.sign_in(LENA, "wrong").status_code for _ in range(6)] == [403] * 5 + [429]

    def test_a_browser_that_is_known_is_signed_in_by_nothing_but_a_password(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        said = browser.sign_in(LENA).headers.get_list("set-cookie")
        known = next(one for one in said if one.startswith("baton-8377-known="))
        assert all(word in known.lower() for word in ("httponly", "samesite=strict", "path=/"))
        assert LENA not in known
        other = browser.other()
        other.http.cookies.set(
            "baton-8377-known", browser.http.cookies["baton-8377-known"], domain="127.0.0.1", path="/"
        )
        assert other.get("/").headers["location"] == "/sign-in"

    def test_what_strangers_tried_keeps_nobody_from_another_password(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        hers, stranger = Browser(line), Browser(line)
        hers.sign_in(LENA)
        assert [stranger.sign_in(LENA, "wrong").status_code for _ in range(6)][-1] == 429
        new = "another horse battery"
        assert hers.press("/password", "/password", old=PASSWORD, new=new).status_code == 303

    @pytest.mark.usefixtures("_few_from_one_address")
    def test_many_names_from_one_address_wait_and_others_do_not(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        statuses = [browser.sign_in(f"p{n}@northwind.example", "wrong").status_code for n in range(5)]
        assert statuses == [403] * 4 + [429]
        assert browser.sign_in(LENA).status_code == 429
        assert browser.other(client="203.0.113.8").sign_in(LENA).status_code == 303

    @pytest.mark.usefixtures("_few_from_one_address")
    def test_an_address_that_a_browser_makes_up_is_not_believed(self, desk_of: Make) -> None:
        browser = Browser(desk_of(LOGINS))
        statuses = [
            browser.sign_in(f"p{n}@northwind.example", "wrong", **{"X-Forwarded-For": f"198.51.100.{n}"}).status_code
            for n in range(5)
        ]
        assert statuses[-1] == 429

    @pytest.mark.usefixtures("_few_from_one_address")
    def test_behind_a_web_server_the_address_that_it_added_counts(self, desk_of: Make) -> None:
        line = desk_of(LOGINS + '[desk.proxy]\ntrusted = ["203.0.113.0/24"]\n')
        browser = Browser(line)
        for n in range(5):
            made_up = {"X-Forwarded-For": f"198.51.100.{n}, 192.0.2.1"}
            status = browser.sign_in(f"p{n}@northwind.example", "wrong", **made_up).status_code
        assert status == 429
        assert browser.sign_in("x@northwind.example", **{"X-Forwarded-For": "192.0.2.2"}).status_code == 403

    def test_neither_names_nor_addresses_are_kept(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        Browser(line).sign_in(LENA, "wrong")
        whole = (line.folder / "baton.db").read_bytes() + (line.folder / "baton.db-wal").read_bytes()
        assert b"203.0.113.7" not in whole

    def test_attempts_at_the_old_password_are_counted_too(self, desk_of: Make) -> None:
        line = desk_of(LOGINS)
        user(line, LENA)
        browser = Browser(line)
        browser.sign_in(LENA)
        answers = [browser.press("/password", "/password", old="wrong", new=PASSWORD).status_code for _ in range(6)]
        assert answers == [403] * 5 + [429]
