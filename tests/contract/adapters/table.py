"""The table of our own platforms."""

from __future__ import annotations

from connector.kit.contract.table import lines
from tests.contract.adapters.platforms import PLATFORMS

TABLE = tuple(lines(PLATFORMS))
