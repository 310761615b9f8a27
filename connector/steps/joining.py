"""Two leads that are one person: which of them stays, what it took over, and what each was before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from connector.model.handoff import Handoff
from connector.model.lead import Lead, Statement
from connector.model.stages import Stage
from connector.steps.consent import FIELDS
from connector.steps.identity import derive_again

#: Stages of a lead that a rep has, in their order; the last needs no open handoff.
IN_SALES: tuple[Stage, ...] = ("mql", "sal", "sql", "opportunity", "won")
#: Stages that a deal brought about.
BY_DEAL: frozenset[Stage] = frozenset({"opportunity", "won"})
#: What a lead is made of, by name: each part is kept and given back by itself.
PARTS = ("values", "flags", "counters", "sides")


def winner_of(
    one: Lead, other: Lead, handoffs: Mapping[int, Sequence[Handoff]], first: int = 0, in_crm: Collection[int] = ()
) -> tuple[Lead, Lead]:  # fmt: skip
    """(the lead that stays, the other one), of two that are one person.

    Whoever is further in sales, then who was once given to a rep, then whoever waits to be given, then who is
    `in_crm` by now, so that no second rep is called, then `first`, then the older one: the lower number.
    `handoffs` are those of both, by lead.
    """
    ranks = {
        lead.id: (*standing(lead, handoffs.get(lead.id, ())), lead.id in in_crm, lead.id == first, -lead.id)
        for lead in (one, other)
    }
    return (one, other) if ranks[one.id] >= ranks[other.id] else (other, one)


def standing(lead: Lead, handoffs: Sequence[Handoff]) -> tuple[int, bool, bool]:
    """How far in sales (0: no rep has it now), whether a rep ever had it, and whether it waits for one."""
    live = [one for one in handoffs if one.state != "closed"]
    with_rep = lead.stage in BY_DEAL or any(one.state == "open" for one in live)
    reached = IN_SALES.index(lead.stage) + 1 if lead.stage in IN_SALES else 1
    return reached if with_rep else 0, any(one.opened_at for one in handoffs), bool(live)


def stay_out(winner: Lead, loser: Lead) -> None:
    """Whoever of the two is out of a channel, both are: until the ledger says which word stands."""
    for name in FIELDS.values():
        if loser.fields.get(name) is False and winner.fields.get(name) is not False:
            winner.fields[name] = False
            winner.said[name] = loser.said.get(name) or winner.said.get(name) or ("", "")


def remember_addresses(winner: Lead, loser: Lead) -> None:
    """Whoever is still called so elsewhere is the same person; an address of a role is nobody's."""
    mine, theirs = str(winner.fields.get("email") or ""), str(loser.fields.get("email") or "")
    own = theirs if loser.fields.get("email_class") != "role" and "email" not in loser.flags else ""
    known = [*loser.former, own, *winner.former]
    winner.former = [one for one in dict.fromkeys(known) if one and one != mine]


# --- what a lead was, and taking back what it took over


def kept(lead: Lead) -> dict[str, Any]:
    """What a lead is, JSON-ready; by part, by the names of what is in it."""
    names = lead.fields.keys() | lead.said.keys()
    return {
        "values": {one: [lead.fields.get(one), list(lead.said.get(one, ()))] for one in sorted(names)},
        "flags": dict(lead.flags),
        "counters": dict(lead.counters),
        "sides": {f"{by}\t{name}": asdict(said) for by, some in lead.sides.items() for name, said in some.items()},
        "former": list(lead.former),
        "standing": [lead.stage, lead.stage_since.isoformat() if lead.stage_since else "", lead.flow, lead.owner],
    }


def took(before: Mapping[str, Any], lead: Lead) -> dict[str, Any]:
    """What a lead is now where that is not what it was, by part: what `taken_back` looks for."""
    after = kept(lead)
    changed = {
        part: {
            name: after[part].get(name) for name in before[part].keys() | after[part].keys()
            if after[part].get(name) != before[part].get(name)
        }
        for part in PARTS
    }  # fmt: skip
    return {**changed, "former": after["former"], "standing": after["standing"]}


def took_from(before: Mapping[str, Any], connection: str, name: str) -> bool:
    """Whether a lead took over what a connection says of a field; `before` is that of the joining."""
    taken = before.get("took") or {}
    _, said = (taken.get("values") or {}).get(name) or (None, [])
    return bool((taken.get("sides") or {}).get(f"{connection}\t{name}")) or (bool(said) and said[0] == connection)


def brought_back(lead: Lead, was: Mapping[str, Any]) -> None:
    """Let a lead be again what it was."""
    for part in PARTS:
        _put(lead, part, dict(was[part]))
    lead.former = list(was["former"])
    stand_again(lead, was)
    derive_again(lead)


def taken_back(lead: Lead, was: Mapping[str, Any], taken: Mapping[str, Any]) -> None:
    """Let a lead be again what it was, but for what has changed since it took over what another one had."""
    now = kept(lead)
    for part in PARTS:
        found = dict(now[part])
        for name, value in taken[part].items():
            if found.get(name) == value:
                found[name] = was[part].get(name)
        _put(lead, part, found)
    lead.former = [*was["former"], *(one for one in lead.former if one not in (*was["former"], *taken["former"]))]
    if now["standing"] == taken["standing"]:
        stand_again(lead, was)
    derive_again(lead)


def _put(lead: Lead, part: str, found: Mapping[str, Any]) -> None:
    """Set one part of a lead; what is None is not there."""
    some = {name: value for name, value in found.items() if value is not None}
    if part == "values":
        lead.fields = {name: value for name, (value, _) in some.items() if value is not None}
        lead.said = {name: (said[0], said[1]) for name, (_, said) in some.items() if said}
    elif part == "flags":
        lead.flags = some
    elif part == "counters":
        lead.counters = some
    else:
        lead.sides = {}
        for place, said in some.items():
            by, _, name = place.partition("\t")
            lead.sides.setdefault(by, {})[name] = Statement(**said)


def stand_again(lead: Lead, was: Mapping[str, Any]) -> None:
    """Let a lead stand where it stood."""
    lead.stage, since, lead.flow, lead.owner = was["standing"]
    lead.stage_since = datetime.fromisoformat(since) if since else None
