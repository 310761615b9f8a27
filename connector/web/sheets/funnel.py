"""The funnel: how many came from stage to stage, how long it took, and by slice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.config import Config
from connector.insight import funnel_words
from connector.insight.funnel import Definition
from connector.insight.funnel_parts import Part as FunnelPart
from connector.insight.funnel_report import PARTS, SLICES, Question, Report, report
from connector.locale.format import number, span
from connector.locale.format import share as percent
from connector.steps.telling.words import N_, Words, stage
from connector.web.asked import Asked
from connector.web.charts import Chart, Series
from connector.web.sheets.sheet import Look, Part, Sheet, Tile
from connector.web.tables import Column, Grid

#: Letters of a criteria version that tell it from the others.
SHORT = 10
#: Slices that are drawn, and those on a page.
DRAWN, LISTED = 12, 50


def funnel(look: Look) -> Sheet:
    """The page; `baton funnel` with the same filters says the same numbers."""
    found = report(look.tx, question(look.asked, look.config), look.now, look.config.zone)
    words = look.words
    if not found.stages:
        return Sheet(_about(found, words), [Part(words.say(N_("Stages")), _stages(found, words))], slices=_by(look))
    parts = [Part(words.say(N_("Stages")), _stages(found, words), _of_stages(found, words))]
    if found.parts:
        parts.append(_slices(found, look))
    doubts = [*funnel_words.doubts(found, words.translate, look.config.zone, words.language)]
    return Sheet(_about(found, words), parts, [*_tiles(found, words)], doubts, _by(look))


def question(asked: Asked, config: Config) -> Question:
    """What the report is asked. A team is the people who are in it now."""
    definition: Definition = "any" if asked.definition == "any" else "strict"
    where = {part: frozenset({value}) for part in PARTS if (value := getattr(asked, part))}
    if asked.team:
        members = frozenset(one.email for one in config.teams[asked.team].members)
        where["owner"] = members & where.get("owner", members)
    return Question(definition, asked.flow, asked.source, asked.by, asked.since, asked.until, where=where)


def _about(found: Report, words: Words) -> str:
    text = N_("Leads that became an MQL in this period, and how far they have come since. Counted %(definition)s.")
    return words.say(text, definition=words.say(funnel_words.DEFINITIONS[found.question.definition]))


def _by(look: Look) -> list[tuple[str, str]]:
    """By what this reader may slice."""
    names = [name for name in SLICES if name != "owner" or look.owners is None or look.owners]
    return [(name, look.words.say(funnel_words.NAMES[name])) for name in names]


def _tiles(found: Report, words: Words) -> Iterator[Tile]:
    first, last = found.whole.steps[0], found.whole.steps[-1]
    yield Tile(stage(first.stage, words.translate), number(first.reached))
    if last is not first:
        whole = last.of_first
        beside = words.say(N_("%(share)s of those who entered"), share=funnel_words.told(whole, words.translate))
        yield Tile(stage(last.stage, words.translate), number(last.reached), beside if whole and whole.of else "")
        if found.whole.through.median is not None:
            yield Tile(words.say(N_("from first to last, median")), _long(found.whole.through.median, words))
    if found.whole.response.median is not None:
        yield Tile(words.say(N_("to first contact, median")), _long(found.whole.response.median, words))


def _long(days: float, words: Words) -> str:
    """Days in the units that a person would say: `28 min`, `2 days 3 hours`."""
    return span(days * 86_400, words.language)


def _stages(found: Report, words: Words) -> Grid:
    say = words.say
    columns = [
        Column("stage", say(N_("stage"))),
        Column("reached", say(N_("leads")), "count"),
        Column("of_previous", say(N_("of the stage before")), "share"),
        Column("of_first", say(N_("of the first")), "share"),
        Column("to_next", say(N_("days to the next: median / p75 / p90")), "lengths"),
        Column("here", say(N_("there now")), "count"),
    ]
    rows = [
        (stage(one.stage, words.translate), one.reached, one.of_previous, one.of_first, one.to_next, one.here)
        for one in found.whole.steps
    ]
    note = N_("In brackets: where the true share may well lie (95 %).")
    return Grid(
        "stages", say(N_("From stage to stage")), columns, rows, say(note),
        nothing=say(N_("Nobody entered in this period. Take a longer one, or fewer filters.")),
    )  # fmt: skip


def _of_stages(found: Report, words: Words) -> Chart:
    steps = found.whole.steps
    names = [stage(one.stage, words.translate) for one in steps]
    says = ""
    shares = [(one.of_previous.value, name) for one, name in zip(steps, names, strict=True) if one.of_previous]
    if known := [(value, name) for value, name in shares if value is not None]:
        least, name = min(known)
        text = N_("The narrowest place is before %(stage)s: %(share)s of those at the stage before came to it.")
        says = words.say(text, stage=name, share=percent(least, words.language))
    series = [Series(words.say(N_("leads")), [one.reached for one in steps])]
    return Chart("bars", words.say(N_("Leads that came to each stage")), names, series, says)


def _slices(found: Report, look: Look) -> Part:
    words, by = look.words, found.question.by
    say, last = words.say, stage(found.stages[-1], words.translate)
    name = say(funnel_words.NAMES[by])
    young = {**dict.fromkeys(found.months.before, N_("cut off")), **dict.fromkeys(found.months.young, N_("too young"))}
    columns = [
        Column("slice", name),
        Column("leads", say(N_("leads")), "count"),
        Column("reached", last, "count"),
        Column("of_first", say(N_("share")), "share"),
        Column("against_rest", say(N_("less the others'")), "points"),
        Column("through", say(N_("days from first to last: median / p75 / p90")), "lengths"),
        *([Column("doubt", "")] if by == "cohort" else []),
    ]
    rows = [
        (
            _name(one, by, words), one.leads, one.steps[-1].reached, one.steps[-1].of_first, one.against_rest,
            one.through, *([say(young.get(one.name or "", ""))] if by == "cohort" else []),
        )
        for one in _visible(found, look)
    ]  # fmt: skip
    note = N_("Less the others': points of a hundred by which the share lies above that of all others (95 %).")
    grid = Grid("slices", say(N_("By %(name)s"), name=name), columns, rows, say(note), LISTED)
    return Part(say(N_("By %(name)s"), name=name), grid, _of_slices(_visible(found, look), by, words, last))


def _visible(found: Report, look: Look) -> list[FunnelPart]:
    """The slices that this reader may see: of reps only theirs."""
    if found.question.by != "owner":
        return found.parts
    return [one for one in found.parts if look.may_see(one.name or "")]


def _name(part: FunnelPart, by: str, words: Words) -> str:
    if part.name is None:
        return words.say(N_("(not known)"))
    return part.name[:SHORT] if by == "version" else part.name


def _of_slices(parts: Sequence[FunnelPart], by: str, words: Words, last: str) -> Chart | None:
    """The shares of slices that have one."""
    rows = [
        (_name(one, by, words), first.value)
        for one in parts
        if (first := one.steps[-1].of_first) is not None and first.value is not None
    ][:DRAWN]
    if not rows:
        return None
    title = words.say(N_("Share that came to %(stage)s"), stage=last)
    name, most = max(rows, key=lambda row: row[1])
    text = N_("%(name)s has the largest share: %(share)s.")
    says = words.say(text, name=name, share=percent(most, words.language))
    series = [Series(title, [value for _, value in rows])]
    return Chart("bars", title, [name for name, _ in rows], series, says, lambda value: percent(value, words.language))
