"""Who may see the desk, logins that failed, and what was done there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import orjson

from connector.model.logins import Audited, Role, User
from connector.model.times import micros, micros_or_none, moment, moment_or_none
from state.engine import Session

COLUMNS = "email, name, roles, password, language, epoch, last_at, disabled_at"
USER = f"SELECT {COLUMNS} FROM users WHERE email = ?"  # noqa: S608 - constants
USERS = f"SELECT {COLUMNS} FROM users ORDER BY email"  # noqa: S608 - constants
SAVE = (
    f"INSERT INTO users ({COLUMNS}, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608 - constants
    "ON CONFLICT (email) DO UPDATE SET name = excluded.name, roles = excluded.roles, password = excluded.password, "
    "language = excluded.language, epoch = excluded.epoch, last_at = excluded.last_at, "
    "disabled_at = excluded.disabled_at"
)
SEEN = "UPDATE users SET last_at = ? WHERE email = ?"
ATTEMPT = "INSERT INTO attempts (id, key, at) VALUES (?, ?, ?)"
ATTEMPTS = "SELECT count(*) FROM attempts WHERE key = ? AND at >= ?"
FORGET = "DELETE FROM attempts WHERE at < ? OR key = ANY(?)"
RECORD = "INSERT INTO audit (at, who, role, action, lead_id, handoff_id, body, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
AMEND = "UPDATE audit SET lead_id = ?, handoff_id = ?, body = ? WHERE id = ?"
OLD = "SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?"
TRAIL = "SELECT at, who, role, action, lead_id, handoff_id, body, id FROM audit "


class LoginsOfStore:
    """The port `Logins`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def user(self, email: str) -> User | None:
        found = self._session.rows(USER, email.lower())
        return _user(found[0]) if found else None

    def users(self) -> list[User]:
        return [_user(row) for row in self._session.rows(USERS)]

    def save(self, user: User, at: datetime) -> None:
        self._session.run(
            SAVE, user.email.lower(), user.name, " ".join(user.roles), user.password, user.language, user.epoch,
            micros_or_none(user.last_at), micros_or_none(user.disabled_at), micros(at),
        )  # fmt: skip

    def seen(self, email: str, at: datetime) -> None:
        self._session.run(SEEN, micros(at), email.lower())

    def attempted(self, keys: Sequence[str], at: datetime) -> None:
        first = self._session.new_ids("attempts", len(keys))
        self._session.many(ATTEMPT, [(first + n, key, micros(at)) for n, key in enumerate(keys)])

    def attempts(self, key: str, since: datetime) -> int:
        return int(self._session.value(ATTEMPTS, key, micros(since)))

    def forget_attempts(self, before: datetime, keys: Sequence[str] = ()) -> int:
        return self._session.run(FORGET, micros(before), list(keys))

    def record(self, entry: Audited) -> int:
        id = self._session.new_ids("audit", 1)
        given = (entry.who, entry.role, entry.action, entry.lead_id, entry.handoff_id, _body(entry), id)
        self._session.run(RECORD, micros(entry.at), *given)
        return id

    def amend(self, entry: Audited) -> None:
        self._session.run(AMEND, entry.lead_id, entry.handoff_id, _body(entry), entry.id)

    def prune(self, before: datetime, limit: int) -> int:
        ids = [row_id for (row_id,) in self._session.rows(OLD, micros(before), limit)]
        return self._session.run("DELETE FROM audit WHERE id = ANY(?)", ids) if ids else 0

    def trail(self, limit: int = 100, before: int = 0, lead_id: int | None = None) -> list[Audited]:
        wanted: dict[str, Any] = {"id < ?": before or None, "lead_id = ?": lead_id}
        given = {condition: value for condition, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(given)} " if given else ""
        rows = self._session.rows(f"{TRAIL}{where}ORDER BY id DESC LIMIT ?", *given.values(), limit)
        return [_audited(row) for row in rows]


def _user(row: Sequence[Any]) -> User:
    email, name, roles, password, language, epoch, last_at, disabled_at = row
    given = cast("tuple[Role, ...]", tuple(roles.split()))
    return User(email, name, given, password, language, epoch, moment_or_none(last_at), moment_or_none(disabled_at))


def _body(entry: Audited) -> str:
    return orjson.dumps(dict(entry.body)).decode()


def _audited(row: Sequence[Any]) -> Audited:
    at, who, role, action, lead_id, handoff_id, body, id = row
    return Audited(moment(at), who, role, action, lead_id, handoff_id, orjson.loads(body or "{}"), id)
