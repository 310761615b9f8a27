"""`baton apply`: do what a plan says, as far as it still holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.why import words_for
from connector.model.errors import PlanRefusedError

if TYPE_CHECKING:
    from connector.app import App
    from connector.runs.apply import Applied
    from connector.runs.planning.applying import AppliedPlan, RefusedRow
    from connector.steps.telling.words import Words

#: The most records that are named.
LONGEST = 50


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output_option
@pass_session
def apply(session: Session, file: Path) -> int:
    """Apply the plan in FILE (`baton plan -o FILE`), as far as what it was judged on still holds.

    The CRM is read and asked once more; what has changed since is left alone and named, and the exit code is
    7 then. Applying the same plan again goes on where it stood, and does nothing twice.
    """
    from connector.runs.stamps import KIND

    plan = read(session, file)
    with session.opened() as app:
        if isinstance(plan, dict) and plan.get("kind") == KIND:
            return stamps(session, app, plan)
        return whole(session, app, plan)


def stamps(session: Session, app: App, plan: Any) -> int:
    """Apply a plan of stamps; returns the exit code."""
    from connector.runs.apply import apply_stamps

    done = apply_stamps(app.runtime(), plan, app.rows)
    document = {"stamped": done.stamped, "already": done.already, "left": done.left}
    session.emit(document, lambda: lines(session, app, done))
    return PlanRefusedError.exit_code if done.left else 0


def whole(session: Session, app: App, plan: Any) -> int:
    """Apply a plan of what is to be written; returns the exit code."""
    from connector.cli.progress import progress
    from connector.cli.signals import interruptible
    from connector.runs.planning.applying import apply_plan

    with interruptible(session) as asked, progress(session) as shown:
        runtime = app.runtime(progress=shown, note=shown.note, stop=asked.stop)
        done = apply_plan(runtime, plan, app.rows)
    session.emit(document(done), lambda: plan_lines(session, app, done))
    if done.failed:
        return done.failed[0][1].exit_code
    return PlanRefusedError.exit_code if done.refused else 0


def document(done: AppliedPlan) -> dict[str, Any]:
    """What became of a plan, as JSON."""
    states = [
        {"target": target, "object": object, "state": state, "count": count}
        for (target, object, state), count in sorted(done.states.items())
    ]
    refused = [
        {"number": one.row.number, "action": one.row.action, "target": one.row.target, "object": one.row.object,
         "our_key": one.row.our_key, "crm_id": one.row.crm_id, "lead_id": one.row.lead_id, "why": one.why}
        for one in done.refused
    ]  # fmt: skip
    failed = [{"connection": name, "error": str(error)} for name, error in done.failed]
    return {
        "planned": done.planned, "written": done.written, "before": done.before, "refused": refused,
        "states": states, "failed": failed, "stopped": done.stopped,
    }  # fmt: skip


def plan_lines(session: Session, app: App, done: AppliedPlan) -> list[str]:
    """What became of a plan, as text."""
    from connector.insight.planned import object_name
    from connector.steps.telling import vocabulary

    _, words = session.translate, words_for(session, app)
    numbers = {"n": f"{done.written:,}", "all": f"{done.planned:,}"}
    said = [_("%(n)s of %(all)s records of the plan are put up for writing") % numbers]
    if not done.planned:
        said = [_("the plan has nothing to write: what was unknown or in conflict in it is for a new plan")]
    if done.before:
        said.append("  " + _("%(n)s of them by an earlier time of applying it") % {"n": f"{done.before:,}"})
    said += [
        f"  {target} {object_name(object, words)}: {_(vocabulary.ROW_STATES[state])} {count:,}"
        for (target, object, state), count in sorted(done.states.items())
    ]
    said += [f"  {name}: {words.retell(str(error))}" for name, error in done.failed]
    if done.stopped:
        said.append(_("it was stopped before the end: apply it again to go on"))
    if done.refused:
        said.append(_("%(n)s are left alone:") % {"n": f"{len(done.refused):,}"})
    said += [f"  {place_of(one, words)}: {words.retell(one.why)}" for one in done.refused[:LONGEST]]
    if len(done.refused) > LONGEST:
        said.append("  " + words.say("and %(count)s more", count=f"{len(done.refused) - LONGEST:,}"))
    return said


def place_of(one: RefusedRow, words: Words) -> str:
    """Which record is meant."""
    row = one.row
    return f"{row.target} {words.translate(row.object)} {row.crm_id or row.our_key}"


def read(session: Session, file: Path) -> Any:
    """The JSON document in a file."""
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError:
        raise Mistake(session.translate("%(file)s holds no plan") % {"file": file}) from None


def lines(session: Session, app: App, done: Applied) -> list[str]:
    """What became of the plan."""
    _, words = session.translate, words_for(session, app)
    said = [_("%(n)s records get our key; it goes out with the next baton sync") % {"n": f"{done.stamped:,}"}]
    if done.already:
        said.append(_("%(n)s have it already, or it is on its way") % {"n": f"{done.already:,}"})
    if done.left:
        said.append(_("%(n)s are left alone:") % {"n": f"{len(done.left):,}"})
    said += [f"  {one.connection} {one.object} {one.id}: {words.retell(one.why)}" for one in done.left[:LONGEST]]
    if len(done.left) > LONGEST:
        said.append("  " + words.say("and %(count)s more", count=f"{len(done.left) - LONGEST:,}"))
    return said
