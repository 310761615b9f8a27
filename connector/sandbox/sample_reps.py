"""How the sample's reps work: what one does about a handoff, and when, drawn from a seed.

They are neither saints nor idle: most call in time, some late, a few never; paid clicks disappoint more often than
referrals. The same handoff gives the same deeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from connector.sandbox.sample_quarter import HOURS, SATURDAY

#: Of a hundred handed over, how many a rep keeps, by where the lead came from.
KEPT = {"referral": 86, "event": 80, "organic": 74, "direct": 70, "email": 66, "social": 52, "paid": 48}
#: How often each reason is given, by where the lead came from.
REASONS = {
    "paid": {"wrong_fit": 5, "unreachable": 3, "not_now": 2, "competitor": 1},
    "social": {"wrong_fit": 4, "unreachable": 4, "not_now": 2},
    "": {"not_now": 5, "unreachable": 3, "wrong_fit": 2, "customer": 1, "wrong_data": 1},
}
#: What is answered to the questions of a gate, by language; as many answers in each.
ASKED = {
    "en": {
        "budget": ("yes, 30,000 a year", "not yet", "in next year's plan"),
        "authority": ("decides with the plant manager", "decides", "recommends"),
        "need": ("plans on spreadsheets", "late deliveries", "a second plant"),
        "timing": ("this quarter", "spring", "open"),
        "fit": ("good", "good", "so so"),
    },
    "ja": {
        "budget": ("年450万円を確保済み", "未定", "来期の予算に計上予定"),
        "authority": ("工場長と相談して決める", "本人が決める", "推薦する立場"),
        "need": ("表計算で計画している", "納期遅れが多い", "第二工場を立ち上げる"),
        "timing": ("今期中", "来春", "未定"),
        "fit": ("good", "good", "so so"),
    },
}


@dataclass(frozen=True, slots=True)
class Deed:
    """What a rep does: `act` is touch, accept, reject, rate, sql, opportunity, won or lost."""

    at: datetime
    act: str
    values: Mapping[str, Any] = field(default_factory=dict)


def deeds(
    seed: int, key: str, source: str, opened: datetime, *, hot: bool, slow: bool, morning: int, language: str = "en"
) -> Iterator[Deed]:
    """What the owner does about the handoff `key` of a lead from `source`, opened then, in the order of time.

    `slow` is a rep who calls late; days begin at `morning` (UTC). About one in twenty hears nothing at all.
    """
    random = Random(f"{seed} {key}")  # noqa: S311 (sample data)
    for deed in _deeds(random, source, opened, ASKED[language], hot=hot, slow=slow):
        yield replace(deed, at=_at_work(random, deed.at, morning))


def _at_work(random: Random, at: datetime, morning: int) -> datetime:
    """The same moment, or one of the next morning where nobody is at work then."""
    hour = at.astimezone(UTC).hour
    while at.weekday() >= SATURDAY or not morning <= hour < morning + HOURS:
        if at.weekday() >= SATURDAY or hour >= morning + HOURS:
            at += timedelta(days=1)
        at = at.replace(hour=morning, minute=random.randrange(60)) + timedelta(minutes=random.randrange(60))
        hour = at.hour
    return at


def _deeds(
    random: Random, source: str, opened: datetime, asked: Mapping[str, Sequence[str]], *, hot: bool, slow: bool
) -> Iterator[Deed]:
    if random.random() < (0.12 if slow else 0.03):
        return
    called = opened + _wait(random, hot=hot, slow=slow)
    yield Deed(called, "touch", {"kind": random.choice(("call", "call", "email")), "text": ""})
    decided = called + timedelta(hours=random.uniform(1, 40))
    if random.randrange(100) >= KEPT.get(source, 65):
        reasons = REASONS.get(source, REASONS[""])
        reason = random.choices(list(reasons), list(reasons.values()))[0]
        yield Deed(decided, "reject", {"reason": reason})
        return
    yield Deed(decided, "accept", {name: random.choice(words) for name, words in asked.items()})
    if random.random() < 0.7:
        yield Deed(decided + timedelta(hours=2), "rate", {"rating": random.choices((2, 3, 4, 5), (1, 3, 5, 4))[0]})
    yield from _sold(random, decided, source)


def _wait(random: Random, *, hot: bool, slow: bool) -> timedelta:
    hours = random.lognormvariate(0.0, 0.9) * (0.25 if hot else 1.5) * (3.0 if slow else 1.0)
    return timedelta(hours=min(hours, 90))


def _sold(random: Random, accepted: datetime, source: str) -> Iterator[Deed]:
    at = accepted + timedelta(days=random.uniform(1, 8))
    if random.random() > 0.62:
        return
    yield Deed(at, "sql", {"conversation": "a demo on their own plan"})
    at += timedelta(days=random.uniform(2, 14))
    if random.random() > 0.7:
        return
    amount = random.randrange(8, 90) * 1000
    yield Deed(at, "opportunity", {"amount": amount})
    at += timedelta(days=random.uniform(7, 40))
    won = random.random() < (0.55 if source in ("referral", "event") else 0.38)
    yield Deed(at, "won" if won else "lost", {"amount": amount})
