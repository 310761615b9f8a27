"""A case of a contract, and when it does not apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connector.model.adapter import Adapter, CrmCapabilities, SourceCapabilities

#: What a role of a platform declares.
Capabilities = SourceCapabilities | CrmCapabilities
Applies = Callable[[Adapter, Any], str | None]


@dataclass(frozen=True, slots=True)
class Case:
    """One behaviour. `applies(adapter, capabilities)` gives the declaration that rules it out, or None."""

    name: str
    run: Callable[[Any], None]
    applies: Applies


def unless(reason: str | Callable[[Any], str], holds: Callable[[Adapter, Any], bool]) -> Callable[[Any], Any]:
    """The case does not apply where `holds` of what is declared; `reason` says so, or makes it of the capabilities."""

    def mark(function: Any) -> Any:
        function.applies = _and(
            getattr(function, "applies", _always),
            lambda adapter, capabilities: _said(reason, capabilities) if holds(adapter, capabilities) else None,
        )
        return function

    return mark


def _said(reason: str | Callable[[Any], str], capabilities: Any) -> str:
    return reason if isinstance(reason, str) else reason(capabilities)


def _and(one: Applies, other: Applies) -> Applies:
    return lambda adapter, capabilities: one(adapter, capabilities) or other(adapter, capabilities)


def cases_of(contract: type) -> dict[str, Case]:
    """The public methods of a contract, as cases."""
    methods = {name: method for name, method in vars(contract).items() if not name.startswith("_")}
    return {name: _case(contract, name, method) for name, method in methods.items()}


def _case(contract: Any, name: str, method: Any) -> Case:
    return Case(name, lambda world: getattr(contract(world), name)(), getattr(method, "applies", _always))


def _always(_adapter: Adapter, _capabilities: Capabilities) -> str | None:
    return None


no_sign_in = unless("signs_in = False", lambda adapter, _: not adapter.signs_in)

#: Only what comes over HTTP can be no answer at all.
over_http = unless("api = None", lambda adapter, _: adapter.api is None)
