"""One pass of the whole line: bring back, pull, score, hand over, deliver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connector.model.errors import AuthError, BatonError, ConfigError, RetryableError
from connector.model.notices import TARGET
from connector.runs import failing
from connector.runs.bring_back import bring_back
from connector.runs.clearing import clear
from connector.runs.consent import make_up
from connector.runs.criteria import count_waiting
from connector.runs.deliver import UNFINISHED, deliver
from connector.runs.follow_up import follow_up
from connector.runs.hand_over import Failures, hand_over
from connector.runs.identify import identify
from connector.runs.match_anew import match_anew
from connector.runs.places import placed
from connector.runs.pull import pull
from connector.runs.rescore import keep_criteria, rescore
from connector.runs.retention import retain_if_due
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded
from connector.runs.send_notices import tell_people
from connector.runs.sweep import sweep_crm, sweep_source
from connector.runs.vocabulary import write_again
from connector.runs.watching import watch_if_due


@dataclass(slots=True)
class Result:
    """What a pass did: counts by what happened, and what went wrong by connection. `ended`: how each job did."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, BatonError]] = field(default_factory=list)
    changed_criteria: list[str] = field(default_factory=list)
    run_id: int = 0
    ended: dict[str, BatonError | None] = field(default_factory=dict)

    @property
    def failed(self) -> str:
        """How the run is recorded where connections failed: `failed: exports, crm`; "" where none did."""
        names = dict.fromkeys(connection for connection, _ in self.failures)
        return f"failed: {', '.join(names)}" if names else ""


def sources(runtime: Runtime) -> list[str]:
    """Connections that some flow takes leads from, in the order of the config."""
    used = {source for flow in runtime.config.flows.values() for source in flow.sources}
    return [name for name in runtime.config.connections if name in used]


def targets(runtime: Runtime) -> list[str]:
    """Connections that some flow hands leads to, or did and something still waits, in the order of the config."""
    used = {flow.crm for flow in runtime.config.flows.values()}
    with runtime.store.read() as tx:
        others = [name for name in runtime.config.connections if name not in used]
        used |= {name for name in others if tx.outbox.rows(target=name, states=UNFINISHED, limit=1)}
    return [name for name in runtime.config.connections if name in used]


def readers(runtime: Runtime, result: Result | None = None) -> list[str]:
    """Connections that some flow hands leads to and that can be read back, in the order of the config."""
    used = {flow.crm for flow in runtime.config.flows.values()}
    found = []
    for name in runtime.config.connections:
        if name not in used:
            continue
        try:
            if runtime.crm(name).capabilities.streams:
                found.append(name)
        except BatonError as error:
            if result is not None and isinstance(error, AuthError):
                result.failures.append((name, error))
                result.ended[f"{failing.BRING_BACK}{name}"] = error
    return found


def isolated(
    runtime: Runtime, result: Result, connection: str, act: Callable[[], None], kind: str = "backfill"
) -> None:
    """Run one connection's part: what is wrong with it is kept, with its place, and the others go on."""
    error: BatonError | None = None
    try:
        act()
    except ConfigError as found:
        error = ConfigError(placed(runtime.config, connection, found))
    except (AuthError, RetryableError) as found:
        error = found
    if error is not None:
        result.failures.append((connection, error))
    if error is not None or not runtime.stop.is_set():
        result.ended[f"{kind}:{connection}"] = error


def sync(runtime: Runtime, rows: Callable[[int], Rows], only_sources: Sequence[str] = ()) -> Result:
    """Run the line once. A connection that fails is named in the result; the others go on."""
    result = Result()
    with recorded(runtime, "sync") as (run, counts):
        result.counts, result.run_id = counts, run.id
        built = rows(run.id)
        result.changed_criteria = keep_criteria(runtime)
        count_waiting(runtime.config, counts)
        for name in readers(runtime, result):
            # First, so that nobody is handed over as new who is there by now.
            isolated(runtime, result, name, lambda name=name: _bring(runtime, built, name, counts), "bring_back")  # type: ignore[misc]
        if result.ended:
            # The clocks of those who work in a CRM that cannot be read wait, and go on once it can.
            failing.keep(runtime, result.ended)
        for name in sources(runtime):
            if not only_sources or name in only_sources:
                isolated(runtime, result, name, lambda name=name: _pull(runtime, name, built, counts), "pull")  # type: ignore[misc]
        unasked = work(runtime, built, counts)
        result.failures += unasked
        for name in targets(runtime):
            isolated(runtime, result, name, lambda name=name: deliver(runtime, name, counts), "deliver")  # type: ignore[misc]
        isolated(runtime, result, TARGET, lambda: tell_people(runtime, counts), "deliver")
        retain_if_due(runtime, counts)
        watch_if_due(runtime)
        failing.keep(runtime, result.ended | failing.asked(runtime, unasked))
        run.result = result.failed or run.result
    return result


def _bring(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> None:
    bring_back(runtime, rows, name, counts)
    sweep_crm(runtime, rows, name, counts)


def _pull(runtime: Runtime, name: str, rows: Rows, counts: Counter[str]) -> None:
    pull(runtime, name, rows, counts)
    sweep_source(runtime, name, rows, counts)


def work(runtime: Runtime, rows: Rows, counts: Counter[str]) -> Failures:
    """Score what is due, follow up what was given, open what may be opened; which CRMs failed when they were asked."""
    if not runtime.stop.is_set():
        make_up(runtime, rows, counts)
        clear(runtime, rows, counts)
        identify(runtime, counts)
        match_anew(runtime, rows, counts)
        write_again(runtime, rows, counts)
        rescore(runtime, rows, counts)
        follow_up(runtime, rows, counts)
    return [] if runtime.stop.is_set() else hand_over(runtime, rows, counts)
