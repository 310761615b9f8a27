"""Salesforce as a CRM: leads, tasks and campaign members by the REST API.

A lead is made by our key in a field of its own (`Baton_Id__c`, external id), up to 200 in a call, and
written by its id from then on; the org's assignment rules are never run. What changed is read
back by queries over SystemModstamp, what was deleted or merged by the deleted feed.
"""

from __future__ import annotations

from adapters._salesforce.api import api
from adapters._salesforce.crm import SalesforceCrm
from adapters._salesforce.settings import SalesforceSettings
from connector.model.adapter import Adapter

ADAPTER = Adapter(settings=SalesforceSettings, crm=SalesforceCrm, api=api)
