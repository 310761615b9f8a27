"""Tryton at both ends: parties and their mail are where leads come from, and an opportunity is what a lead becomes.

What it reads and writes, with which rights, stands in docs/platforms/tryton.md.
"""

from __future__ import annotations

from adapters._tryton.api import TrytonSettings, api
from adapters._tryton.crm import TrytonCrm
from adapters._tryton.source import TrytonSource
from connector.model.adapter import Adapter

ADAPTER = Adapter(settings=TrytonSettings, source=TrytonSource, crm=TrytonCrm, api=api)
