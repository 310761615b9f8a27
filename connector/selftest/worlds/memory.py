"""The reference platform as CRM, in three ways of knowing that something is there."""

from __future__ import annotations

from functools import partial

from connector.model.sentences import N_
from connector.selftest.world import World
from connector.selftest.worlds._books import Held, judged
from connector.selftest.worlds._line import Line, LineWorld

PEOPLE = 2
MEMORY = 'type = "memory"\nfile = "crm.world"\n'
SEARCHED = f'{MEMORY}unique_key = "none"\nfind = "search"\nsettle = 5\nlag = 20\n'
BY_PARENT = f'{MEMORY}by_parent = ["task", "note"]\nsettle = 5\n'


def worlds() -> list[World]:
    """A first handover to each."""
    return [
        first(N_("memory, unique key"), N_("takes our key, can be asked for it"), MEMORY),
        first(N_("memory, only searched"), N_("search lags 20 s, requests 5 s"), SEARCHED),
        first(N_("memory, by parent"), N_("leads take our key; the rest: found on the lead"), BY_PARENT),
    ]


def first(name: str, target: str, crm: str) -> LineWorld:
    """People who asked for a demo are read, scored and handed over."""
    judge = partial(judged, books=books, people=PEOPLE)
    return LineWorld(name=name, target=target, crm=crm, furnished=some_ask, judged=judge)


def some_ask(line: Line) -> None:
    """Two people who have asked for a demo, and nothing was read yet."""
    for number in range(PEOPLE):
        line.person(number)
        line.asks(number)


def books(line: Line) -> list[Held]:
    """What the CRM in memory holds."""
    things = [one for one in line.crm.things() if one.object != "user"]
    return [Held(one.object, one.crm_id, one.our_key, one.parent_id, one.values) for one in things]
