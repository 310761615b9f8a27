"""Webhooks: what ClickUp tells by itself, and how it is asked to.

A delivery is signed with the webhook's secret over the whole body, and has no time of its own: what is delivered twice
is known by the ids of its history items (https://developer.clickup.com/docs/webhooksignature). An answer is waited for
7 seconds; after five tries the delivery is dropped, and after a hundred that failed the webhook sleeps until somebody
wakes it (https://developer.clickup.com/docs/webhookhealth). Nothing says so: what was dropped, the next reading finds.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import orjson

from adapters._clickup.api import workspace
from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.values import moment
from connector.model import sentences
from connector.model.adapter import Context, SetupStep
from connector.model.errors import AuthError, BatonError, ConfigError, RetryableError
from connector.model.hooks import MOST_BYTES, Heard, Hooks, Moved, NotHeard, header, secret_name, signed
from connector.model.http import Answer, Http, Request
from connector.model.outbox import NotExecuted, Unknown

#: What is to be told of a list: `taskUpdated` is of fields, status, people and dates alike.
EVENTS = ("taskCreated", "taskUpdated", "taskDeleted", "taskCommentPosted", "taskTimeTrackedUpdated")


def hear(headers: Mapping[str, str], body: bytes, secret: str) -> Heard | NotHeard:
    """What a delivery tells. `secret` are the secrets of the connection's webhooks, with blanks between them."""
    if len(body) > MOST_BYTES:
        return NotHeard(413, sentences.DELIVERY_TOO_LARGE)
    if not signed(body, header(headers, "X-Signature"), secret.split()):
        return NotHeard(401, sentences.DELIVERY_NOT_SIGNED)
    try:
        told = orjson.loads(body)
    except ValueError:
        return NotHeard(400, sentences.DELIVERY_NOT_UNDERSTOOD)
    if not isinstance(told, Mapping) or not isinstance(told.get("event"), str):
        return NotHeard(400, sentences.DELIVERY_NOT_UNDERSTOOD)
    task, event = told.get("task_id"), told["event"]
    if not isinstance(task, str | int) or not task:
        return Heard()
    items = [one for one in told.get("history_items") or () if isinstance(one, Mapping)]
    ids = sorted(str(one["id"]) for one in items if one.get("id"))
    # What has no history (a task that was deleted) is told once for each task.
    key = ",".join(ids) or f"{event}:{task}"
    at = max(filter(None, (moment(one.get("date")) for one in items)), default=None)
    return Heard((Moved(str(task), event, key, at),))


HOOKS = Hooks(hear, answer_within=7.0)


class Webhooks:
    """Makes and removes the webhooks of a connection: one for each of its lists."""

    def __init__(self, http: Http, settings: ClickUpSettings, context: Context) -> None:
        self.http, self.settings, self.context = http, settings, context

    def steps(self) -> Iterator[SetupStep]:
        """A step for each list of the connection, and for each webhook of ours that is not wanted any more."""
        kept = self._kept()
        if not self.settings.webhook and not kept:
            return
        there, wanted = self._there(), self.settings.lists if self.settings.webhook else ()
        for id in wanted:
            mine = any(_works(one) and _in(kept, one) for one in self._of_list(there, id))
            what = sentences.SETUP_WEBHOOK % {"list": id, "address": self.settings.webhook}
            yield SetupStep(what, mine, partial(self._make, id))
        for one in there:
            if _in(kept, one) and not self._is_wanted(one, wanted):
                what = sentences.SETUP_WEBHOOK_LEFT % {"list": one.get("list_id"), "address": one.get("endpoint")}
                yield SetupStep(what, False, partial(self._remove, one))

    def _is_wanted(self, one: Mapping[str, Any], lists: Sequence[str]) -> bool:
        return one.get("endpoint") == self.settings.webhook and str(one.get("list_id")) in lists

    def _kept(self) -> list[str]:
        try:
            return self.context.secret(secret_name(self.context.connection)).split()
        except BatonError:
            return []

    def _keep(self, secrets: Sequence[str]) -> None:
        if self.context.keep_secret is None:
            name = secret_name(self.context.connection)
            raise AuthError(name, sentences.NO_SECRET, f"baton auth set {name}")
        self.context.keep_secret(secret_name(self.context.connection), " ".join(dict.fromkeys(secrets)))

    @cached_property
    def _path(self) -> str:
        return f"/v2/team/{workspace(self.http, self.settings)['id']}/webhook"

    def _there(self) -> list[Mapping[str, Any]]:
        return list(self.http.read(Request("GET", self._path, reads=True)).json()["webhooks"])

    def _of_list(self, there: Sequence[Mapping[str, Any]], list_id: str) -> list[Mapping[str, Any]]:
        return [
            one for one in there
            if one.get("endpoint") == self.settings.webhook and str(one.get("list_id")) == list_id
        ]  # fmt: skip

    def _make(self, list_id: str) -> None:
        """One that works is taken over with its secret: its answer may have been lost when it was made."""
        there = self._of_list(self._there(), list_id)
        found = next((one for one in there if _works(one)), None)
        for one in there:
            if one is not found:
                self._remove(one)
        made = found or self._made(list_id)
        try:
            self._keep([*self._kept(), str(made["secret"])])
        except BatonError:
            # Nobody could understand what it tells.
            if found is None:
                self._ask(Request("DELETE", f"/v2/webhook/{made['id']}"))
            raise

    def _made(self, list_id: str) -> Mapping[str, Any]:
        body = {"endpoint": self.settings.webhook, "events": list(EVENTS), "list_id": int(list_id)}
        told = self._ask(Request("POST", self._path, json=body)).json()
        made: Mapping[str, Any] = told["webhook"]
        return made

    def _remove(self, one: Mapping[str, Any]) -> None:
        self._ask(Request("DELETE", f"/v2/webhook/{one['id']}", expected=(404,)))
        kept = self._kept()
        if str(one.get("secret")) in kept:
            self._keep([secret for secret in kept if secret != str(one["secret"])])

    def _ask(self, request: Request) -> Answer:
        answer = self.http.send(request)
        if isinstance(answer, NotExecuted | Unknown):
            raise RetryableError(answer.reason)
        if answer.status >= 300 and answer.status not in request.expected:
            raise ConfigError(f"{self.context.connection}: {request.method} {request.path}: {answer.status}")
        return answer


def _works(one: Mapping[str, Any]) -> bool:
    health, events = one.get("health") or {}, one.get("events") or ()
    return health.get("status") != "suspended" and ("*" in events or {*EVENTS} <= {*events})


def _in(kept: Sequence[str], one: Mapping[str, Any]) -> bool:
    given = str(one.get("secret") or "").encode()
    return any([hmac.compare_digest(secret.encode(), given) for secret in kept])  # noqa: C419 - each of them is looked at
