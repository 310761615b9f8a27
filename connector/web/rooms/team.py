"""A manager's room: clocks, load, who is away; absences are written down here, and leads given on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from connector.model.follow_up import Absence
from connector.runs.absences import add_absence, end_absence
from connector.runs.reassign import Moved, reassign_all
from connector.steps.telling.words import N_
from connector.web.room import Room
from connector.web.team_page import managed, people_of, team_page
from connector.web.visit import Visit

ROOM = Room("team")
#: Where everything of this room leads back to.
HERE = "/team"
NOT_YOURS = N_("Please choose somebody of your teams; nothing was changed.")
NO_DAY = N_("Please give a day such as 2026-12-24; nothing was changed.")
UPSIDE_DOWN = N_("The last day lies before the first, or is over; nothing was changed.")
NOT_FOR_THEMSELVES = N_("Nobody stands in for themselves; nothing was changed.")
AWAY = N_("%(email)s is away. Leads that are theirs already stay theirs until they are given on: %(count)s.")
BACK = N_("%(email)s is there again.")
OVER = N_("This absence was over already.")
GIVEN_ON = N_("%(moved)s of %(all)s leads were given on.")


@ROOM.page(HERE, roles=("manager",), link=N_("Team"))
def team(visit: Visit) -> Response:
    """How the teams stand, and what a manager may do."""
    with visit.app.store.read() as tx:
        page = team_page(visit, tx)
    return visit.page("team.html", title=visit.translate(N_("Team")), page=page, zone_of=visit.app.config.zone_of)


@ROOM.act("/team/absences", roles=("manager",))
def away(visit: Visit) -> Response:
    """Write down that somebody is away."""
    form, config = visit.form, visit.app.config
    email, deputy = form.text("email"), form.text("deputy")
    if email not in people_of(managed(visit)) or deputy not in ("", *config.everybody):
        return visit.back(HERE, visit.translate(NOT_YOURS))
    if email == deputy:
        return visit.back(HERE, visit.translate(NOT_FOR_THEMSELVES))
    try:
        start, end = _day(visit, email, form.text("since")), _day(visit, email, form.text("until"), last=True)
    except (ValueError, OverflowError):
        return visit.back(HERE, visit.translate(NO_DAY))
    now = visit.app.clock()
    if end is not None and end <= max(start or now, now):
        return visit.back(HERE, visit.translate(UPSIDE_DOWN))
    absence = Absence(email, start or now, end, deputy, form.text("note")[:200], visit.user.email)
    kept = add_absence(visit.runtime(), absence)
    return visit.back(HERE, visit.words.say(AWAY, email=email, count=kept.open))


def _day(visit: Visit, email: str, text: str, *, last: bool = False) -> datetime | None:
    """A day in the zone of somebody, as UTC; a `last` day is over when the next one begins. Raises ValueError."""
    if not text:
        return None
    day = date.fromisoformat(text) + timedelta(days=last)
    return datetime.combine(day, time(), visit.app.config.zone_of(email)).astimezone(UTC)


@ROOM.act("/team/absences/{absence:int}/end", roles=("manager",))
def back(visit: Visit, absence: int) -> Response:
    """Somebody is there again, or does not go."""
    theirs = people_of(managed(visit))
    with visit.app.store.read() as tx:
        known = next((one for one in tx.rosters.absences(visit.app.clock()) if one.id == absence), None)
    if known is not None and known.email not in theirs:
        raise HTTPException(404)
    ended = end_absence(visit.runtime(), absence)
    return visit.back(HERE, visit.words.say(BACK, email=ended.email) if ended else visit.translate(OVER))


@ROOM.page("/team/give-on", roles=("manager",))
def look(visit: Visit) -> Response:
    """What would become of somebody's leads: nothing is given on yet."""
    owner, to = visit.query.get("owner", ""), visit.query.get("to", "")
    people = people_of(managed(visit))
    if owner not in people or to not in ("", *visit.app.config.everybody):
        return visit.page("give_on.html", status=404, title=visit.translate(N_("Give on")), moved=[], owner="", to="")
    found = reassign_all(visit.app.runtime(), visit.app.rows, owner, to, visit.user.email, dry_run=True)
    return visit.page("give_on.html", title=visit.translate(N_("Give on")), moved=found, owner=owner, to=to)


@ROOM.act("/team/give-on", roles=("manager",))
def give_on(visit: Visit) -> Response:
    """Give on all that somebody has open."""
    owner, to = visit.form.text("owner"), visit.form.text("to")
    if owner not in people_of(managed(visit)) or to not in ("", *visit.app.config.everybody):
        return visit.back(HERE, visit.translate(NOT_YOURS))
    found: list[Moved] = reassign_all(visit.runtime(), visit.app.rows, owner, to, visit.user.email)
    moved = sum(bool(one.to) for one in found)
    visit.noted["moved"] = moved
    return visit.back(HERE, visit.words.say(GIVEN_ON, moved=moved, all=len(found)))
