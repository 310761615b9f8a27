"""`leads.toml`: golden leads read and proved against the configuration that they are to be judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from connector.config.documents import Document, Files, open_document
from connector.config.golden_settings import DeedSettings, ExpectedSettings, GoldenFile, GoldenSettings
from connector.config.lines import line_of
from connector.config.sentences import validated
from connector.config.types import Config, Flow
from connector.config.values import N_
from connector.model.activity import KINDS, Activity
from connector.model.errors import ConfigError, Problem
from connector.model.errors import Path as KeyPath
from connector.model.fields import ACCOUNT_FIELDS, FIELDS, FieldType, Value, field_type
from connector.model.lead import Lead
from connector.model.score import GROUPS
from connector.steps.golden import Bound, Expected, Golden
from connector.steps.normalise.countries import codes
from connector.steps.normalise.values import derive
from connector.steps.routing.rules import ACCOUNT_OWNER

FILE = "leads.toml"
#: Who is taken to have said the fields of a golden lead.
_BY = "golden"


def golden_leads(path: Path, config: Config) -> list[Golden]:
    """The golden leads of the file at `path`, judged by `config`.

    Raises ConfigError with every problem, each with file, line and key.
    """
    files = Files(path.absolute().parent)
    try:
        document = open_document(path.absolute(), files)
    except FileNotFoundError:
        raise ConfigError([Problem((), N_("there is no such file"), file=files.shown(path.absolute()))]) from None
    found: list[Golden] = []
    if document.readable:
        own, rest = validated(GoldenFile, document.table, document.problems)
        if isinstance(own, GoldenFile) and (rest.get("lead") or not document.problems.found):
            found = list(_Reader(document, config, own).leads())
    if document.problems.found:
        raise ConfigError(list(document.located()))
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Document
    config: Config
    file: GoldenFile

    def leads(self) -> Iterator[Golden]:
        names: set[str] = set()
        for place, own in enumerate(self.file.lead):
            path: KeyPath = ("lead", place)
            if own.name in names:
                self.problem((*path, "name"), N_("%(name)s stands here twice"), name=own.name)
            names.add(own.name)
            yield self._lead(own, path)

    def problem(self, path: KeyPath, what: str, allowed: str = "", **values: object) -> None:
        self.document.problems.add(path, what, allowed, "", **values)

    def _written(self, path: KeyPath) -> Mapping[str, Any]:
        """A table as it stands in the file, with what was found wrong in it."""
        table: Any = self.document.table
        for step in path:
            table = table[step]
        return table if isinstance(table, Mapping) else {}

    def _lead(self, own: GoldenSettings, path: KeyPath) -> Golden:
        self._known_flow(own.flow, (*path, "flow"))
        at = self._moment(own.at or self.file.at)
        if at is None:
            self.problem(path, N_("`at` is missing: the moment at which it is judged"), "at = 2026-12-07T08:00:00Z")
            at = datetime.min.replace(tzinfo=UTC)
        fields = dict(self._fields(own.fields, (*path, "fields")))
        lead = Lead({**fields, **derive(fields)}, stage=own.stage, stage_since=at)
        for name, ago in own.changed.items():
            self._known_field(name, (*path, "changed", name))
            lead.said[name] = (_BY, (at - ago.delta).isoformat())
        deeds = [one for number, deed in enumerate(own.did) for one in self._did(deed, at, own, (*path, "did", number))]
        self.config.library.classify(deeds)
        line = line_of(self.document.lines, (*path, "name"))
        return Golden(
            own.name, at, lead, deeds, self._expected(own, (*path, "expect")), own.flow, own.account_owner or "", line
        )

    def _moment(self, said: date | None) -> datetime | None:
        """In UTC; a time without a zone is one of the configuration's zone."""
        if said is None:
            return None
        whole = said if isinstance(said, datetime) else datetime.combine(said, time.min)
        return (whole if whole.tzinfo else whole.replace(tzinfo=self.config.zone)).astimezone(UTC)

    def _flows(self, name: str) -> list[Flow]:
        """The flows that may take a lead."""
        return [flow for flow in self.config.flows.values() if name in ("", flow.name)]

    def _known_flow(self, name: str, path: KeyPath) -> None:
        if name and name not in self.config.flows:
            self.document.problems.unknown(path, name, self.config.flows, "flow")

    def _known_field(self, name: str, path: KeyPath) -> FieldType | None:
        type_ = field_type(name) or ACCOUNT_FIELDS.get(name)
        if type_ is None:
            self.document.problems.unknown(path, name, (*FIELDS, *ACCOUNT_FIELDS), "field")
        return type_

    def _fields(self, given: Mapping[str, Any], path: KeyPath, before: str = "") -> Iterator[tuple[str, Value]]:
        """`company.employees = 5` and `"company.employees" = 5` are one."""
        for key, said in given.items():
            name, here = f"{before}{key}", (*path, key)
            if isinstance(said, Mapping):
                yield from self._fields(said, here, f"{name}.")
            elif type_ := self._known_field(name, here):
                value = _value(type_, said)
                if value is None:
                    self.problem(here, N_("%(value)s is no value of this field"), _allowed(type_), value=repr(said))
                else:
                    yield name, value

    def _did(self, deed: DeedSettings, at: datetime, own: GoldenSettings, path: KeyPath) -> Iterator[Activity]:
        kinds = frozenset(KINDS).union(*(self._kinds(flow) for flow in self._flows(own.flow)))
        if deed.kind not in kinds:
            self.document.problems.unknown((*path, "kind"), deed.kind, kinds, "kind of activity")
        if len({"ago", "at"} & self._written(path).keys()) != 1:
            self.problem(path, N_("says when by `ago` or by `at`, and by one of them"), 'ago = "3 days"')
            return
        when = at - deed.ago.delta if deed.ago is not None else self._moment(deed.at)
        seconds = deed.lasting.seconds if deed.lasting is not None else 0
        for number in range(deed.count):
            name = f"{path[-1]}-{number}"
            yield Activity(
                _BY, name, "", when or at, deed.kind, deed.topic, deed.asset, deed.url, seconds, deed.campaign
            )

    def _kinds(self, flow: Flow) -> frozenset[str]:
        """The kinds that the mappings of a flow's connections make."""
        linked = self.config.connections
        return frozenset().union(*(linked[one].mapping.kinds for one in (*flow.sources, flow.crm) if one in linked))

    def _expected(self, own: GoldenSettings, path: KeyPath) -> Expected:
        said, flows = own.expect, self._flows(own.flow)
        if not self._written(path):
            self.problem(path, N_("asks for nothing"), ", ".join(ExpectedSettings.model_fields))
        if said.flow:
            self._known_flow(said.flow, (*path, "flow"))
        rules = {rule.name for flow in flows for rule in flow.criteria.rules}
        rules |= {f"cap: {group}" for group in GROUPS}
        for key, names in (("rules", said.rules), ("not_rules", said.not_rules)):
            for place, name in enumerate(names):
                if flows and name not in rules:
                    self.document.problems.unknown((*path, key, place), name, rules, "rule")
        grades = [grade for flow in flows for grade in flow.criteria.totals.grades]
        if said.grade is not None and flows and said.grade not in grades:
            self.document.problems.unknown((*path, "grade"), said.grade, dict.fromkeys(grades), "grade")
        self._known_target(said.to, (*path, "to"))
        points: dict[str, Bound] = {}
        for scope in ("total", *GROUPS):
            if (bound := getattr(said, scope)) is not None:
                points[scope] = bound
        return Expected(
            said.stage, said.hot, points, said.grade, said.rules, said.not_rules, said.missing, said.to, said.flow
        )

    def _known_target(self, to: str | None, path: KeyPath) -> None:
        if to and "@" not in to and to != ACCOUNT_OWNER and to not in self.config.teams:
            self.document.problems.unknown(path, to, (*self.config.teams, ACCOUNT_OWNER), "team")


def _value(type_: FieldType, said: object) -> Value | None:
    """What was written, as a lead holds it; None where it cannot be that field's."""
    match type_.kind:
        case "integer":
            return said if type(said) is int else None
        case "decimal":
            return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else None
        case "boolean":
            return said if isinstance(said, bool) else None
        case "list":
            whole = isinstance(said, list) and all(isinstance(one, str) for one in said)
            return list(said) if whole and isinstance(said, list) else None
        case "datetime":
            return _iso(said) if isinstance(said, datetime) else None
        case "date":
            return said.isoformat() if isinstance(said, date) and not isinstance(said, datetime) else None
        case "choice":
            return said if isinstance(said, str) and said in type_.choices else None
        case "country":
            return said if isinstance(said, str) and said in codes() else None
    return said if isinstance(said, str) else None


def _iso(said: datetime) -> str:
    return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


_ALLOWED = {
    "integer": "600", "decimal": "1200.5", "boolean": "true, false", "list": '["SAP", "Oracle"]',
    "datetime": "2026-12-07T08:00:00Z", "date": "2026-12-07", "country": "DE, JP, US, ...",
}  # fmt: skip


def _allowed(type_: FieldType) -> str:
    return ", ".join(type_.choices) or _ALLOWED.get(type_.kind, N_("a text in quotes"))
