"""Whatever happens to leads, in any order: one open handoff for a stage, and no sales outcome undone by a score."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters import memory
from connector.model.stages import OF_PEOPLE, OWN_MOVES, Transition
from tests.stages.ground import DAY, HOUR, Desk

FLOW = """\
mend_by = "petra@northwind.example"
[flows.b2b.conditions]
asked = { activity = "demo_request", within = "30 days" }
some  = { score = "total", at_least = 20 }
[flows.b2b.intent]
"Visited" = { points = 10, activity = "visit", each = true, half_life = "20 days" }
[flows.b2b.gates]
mql      = { any = ["asked", { score = "total", at_least = 50 }] }
mql_ends = { score = "total", below = 30 }
nurture  = { when = "some", list = "warm", untouched = { after = "15 days", list = "quiet" } }
review   = { by = "petra@northwind.example", within = "2 working hours", deputy = "karl@northwind.example" }
sal      = { within = "1 working day" }
sql      = { within = "3 working days", then = "ae" }
[flows.b2b.reasons]
not_now   = { list = "later", back_after = "20 days" }
wrong_fit = { back_when = { changed = ["job_title"] } }
lost      = { back_after = "25 days" }
"""
TEAM = '[teams.ae]\nmembers = [{ email = "karl@northwind.example" }]\n'
STEPS = st.lists(
    st.one_of(
        st.sampled_from([
            ("demo", ""), ("visit", ""), ("later", "1"), ("later", "13"), ("later", "31"), ("job", "CTO"),
            ("job", "Director IT"), ("phone", "+49 30 901820"), ("mode", "review"), ("mode", "live"),
            ("release", ""), ("return", "not_now"),
        ]),
        st.tuples(st.just("says"), st.sampled_from(["sal", "sql", "opportunity", "won", "lost"])),
        st.tuples(st.just("rejects"), st.sampled_from(["not_now", "wrong_fit", "wrong_data", "competitor", ""])),
    ),
    min_size=1, max_size=14,
)  # fmt: skip


def step(desk: Desk, what: str, how: str) -> None:
    desk.now += HOUR
    there = bool(desk.crm.things("lead"))
    if what in ("demo", "visit"):
        desk.did(1, "demo_request" if what == "demo" else "visit")
    elif what == "later":
        desk.now += int(how) * DAY
    elif what in ("job", "phone"):
        desk.person(1, **{"job_title" if what == "job" else what: how})
    elif what == "mode":
        text = (desk.folder / "config.toml").read_text("utf-8")
        other = "live" if how == "review" else "review"
        desk.reopen(text.replace(f'mode = "{other}"', f'mode = "{how}"'))
    elif what == "says" and there:
        desk.crm.edit(desk.record().crm_id, {"stage": how}, desk.now)
    elif what == "rejects" and there:
        desk.crm.edit(desk.record().crm_id, {"stage": "rejected", "reason": how}, desk.now)
    elif what == "release":
        from connector.runs.release import release_lead

        release_lead(desk.app.runtime(), desk.app.rows, desk.lead(1).id, "petra")
    elif what == "return":
        from connector.runs.review import give_back

        give_back(desk.app.runtime(), desk.app.rows, desk.lead(1).id, how, "", "petra")
    desk.sync()


def holds(desk: Desk) -> None:
    """What must be true after every step."""
    lead, mine = desk.lead(1), desk.given()
    now_open = Counter(one.stage for one in mine if one.state != "closed")
    assert max(now_open.values(), default=0) <= 1
    assert desk.waiting_for_people("notice") == [] or lead.stage == "rejected"
    moves = desk.moves()
    for move in moves:
        assert move.by != "baton" or allowed(move), move
    # The history is whole: each move begins where the one before it ended.
    places = [move.origin for move in moves[1:]] + [lead.stage]
    assert places == [move.to for move in moves] or (not moves and lead.stage == "known")
    assert len(desk.crm.things("lead")) <= 1
    given_to = [one for one in mine if one.opened_at]
    assert len(desk.crm.things("task")) == len(given_to)


def allowed(move: Transition) -> bool:
    """A move that is Baton's to make: out of what people decide only by coming back."""
    return (move.origin, move.to) in OWN_MOVES and (move.origin not in OF_PEOPLE or move.why.startswith("recycled"))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
@example([("demo", ""), ("rejects", "not_now"), ("later", "31"), ("mode", "review"), ("demo", ""), ("says", "sal")])
@example([("demo", ""), ("says", "sql"), ("rejects", "wrong_data"), ("phone", "+49 30 901820"), ("says", "won")])
def test_one_handoff_for_a_stage_and_no_outcome_undone(steps: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), flow=FLOW, crm=TEAM)
        try:
            desk.person(1)
            desk.sync()
            for what, how in steps:
                step(desk, what, how)
                holds(desk)
        finally:
            desk.app.close()
            for key in [key for key in memory._worlds if folder in key]:
                memory._worlds.pop(key).close()
