"""ClickUp at both ends: tasks that a form makes are where leads come from, and a task in a list is what a lead becomes.

What it reads and writes, with which calls and limits, stands in docs/platforms/clickup.md.
"""

from __future__ import annotations

from adapters._clickup.api import api
from adapters._clickup.crm import ClickUpCrm
from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.source import ClickUpSource
from adapters._clickup.webhooks import HOOKS
from connector.model.adapter import Adapter

ADAPTER = Adapter(settings=ClickUpSettings, source=ClickUpSource, crm=ClickUpCrm, api=api, hooks=HOOKS)
