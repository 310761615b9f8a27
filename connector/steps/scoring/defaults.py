"""The shipped criteria: what holds for a flow that says nothing about conditions, points and gates."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from connector.model.score import GROUPS

#: The tables that belong together: a flow that has one of these has criteria of its own.
TABLES = ("conditions", *GROUPS, "total", "gates")
#: Gates that people decide: to agree on them is to say nothing about who is good enough.
_OF_PEOPLE = frozenset({"review", "sal", "sql"})

SHIPPED = """\
required    = ["email", "name.family", "company.name", "country"]
write_score = "new grade, or 5 points"

[conditions]
ideal   = { all = [{ field = "company.employees", at_least = 100 }, { field = "job_level", at_least = "manager" }] }
engaged = { any = [{ activity = "download", count = 2, within = "90 days" }, { activity = "visit", count = 3, within = "30 days" }] }
asked   = { activity = "demo_request", within = "30 days" }

[fit]
"Director or above"   = { points = 15, field = "job_level", at_least = "director" }
"500 people or more"  = { points = 10, field = "company.employees", at_least = 500 }

[engagement]
"Case study read"     = { points = 5,  activity = "download", topic = "case-study", each = true, half_life = "90 days" }
"Webinar attended"    = { points = 10, activity = "webinar_attend", each = true, half_life = "90 days" }

[intent]
"Pricing page seen"   = { points = 10, activity = "pricing_view", each = true, up_to = 20, half_life = "14 days" }
"Asked for a demo"    = { points = 25, activity = "demo_request", half_life = "30 days" }

[total]
at_most = { fit = 40, engagement = 30, intent = 40 }
letter  = { A = 25, B = 15, C = 10 }
number  = { 1 = 40, 2 = 25, 3 = 10 }

[gates]
mql      = { any = ["asked", { all = ["ideal", "engaged", { score = "total", at_least = 50 }] }] }
mql_ends = { score = "total", below = 40 }
hot      = { any = ["asked", { grade = ["A1"] }] }
nurture  = { when = { score = "total", at_least = 20 }, list = "Baton: warm" }
sal      = { by = "owner", within = "1 working day", asks = ["budget", "authority", "need", "timing", "fit"] }
sql      = { by = "owner", within = "10 working days", asks = ["conversation"] }
"""  # noqa: E501 - one rule, one line


def shipped() -> dict[str, Any]:
    """The shipped criteria as a flow's table, fresh each time."""
    return tomllib.loads(SHIPPED)


def completed(flow: Mapping[str, Any]) -> dict[str, Any]:
    """A flow's table with what it leaves to the shipped criteria.

    The tables of `TABLES` are taken over all together or not at all: shipped rules are not
    slipped in among an admin's own. Gates that people decide are laid over the shipped ones, where
    nothing else is said. `required` and `write_score` are taken over one by one.
    """
    whole, own = shipped(), [table for table in TABLES if table in flow]
    gates = flow.get("gates")
    if own == ["gates"] and isinstance(gates, Mapping) and gates and gates.keys() <= _OF_PEOPLE:
        return {**whole, **flow, "gates": {**whole["gates"], **gates}}
    if own:
        whole = {key: value for key, value in whole.items() if key not in TABLES}
    return {**whole, **flow}
