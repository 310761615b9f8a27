"""Which criteria are in force, and those that wait to be accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Waiting:
    """Changed criteria of a flow that wait to be accepted: until then `before` is in force.

    `body` is JSON-ready: how many leads would come `in` and go `out`, of how many `leads`, more than `over`.
    """

    flow: str
    version: str
    before: str
    since: datetime
    body: Mapping[str, Any] = field(default_factory=dict)


class CriteriaInForce(Protocol):
    """Which version of each flow's criteria decides, and which wait."""

    def versions(self) -> dict[str, str]:
        """The version in force by flow: the latest that is kept. Flows without any are absent."""

    def text(self, flow: str) -> str:
        """The text of the version in force, "" where there is none."""

    def waiting(self) -> dict[str, Waiting]:
        """What waits, by flow."""

    def wait(self, waiting: Waiting) -> None:
        """This one waits, in place of what waited in its flow."""

    def wait_no_longer(self, flow: str) -> bool:
        """Nothing waits in this flow; False where nothing did."""
