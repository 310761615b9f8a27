"""`baton simulate`: changed criteria over everybody who is stored, before anyone is called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.faults import Mistake
from connector.cli.find import known_flow
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table, terminal_width

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config, Flow
    from connector.runs.simulate import Effect, Flip, Outcome

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: So many thresholds are tried at most.
MOST_STEPS = 101
_SWEEP = re.compile(r"threshold=(\d+)\.\.(\d+)(?::(\d+))?")
_LEFT_OUT = {
    "decided by people": N_("put forward by people, not by points"),
    "handed over before": N_("handed over before: they come back by something new only"),
}


@click.command()
@click.option(
    "--criteria", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The configuration with the changed criteria; without it those of the configuration in use.",
)  # fmt: skip
@click.option("--flow", default="", help="Only this flow.")
@click.option("--at", "at_", help="The moment to look at: a day, or a day and time (now).")
@click.option("--since", help="Tell only who would have come in or gone out since this day.")
@click.option(
    "--sweep", metavar="threshold=30..70", help="Try the MQL gate with each of these points (threshold=30..70:5)."
)
@click.option(
    "--limit", type=click.IntRange(0, 1000), default=20, show_default=True, help="Leads that are told one by one."
)
@output_option
@pass_session
def simulate(
    session: Session, file: Path | None, flow: str, at_: str | None, since: str | None, sweep: str | None, limit: int
) -> None:
    """Show who would come in and who would go out of MQL under changed criteria, and why. Writes nothing.

    Everybody who is stored is looked at. Fields count as they are today.
    """
    from connector.config import load
    from connector.runs.simulate import Question
    from connector.runs.simulate import simulate as simulated

    if file is None and sweep is None:
        raise Mistake(session.translate("say what is changed: --criteria FILE, --sweep threshold=30..70, or both"))
    with session.opened() as app:
        known_flow(session, app, flow)
        present = app.in_force()
        edited = load(file) if file else present
        changed = candidates(session, edited, flow, sweep)
        at = moment(session, app, at_) or app.clock()
        question = Question(list(present.flows.values()), changed, at, flow, moment(session, app, since))
        found = simulated(app.store, question)
        same = unchanged(present, edited, flow) if sweep is None else []
        session.emit({"outcome": found, "unchanged_flows": same}, lambda: lines(session, app, found, same, limit))


def unchanged(present: Config, edited: Config, flow: str) -> list[str]:
    """The flows whose criteria are the same in both."""
    both = [name for name in present.flows if flow in ("", name) and name in edited.flows]
    return [name for name in both if present.flows[name].criteria.version == edited.flows[name].criteria.version]


def candidates(session: Session, config: Config, flow: str, sweep: str | None) -> Mapping[str, Sequence[Flow]]:
    """The flows to try, by a label: those of the configuration, or with each threshold of the sweep."""
    from connector.config.thresholds import with_threshold

    if sweep is None:
        return {"": list(config.flows.values())}
    match = _SWEEP.fullmatch(sweep.replace(" ", ""))
    first, last, step = (int(part or 5) for part in match.groups()) if match else (0, 0, 0)
    if match is None or first > last or not step or (last - first) // step >= MOST_STEPS:
        what = session.translate("%(sweep)s is no range of points; allowed: threshold=30..70, threshold=30..70:10")
        raise Mistake(what % {"sweep": sweep})
    flows = config.flows.values()
    return {
        str(points): [with_threshold(config, one, points) if flow in ("", one.name) else one for one in flows]
        for points in range(first, last + 1, step)
    }


def moment(session: Session, app: App, said: str | None) -> datetime | None:
    """A day (its first moment) or a moment, in the configuration's zone unless it has its own; in UTC."""
    if said is None:
        return None
    try:
        whole = datetime.combine(date.fromisoformat(said), time()) if len(said) == 10 else datetime.fromisoformat(said)
    except ValueError:
        what = session.translate("%(value)s is no day and no moment; allowed: 2026-12-07, 2026-12-07T08:00")
        raise Mistake(what % {"value": said}) from None
    return (whole if whole.tzinfo else whole.replace(tzinfo=app.config.zone)).astimezone(UTC)


def lines(session: Session, app: App, found: Outcome, same: Sequence[str], limit: int) -> Iterator[str]:
    """How many, then who by day, team and rep, then the leads and why; at the end how far this can be relied on."""
    _ = session.translate
    heads = _("%(leads)s leads; %(qualified)s are MQL or beyond, %(present)s by the criteria in force")
    yield heads % {"leads": f"{found.leads:,}", "qualified": f"{found.qualified:,}", "present": f"{found.present:,}"}
    for name in same:
        yield _("%(flow)s: the criteria are those in force") % {"flow": name}
    if len(found.effects) > 1 or found.effects[0].label:
        rows = [(int(one.label), one.qualified, one.came, one.went, one.hot) for one in found.effects]
        yield from table((_("threshold"), _("MQL"), _("in"), _("out"), _("hot")), rows, indent="  ")
    else:
        yield from of_one(session, app, found.effects[0], limit)
    yield from caveats(session, app, found)


def of_one(session: Session, app: App, effect: Effect, limit: int) -> Iterator[str]:
    """What one set of changed criteria leads to."""
    _ = session.translate
    told = _("changed: %(qualified)s would be; %(came)s would come in, %(went)s would go out")
    yield told % {"qualified": f"{effect.qualified:,}", "came": f"{effect.came:,}", "went": f"{effect.went:,}"}
    by_target, by_day = two_columns(effect.by_target), two_columns(effect.by_day)
    yield from table((_("team or person"), _("in"), _("out")), by_target, indent="  ")
    yield from table((_("day"), _("in"), _("out")), by_day, indent="  ")
    gone = [(stage, count) for stage, count in sorted(effect.by_stage.items()) if count]
    if gone:
        from connector.steps.telling.words import stage as stage_name

        listed = ", ".join(f"{stage_name(stage, _)} {count:,}" for stage, count in gone)
        yield _("who would go out stands by now at: %(stages)s") % {"stages": listed}
    for flow in app.config.flows.values():
        coming = effect.by_flow[flow.name, "in"]
        if flow.handoffs_per_day and coming:
            days = -(-coming // flow.handoffs_per_day)
            what = _("%(flow)s hands over %(limit)s a day: who comes in takes %(days)s days of that")
            yield what % {"flow": flow.name, "limit": flow.handoffs_per_day, "days": days}
    for flip in effect.flips[:limit]:
        yield from of_flip(session, app, flip)
    left = effect.came + effect.went - min(limit, len(effect.flips))
    if left > 0:
        yield _("and %(count)s more (--limit, --output json)") % {"count": f"{left:,}"}


def two_columns(counts: Counter[tuple[str, str]]) -> list[tuple[str, int, int]]:
    """(name, in, out), by name."""
    names = sorted({name for name, _ in counts})
    return [(name or "–", counts[name, "in"], counts[name, "out"]) for name in names]


def of_flip(session: Session, app: App, flip: Flip) -> Iterator[str]:
    """A lead that would come in or go out: its points before and after, the rules that differ, what the gate lacks."""
    from connector.insight.gates import lacking
    from connector.locale.columns import wrap
    from connector.locale.format import day
    from connector.steps.telling.words import Words, field_name, rule_name

    _ = session.translate
    way = session.style(_("in "), fg="green") if flip.way == "in" else session.style(_("out"), fg="red")
    when = day(flip.day.astimezone(app.config.zone), session.language, year=True) if flip.day else ""
    about = " · ".join(part for part in (flip.who or f"lead:{flip.lead_id}", flip.flow, flip.to, when) if part)
    yield f"{way} {about}: {flip.before} -> {flip.after}"
    for rule in flip.rules:
        yield f"      {rule_name(rule.rule, _)}: {rule.before} -> {rule.after}"
    if flip.shut is not None:
        words = Words(session.language, app.config.zone, _, flip.day or app.clock())
        what = "; ".join(_(" or ").join(entry) for entry in lacking(flip.shut, words))
        gate = _("present gate mql: %(what)s") if flip.way == "in" else _("changed gate mql: %(what)s")
        yield from ("      " + line for line in wrap(gate % {"what": what}, terminal_width() - 6))
    elif not flip.rules and not flip.missing:
        yield "      " + _("whom the flow takes differs")
    if flip.missing:
        yield "      " + _("lacks %(names)s") % {"names": _(", ").join(field_name(name, _) for name in flip.missing)}


def caveats(session: Session, app: App, found: Outcome) -> Iterator[str]:
    """From when on this is exact, who is left out, and who stands otherwise than the criteria say."""
    from connector.locale.format import day

    _ = session.translate
    if found.exact_from is None:
        yield _("exact as far as activities go: all are kept; fields count as they are today")
    else:
        when = day(found.exact_from.astimezone(app.config.zone), session.language, year=True)
        what = _("exact for decisions from %(day)s on, as long as activities are kept; %(count)s were made before")
        yield what % {"day": when, "count": f"{found.before_exact:,}"}
        yield _("fields count as they are today")
    if found.otherwise:
        what = _("%(count)s stand otherwise than the criteria in force would have it: their fields have changed since")
        yield what % {"count": f"{found.otherwise:,}"}
    if found.earlier:
        yield _("%(count)s were decided under earlier criteria") % {"count": f"{found.earlier:,}"}
    for reason, count in sorted(found.left_out.items()):
        if count:
            yield _("left out: %(count)s %(why)s") % {"count": f"{count:,}", "why": _(_LEFT_OUT[reason])}
    if any(flow.criteria.account is not None for flow in app.config.flows.values()):
        yield _("what people of one company come to together counts as it was scored last")
    if any(rule.target == "account owner" for flow in app.config.flows.values() for rule in flow.routing.rules):
        yield _("owners of accounts are looked up at the handoff, and not here")
