"""What the forms on the page of a lead say, read and checked, and where a reason that was said goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from connector.model.handoff import Handoff
from connector.runs.desk_acts import Deal
from connector.runs.desk_record import Acted
from connector.runs.tell import why_is_told
from connector.steps.amounts import TwoReadingsError, amount
from connector.steps.telling.words import N_
from connector.web.visit import Visit

NO_TIME = N_("Please give a day such as 2026-12-24; nothing was changed.")
NO_AMOUNT = N_("The amount is a number such as 12000 or 12000.50; nothing was changed.")
NO_CURRENCY = N_("The currency is three letters such as EUR; nothing was changed.")
TWO_AMOUNTS = N_(
    "%(amount)s can be read in two ways: please write it without a mark between thousands, such as 12000 or 12000.50; "
    "nothing was changed."
)
TOO_EARLY = N_("The lead was handed over on %(at)s; what was before that is no contact after it. Nothing was noted.")
NOT_YET = N_("That lies in the future: please note it once it was. Nothing was noted.")
#: What became of a reason: it goes to where the lead came from, or marketing looks it up here.
REJECTED = (
    N_("Rejected. Marketing is told why."),
    N_("Rejected. Marketing finds your reason on the desk, under Feedback."),
)
LOST = (N_("Lost. Marketing is told why."), N_("Lost. Marketing finds your reason on the desk, under Feedback."))
#: The clock of a browser is not ours, and its field says no seconds.
_SLOW, _MINUTE = timedelta(minutes=5), timedelta(minutes=1)
_CURRENCY = re.compile(r"[A-Z]{3}")


def sent_deal(visit: Visit) -> Deal | str:
    """What the form says of the amount, or what is wrong with it."""
    typed, currency = visit.form.text("amount"), visit.form.text("currency").upper()
    if not typed:
        return Deal()
    try:
        found = amount(typed)
    except TwoReadingsError:
        return visit.words.say(TWO_AMOUNTS, amount=typed)
    if found is None:
        return NO_AMOUNT
    return Deal(found, currency) if _CURRENCY.fullmatch(currency) else NO_CURRENCY


def reason_went(visit: Visit, words: tuple[str, str]) -> Callable[[Acted], str]:
    """The first of `words` where the reason goes to the source of the lead, else the second."""

    def said(acted: Acted) -> str:
        rows = visit.app.rows()
        with visit.app.store.read() as tx:
            told = acted.lead is not None and why_is_told(tx, rows, acted.lead, acted.handoff)
        return words[0] if told else words[1]

    return said


def touched_at(visit: Visit, handoff: Handoff) -> datetime | str | None:
    """When a touch was, by the form (None: now); or what is wrong with it.

    What was before the handoff, or is still to come, is no contact that follows it.
    """
    try:
        at = _moment(visit, visit.form.text("at"))
    except (ValueError, OverflowError):
        return NO_TIME
    opened = handoff.opened_at
    if at is None or opened is None:
        return at
    if at > visit.app.clock() + _SLOW:
        return NOT_YET
    if at <= opened - _MINUTE:
        return visit.words.say(TOO_EARLY, at=visit.words.moment(opened))
    return max(at, opened)


def _moment(visit: Visit, text: str) -> datetime | None:
    """A time as the browser's own field sends it, on the user's clock; None where none was said.

    Raises ValueError or OverflowError where it is no time: what was typed is not to count as now.
    """
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=visit.words.zone)).astimezone(UTC)
