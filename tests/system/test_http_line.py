"""The line over a platform that is reached by HTTP: what the adapter is handed, budgets by account, a trace."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from connector import platforms
from connector.app import account_key, opened
from connector.model.adapter import Adapter, Context, FieldInfo, SourceCapabilities
from connector.model.http import Api, Http, Rate, Request, StaticToken
from connector.model.records import Page, Record, Window
from tests.servers.raw import Asked, RawServer, Step, said
from tests.system.conftest import Shop

PEOPLE = [
    {"id": "501", "email": "ana@alba.example", "name": "Ana Alba", "company": "Alba GmbH"},
    {"id": "502", "email": "bo@berg.example", "name": "Bo Berg", "company": "Berg AG"},
]


class ProbeSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    base_url: str


class Probe:
    """A source of one page."""

    capabilities = SourceCapabilities(streams=("contacts",))

    def __init__(self, settings: ProbeSettings, context: Context) -> None:
        self.context = context

    @property
    def http(self) -> Http:
        assert self.context.http is not None
        return self.context.http

    def check(self) -> None:
        self.http.read(Request("GET", "/me", reads=True))

    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        found = self.http.read(Request("GET", "/contacts", {"after": cursor}, reads=True)).json()
        if cursor != "1":
            yield Page(stream, [Record(one["id"], one) for one in found["results"]], "1")

    def fields(self) -> list[FieldInfo]:
        return []


def probe_api(settings: ProbeSettings) -> Api:
    return Api(settings.base_url, StaticToken(), rates=(Rate("burst", 100, 10.0),))


PROBE = Adapter(settings=ProbeSettings, source=Probe, api=probe_api)


def answers(asked: Asked) -> list[Step]:
    return [said(200, {"results": PEOPLE})]


@pytest.fixture
def platform(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """The shop, whose contacts now come over HTTP."""
    known = platforms.adapter
    monkeypatch.setattr(platforms, "adapter", lambda type: PROBE if type == "probe" else known(type))
    with RawServer(answers) as server:
        files = shop.folder.joinpath("config.toml").read_text()
        start, end = files.index("[connections.export]"), files.index("[connections.desk]")
        table = (
            f'[connections.export]\ntype = "probe"\naccount = "4711"\nbase_url = "{server.url}"\n'
            'daily_calls = 50\nmapping = "mapping.toml"\n\n'
        )
        shop.write("config.toml", files[:start] + table + files[end:])
        assert shop.baton("auth", "set", "export", typed="pat-eu1-hidden\n").exit_code == 0
        yield server


def test_an_adapter_is_handed_its_calls_and_what_the_mapping_names(shop: Shop, platform: RawServer) -> None:
    with opened(shop.folder / "config.toml") as app:
        source: Any = app.source("export")
        context: Context = source.context
        assert {"name", "email", "company", "size"} <= context.columns
        assert len(context.store_id) == 6
        source.check()
        assert account_key(app.config.connections["export"]) == "probe:4711"
    assert platform.asked[0].headers["authorization"] == "Bearer pat-eu1-hidden"
    with opened(shop.folder / "config.toml") as app, app.store.read() as tx:
        standing = {(line.account, line.rate): line.used for line in tx.budgets.standing() if line.rate}
    assert standing == {("probe:4711", "burst"): 1, ("probe:4711", "day"): 1}


def test_a_run_over_http_brings_leads_in(shop: Shop, platform: RawServer) -> None:
    assert shop.baton("sync").exit_code == 0
    with opened(shop.folder / "config.toml") as app, app.store.read() as tx:
        assert tx.reports.totals()["leads"] == 2


def test_a_refused_token_ends_with_the_command_that_mends_it(shop: Shop, platform: RawServer) -> None:
    platform.script = lambda _asked: [said(401, {})]
    result = shop.baton("sync")
    assert result.exit_code == 3
    assert "baton auth set export" in result.stderr
    assert "hidden" not in result.output + result.stderr


def lines(shop: Shop) -> list[dict[str, Any]]:
    files = sorted(shop.folder.glob("traces/*.jsonl"))
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * len(files)
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_a_trace_keeps_what_is_about_one_lead(shop: Shop, platform: RawServer) -> None:
    shop.baton("sync")
    result = shop.baton("sync", "--trace", "ana@alba.example")
    assert result.exit_code == 0
    assert "calls about it are in traces/lead-1-" in result.stderr
    (line,) = lines(shop)
    assert line["request"]["path"] == "/contacts"
    assert line["answer"]["body"] == {"results": [PEOPLE[0], "[1 others]"]}
    assert "hidden" not in json.dumps(line)


def test_someone_who_is_not_known_yet_can_be_traced(shop: Shop, platform: RawServer) -> None:
    assert shop.baton("sync", "--trace", "bo@berg.example").exit_code == 0
    assert lines(shop)[0]["answer"]["body"] == {"results": [PEOPLE[1], "[1 others]"]}


def test_a_trace_of_nobody_says_so(shop: Shop, platform: RawServer) -> None:
    result = shop.baton("sync", "--trace", "nobody@nowhere.example")
    assert result.exit_code == 0
    assert "no call was about it" in result.stderr
    assert not shop.folder.joinpath("traces").exists()
