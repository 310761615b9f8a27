"""How soon somebody got in touch with the leads that they were given lately: their own numbers, at their inbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

from connector.config import Config
from connector.insight.intervals import quantile
from connector.insight.kept_times import by, state
from connector.model.ports import Handed, Transaction
from connector.model.times import micros
from connector.reporting.wording import length
from connector.runs.clocks import clocks_heard
from connector.steps.telling.words import N_, Words
from connector.web.fresh import Fresh
from connector.web.visit import Visit

DAYS = 30
AGREED = N_("%(other)s, hot: %(hot)s")
OF_FLOW = N_("%(flow)s: %(agreed)s")
#: The handoffs of everybody, by site: the store has them by when they were opened, and not by whose they are.
_FRESH: WeakKeyDictionary[Any, Fresh] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class OwnTimes:
    """Of `handed` handoffs of the last `DAYS` days. `kept` of `over`, whose time is over or that were contacted, were
    contacted in time.

    `took` and `worked` are the medians of the time from the handoff to the first contact, in seconds on the calendar
    and in working hours; None where nobody was contacted. `agreed` says the agreed times.
    """

    handed: int
    contacted: int
    kept: int
    over: int
    took: float | None
    worked: float | None
    agreed: tuple[str, ...]


def own_times(visit: Visit, tx: Transaction, owner: str) -> OwnTimes | None:
    """The numbers of `owner`; None where they were given nothing, or where nobody can know when they got in touch.

    They are at most half a minute old.
    """
    now = visit.words.now
    rows = _FRESH.setdefault(visit.request.app, Fresh()).get("handed", now, lambda: _by_owner(visit, tx))
    some = rows.get(owner.casefold(), ())
    return _times(some, micros(now), visit.app.config, visit.words) if some else None


def _by_owner(visit: Visit, tx: Transaction) -> dict[str, list[Handed]]:
    now, heard = visit.words.now, clocks_heard(visit.app.runtime())
    rows = tx.looking.handed(micros(now - timedelta(days=DAYS)), micros(now) + 1)
    return by((one for one in rows if "contact" in heard.get(one.flow, ())), lambda one: one.owner.casefold())


def _times(rows: Sequence[Handed], now: int, config: Config, words: Words) -> OwnTimes:
    found = Counter(state(one, now) for one in rows)
    over = found["in_time"] + found["late"] + found["never"]
    took = [(one.contacted - one.opened) / 1e6 for one in rows if one.contacted and one.contacted >= one.opened]
    worked = [one.worked for one in rows if one.worked is not None]
    flows = sorted({one.flow for one in rows})
    return OwnTimes(
        len(rows), len(took), found["in_time"], over, _median(took), _median(worked), _agreed(flows, config, words)
    )  # fmt: skip


def _median(some: Sequence[float]) -> float | None:
    return quantile(sorted(some), 0.5) if some else None


def _agreed(flows: Sequence[str], config: Config, words: Words) -> tuple[str, ...]:
    said = {}
    for name in flows:
        contact = config.flows[name].clock.contact
        other, hot = length(contact.other, words.translate), length(contact.hot, words.translate)
        said[name] = words.say(AGREED, other=other, hot=hot)
    if len(set(said.values())) < 2:
        return tuple(said.values())[:1]
    return tuple(words.say(OF_FLOW, flow=name, agreed=agreed) for name, agreed in said.items())
