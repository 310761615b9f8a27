"""Which CRMs can show what is to be published beside the leads."""

from __future__ import annotations

from connector.model.errors import BatonError
from connector.runs.runtime import Runtime


def publishers(runtime: Runtime) -> list[str]:
    """The flows' CRMs that can show any of it, in the order of the configuration."""
    used = {flow.crm for flow in runtime.config.flows.values()}
    return [name for name in runtime.config.connections if name in used and _shows(runtime, name)]


def _shows(runtime: Runtime, name: str) -> bool:
    kinds = {"goal" if what == "goals" else "page" for what in runtime.config.publish.what}
    try:
        return not kinds.isdisjoint(runtime.crm(name).capabilities.publishes)
    except BatonError:
        return False
