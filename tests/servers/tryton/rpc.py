"""The two ways into a Tryton server: what its own client speaks, and REST for other programs."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import requests

Row = dict[str, Any]


class TrytonError(Exception):
    """What the server answered instead of a result."""


def as_sent(value: Any) -> Any:
    """Dates, amounts and durations as Tryton's JSON has them."""
    if isinstance(value, Mapping):
        return {key: as_sent(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_sent(one) for one in value]
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, timedelta):
        return {"__class__": "timedelta", "seconds": value.total_seconds()}
    return _date_as_sent(value) if isinstance(value, date) else value


def _date_as_sent(value: date) -> Row:
    if not isinstance(value, datetime):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    moment = value.astimezone(UTC)
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{part: getattr(moment, part) for part in parts}}


def as_read(value: Any) -> Any:
    """The reverse: moments come back in UTC."""
    if isinstance(value, list):
        return [as_read(one) for one in value]
    if not isinstance(value, dict):
        return value
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "timedelta":
            return timedelta(seconds=value["seconds"])
        case "date":
            return date(value["year"], value["month"], value["day"])
        case "datetime":
            return datetime(**{key: part for key, part in value.items() if key != "__class__"}, tzinfo=UTC)
    return {key: as_read(one) for key, one in value.items()}


class Rpc:
    """Somebody who is logged in, as with Tryton's own client. `context` says for which company they act."""

    def __init__(self, base: str, login: str, password: str, context: Mapping[str, Any] | None = None) -> None:
        self.url = f"{base}/rpc/"
        self.context = dict(context or {})
        self._numbers = itertools.count(1)
        self._session = requests.Session()
        user, token, *_ = self._call("common.db.login", [login, {"password": password}])
        signed = base64.b64encode(f"{login}:{user}:{token}".encode()).decode()
        self._session.headers["Authorization"] = f"Session {signed}"

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _call(self, method: str, params: Sequence[Any]) -> Any:
        body = {"id": next(self._numbers), "method": method, "params": as_sent(list(params))}
        reply = self._session.post(self.url, json=body, timeout=60)
        found = reply.json() if reply.ok else {"error": f"{reply.status_code} {reply.text[:200]}"}
        if "error" in found:
            raise TrytonError(f"{method}: {found['error']}")
        return as_read(found["result"])

    def call(self, model: str, method: str, *params: Any) -> Any:
        """A method of a model, as `(*params, context)`."""
        return self._call(f"model.{model}.{method}", [*params, self.context])

    def create(self, model: str, *rows: Mapping[str, Any]) -> list[int]:
        """Make records; returns their ids."""
        ids: list[int] = self.call(model, "create", list(rows))
        return ids

    def write(self, model: str, ids: Sequence[int], **values: Any) -> None:
        """Change records, all in the same way."""
        self.call(model, "write", list(ids), values)

    def read(
        self, model: str, domain: Sequence[Any], fields: Sequence[str], order: Sequence[Sequence[str]] | None = None
    ) -> list[Row]:
        """Fields of the records that a domain finds."""
        rows: list[Row] = self.call(model, "search_read", list(domain), 0, None, order, list(fields))
        return rows

    def one(self, model: str, domain: Sequence[Any]) -> int:
        """The id of the one record that a domain finds."""
        (row,) = self.read(model, domain, ["id"])
        return int(row["id"])

    def press(self, model: str, button: str, *ids: int) -> Any:
        """Press a button of these records."""
        return self.call(model, button, list(ids))

    def wizard(self, name: str, form: str, state: str, **values: Any) -> None:
        """Go through a wizard: fill in its one form, press the button that leads to `state`."""
        session, *_ = self._call(f"wizard.{name}.create", [self.context])
        self._call(f"wizard.{name}.execute", [session, {form: values}, state, self.context])
        self._call(f"wizard.{name}.delete", [session, self.context])

    def job(self, method: str) -> None:
        """Run a scheduled job now, named as `model|method`."""
        self.press("ir.cron", "run_once", self.one("ir.cron", [["method", "=", method]]))


class Rest:
    """REST with the key of an application. Paths are below `/model/`; values go and come as in `as_sent`."""

    def __init__(self, base: str, key: str, context: Mapping[str, Any] | None = None) -> None:
        self.base = f"{base}/rest/model"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {key}"
        if context:
            self._session.headers["X-Tryton-Context"] = _packed(context)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def send(self, method: str, path: str, values: Any = None, **params: Any) -> requests.Response:
        """Any call; the answer as it came."""
        body = None if values is None else as_sent(values)
        return self._session.request(method, f"{self.base}/{path}", json=body, params=params, timeout=60)

    def search(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        order: Sequence[Sequence[str]] = (),
        size: int = 0,
    ) -> list[Row]:
        """Fields of the records that a domain finds, `size` of them at most unless 0."""
        params: dict[str, Any] = {"d": _packed(domain), "f": list(fields)}
        params |= {"o": _packed(order)} if order else {}
        params |= {"s": size} if size else {}
        rows: list[Row] = as_read(_ok(self.send("GET", model, **params)).json())
        return rows

    def create(self, model: str, **values: Any) -> Row:
        """Make one record."""
        row: Row = as_read(_ok(self.send("POST", model, values)).json())
        return row


def _packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(as_sent(value)).encode()).decode()


def _ok(reply: requests.Response) -> requests.Response:
    if not reply.ok:
        raise TrytonError(f"{reply.status_code} {reply.text[:200]}")
    return reply
