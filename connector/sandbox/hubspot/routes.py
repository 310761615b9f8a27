"""From a call to what answers it: who may call, how often, and which route it is."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

import orjson

from connector.sandbox.hubspot import account, associations, batches, consent, lists, marketing, records
from connector.sandbox.hubspot.errors import Refused, invalid
from connector.sandbox.hubspot.portal import Portal, object_named
from connector.sandbox.wire import Call, Reply

Handler = Callable[..., Any]
_OBJECT = "/crm/v3/objects/{object}"
_PAIR = "/crm/v4/associations/{object}/{to}"
_LINK = "/crm/v4/objects/{object}/{id}/associations"
_STATUS = "/communication-preferences/v4/statuses"

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", _OBJECT, records.listing),
    ("POST", _OBJECT, records.create),
    ("POST", _OBJECT + "/search", records.search),
    ("POST", _OBJECT + "/merge", records.merge),
    ("POST", _OBJECT + "/gdpr-delete", records.erase),
    ("GET", _OBJECT + "/{id}", records.one),
    ("PATCH", _OBJECT + "/{id}", records.change),
    ("DELETE", _OBJECT + "/{id}", records.archive),
    ("POST", _OBJECT + "/batch/read", batches.read),
    ("POST", _OBJECT + "/batch/create", batches.create),
    ("POST", _OBJECT + "/batch/update", batches.update),
    ("POST", _OBJECT + "/batch/upsert", batches.upsert),
    ("POST", _OBJECT + "/batch/archive", batches.archive),
    ("POST", _PAIR + "/batch/create", associations.create),
    ("POST", _PAIR + "/batch/associate/default", associations.create_default),
    ("POST", _PAIR + "/batch/read", associations.read),
    ("POST", _PAIR + "/batch/archive", associations.archive),
    ("GET", _LINK + "/{to}", associations.of_one),
    ("PUT", _LINK + "/{to}/{other}", associations.put),
    ("DELETE", _LINK + "/{to}/{other}", associations.delete),
    ("PUT", _LINK + "/default/{to}/{other}", associations.put_default),
    ("GET", "/crm/v3/properties/{object}", account.properties),
    ("POST", "/crm/v3/properties/{object}", account.create_property),
    ("GET", "/crm/v3/properties/{object}/groups", account.groups),
    ("POST", "/crm/v3/properties/{object}/groups", account.create_group),
    ("GET", "/crm/v3/properties/{object}/{name}", account.one_property),
    ("GET", "/crm/v3/owners", account.owners),
    ("GET", "/crm/v3/owners/{id}", account.owner),
    ("GET", "/crm/v3/pipelines/{object}", account.pipelines),
    ("GET", "/account-info/v3/details", account.details),
    ("GET", "/account-info/v3/api-usage/daily/private-apps", account.usage),
    ("POST", "/oauth/v1/token", account.token),
    ("POST", "/oauth/v3/token", account.token),
    ("POST", "/oauth/2026-03/token", account.token),
    ("GET", "/crm/v3/lists", lists.by_ids),
    ("POST", "/crm/v3/lists", lists.create),
    ("POST", "/crm/v3/lists/search", lists.search),
    ("GET", "/crm/v3/lists/{id}", lists.by_id),
    ("GET", "/crm/v3/lists/object-type-id/{number}/name/{name}", lists.by_name),
    ("GET", "/crm/v3/lists/records/{number}/{id}/memberships", lists.of_record),
    ("GET", "/crm/v3/lists/{id}/memberships", lists.members),
    ("PUT", "/crm/v3/lists/{id}/memberships/add", lists.add),
    ("PUT", "/crm/v3/lists/{id}/memberships/remove", lists.remove),
    ("PUT", "/crm/v3/lists/{id}/memberships/add-and-remove", lists.add_and_remove),
    ("GET", "/marketing/v3/forms", marketing.forms),
    ("GET", "/marketing/v3/forms/{id}", marketing.form),
    ("GET", "/marketing/v3/campaigns", marketing.campaigns),
    ("GET", "/form-integrations/v1/submissions/forms/{id}", marketing.submissions),
    ("GET", "/email/public/v1/events", marketing.email_events),
    ("GET", "/email/public/v1/campaigns/{id}", marketing.email_campaign),
    ("GET", "/events/v3/events", marketing.events),
    ("GET", "/events/v3/events/event-types", marketing.event_types),
    ("GET", "/communication-preferences/v4/definitions", consent.definitions),
    ("POST", _STATUS + "/batch/read", consent.batch_read),
    ("POST", _STATUS + "/batch/write", consent.batch_write),
    ("POST", _STATUS + "/batch/unsubscribe-all/read", consent.all_batch_read),
    ("POST", _STATUS + "/batch/unsubscribe-all", consent.all_batch_leave),
    ("GET", _STATUS + "/{email}", consent.read),
    ("POST", _STATUS + "/{email}", consent.write),
    ("GET", _STATUS + "/{email}/unsubscribe-all", consent.all_read),
    ("POST", _STATUS + "/{email}/unsubscribe-all", consent.all_leave),
)
_UNSIGNED = frozenset({account.token})


class Application:
    """A portal's HTTP API."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._routes: dict[tuple[str, int], list[tuple[tuple[str, ...], str, Handler]]] = {}
        for method, template, handler in ROUTES:
            parts = tuple(template.split("/")[1:])
            self._routes.setdefault((method, len(parts)), []).append((parts, template, handler))
        for found in self._routes.values():
            found.sort(key=lambda route: sum(part.startswith("{") for part in route[0]))

    def __call__(self, call: Call) -> Reply:
        """Answer a call; the portal is ours alone while we do."""
        with self.portal.lock:
            try:
                return self._answer(call)
            except Refused as refused:
                return refused.reply()
            except (KeyError, TypeError, ValueError, orjson.JSONDecodeError) as problem:
                return invalid(f"Invalid input JSON or parameter: {problem}").reply()

    def _answer(self, call: Call) -> Reply:
        handler, parameters = self._route(call)
        if handler in _UNSIGNED:
            return Reply(body=handler(self.portal, call, **parameters))
        now, search = self.portal.clock.seconds(), call.path.endswith("/search")
        self.portal.tokens.check(call.headers.get("authorization", ""), now)
        if any(call.path.startswith(path) for path in self.portal.closed):
            raise Refused(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.")
        refused = self.portal.limits.take(now, search=search)
        if refused is not None:
            return refused
        answer = handler(self.portal, call, **parameters)
        reply = answer if isinstance(answer, Reply) else Reply(body=answer)
        if not search:
            reply.headers |= self.portal.limits.headers()
        reply.headers["Date"] = format_datetime(self.portal.clock.now(), usegmt=True)
        return reply

    def _route(self, call: Call) -> tuple[Handler, dict[str, str]]:
        parts = call.parts()
        for template, route, handler in self._routes.get((call.method, len(parts)), ()):
            if all(one.startswith("{") or one == part for one, part in zip(template, parts, strict=True)):
                parameters = {one[1:-1]: part for one, part in zip(template, parts, strict=True) if one[:1] == "{"}
                call.route = route
                for name in {"object", "to"} & parameters.keys():
                    parameters[name] = object_named(parameters[name])
                    call.route = call.route.replace(f"{{{name}}}", parameters[name])
                return handler, parameters
        raise Refused(404, "NOT_FOUND", f"no {call.method} {call.path}")
