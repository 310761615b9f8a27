"""What `baton status` says of stages: leads that stand still, that wait too long for review, that nobody calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connector.cli.session import Session
from connector.cli.tables import table
from connector.locale.format import moment
from connector.steps.telling.words import stage

if TYPE_CHECKING:
    from connector.config import Config
    from connector.model.ports import Transaction

#: How many leads that stand still are shown.
SHOWN = 10


def stages(tx: Transaction, config: Config, now: datetime) -> dict[str, Any]:
    """Leads that stand still; by reviewer how many wait, and how many too long; by flow who is warm and untouched."""
    from connector.runs.review import waiting
    from connector.runs.stalled import stalled
    from connector.runs.untouched import untouched

    reviews: dict[str, dict[str, Any]] = {}
    for one in waiting(tx, config.flows.values()):
        mine = reviews.setdefault(one.reviewer, {"reviewer": one.reviewer, "waiting": 0, "overdue": 0})
        mine["waiting"] += 1
        mine["overdue"] += int(one.review_due_at is not None and one.review_due_at <= now)
    quiet = {name: len(untouched(tx, name)) for name in config.flows}
    return {
        "stalled": [asdict(one) for one in stalled(tx, config, now)],
        "reviews": sorted(reviews.values(), key=lambda one: str(one["reviewer"])),
        "untouched": {name: count for name, count in quiet.items() if count},
    }


def stage_blocks(session: Session, found: Mapping[str, Any], zone: ZoneInfo) -> Iterator[tuple[str, list[str]]]:
    """The blocks, empty where there is nothing to say."""
    _, told = session.translate, found["standing_still"]
    rows = [
        (_("lead %(id)s") % {"id": one["lead"]}, stage(one["stage"], _), one["owner"],
         moment(one["since"], zone, session.language))
        for one in told["stalled"][:SHOWN]
    ]  # fmt: skip
    lines = table(("", _("stage"), _("owner"), _("in this stage since")), rows, indent="  ")
    if len(told["stalled"]) > SHOWN:
        lines.append("  " + _("… and %(n)s more") % {"n": f"{len(told['stalled']) - SHOWN:,}"})
    yield _("No progress"), lines
    reviews = [(one["reviewer"] or _("whoever looks"), one["waiting"], one["overdue"]) for one in told["reviews"]]
    yield _("To be released (baton review)"), table(("", _("waiting"), _("overdue")), reviews, indent="  ")
    quiet = list(told["untouched"].items())
    yield _("Warm, and nobody got in touch"), table(("", _("leads")), quiet, indent="  ")
