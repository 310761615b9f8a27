"""Which criteria are in force, and those that wait to be accepted."""

from __future__ import annotations

import orjson

from connector.model.ports.criteria import Waiting
from connector.model.times import micros, moment
from state.engine import Session

IN_FORCE = "SELECT flow, version FROM criteria WHERE id IN (SELECT max(id) FROM criteria GROUP BY flow)"
TEXT = "SELECT body FROM criteria WHERE flow = ? ORDER BY id DESC LIMIT 1"
WAITING = "SELECT flow, version, before, since, body FROM criteria_waiting ORDER BY flow"
WAIT = (
    "INSERT INTO criteria_waiting (flow, version, before, since, body) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (flow) DO UPDATE SET version = excluded.version, before = excluded.before, "
    "since = excluded.since, body = excluded.body"
)
NO_LONGER = "DELETE FROM criteria_waiting WHERE flow = ?"


class CriteriaInForceOfStore:
    """The port `CriteriaInForce`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def versions(self) -> dict[str, str]:
        return dict(self._session.rows(IN_FORCE))

    def text(self, flow: str) -> str:
        return self._session.value(TEXT, flow) or ""

    def waiting(self) -> dict[str, Waiting]:
        return {
            flow: Waiting(flow, version, before, moment(since), orjson.loads(body or "{}"))
            for flow, version, before, since, body in self._session.rows(WAITING)
        }

    def wait(self, waiting: Waiting) -> None:
        body = orjson.dumps(dict(waiting.body)).decode()
        self._session.run(WAIT, waiting.flow, waiting.version, waiting.before, micros(waiting.since), body)

    def wait_no_longer(self, flow: str) -> bool:
        return self._session.run(NO_LONGER, flow) > 0
