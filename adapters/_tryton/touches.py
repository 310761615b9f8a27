"""When a lead was contacted, as far as Tryton knows it: mail sent from the opportunity, and notes that say so.

Tryton keeps the mail that somebody sends from a record in its client. A note counts by its first word (`Call: ...`,
`電話`); the text itself is not kept. Calls and meetings have no records in these modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from adapters._tryton.api import Rest, Row
from adapters._tryton.records import LEAD, NOTE
from adapters._tryton.walk import State, Walk
from adapters._words import kind_of
from connector.model.mirror import CrmRecord
from connector.model.outbox import LANES

#: What hangs on opportunities, and which text of it is looked at.
MODELS: Mapping[str, tuple[str, ...]] = {"ir.email": (), "ir.note": (NOTE,)}
#: The model, when it was made, and whose it is.
_OF_ALL = ("resource", "create_date", "create_uid.employee")


class Touches:
    """Walks mails and notes on the opportunities of a company. `ours` begins every key of ours."""

    def __init__(self, rest: Rest, now: Callable[[], datetime], ours: str) -> None:
        self.rest, self.now, self.ours = rest, now, ours

    def steps(self, state: State) -> Iterator[tuple[list[CrmRecord], State]]:
        """(what is new, where the walk stands after it)."""
        for model, text in MODELS.items():
            about = ["resource.company", "=", self.rest.settings.company, LEAD]
            walk = Walk(self.rest, model, (*_OF_ALL, *text), self.now, [about], lane=LANES["status"])
            for found, following in walk.steps(dict(state.get(model, {}))):
                state = {**state, model: following}
                yield list(self._told(model, found)), state

    def _told(self, model: str, found: Sequence[Row]) -> Iterator[CrmRecord]:
        for row in found:
            kind = "email" if model == "ir.email" else self._kind(str(row[NOTE] or ""))
            by = (row["create_uid"] or {}).get("employee") or ""
            about = str(row["resource"]).partition(",")[2]
            if kind:
                at = datetime.fromisoformat(row["create_date"])
                yield CrmRecord(
                    "task", f"{model}:{row['id']}", at, owner=str(by), person=about, stage=kind, is_open=False
                )

    def _kind(self, note: str) -> str:
        mine = self.ours and note.rstrip().rpartition("\n")[2].startswith(self.ours)
        return "" if mine else kind_of(note, "")
