"""A machine that does anything in any order, and looks at each quiet point whether the promises hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from connector.steps.who_wins import RULES
from tests.machine.ground import CRMS
from tests.machine.play import CONTACTS, SERVED, Act, Play
from tests.machine.process import REPS
from tests.machine.truth import STRANGE, WORDS

MOST = 4
TITLES, CITIES = ("Director IT", "CTO", "Clerk", ""), ("Berlin", "Ulm", "Bonn", "")
KINDS = ("sync", "sync", "pull", "bring back", "work", "deliver crm", "deliver portal", "backfill")
WRITE_FAULTS = ("done", "timeout", "late", "cut", "server_error", "throttled", "no_connection", "refused", "duplicate")
READ_FAULTS = ("server_error", "throttled", "no_connection", "refused")
#: At so many steps from one quiet point to the next there is something to look at.
APART = 6

_number, _place, _yes = st.integers(1, MOST), st.integers(0, 5), st.booleans()
_run, _boundary = st.sampled_from(KINDS), st.integers(0, 40)
_edit = st.one_of(
    st.tuples(st.just("job_title"), st.sampled_from(TITLES)), st.tuples(st.just("city"), st.sampled_from(CITIES))
)
_by_hand = st.sampled_from((("job_title", "Head of IT"), ("city", "Köln"), ("score.total", 99)))

#: What people do in marketing, and what makes somebody a lead in the CRM.
MARKETING: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "appears": (_number, st.sampled_from(TITLES), st.sampled_from(CITIES), _yes),
    "changes": (_number, _edit),
    "asks": (_number, st.sampled_from(("demo_request", "webinar_attend"))),
    "leaves": (_number,),
    "merges": (_number, _number),
    "makes_by_hand": (_number, st.sampled_from(CITIES)),
}
#: What reps do; none of it before there is a lead.
SALES: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "edits": (_place, _edit),
    "edits_by_hand": (_place, _by_hand),
    "gives": (_place, st.sampled_from(REPS)),
    "judges": (_place, st.sampled_from(("not_now", "other", "")), st.integers(1, 3)),
    "says": (_place, st.sampled_from((*WORDS, STRANGE, ""))),
    "deletes": (_place,),
    "restores": (_place,),
    "converts": (_place, _yes),
    "closes": (_place, _yes),
    "merges_leads": (_place, _place),
}
_act = st.one_of(*(st.tuples(st.just(name), *given) for name, given in (MARKETING | SALES).items()))
#: What happens to the line.
LINE: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "runs": (_run,),
    "is_killed": (_run, _boundary, _yes),
    "meanwhile": (_run, _boundary, _act),
    "two_at_once": (_run, _boundary, _run, _yes),
    "write_fails": (
        st.sampled_from(("crm", "portal")), st.sampled_from(WRITE_FAULTS), st.integers(0, 3),
        st.sampled_from((5.5, 31.5)),
    ),
    "read_fails": (
        st.sampled_from(("pull", "changes", "look_up", "find")), st.sampled_from(READ_FAULTS), st.integers(0, 2),
    ),
    "time_passes": (st.sampled_from((1, 15, 60, 300, 4000, 90_000, 20 * 86_400)),),
    "mode_changes": (st.sampled_from(("live", "live", "observe", "review")),),
    "rules_change": (st.sampled_from((30, 40)), _yes),
}  # fmt: skip
#: How many times as often as others: what two that become one were is where most can go wrong.
OFTEN = {"merges": 3, "merges_leads": 3}
#: What must be there for it to do anything.
NEEDS: dict[str, Callable[[Play], bool]] = {
    "merges": lambda play: sum(one.there for one in play.truth.people.values()) > 1,
    "merges_leads": lambda play: sum(not (one.gone or one.contact) for one in play.truth.records.values()) > 1,
}


class Acting(RuleBasedStateMachine):
    """What every machine has in common: how it begins and ends."""

    play: Play
    #: What the last machine did, for whoever tells of it.
    last: Play

    def begin(self, crm: str, rule: str, begin: tuple[bool, ...]) -> None:
        """An empty CRM, and some people who have asked for a demo."""
        self.play = Acting.last = Play(crm)
        if rule:
            self.play.do(("wins", rule))
        for number, asks in enumerate(begin, 1):
            if asks:
                self.play.do(("appears", number, "Director IT", "Berlin", True))
        self.play.do(("runs", "sync"))

    @precondition(lambda self: self.play.since_quiet >= APART)
    @rule()
    def quiet(self) -> None:
        """Faults end, and the line runs until nothing changes."""
        self.play.do(("quiet",))

    def teardown(self) -> None:
        """Each ends in a quiet point, and leaves nothing behind."""
        if not hasattr(self, "play"):
            return
        with self.play:
            if self.play.since_quiet and not self.play.failed:
                self.quiet()


def _rule(name: str, given: tuple[st.SearchStrategy[Any], ...]) -> Callable[..., None]:
    def act(self: Acting, given: Act) -> None:
        self.play.do((name, *given))

    act.__name__ = name
    made = rule(given=st.tuples(*given))(act)
    if needs := NEEDS.get(name):
        return precondition(lambda self: needs(self.play))(made)
    return precondition(lambda self: bool(self.play.truth.records))(made) if name in SALES else made


def _begins(kinds: tuple[str, ...]) -> Callable[..., None]:
    # On the servers nothing but Baton's own fields is told to marketing.
    rules = ("",) if kinds == (SERVED,) else ("", *RULES)

    def begins(self: Acting, crm: str, rule: str, begin: tuple[bool, ...]) -> None:
        self.begin(crm, rule, begin)

    kind, winner = st.sampled_from(kinds), st.sampled_from(rules)
    return initialize(crm=kind, rule=winner, begin=st.tuples(_yes, _yes, _yes))(begins)


def machine(kinds: tuple[str, ...]) -> type[Acting]:
    """A machine on one of these platforms."""
    every = MARKETING | SALES | LINE
    rules = {f"{name}_{time}": _rule(name, every[name]) for name in every for time in range(OFTEN.get(name, 1))}
    return type("Machine", (Acting,), {"begins": _begins(kinds), **rules})


#: The platforms of a machine, by its name.
MACHINES = {"memory": tuple(CRMS), "servers": (SERVED,), "hubspot": (CONTACTS,)}
