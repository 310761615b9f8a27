"""Influenced revenue as text and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from connector.cli.funnel_text import LISTED
from connector.cli.tables import table, terminal_width
from connector.insight.influence import Influenced
from connector.locale import format as formatted
from connector.locale.columns import wrap
from connector.locale.spreadsheet import tame
from connector.steps.telling.words import N_

BY = {
    "campaign": N_("campaign"), "content": N_("content"), "topic": N_("topic"), "kind": N_("kind of activity"),
    "source": N_("source"),
}  # fmt: skip


def as_csv(found: Influenced) -> str:
    """A line for each name."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("by", "name", "deals", "amount", "currency"))
    writer.writerows((found.asked.by, tame(one.name), one.deals, one.amount, found.currency) for one in found.names)
    return out.getvalue()


def lines(found: Influenced, _: Callable[[str], str], zone: ZoneInfo, language: str) -> Iterator[str]:
    """What it is, the table, and what is doubtful."""
    total = {"deals": f"{found.deals:,}", "amount": _money(found.amount, found.currency)}
    yield _("Influenced, not caused: %(deals)s deals were won, %(amount)s") % total
    rows = [
        (one.name, one.deals, _money(one.amount, found.currency), _share(one.amount, found.amount, language))
        for one in found.names[:LISTED]
    ]
    if found.untouched:
        amount = found.untouched_amount
        rows.append((_("(nothing)"), found.untouched, _money(amount, found.currency),
                     _share(amount, found.amount, language)))  # fmt: skip
    yield ""
    yield from table((_(BY[found.asked.by]), _("deals"), _("amount"), _("of the total")), rows, columns=1000)
    if len(found.names) > LISTED:
        yield _("… and %(n)s more; --output json and --csv have them all") % {"n": f"{len(found.names) - LISTED:,}"}
    yield ""
    for text in _notes(found, _, zone, language):
        first, *more = wrap(text, max(terminal_width() - 2, 40))
        yield from (f"* {first}", *(f"  {line}" for line in more))


def _notes(found: Influenced, _: Callable[[str], str], zone: ZoneInfo, language: str) -> Iterator[str]:
    yield _(
        "A deal counts whole for everything that its leads did within %(days)s days before there was an opportunity: "
        "the sums are more than the total, and say nothing of causes."
    ) % {"days": found.asked.days}
    for number, text in (
        (found.no_amount, _("Won and without an amount, counted in nothing: %(n)s.")),
        (found.no_rate, _("Set aside, for their currency has no rate under `currency`: %(n)s.")),
    ):
        if number:
            yield text % {"n": f"{number:,}"}
    if found.kept_from:
        day = formatted.day(found.kept_from.astimezone(zone).date(), language, year=True)
        yield _("Activities before %(day)s were deleted, as `keep` says: older touches are not known.") % {"day": day}


def _money(amount: float, currency: str) -> str:
    return f"{round(amount):,} {currency}"


def _share(amount: float, total: float, language: str) -> str:
    return formatted.share(amount / total, language) if total else ""
