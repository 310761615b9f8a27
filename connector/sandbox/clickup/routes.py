"""From a call to what answers it: who may call, how often, and which route it is."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

import orjson

from connector.sandbox.clickup import around, publishing, tasks
from connector.sandbox.clickup.errors import Refused, invalid
from connector.sandbox.clickup.workspace import Workspace
from connector.sandbox.wire import Call, Reply

Handler = Callable[..., Any]

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/v2/user", around.user),
    ("GET", "/v2/team", around.teams),
    ("GET", "/v2/list/{list_id}", around.one_list),
    ("GET", "/v2/list/{list_id}/member", around.members),
    ("GET", "/v2/list/{list_id}/field", around.fields),
    ("GET", "/v2/list/{list_id}/task", tasks.listing),
    ("POST", "/v2/list/{list_id}/task", tasks.create),
    ("GET", "/v2/task/bulk_time_in_status/task_ids", around.time_in_status),
    ("GET", "/v2/task/{task_id}", tasks.one),
    ("PUT", "/v2/task/{task_id}", tasks.update),
    ("DELETE", "/v2/task/{task_id}", tasks.delete),
    ("POST", "/v2/task/{task_id}/field/{field_id}", tasks.set_field),
    ("DELETE", "/v2/task/{task_id}/field/{field_id}", tasks.remove_field),
    ("GET", "/v2/task/{task_id}/comment", around.comments),
    ("POST", "/v2/task/{task_id}/comment", around.comment),
    ("POST", "/v2/task/{task_id}/checklist", around.checklist),
    ("POST", "/v2/checklist/{checklist_id}/checklist_item", around.checklist_item),
    ("GET", "/v2/team/{team_id}/time_entries", around.time_entries),
    ("GET", "/v2/team/{team_id}/webhook", around.webhooks),
    ("POST", "/v2/team/{team_id}/webhook", around.webhook),
    ("DELETE", "/v2/webhook/{webhook_id}", around.remove_webhook),
    ("GET", "/v2/team/{team_id}/goal", publishing.goals),
    ("POST", "/v2/team/{team_id}/goal", publishing.add_goal),
    ("GET", "/v2/goal/{goal_id}", publishing.goal),
    ("PUT", "/v2/goal/{goal_id}", publishing.edit_goal),
    ("POST", "/v2/goal/{goal_id}/key_result", publishing.add_key_result),
    ("PUT", "/v2/key_result/{key_result_id}", publishing.edit_key_result),
    ("GET", "/v3/workspaces/{workspace_id}/docs", publishing.docs),
    ("POST", "/v3/workspaces/{workspace_id}/docs", publishing.add_doc),
    ("GET", "/v3/workspaces/{workspace_id}/docs/{doc_id}/pages", publishing.pages),
    ("POST", "/v3/workspaces/{workspace_id}/docs/{doc_id}/pages", publishing.add_page),
    ("PUT", "/v3/workspaces/{workspace_id}/docs/{doc_id}/pages/{page_id}", publishing.edit_page),
)


class Application:
    """A workspace's HTTP API."""

    def __init__(self, space: Workspace) -> None:
        self.space = space
        self._routes = [(method, tuple(path.split("/")[1:]), path, handler) for method, path, handler in ROUTES]

    def __call__(self, call: Call) -> Reply:
        """Answer a call; the workspace is ours alone while we do."""
        with self.space.lock:
            try:
                return self._answer(call)
            except Refused as refused:
                return refused.reply()
            except (KeyError, TypeError, ValueError, AttributeError, orjson.JSONDecodeError) as problem:
                return invalid(f"Invalid input: {problem}").reply()

    def _answer(self, call: Call) -> Reply:
        handler, parameters = self._route(call)
        if call.headers.get("authorization", "").removeprefix("Bearer ") != self.space.token:
            raise Refused(401, "OAUTH_025", "Token invalid")
        limits = self.space.limits
        limits.take(self.space.clock.seconds())
        reply = Reply(body=handler(self.space, call, **parameters))
        reply.headers |= limits.headers()
        reply.headers["Date"] = format_datetime(self.space.clock.now(), usegmt=True)
        return reply

    def _route(self, call: Call) -> tuple[Handler, dict[str, str]]:
        parts = call.parts()
        for method, template, route, handler in self._routes:
            if method == call.method and _fits(template, parts):
                call.route = route
                return handler, {one[1:-1]: part for one, part in zip(template, parts, strict=True) if one[:1] == "{"}
        raise Refused(404, "APP_001", f"Route not found: {call.method} {call.path}")


def _fits(template: tuple[str, ...], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        one.startswith("{") or one == part for one, part in zip(template, parts, strict=True)
    )
