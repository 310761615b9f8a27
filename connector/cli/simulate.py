"""`baton simulate`: changed criteria over everybody who is stored, before anyone is called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.faults import Mistake
from connector.cli.find import known_flow
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config, Flow

#: So many thresholds are tried at most.
MOST_STEPS = 101
_SWEEP = re.compile(r"threshold=(\d+)\.\.(\d+)(?::(\d+))?")


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

    Everybody who is stored is looked at. Fields count as they are today. Beside it every recorded decision is taken
    again under the criteria of its time: whether history comes out the same.
    """
    from connector.cli.simulate_text import again, lines
    from connector.config import load
    from connector.runs.capacity import capacity, reps_of
    from connector.runs.population import Question
    from connector.runs.reproduced import reproduced
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
        found, history = simulated(app.store, question), reproduced(app.store, app.config, flow)
        same = unchanged(present, edited, flow) if sweep is None else []
        reps = reps_of(app.config, [one for one in present.flows.values() if flow in ("", one.name)])
        with app.store.read() as tx:
            room = [capacity(tx, app.config, effect) for effect in found.effects]
        document = {"outcome": found, "weeks": found.weeks, "reps": reps, "capacity": room, "history": history}
        session.emit(
            document | {"unchanged_flows": same},
            lambda: [*lines(session, app, found, same, limit, reps), *again(session, history)],
        )


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
