"""Lists that a flow lets leads join, where no source of it has any: nothing would ever happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connector.config import Flow
from connector.config.lines import line_map
from connector.model.errors import BatonError, Path, Problem
from connector.runs.findings import Finding
from connector.runs.runtime import Runtime
from connector.runs.tell import MEMBERSHIP

#: Marks a text for the translators; it is translated where it is shown.
N_ = str


def lists(runtime: Runtime, flow: Flow, roles: Callable[[str], tuple[bool, bool]]) -> Iterator[Finding]:
    """The lists named in a flow that have no effect; `roles` as in `check.findings`."""
    config = runtime.config
    named = _named(flow)
    if not named or any(_has_lists(runtime, source, roles) for source in flow.sources):
        return
    file = config.root / "flows" / f"{flow.name}.toml"
    place, above = (file, 2) if file in config.files else (config.path, 0)
    lines = line_map(place.read_text("utf-8-sig"))
    values = {"sources": ", ".join(flow.sources)}
    what = N_("%(sources)s: there are no lists that leads could join, so that this does nothing")
    for path in named:
        # The shipped criteria name a list of their own: that is nobody's mistake.
        if line := lines.get(path[above:]):
            yield Finding("warning", Problem(path, what, "", "", str(place.relative_to(config.root)), line, values))


def _has_lists(runtime: Runtime, source: str, roles: Callable[[str], tuple[bool, bool]]) -> bool:
    _, has_crm = roles(runtime.config.connections[source].type)
    try:
        return has_crm and MEMBERSHIP in runtime.crm(source).capabilities.objects
    except BatonError:
        # What it takes is not known just now.
        return True


def _named(flow: Flow) -> list[Path]:
    at, criteria = flow.criteria.path, flow.criteria
    found: list[Path] = [(*at, "reasons", reason.name, "list") for reason in flow.reasons.values() if reason.list]
    found += [(*at, "gates", "nurture", "list")] if criteria.nurture_list else []
    found += [(*at, "gates", "nurture", "untouched", "list")] if criteria.untouched else []
    return found
