"""HubSpot as a marketing source, and as a CRM.

One portal is one connection; the token says which. What it reads and writes, with which scopes and limits,
stands in docs/platforms/hubspot.md.
"""

from __future__ import annotations

from adapters._hubspot.api import api
from adapters._hubspot.crm import HubSpotCrm
from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.source import HubSpotSource
from connector.model.adapter import Adapter

ADAPTER = Adapter(settings=HubSpotSettings, source=HubSpotSource, crm=HubSpotCrm, api=api)
