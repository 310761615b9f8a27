"""Numbers for Prometheus at /metrics: gauges, read from the store when they are asked for. None is about a person.

Labels are flows, stages, states, connections, kinds of runs and limits: as many as the configuration and this program
have. No label is an owner, a source or a campaign.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connector.model.errors import BatonError
from connector.model.times import micros
from connector.runs.failing import failing
from connector.web.sheets.health import ENDED, left

if TYPE_CHECKING:
    from prometheus_client.metrics_core import GaugeMetricFamily

    from connector.app import App
    from connector.model.logins import User
    from connector.model.ports import Transaction

PATH = "/metrics"
#: The secret that lets in whoever sends it as a bearer token.
SECRET = "metrics"  # noqa: S105 - the name of a secret
#: What a proxy adds: then a caller from this machine may be anybody.
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
#: How a run says that it ended well.
DONE = "done"
LOOPBACK = ("127.0.0.1", "::1")


def metrics(current: Callable[[], App], identify: Callable[[Request], User | None]) -> Route:
    """The page of numbers."""

    async def endpoint(request: Request) -> Response:
        request.scope["door"] = PATH
        return await run_in_threadpool(answer, request)

    def answer(request: Request) -> Response:
        app = current()
        if not allowed(app, request, identify):
            return PlainTextResponse("not for you\n", 403)
        return Response(text(app), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Route(PATH, endpoint, methods=["GET"])


def allowed(app: App, request: Request, identify: Callable[[Request], User | None]) -> bool:
    """Whether a caller may read them: from this machine itself, with the token, or signed in as an admin."""
    return _here(app, request) or _token(app, request) or _admin(identify(request))


def _here(app: App, request: Request) -> bool:
    if app.config.desk.sign_in == "proxy" or any(name in request.headers for name in FORWARDED):
        return False
    return request.client is not None and request.client.host in LOOPBACK


def _token(app: App, request: Request) -> bool:
    kind, _, sent = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not sent:
        return False
    try:
        known = app.secrets.get(SECRET)
    except BatonError:
        return False
    return bool(known) and hmac.compare_digest(known.encode(), sent.strip().encode())


def _admin(user: User | None) -> bool:
    return user is not None and "admin" in user.roles


def text(app: App) -> str:
    """All of them in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector(app))
    return generate_latest(registry).decode()


class _Collector:
    """Reads the store once for each time that it is asked."""

    def __init__(self, app: App) -> None:
        self._app, self._now = app, app.clock()

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing beforehand: names come with their values."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge."""
        app = self._app
        with app.store.read() as tx:
            yield _gauge("baton_leads", "Leads by flow and stage.", ("flow", "stage"), tx.reports.stages())
            yield _gauge("baton_handoffs", "Handoffs by flow and state.", ("flow", "state"), tx.handoffs.counts())
            rows = {key: count for key, count in tx.outbox.counts().items() if key[1] not in ENDED}
            yield _gauge("baton_outbox_rows", "Writes that have not ended.", ("target", "state"), rows)
            yield from self._held(tx)
            yield from self._clocks(tx)
            yield from self._runs(tx)
            yield from self._budgets(tx)
            waits = {(kind,): count for kind, count in tx.reviews.counts().items()}
            yield _gauge("baton_waits_for_a_person", "Records set aside, missing fields, notices.", ("kind",), waits)
            yield _gauge("baton_jobs_failing", "Jobs that failed when they last ran.", (), {(): len(failing(tx))})

    def _held(self, tx: Transaction) -> Iterator[GaugeMetricFamily]:
        oldest: dict[tuple[str, ...], float] = {}
        for one in tx.reports.held_up():
            age = (self._now - one.since).total_seconds()
            oldest[one.target,] = max(age, oldest.get((one.target,), 0.0))
        what = "Age of the oldest write that was tried and has not ended."
        yield _gauge("baton_outbox_oldest_seconds", what, ("target",), oldest)

    def _clocks(self, tx: Transaction) -> Iterator[GaugeMetricFamily]:
        now = micros(self._now)
        count, first = tx.looking.overdue(now)
        yield _gauge("baton_clocks_overdue", "Handoffs past due without a contact.", (), {(): count})
        age = 0.0 if first is None else (now - first) / 1_000_000
        yield _gauge("baton_clocks_oldest_overdue_seconds", "How long the oldest is past due.", (), {(): age})

    def _runs(self, tx: Transaction) -> Iterator[GaugeMetricFamily]:
        runs = [one for one in tx.looking.last_runs() if one.ended_at is not None]
        labels = ("kind", "connection")
        ages = {(one.kind, one.connection): (self._now - one.ended_at).total_seconds() for one in runs if one.ended_at}
        yield _gauge("baton_run_age_seconds", "Time since the latest run of a kind ended.", labels, ages)
        well = {(one.kind, one.connection): float(one.result == DONE) for one in runs}
        yield _gauge("baton_run_ended_well", "Whether the latest run of a kind ended well.", labels, well)

    def _budgets(self, tx: Transaction) -> Iterator[GaugeMetricFamily]:
        lines = [one for one in tx.budgets.standing() if one.rate]
        labels = ("account", "limit")
        calls = {(one.account, one.rate): left(one, self._now) for one in lines}
        yield _gauge("baton_calls_left", "Calls that a limit has left in its window.", labels, calls)
        whole = {(one.account, one.rate): one.limit for one in lines}
        yield _gauge("baton_calls_limit", "Calls that a limit allows in its window.", labels, whole)


def _gauge(name: str, what: str, labels: Sequence[str], values: Mapping[Any, float]) -> GaugeMetricFamily:
    from prometheus_client.metrics_core import GaugeMetricFamily

    family = GaugeMetricFamily(name, what, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(list(key), value)
    return family
