"""What is put into a CRM beside the leads: goals with how far they are, the review of a week, the playbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from connector.config import Config
from connector.insight.goal_words import STATES, Teller
from connector.insight.goals import GoalStanding
from connector.locale import translator
from connector.model.ports import Transaction
from connector.model.publishing import Goal, PublishedPage, Target, TargetKind
from connector.reporting.document import Block, Heading, as_markdown
from connector.reporting.pack import pack_of
from connector.reporting.periods import before, due_at, last_over
from connector.reporting.playbook import playbook
from connector.reporting.review import review
from connector.reporting.sending import began_before
from connector.runs.goals import standing
from connector.steps.periods import before as span_before
from connector.steps.telling.words import N_

#: A goal's unit there: the kind of its number, what its number is multiplied by, and what it is then in.
_KINDS: dict[str, tuple[TargetKind, float, str]] = {
    "leads": ("count", 1, ""), "money": ("money", 1, ""), "share": ("share", 100, ""),
    "working time": ("count", 1 / 60, "min"), "time": ("count", 1 / 60, "min"),
}  # fmt: skip
#: A goal is due on its last day, and not in the first moment of the next one.
_BEFORE_MIDNIGHT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Thing:
    """A goal or a page, by our key. `once`: it is not changed any more. `past`: only where it is there already."""

    kind: str
    name: str
    key: str
    made: Goal | PublishedPage
    once: bool = False
    past: bool = False


def things(tx: Transaction, config: Config, now: datetime, target: str) -> list[Thing]:
    """What is to be put into the CRM `target`, in the order of the configuration."""
    makers = {"goals": _goals, "review": _review, "playbook": _playbook}
    return [thing for what in config.publish.what for thing in makers[what](tx, config, now, target)]


def _goals(tx: Transaction, config: Config, now: datetime, target: str) -> Iterator[Thing]:
    """Goals in the span of today, and in the one before: what was last counted in it may have changed since."""
    store, present = tx.admin.store_id(), standing(tx, config, now)
    for found in _together(present):
        yield _thing(config, found, store, target)
    names = dict.fromkeys(span_before(one.span, config.fiscal_year_starts).name for one in present)
    for name in names:
        for found in _together(standing(tx, config, now, name)):
            if found[0].span.bounds(config.zone)[1] <= now:
                yield _thing(config, found, store, target, past=True)


def _together(found: Sequence[GoalStanding]) -> list[list[GoalStanding]]:
    """Each goal with those under it in the same span; one of another span stands for itself, as it is due then."""
    groups: dict[str, list[GoalStanding]] = {}
    of: dict[str, list[GoalStanding]] = {}
    for one in found:
        above = of.get(one.goal.under)
        if above is None or above[0].span != one.span:
            above = groups[one.goal.name] = []
        above.append(one)
        of[one.goal.name] = above
    return list(groups.values())


def _thing(config: Config, found: Sequence[GoalStanding], store: str, target: str, *, past: bool = False) -> Thing:
    first = found[0]
    words = Teller(translator(config.language), config.language, config.zone, config.currency.report_in)
    name = f"{first.goal.name} {first.span.name}"
    ends = max(one.last for one in found)
    due = replace(first.span, last=ends).bounds(config.zone)[1]
    owners = dict.fromkeys(config.address_at(target, one.goal.owner) for one in found)
    targets = [_target(words, one) for one in found if one.figures.value is not None]
    made = Goal(
        _key(store, "goal", first), name, due - _BEFORE_MIDNIGHT, _text(words, found), tuple(owners), tuple(targets)
    )
    return Thing("goal", name, made.our_key, made, past=past)


def _key(store: str, kind: str, one: GoalStanding) -> str:
    said = f"{one.goal.name}\n{one.goal.per}".encode()
    return f"{store}-{kind}-{one.span.name}-{blake2b(said, digest_size=4).hexdigest()}"


def _target(words: Teller, one: GoalStanding) -> Target:
    """A number to reach; what is asked stands in its name, so that a change of it is another one."""
    goal, value = one.goal, one.figures.value or 0.0
    kind, times, unit = _KINDS[goal.unit]
    name = f"{goal.name}: {words.asked(goal, one.target)}"
    note = f"{words.so_far(one)} · {words.translate(STATES[one.state])}"
    return Target(name, one.target * times, value * times, 0.0, kind, words.money if kind == "money" else unit, note)


def _text(words: Teller, found: Sequence[GoalStanding]) -> str:
    """A line for each, then what is to be known about them."""
    lines = [_line(words, one) for one in found]
    notes = [note for one in found for note in words.notes(one)]
    say = words.translate
    return "\n".join([*lines, *notes, say(N_("Counted by Baton, and written anew with each counting."))])


def _line(words: Teller, one: GoalStanding) -> str:
    goal, say = one.goal, words.translate
    parts = [
        words.asked(goal, one.target),
        *([say(N_("so far %(told)s")) % {"told": words.so_far(one)}] if words.so_far(one) else []),
        *([say(N_("by now %(told)s")) % {"told": words.number(goal, one.expected)}] if one.expected else []),
        *([say(N_("at the end (80 %%) %(told)s")) % {"told": words.forecast(one)}] if words.forecast(one) else []),
        say(STATES[one.state]),
    ]
    return f"{goal.name}: {' · '.join(parts)}"


def _review(tx: Transaction, config: Config, now: datetime, target: str) -> Iterator[Thing]:
    """The pack of the last week that is due: as it was sent, where it was. It stays as it is: people write in it."""
    del target
    period = last_over("weekly", now, config)
    if now < due_at("weekly", now, config):
        period = before(period, config)
    if not began_before(tx, period.until):
        return
    kept = next((one for one in tx.meetings.packs("weekly") if one.period == period.name), None)
    pack = kept or pack_of(tx, config, period, now)
    yield _page(f"{tx.admin.store_id()}-review-{period.name}", review(tx, config, pack, config.language), once=True)


def _playbook(tx: Transaction, config: Config, now: datetime, target: str) -> Iterator[Thing]:
    del now, target
    yield _page(f"{tx.admin.store_id()}-playbook", playbook(config, config.language))


def _page(key: str, blocks: Sequence[Block], *, once: bool = False) -> Thing:
    """A page; its first heading is its title."""
    title = next(block.text for block in blocks if isinstance(block, Heading))
    text = as_markdown([block for block in blocks if not (isinstance(block, Heading) and block.level == 1)])
    return Thing("page", title, key, PublishedPage(key, title, text), once=once)
