"""How ClickUp says no: `{"err": words, "ECODE": code}`.

The shape is that of the published description's errors; the codes are those that public issue trackers quote, and no
more than examples: nothing says which there are.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.sandbox.wire import Reply


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure of the server
    """A call that is answered with an error."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})

    def reply(self) -> Reply:
        """The answer."""
        return Reply(self.status, {"err": str(self), "ECODE": self.code}, self.headers)


def invalid(message: str) -> Refused:
    """A call whose values cannot be taken."""
    return Refused(400, "INPUT_005", message)


def no_task() -> Refused:
    """No such task, or one that was deleted."""
    return Refused(404, "ITEM_013", "Task not found, deleted")
