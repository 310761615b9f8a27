"""What a link in a notice opens: one lead, read-only, for the person it was sent to, without signing in.

Opening changes nothing, as often as it is done and whoever does it: mail servers open links to look for evil. What
is done about the lead is done on its own page, by a button, by somebody who has signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.locale import translator
from connector.model.notices import LEAD_PAGE
from connector.model.roster import stand_in
from connector.runs.rosters import away_at
from connector.steps.telling.brief import addressed
from connector.steps.telling.words import N_, Words
from connector.web.sign_in import bare
from connector.web.templating import Templates
from connector.web.users import known

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config
    from connector.model.handoff import Handoff
    from connector.model.lead import Lead
    from connector.model.logins import User
    from connector.model.ports import Transaction

#: Where links lead.
PATH = "/open/{token}"


def opens(current: Callable[[], App], identify: Callable[[Request], User | None]) -> Route:
    """The page behind every link."""

    async def endpoint(request: Request) -> Response:
        request.scope["door"] = PATH
        return await run_in_threadpool(answer, request)

    def answer(request: Request) -> Response:
        app = current()
        found = _found(app, str(request.path_params["token"]))
        other = identify(request)
        if found is None or (other is not None and other.email != found[0].email and "admin" not in other.roles):
            return bare(request, app, "link_closed.html", status=404, title=N_("This link does not open any more"))
        return _page(app, *found)

    return Route(PATH, endpoint, methods=["GET"])


def _found(app: App, token: str) -> tuple[User, Lead, Handoff] | None:
    """Whom a link was sent to, the lead, and its handoff that is still theirs; None where it opens nothing."""
    link = app.read_link(token)
    if link is None:
        return None
    with app.store.read() as tx:
        user = known(tx, app.config, link.email)
        lead = tx.intake.leads([link.lead_id]).get(link.lead_id)
        if user is None or lead is None:
            return None
        handoffs = tx.handoffs.of_leads([lead.id]).get(lead.id, [])
        theirs = [one for one in handoffs if is_theirs(tx, app, one, user.email)]
    return (user, lead, theirs[-1]) if theirs else None


def is_theirs(tx: Transaction, app: App, handoff: Handoff, email: str) -> bool:
    """Whether somebody has to do with a handoff: its owner, who releases it, their manager; or who stands in."""
    away = away_at(tx, app.config, app.clock())
    people = [one for one in (handoff.owner, handoff.reviewer, *_managers(app.config, handoff)) if one]
    return email in people or email in {stand_in(away, one) for one in people}


def _managers(config: Config, handoff: Handoff) -> list[str]:
    team = config.teams.get(handoff.team)
    return [team.manager] if team else []


def _page(app: App, user: User, lead: Lead, handoff: Handoff) -> Response:
    """The lead in the language of whom the link was sent to."""
    zone = app.config.zone_of(user.email)
    words = Words(user.language, zone, translator(user.language), app.clock())
    html = Templates().render(
        "link.html", user.language, title=addressed(lead, words) or words.say(N_("Lead %(id)s"), id=lead.id),
        lead=lead, handoff=handoff, zone=zone, user=user, to=LEAD_PAGE % lead.id, words=words,
    )  # fmt: skip
    return Response(html, media_type="text/html")
