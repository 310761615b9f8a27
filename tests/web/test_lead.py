"""A rep's inbox, a lead's page, and what a rep does there: each act, its second press, and who may not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.follow_up import Absence
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.logins import User
from connector.runs import desk_acts
from connector.runs.absences import add_absence
from connector.web.rooms import inbox
from tests.line import START, Line
from tests.web.desk import ADMIN, LENA, Desk

TOM = User("tom@northwind.example", "Tom", ("rep",))
#: What was said on top of a page.
SAID = re.compile(r'<p class="said" role="status">(.*?)</p>', re.DOTALL)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk", flow=GATES)
    for number in (1, 2):
        made.person(number)
        made.did(number, "demo_request")
    made.sync()
    yield made
    made.app.close()


GATES = """
[flows.b2b.gates]
mql = { any = [{ activity = "demo_request", within = "30 days" }] }
sal = { by = "owner", within = "1 working day", asks = ["budget", "fit"] }
sql = { by = "owner", within = "10 working days", asks = ["conversation"] }
"""


def of(line: Line, user: User) -> Handoff:
    """The lead that this user was given."""
    return next(one for one in line.handoffs("open") if one.owner == user.email)


def anew(line: Line, handoff: Handoff) -> Handoff:
    with line.app.store.read() as tx:
        return tx.handoffs.by_ids([handoff.id])[handoff.id]


def events(line: Line, handoff: Handoff) -> list[HandoffEvent]:
    with line.app.store.read() as tx:
        return list(tx.handoff_events.of_handoffs([handoff.id]).get(handoff.id, ()))


class Rep:
    """Lena at the page of her lead."""

    def __init__(self, line: Line, user: User = LENA) -> None:
        self.line, self.desk = line, Desk(line.app, user)
        self.handoff = of(line, LENA)
        self.page = f"/leads/{self.handoff.lead_id}"

    def press(self, act: str, **fields: Any) -> str:
        """Send a form; what is said then."""
        to = self.desk.act(f"{self.page}/{act}", self.page, handoff=self.handoff.id, **fields)
        found = SAID.search(self.desk.get(to))
        return found[1] if found else ""

    @property
    def stage(self) -> str:
        with self.line.app.store.read() as tx:
            return str(tx.intake.leads([self.handoff.lead_id])[self.handoff.lead_id].stage)

    @property
    def now(self) -> Handoff:
        return anew(self.line, self.handoff)


@pytest.fixture
def rep(line: Line) -> Rep:
    return Rep(line)


class TestInbox:
    def test_what_is_due_first_comes_first_under_its_heading(self, line: Line) -> None:
        desk = Desk(line.app, LENA)
        assert 'id="hot"' not in desk.get("/inbox").split("<section")[0]
        assert ">Later <" in desk.get("/inbox") or ">Due today <" in desk.get("/inbox")
        line.now += timedelta(days=3)
        late = desk.get("/inbox")
        assert "Overdue <" in late
        assert "overdue since" in late

    def test_everybody_sees_their_own(self, line: Line) -> None:
        pages = [Desk(line.app, user).get("/inbox") for user in (LENA, TOM)]
        numbers = [set(re.findall(r"/leads/(\d+)", page)) for page in pages]
        assert [len(one) for one in numbers] == [1, 1]
        assert numbers[0] != numbers[1]

    def test_of_many_the_beginning_is_shown_and_the_rest_on_demand(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(inbox, "BEGINNING", 1)
        for number in range(3, 9):
            line.person(number)
            line.did(number, "demo_request")
        line.sync()
        desk = Desk(line.app, LENA)
        first = desk.get("/inbox")
        assert len(set(re.findall(r"/leads/(\d+)", first))) == 1
        assert "More of these: 4 in all" in first
        (key,) = set(re.findall(r"\?all=(\w+)", first))
        assert len(set(re.findall(r"/leads/(\d+)", desk.get(f"/inbox?all={key}")))) == 4

    def test_nothing_is_said_where_nothing_waits(self, line: Line) -> None:
        assert "Nothing waits for you." in Desk(line.app, replace(TOM, email="new@northwind.example")).get("/inbox")

    def test_a_deputy_sees_the_leads_of_who_is_away_and_that_they_are(self, line: Line) -> None:
        absence = Absence(LENA.email, START - timedelta(hours=1), START + timedelta(days=5), deputy=TOM.email)
        add_absence(line.app.runtime(), absence)
        page = Desk(line.app, TOM).get("/inbox")
        assert page.count("for lena@northwind.example, who is away") == 1
        assert len(set(re.findall(r"/leads/(\d+)", page))) == 2
        rep = Rep(line, TOM)
        assert "for lena@northwind.example, who is away" in rep.desk.get(rep.page)
        assert rep.press("accept") == "Accepted."
        rep.press("touch", kind="call", once="a1")
        assert [one.who for one in events(line, rep.handoff) if one.kind == "touched"] == [TOM.email]

    def test_it_is_in_the_users_language(self, line: Line) -> None:
        page = Desk(line.app, replace(LENA, language="ja")).get("/inbox")
        assert '<html lang="ja">' in page
        assert "Weber Ana 様" in page or "Ana Weber 様" in page


class TestPage:
    def test_why_it_is_theirs_is_said_in_the_readers_language(self, rep: Rep) -> None:
        reader = Desk(rep.line.app, replace(LENA, language="ja"))
        assert "turn of lena@northwind.example" in rep.desk.get(rep.page)
        page = reader.get(rep.page)
        assert "lena@northwind.exampleの番" in page
        assert "turn of" not in page

    def test_what_the_record_said_of_consent_stands_until_something_else_is_said(self, tmp_path: Path) -> None:
        line = Line(tmp_path, crm="desk", flow=GATES)
        line.person(1, **{"consent.email": True})
        line.did(1, "demo_request")
        line.sync()
        page = Desk(line.app, ADMIN).get(f"/leads/{line.lead(1).id}").partition('id="consent"')[2]
        assert "<dt>email</dt><dd>yes</dd>" in page
        line.app.close()

    def test_it_shows_brief_reasons_and_consent(self, rep: Rep) -> None:
        page = rep.desk.get(rep.page)
        for part in ("Brief", "Why now", "Asked for a demo", "Consent", "budget", "fit confirmed"):
            assert part in page

    def test_somebody_elses_lead_is_not_there(self, line: Line) -> None:
        theirs, desk = of(line, TOM), Desk(line.app, LENA)
        desk.get(f"/leads/{theirs.lead_id}", 404)
        desk.get(f"/leads/{theirs.lead_id}/why", 404)
        for number in (4711, 10**30):
            desk.get(f"/leads/{number}", 404)
        mine = of(line, LENA)
        for lead_id in (theirs.lead_id, mine.lead_id):
            desk.act(f"/leads/{lead_id}/accept", f"/leads/{mine.lead_id}", status=404, handoff=theirs.id)
        assert anew(line, theirs).accepted_at is None

    def test_an_admin_sees_every_lead(self, line: Line) -> None:
        for user in (LENA, TOM):
            Desk(line.app, ADMIN).get(f"/leads/{of(line, user).lead_id}")

    def test_a_manager_sees_those_of_their_teams_and_no_others(self, line: Line) -> None:
        text = (line.folder / "config.toml").read_text("utf-8")
        line.reopen(text.replace("[teams.sales]\n", '[teams.sales]\nmanager = "petra@northwind.example"\n'))
        boss, page = replace(ADMIN, roles=("manager",)), f"/leads/{of(line, TOM).lead_id}"
        desk = Desk(line.app, boss)
        desk.act(f"{page}/accept", page, handoff=of(line, TOM).id)
        assert of(line, TOM).accepted_at == line.now
        Desk(line.app, replace(boss, email="otto@northwind.example")).get(page, 404)
        Desk(line.app, replace(boss, roles=("marketing",))).get(page, 403)

    def test_what_people_are_called_is_text(self, line: Line) -> None:
        line.person(1, **{"name.family": "<script>alert(1)</script>", "company.name": "{{ 7 * 7 }}"})
        line.sync()
        for user in (LENA, TOM):
            desk = Desk(line.app, user)
            for page in (desk.get("/inbox"), desk.get(f"/leads/{of(line, user).lead_id}")):
                assert "<script>" not in page
                assert "49" not in re.findall(r"\{\{|49 \*", page)

    def test_the_time_line_is_a_page(self, rep: Rep) -> None:
        rep.press("accept")
        page = rep.desk.get(f"{rep.page}/why")
        assert "accepted by lena@northwind.example" in page


class TestAccept:
    def test_it_is_an_sal_with_its_answers_at_once(self, rep: Rep) -> None:
        said = rep.press("accept", **{"answer.budget": "20 k", "answer.fit_confirmed": "yes"})
        assert said == "Accepted."
        assert rep.stage == "sal"
        assert rep.now.accepted_at == START
        with rep.line.app.store.read() as tx:
            fields = tx.intake.leads([rep.handoff.lead_id])[rep.handoff.lead_id].fields
        assert (fields["budget"], fields["fit_confirmed"]) == ("20 k", True)
        assert "20 k" in rep.desk.get(rep.page)

    def test_the_next_sync_finds_nothing_new(self, rep: Rep) -> None:
        rep.press("accept")
        done = rep.line.sync(timedelta(minutes=1))
        assert not done.counts["leads with news"]
        assert not done.counts["sal"]
        assert [one.kind for one in events(rep.line, rep.handoff)].count("accepted") == 1

    def test_a_second_press_changes_nothing(self, rep: Rep) -> None:
        rep.press("accept")
        before, known = rep.now, events(rep.line, rep.handoff)
        rep.line.now += timedelta(minutes=5)
        assert "so already" in rep.press("accept", **{"answer.budget": "more"})
        assert (rep.now, events(rep.line, rep.handoff)) == (before, known)

    def test_pressed_twice_at_once_it_is_done_once(self, rep: Rep) -> None:
        def press(_: int) -> str:
            return desk_acts.accept(rep.line.app.runtime(), rep.line.app.rows, rep.handoff.id, LENA.email).what

        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(press, range(4))) == ["already", "already", "already", "done"]

    def test_the_clock_of_acceptance_stops(self, rep: Rep) -> None:
        rep.press("accept")
        rep.line.sync(timedelta(days=4))
        keys = {one.key for one in events(rep.line, rep.handoff) if one.kind == "breached"}
        assert not any(key.startswith("accept") for key in keys)
        others = {one.key for one in events(rep.line, of(rep.line, TOM)) if one.kind == "breached"}
        assert any(key.startswith("accept") for key in others)

    def test_it_is_the_same_in_japanese(self, line: Line) -> None:
        rep = Rep(line, replace(LENA, language="ja"))
        assert rep.press("accept") != ""
        assert rep.stage == "sal"


class TestReject:
    def test_its_reason_counts_and_marketing_is_told(self, rep: Rep) -> None:
        rep.press("reject", reason="competitor", words="works for a rival")
        assert (rep.stage, rep.now.state, rep.now.reason) == ("rejected", "closed", "competitor")
        assert rep.now.words == "works for a rival"
        rep.line.sync(timedelta(minutes=1))
        assert [one.kind for one in events(rep.line, rep.handoff)][-1] == "rejected"

    def test_without_a_reason_nothing_is_done(self, rep: Rep) -> None:
        for reason in ("", "no-such-reason"):
            assert "choose a reason" in rep.press("reject", reason=reason)
        assert rep.stage == "mql"

    def test_a_second_press_changes_nothing(self, rep: Rep) -> None:
        rep.press("reject", reason="competitor")
        before = rep.now
        assert "so already" in rep.press("reject", reason="not_now")
        assert rep.now == before


class TestTouch:
    def test_it_is_contact(self, rep: Rep) -> None:
        rep.line.now += timedelta(minutes=20)
        assert rep.press("touch", kind="call", once="a1", note="<i>will call back</i>") == "Noted."
        assert rep.now.contacted_at == rep.line.now
        page = rep.desk.get(rep.page)
        assert "a call by lena@northwind.example" in page
        assert "&lt;i&gt;will call back" in page

    def test_one_form_is_one_touch(self, rep: Rep) -> None:
        rep.press("touch", kind="call", once="a1")
        assert "so already" in rep.press("touch", kind="call", once="a1")
        rep.press("touch", kind="email", once="b2")
        assert [one.kind for one in events(rep.line, rep.handoff)].count("touched") == 2

    def test_it_may_have_been_earlier_and_is_on_the_users_clock(self, rep: Rep) -> None:
        rep.line.now += timedelta(hours=2)
        rep.press("touch", kind="meeting", once="a1", at="2026-11-20T10:15")
        assert rep.now.contacted_at == START + timedelta(hours=1, minutes=15)

    def test_what_was_before_the_handoff_or_is_still_to_come_is_refused(self, rep: Rep) -> None:
        rep.line.now += timedelta(hours=2)
        said = rep.press("touch", kind="call", once="a1", at="2026-11-20T08:59")
        assert "handed over on Fri 20 Nov 09:00" in said
        assert "Nothing was noted" in said
        assert "in the future" in rep.press("touch", kind="call", once="a1", at="2026-11-20T11:06")
        assert (rep.now.contacted_at, [one.kind for one in events(rep.line, rep.handoff)]) == (None, ["opened"])

    def test_the_minute_of_the_handoff_is_after_it_and_a_clock_that_is_fast_is_ours(self, rep: Rep) -> None:
        rep.line.now += timedelta(hours=2)
        assert rep.press("touch", kind="call", once="a1", at="2026-11-20T11:05") == "Noted."
        assert rep.now.contacted_at == rep.line.now
        with rep.line.app.store.write() as tx:
            tx.handoffs.save([replace(rep.now, opened_at=START + timedelta(seconds=30), contacted_at=None)])
        assert rep.press("touch", kind="call", once="b2", at="2026-11-20T09:00") == "Noted."
        assert rep.now.contacted_at == START + timedelta(seconds=30)

    def test_what_is_no_contact_in_the_flow_is_not_offered(self, tmp_path: Path) -> None:
        line = Line(tmp_path, crm="desk", flow=GATES + '[flows.b2b.clock]\ntouch = ["call"]\n')
        line.person(1)
        line.did(1, "demo_request")
        line.sync()
        rep = Rep(line)
        page = rep.desk.get(rep.page)
        assert 'value="call"' in page
        assert 'value="email"' not in page
        assert "choose one" in rep.press("touch", kind="email", once="a1")
        line.app.close()

    def test_what_is_no_time_is_not_now(self, rep: Rep) -> None:
        for at in ("24.12.2026", "tomorrow", "0001-01-01T00:00+14:00", "9999-12-31T23:59:59-12:00"):
            assert "a day such as" in rep.press("touch", kind="call", once="a1", at=at)
        assert rep.now.contacted_at is None

    def test_what_is_no_touch_is_none(self, rep: Rep) -> None:
        assert "choose one" in rep.press("touch", kind="fax", once="a1")
        assert "choose one" in rep.press("touch", kind="call", once="../x")
        assert rep.now.contacted_at is None


class TestRate:
    def test_it_is_kept_and_may_be_changed(self, rep: Rep) -> None:
        rep.press("rate", rating="4")
        assert rep.now.rating == 4
        assert "so already" in rep.press("rate", rating="4")
        rep.press("rate", rating="2")
        assert rep.now.rating == 2

    def test_it_may_be_said_after_the_lead_was_rejected(self, rep: Rep) -> None:
        rep.press("reject", reason="competitor")
        rep.press("rate", rating="1")
        assert rep.now.rating == 1

    def test_another_number_is_none(self, rep: Rep) -> None:
        for rating in ("", "0", "6", "4.5", "four", "٤"):
            assert "choose one" in rep.press("rate", rating=rating)
        assert rep.now.rating is None


class TestStages:
    def test_conversation_opportunity_won(self, rep: Rep) -> None:
        rep.press("accept")
        rep.line.now += timedelta(hours=1)
        rep.press("qualify", **{"answer.conversation": "yes"})
        assert rep.stage == "sql"
        assert "so already" in rep.press("qualify")
        rep.line.now += timedelta(hours=1)
        rep.press("deal", stage="open", amount="12,000.50", currency="eur")
        assert rep.stage == "opportunity"
        rep.line.now += timedelta(hours=1)
        assert "Congratulations" in rep.press("deal", stage="won")
        assert (rep.stage, rep.now.state) == ("won", "closed")
        with rep.line.app.store.read() as tx:
            fields = tx.intake.leads([rep.handoff.lead_id])[rep.handoff.lead_id].fields
        assert (fields["opportunity.amount"], fields["opportunity.currency"]) == (12000.5, "EUR")
        assert "so already" in rep.press("deal", stage="won")
        assert not rep.line.sync(timedelta(minutes=1)).counts["leads with news"]

    def test_lost_has_a_reason(self, rep: Rep) -> None:
        rep.press("accept")
        assert "choose a reason" in rep.press("deal", stage="lost")
        rep.press("deal", stage="lost", reason="competitor", words="too dear")
        assert (rep.stage, rep.now.reason, rep.now.words) == ("lost", "competitor", "too dear")
        closed = [one for one in events(rep.line, rep.handoff) if one.kind == "closed"]
        assert [one.body["reason"] for one in closed] == ["competitor"]

    def test_an_amount_is_a_number_in_a_currency(self, rep: Rep) -> None:
        rep.press("accept")
        for amount in ("-1", "1e9", "12;", "x", "1.000.00", ",5"):
            assert "amount is a number" in rep.press("deal", stage="open", amount=amount, currency="EUR")
        assert "three letters" in rep.press("deal", stage="open", amount="12", currency="€")
        assert "12.000 can be read in two ways" in rep.press("deal", stage="open", amount="12.000", currency="EUR")
        assert rep.stage == "sal"

    @pytest.mark.parametrize("amount", ["12.000,50", "12000,5", "１２，０００.50"])
    def test_an_amount_may_be_written_as_one_is_used_to(self, rep: Rep, amount: str) -> None:
        rep.press("accept")
        assert rep.press("deal", stage="open", amount=amount, currency="EUR") == "The opportunity is kept."
        with rep.line.app.store.read() as tx:
            fields = tx.intake.leads([rep.handoff.lead_id])[rep.handoff.lead_id].fields
        assert fields["opportunity.amount"] == 12000.5


class TestPassOn:
    def test_to_a_colleague_who_is_told(self, rep: Rep) -> None:
        assert rep.press("pass", to=TOM.email) == "Given on. Its new owner is told."
        assert rep.now.owner == TOM.email
        rep.desk.get(rep.page, 404)

    def test_whoever_had_it_is_told_that_it_has_moved_on(self, rep: Rep) -> None:
        to = rep.desk.act(f"{rep.page}/pass", rep.page, handoff=rep.handoff.id, to=TOM.email)
        assert to == "/inbox"
        rep.desk.get("/inbox")
        stale = rep.desk.act(f"{rep.page}/accept", "/leads/" + str(of_second(rep)), handoff=rep.handoff.id)
        assert "given to somebody else" in rep.desk.get(stale)
        assert rep.now.accepted_at is None

    def test_nobody_outside_of_the_team(self, rep: Rep) -> None:
        assert "choose one" in rep.press("pass", to="stranger@example.com")
        assert rep.now.owner == LENA.email


def of_second(rep: Rep) -> int:
    """Another lead that Lena has, whose page has forms."""
    rep.line.person(3)
    rep.line.person(4)
    for number in (3, 4):
        rep.line.did(number, "demo_request")
    rep.line.sync()
    return next(one.lead_id for one in rep.line.handoffs("open") if one.owner == LENA.email)


def test_every_act_is_in_the_trail(rep: Rep) -> None:
    rep.press("accept")
    rep.press("accept")
    with rep.line.app.store.read() as tx:
        found = [one for one in tx.logins.trail(limit=10) if one.lead_id == rep.handoff.lead_id]
    assert [(one.who, one.action, one.body["what"]) for one in reversed(found)] == [
        (LENA.email, "lead: accept", "done"),
        (LENA.email, "lead: accept", "already"),
    ]


class TestMarketing:
    """What follows from an act on the desk is what follows from any CRM's word."""

    @pytest.fixture
    def heard(self, tmp_path: Path) -> Iterator[Line]:
        folder = tmp_path / "heard"
        folder.mkdir()
        (folder / "portal.toml").write_text(PORTAL, "utf-8")
        made = Line(folder, crm="desk", flow=REASONS, portal_settings=SOURCE)
        made.portal.make("contact", {}, made.now, crm_id="1")
        made.person(1)
        made.did(1, "demo_request")
        made.sync()
        yield made
        made.app.close()

    def told(self, line: Line, object: str) -> list[Any]:
        return [one.values for one in line.portal.effects() if one.object == object]

    def test_it_hears_the_stage_with_the_next_delivery(self, heard: Line) -> None:
        Rep(heard).press("accept")
        heard.sync(timedelta(minutes=1))
        assert self.told(heard, "contact")[-1]["baton_stage"] == "sal"

    def test_it_hears_why_and_the_reasons_list_is_joined(self, heard: Line) -> None:
        assert Rep(heard).press("reject", reason="not_now", words="in spring") == "Rejected. Marketing is told why."
        heard.sync(timedelta(minutes=1))
        assert self.told(heard, "contact")[-1] == {"baton_stage": "rejected", "baton_reason": "not_now"}
        assert self.told(heard, "membership")[-1]["list"] == "later"

    def test_who_was_rejected_comes_back_when_its_reason_says_so(self, heard: Line) -> None:
        Rep(heard).press("reject", reason="not_now")
        heard.sync(timedelta(minutes=1))
        heard.now += timedelta(days=91)
        heard.did(1, "demo_request")
        heard.sync()
        (again,) = heard.handoffs("open")
        heard.sync(timedelta(minutes=1))
        desk, page = Desk(heard.app, replace(LENA, email=again.owner)), f"/leads/{again.lead_id}"
        desk.act(f"{page}/reject", page, handoff=again.id, reason="not_now")
        assert anew(heard, again).state == "closed"

    @pytest.mark.parametrize("settings", ["", 'mapping = "portal.toml"\n'])
    def test_where_nothing_goes_back_the_rep_is_told_where_marketing_finds_it(
        self, tmp_path: Path, settings: str
    ) -> None:
        (tmp_path / "portal.toml").write_text(PORTAL, "utf-8")
        line = Line(tmp_path, crm="desk", flow=REASONS, portal_settings=settings)
        for number in (1, 2, 3):
            line.person(number)
            line.did(number, "demo_request")
        line.sync()
        rep, again = Rep(line), [one for one in line.handoffs("open") if one.owner == LENA.email][1]
        assert "finds your reason on the desk" in rep.press("reject", reason="not_now")
        rep.handoff, rep.page = again, f"/leads/{again.lead_id}"
        rep.press("accept")
        assert "finds your reason on the desk" in rep.press("deal", stage="lost", reason="not_now")
        assert {one.target for one in line.outbox()} == {"crm"}
        line.app.close()


SOURCE = 'objects = ["contact", "membership"]\nmapping = "portal.toml"\n'
PORTAL = '[write.contact]\nbaton_stage = "stage"\nbaton_reason = "handoff.reason"\n'
REASONS = '[flows.b2b.reasons]\nnot_now = { list = "later", back_after = "90 days" }\n'


class TestElsewhere:
    """A lead that another CRM has."""

    @pytest.fixture
    def away(self, tmp_path: Path) -> Iterator[Line]:
        folder = tmp_path / "away"
        folder.mkdir()
        made = Line(folder, crm_settings='crm_streams = ["user", "lead", "task"]\n')
        made.person(1)
        made.did(1, "demo_request")
        made.sync()
        yield made
        made.app.close()

    def test_everything_is_shown_and_where_it_is_worked_on(self, away: Line) -> None:
        (handoff,) = away.handoffs("open")
        page = Desk(away.app, LENA).get(f"/leads/{handoff.lead_id}")
        record = away.crm.things("lead")[0].crm_id
        assert f"Open it in crm: {record}" in page
        assert "Brief" in page
        assert "/accept" not in page
        assert "/pass" in page

    def test_an_act_there_is_not_done_here(self, away: Line) -> None:
        (handoff,) = away.handoffs("open")
        desk, page = Desk(away.app, LENA), f"/leads/{handoff.lead_id}"
        acts: tuple[tuple[str, dict[str, Any]], ...] = (
            ("accept", {}), ("reject", {"reason": "competitor"}), ("touch", {"kind": "call", "once": "a"}),
            ("qualify", {}), ("deal", {"stage": "won"}), ("rate", {"rating": "3"}),
        )  # fmt: skip
        for act, fields in acts:
            to = desk.act(f"{page}/{act}", page, handoff=handoff.id, **fields)
            assert "This is done in crm" in desk.get(to), act
        assert anew(away, handoff) == handoff

    def test_it_can_be_given_on(self, away: Line) -> None:
        (handoff,) = away.handoffs("open")
        desk, page = Desk(away.app, LENA), f"/leads/{handoff.lead_id}"
        desk.act(f"{page}/pass", page, handoff=handoff.id, to=TOM.email)
        assert anew(away, handoff).owner == TOM.email

    def test_a_rating_that_it_has_no_field_for_is_kept_here(self, away: Line) -> None:
        mapping = '[read.stage]\nfield = "stage"\ntable = { sal = "sal", rejected = "rejected" }\nrating = false\n'
        (away.folder / "crm.toml").write_text(mapping, "utf-8")
        text = (away.folder / "config.toml").read_text("utf-8")
        away.reopen(text.replace('type = "memory"\ncrm_streams', 'type = "memory"\nmapping = "crm.toml"\ncrm_streams'))
        (handoff,) = away.handoffs("open")
        desk, page = Desk(away.app, LENA), f"/leads/{handoff.lead_id}"
        desk.act(f"{page}/rate", page, handoff=handoff.id, rating="5")
        assert anew(away, handoff).rating == 5
        assert [one.kind for one in events(away, handoff)].count("rated") == 1


class TestWhoseInbox:
    """Whoever leads a team looks at the inboxes of its reps."""

    BOSS = User("petra@northwind.example", "Petra", ("manager",))

    @pytest.fixture
    def led(self, line: Line) -> Line:
        text = (line.folder / "config.toml").read_text("utf-8")
        line.reopen(text.replace("[teams.sales]\n", '[teams.sales]\nmanager = "petra@northwind.example"\n'))
        return line

    @pytest.mark.parametrize("user", [BOSS, ADMIN])
    def test_it_is_chosen(self, led: Line, user: User) -> None:
        desk = Desk(led.app, user)
        assert not re.findall(r"/leads/\d+", desk.get("/inbox"))
        for rep in (LENA, TOM):
            assert f"<option>{rep.email}" in desk.get("/inbox")
            assert re.findall(r"/leads/(\d+)", desk.get(f"/inbox?of={rep.email}")) == [str(of(led, rep).lead_id)]

    def test_nobody_elses_is_there(self, led: Line) -> None:
        Desk(led.app, LENA).get(f"/inbox?of={TOM.email}", 404)
        assert "<select" not in Desk(led.app, LENA).get("/inbox")
        Desk(led.app, replace(self.BOSS, email="otto@northwind.example")).get(f"/inbox?of={TOM.email}", 404)
        Desk(led.app, replace(self.BOSS, roles=("marketing",))).get("/inbox", 403)
