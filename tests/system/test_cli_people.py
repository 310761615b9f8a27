"""`baton absent`, `baton reassign` and `baton status --routing`: what people type and read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.system.conftest import Shop

LENA, TOM, MONA = (f"{name}@shop.example" for name in ("lena", "tom", "mona"))
TODAY = datetime.now(UTC).date()


def routing(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = shop.told("status", "--routing")
    return found


class TestAbsent:
    def test_who_is_away_is_written_down_listed_and_ended(self, shop: Shop) -> None:
        assert shop.baton("absent").stdout == "nobody is away\n"
        said = shop.baton("absent", LENA, "--until", "2031-12-24", "--deputy", TOM, "--note", "parental leave")
        assert f"{LENA} is away: from " in said.stdout
        assert "until Thu 25 Dec 2031 00:00 (end it with: baton absent end 1)" in said.stdout
        assert f"{TOM} takes what would have been theirs" in said.stdout
        [one] = shop.told("absent")
        assert (one["email"], one["end"], one["deputy"]) == (LENA, "2031-12-24T23:00:00+00:00", TOM)
        assert (one["now"], one["note"]) == (True, "parental leave")
        assert "parental leave" in shop.baton("absent").stdout
        assert shop.baton("absent", "end", "1").stdout == f"{LENA} is there again\n"
        assert shop.told("absent", "list") == []
        assert shop.told("absent", "add", LENA)["absence"]["end"] is None
        assert "no absence 1, or it is over" in shop.baton("absent", "end", "1").stderr

    def test_times_are_of_the_persons_own_zone(self, shop: Shop) -> None:
        shop.edit("config.toml", "[flows.b2b]\n", f'[people."{LENA}"]\ntimezone = "Asia/Tokyo"\n[flows.b2b]\n')
        kept = shop.told("absent", LENA, "--from", "2031-01-01 12:00", "--until", "2031-01-02T18:00+01:00")["absence"]
        assert (kept["start"], kept["end"]) == ("2031-01-01T03:00:00+00:00", "2031-01-02T17:00:00+00:00")
        assert "from Wed 1 Jan 2031 12:00 until Fri 3 Jan 2031 02:00" in " ".join(shop.baton("absent").stdout.split())

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ((f"x{LENA}",), f"the configuration names nobody x{LENA}; did you mean {LENA}?"),
            (("nobody@else.where",), "the configuration names nobody nobody@else.where"),
            ((LENA, "--deputy", LENA), "nobody stands in for themselves"),
            ((LENA, "--from", "24.12."), '24.12. is no day and no time; write 2026-12-24 or "2026-12-24 12:00"'),
            ((LENA, "--until", "2020-01-01"), "--until lies before --from, or is over"),
            (("end",), "say which one ends: baton absent end NUMBER"),
            (("end", "x"), "say which one ends: baton absent end NUMBER"),
            ((LENA, "7"), "say who is away: baton absent EMAIL, or baton absent end NUMBER"),
            (("add",), "say who is away: baton absent EMAIL, or baton absent end NUMBER"),
        ],
    )
    def test_what_cannot_be_meant_is_said(self, shop: Shop, typed: tuple[str, ...], said: str) -> None:
        answer = shop.baton("absent", *typed)
        assert answer.exit_code == 2
        assert said in answer.stderr
        assert shop.told("absent") == []

    def test_what_somebody_has_in_hand_is_said_when_they_go(self, shop: Shop) -> None:
        shop.baton("sync")
        said = shop.baton("absent", LENA).stdout
        assert "until further notice" in said
        assert f"handoffs that stay in their hands: 1; give them on with: baton reassign --from {LENA}" in said


class TestReassign:
    def test_it_is_tried_then_done_and_says_what_became_of_each(self, shop: Shop) -> None:
        shop.baton("sync")
        tried = shop.baton("reassign", "--from", LENA, "--dry-run").stdout
        assert "1 of 1 would be given on; nothing was changed" in tried
        assert TOM in tried
        assert shop.told("status")["open_by_owner"] == {LENA: 1}
        [one] = shop.told("reassign", "--from", LENA.upper(), "--to", MONA, "--flow", "b2b")["handoffs"]
        assert (one["to"], one["lead"]) == (MONA, 1)
        assert shop.told("status")["open_by_owner"] == {MONA: 1}
        shop.baton("sync")
        assert shop.told("status")["outbox"]["desk"].keys() == {"done"}
        assert shop.baton("reassign", "--from", LENA).stdout == f"{LENA} has no open handoff\n"
        assert "given on from" in shop.baton("why", "1").stdout

    def test_nobody_else_is_there(self, shop: Shop) -> None:
        shop.baton("sync")
        shop.baton("absent", TOM)
        answer = shop.baton("reassign", "--from", LENA).stdout
        assert "stays" in answer
        assert "0 of 1 were given on" in answer
        assert "next `baton sync`" not in answer

    @pytest.mark.parametrize(
        ("typed", "said"),
        [(("--to", "mna@shop.example"), f"did you mean {MONA}?"), (("--flow", "b2c"), "no flow b2c; there are: b2b")],
    )
    def test_what_cannot_be_meant_is_said(self, shop: Shop, typed: tuple[str, ...], said: str) -> None:
        answer = shop.baton("reassign", "--from", LENA, *typed)
        assert answer.exit_code == 2
        assert said in answer.stderr


class TestRouting:
    def test_shares_are_shown_beside_the_exact_ones_and_the_ledger_is_made_again(self, shop: Shop) -> None:
        shop.baton("sync")
        shop.baton("absent", LENA, "--until", "2031-12-24", "--deputy", MONA)
        found = routing(shop)
        ring, roster = found["routing"]["sales"], found["roster"]
        assert len(roster["version"]) == 16
        assert roster["since"].startswith(str(TODAY.year))
        lena, tom = ring["members"]
        assert (lena["turns"], lena["owed"], tom["turns"], tom["owed"]) == (1, "-1/3", 0, "1/3")
        assert lena["exact"] == pytest.approx(2 / 3)
        assert (lena["away"], lena["stand_in"], tom["away"]) == (True, MONA, False)
        assert (ring["given"], ring["checked"], ring["broken"]) == (1, 1, [])
        assert (ring["turns"][0]["to"], ring["turns"][0]["weights"]) == (LENA, f"{LENA}=2 {TOM}=1")
        text = " ".join(shop.baton("status", "--routing").stdout.split())
        for words in (
            "exact share",
            "0.67",
            f"away until Thu 25 Dec 2031 00:00, {MONA}",
            "again from the ledger: 1; each holds",
        ):
            assert words in text

    def test_a_line_that_was_altered_does_not_hold(self, shop: Shop) -> None:
        from connector.app import opened

        shop.baton("sync")
        with opened(shop.folder / "config.toml", lambda: datetime.now(UTC)) as app, app.store.write() as tx:
            [line] = tx.handoffs.turns("sales")
            tx.handoffs.add_turns([type(line)(1, "sales", LENA, line.at, "rule 1", 1, f"{LENA}=2:-1/3 {TOM}=1:1/3")])
            tx.handoffs.add_turns([type(line)(1, "sales", TOM, line.at, "rule 1", 3, f"{LENA}=2:-1/3 {TOM}=1:1/2")])
        broken = routing(shop)["routing"]["sales"]["broken"]
        assert [one["what"] for one in broken] == ["choice", "owed"]
        text = shop.baton("status", "--routing").stdout
        assert "does not hold: by its ring it was somebody else's turn" in text
        assert "does not hold: its balances do not follow from the line before" in text

    def test_whom_nobody_takes_is_named_with_what_is_done(self, shop: Shop) -> None:
        for email in (LENA, TOM):
            shop.baton("absent", email, "--until", str(TODAY + timedelta(days=400)))
        shop.baton("sync")
        found = routing(shop)["nobody_there"]["b2b"]
        assert (found["count"], found["give_to"], found["tell"]) == (1, "next to be back", "manager")
        assert found["handoffs"][0]["why"].startswith(
            "rule 1: everyone → sales: 2 away, 0 at their limit; nobody there"
        )
        text = shop.baton("status", "--routing").stdout
        assert "b2b: waiting: 1 (waits for the next to be back); told: the manager" in text
