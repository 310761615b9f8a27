"""Tryton as a marketing source under contract: the parties of one category."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters._tryton.source import CONTACTS, TrytonSource
from connector.kit.contract.source import SourceWorld
from connector.model.records import Page, Record, Window
from tests.contract.adapters.tryton_world import LATE, Live

#: Where the contract's texts stand: of a party, of its address, and of its contact mechanisms.
PARTY = {"spaces": "name"}
ADDRESS = {"city": "city", "name": "attn", "note": "street", "number": "postal_code"}
MECHANISMS = {"email": "email", "formula": "other", "accents": "skype", "reading": "sip"}
NAMES = PARTY | ADDRESS | MECHANISMS


class Renamed(TrytonSource):
    """A source whose ids are told in the words of the cases: Tryton chooses its own."""

    names: Mapping[str, str]

    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        for page in super().pull(stream, cursor, window):
            yield replace(page, records=[self._named(one) for one in page.records]) if stream == CONTACTS else page

    def _named(self, record: Record) -> Record:
        told = {ours: record.values[theirs] for ours, theirs in NAMES.items()}
        winner = self.names.get(record.merged_into, "")
        return replace(record, id=self.names[record.id], values=dict(record.values) | told, merged_into=winner)


class TrytonSourceWorld(Live, SourceWorld):
    """The marketing role. Every party of a case is in one category."""

    category = "Contract"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ids: dict[str, int] = {}
        self._made = self._held = 0

    def source(self) -> Renamed:
        # Declarations cost no server: it is started with the first record.
        context = self.context(written={"contact": ("category.Baton stage",)}) if self.ids else None
        made = Renamed(self.settings(), context)  # type: ignore[arg-type]
        made.names = {str(id): name for name, id in self.ids.items()}
        return made

    @property
    def _category(self) -> int:
        if not self._made:
            self._made = int(self.rest.create("party.category", name=self.category)["id"])
        return self._made

    def put(self, rows: Iterable[dict[str, str]]) -> None:
        rows = list(rows)
        new = [row for row in rows if row["id"] not in self.ids]
        if new:
            bodies = [_party(row) | {"categories": [["add", [self._category]]]} for row in new]
            made = self.rest.send("POST", "party.party/create", {"vlist": bodies}).json()
            self.ids |= {row["id"]: id for row, id in zip(new, made, strict=True)}
        for row in rows:
            if row not in new:
                self._change(self.ids[row["id"]], row)
            if "changed" in row:
                self.date("party_party", datetime.fromisoformat(row["changed"]), "id = ?", self.ids[row["id"]])

    def _change(self, id: int, row: Mapping[str, str]) -> None:
        names = ["addresses.city", "contact_mechanisms.type"]
        (there,) = self.rest.search("party.party", [["id", "=", id]], names)
        held = {one["type"]: one["id"] for one in there["contact_mechanisms"]}
        orders = [["write", [held[kind]], {"value": row[ours]}] for ours, kind in MECHANISMS.items() if ours in row]
        placed = ["write", [there["addresses"][0]["id"]], _address(row)]
        self.put_party({"contact_mechanisms": orders, "addresses": [placed]}, id)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def hold_back(self, row: dict[str, str]) -> None:
        id = self._held = self.ids[row["id"]] = self.put_party(_party(row))
        for table, name in (("party_party", "id"), ("party_address", "party"), ("party_contact_mechanism", "party")):
            self.date(table, datetime.now(UTC) - LATE, f"{name} = ?", id)

    def let_go(self) -> None:
        self.server.sql(
            ('INSERT INTO "party_party-party_category" (party, category) VALUES (?, ?)', (self._held, self._category))
        )

    def delete(self, id: str) -> None:
        assert self.rest.send("DELETE", f"party.party/{self.ids[id]}").ok

    def empty(self) -> None:
        for id in self.ids:
            self.delete(id)

    def merge(self, loser: str, winner: str) -> str:
        self.put_party({"active": False, "replaced_by": self.ids[winner]}, self.ids[loser])
        return winner


def _party(row: Mapping[str, str]) -> dict[str, Any]:
    reached = [{"type": kind, "value": row[ours]} for ours, kind in MECHANISMS.items() if row.get(ours)]
    return {
        **{theirs: row[ours] for ours, theirs in PARTY.items() if ours in row},
        "contact_mechanisms": [["create", reached]], "addresses": [["create", [_address(row)]]],
    }  # fmt: skip


def _address(row: Mapping[str, str]) -> dict[str, str]:
    return {theirs: row[ours] for ours, theirs in ADDRESS.items() if ours in row}
