"""`baton criteria test`: golden leads judged by the criteria as they stand in the files, for the admin's own CI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.writing import JUNIT, Written, write_file

if TYPE_CHECKING:
    from connector.config import Config
    from connector.steps.golden import Difference, Golden, Outcome

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: At least one golden lead came out otherwise than it must.
EXIT_DIFFERS = 1

_NAMES = {
    "flow": N_("flow"), "total": N_("points in all"), "fit": N_("points from fit"),
    "engagement": N_("points from engagement"), "intent": N_("points from intent"), "grade": N_("grade"),
    "stage": N_("stage"), "missing": N_("lacks"), "hot": N_("hot"), "to": N_("goes to"),
    "rules": N_("must give points"), "not_rules": N_("must give none"),
}  # fmt: skip
_RULES = ("rules", "not_rules")


@dataclass(frozen=True, slots=True)
class Tried:
    """One golden lead, what came of it, and what of that is otherwise than asked."""

    golden: Golden
    outcome: Outcome
    differences: Sequence[Difference]


@click.command(name="test")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--flow", default="", help="Only leads that are judged by this flow.")
@click.option("--junit", type=Written(JUNIT), help="Write JUnit XML as well.")
@output_option
@pass_session
def test(session: Session, file: Path | None, flow: str, junit: Path | None) -> int:
    """Judge the golden leads of FILE (leads.toml beside the configuration) at their frozen moments.

    Asks neither a platform nor the store. Ends with 1 where a lead comes out otherwise than it must.
    """
    from connector.config import load
    from connector.config.golden import FILE, golden_leads
    from connector.platforms import check_packages

    check_packages()
    config = load(session.path)
    if flow and flow not in config.flows:
        what = session.translate("no flow %(flow)s; there are: %(flows)s")
        raise Mistake(what % {"flow": flow, "flows": ", ".join(config.flows)})
    path = file or config.root / FILE
    tried = [one for one in tried_leads(golden_leads(path, config), config) if flow in ("", flow_of(one))]
    if junit is not None:
        write_file(junit, to_junit(session, tried, config))
    session.emit(document(tried), lambda: lines(session, tried, config, path))
    return EXIT_DIFFERS if any(one.differences for one in tried) else 0


def tried_leads(leads: Sequence[Golden], config: Config) -> Iterator[Tried]:
    """Each golden lead with what came of it."""
    from connector.steps.golden import differences, outcome

    flows = list(config.flows.values())
    for one in leads:
        got = outcome(one, flows)
        yield Tried(one, got, differences(one.expected, got))


def flow_of(one: Tried) -> str:
    """The flow that a golden lead is about."""
    return one.golden.flow or one.outcome.flow or one.golden.expected.flow or ""


def document(tried: Sequence[Tried]) -> dict[str, Any]:
    """Everything as JSON."""
    leads = [
        {
            "name": one.golden.name,
            "line": one.golden.line,
            "at": one.golden.at,
            "passed": not one.differences,
            "differences": one.differences,
            "got": {
                "flow": one.outcome.flow,
                "stage": one.outcome.stage,
                "hot": one.outcome.hot,
                "total": one.outcome.score.total if one.outcome.score else None,
                "grade": one.outcome.score.grade if one.outcome.score else None,
                "version": one.outcome.score.version if one.outcome.score else None,
                "missing": one.outcome.missing,
                "to": one.outcome.to.person or one.outcome.to.to,
                "points": one.outcome.contributions,
            },
        }
        for one in tried
    ]
    return {"leads": leads, "failed": sum(1 for one in tried if one.differences)}


def lines(session: Session, tried: Sequence[Tried], config: Config, path: Path) -> Iterator[str]:
    """One line a lead; below one that differs what differs, its points, and what keeps its gate shut."""
    _ = session.translate
    failed = [one for one in tried if one.differences]
    for one in tried:
        mark = session.style(_("differs"), fg="red") if one.differences else session.style(_("as asked"), fg="green")
        place = f"  ({path.name}:{one.golden.line})" if one.differences else ""
        yield f"{mark}  {one.golden.name}{place}"
        if one.differences:
            yield from ("  " + line for line in told(session, one, config))
    if failed:
        yield _("%(failed)s of %(count)s golden leads differ") % {"failed": len(failed), "count": len(tried)}
    else:
        _n = session.counted
        yield _n("%(n)s golden lead, as asked", "%(n)s golden leads, all as asked", len(tried))


def told(session: Session, one: Tried, config: Config) -> Iterator[str]:
    """What differs about one lead, and why."""
    from connector.cli.tables import table
    from connector.insight.gates import lacking
    from connector.steps.telling.words import Words, rule_name

    _ = session.translate
    words = Words(session.language, config.zone, _, one.golden.at)
    for difference in one.differences:
        yield difference_told(session, difference)
    rows = [
        (f"{line.points:+}", rule_name(line.rule, _), words.evidence(line.evidence))
        for line in one.outcome.contributions
    ]
    yield from table(("", "", ""), rows, indent="  ")
    mql = one.outcome.gates.get("mql")
    if mql is not None and any(difference.what == "stage" for difference in one.differences):
        for entry in lacking(mql, words):
            yield "  " + _("gate mql: %(what)s") % {"what": _(" or ").join(entry)}


def difference_told(session: Session, one: Difference) -> str:
    """`stage: expected mql, got warm`."""
    _ = session.translate
    if one.what in _RULES:
        return f"{_(_NAMES[one.what])}: {one.expected or one.got}"
    nothing = _("nothing")
    expected = _("any flow") if one.expected == "*" else one.expected or nothing
    what = _("%(what)s: expected %(expected)s, got %(got)s")
    return what % {"what": _(_NAMES[one.what]), "expected": expected, "got": one.got or nothing}


def to_junit(session: Session, tried: Sequence[Tried], config: Config) -> str:
    """JUnit XML: a test case a lead, its flow as the class."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    failed = sum(1 for one in tried if one.differences)
    suite = Element("testsuite", name="golden leads", tests=str(len(tried)), failures=str(failed))
    for one in tried:
        case = SubElement(suite, "testcase", classname=flow_of(one) or "-", name=one.golden.name)
        if one.differences:
            summary = "; ".join(difference_told(session, difference) for difference in one.differences)
            SubElement(case, "failure", message=summary).text = "\n".join(told(session, one, config))
    indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suite, encoding="unicode") + "\n"
