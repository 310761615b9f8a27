"""What the API tells of its objects, limits and versions."""

from __future__ import annotations

from typing import Any

from connector.sandbox.salesforce.objects import MASTER_RECORD_TYPE, SObject
from connector.sandbox.salesforce.org import Org

#: The oldest and the newest version that answer here.
OLDEST, NEWEST = 31, 67


def describe(sobject: SObject, root: str) -> dict[str, Any]:
    """GET /sobjects/X/describe. `root` is `/services/data/v62.0`."""
    return summary(sobject, root) | {
        "fields": [one.describe() for one in sobject.visible()],
        "recordTypeInfos": record_types(sobject, root),
        "childRelationships": [],
    }


def summary(sobject: SObject, root: str) -> dict[str, Any]:
    """One object as GET /sobjects lists it."""
    url = f"{root}/sobjects/{sobject.name}"
    return {
        "name": sobject.name, "label": sobject.label, "labelPlural": f"{sobject.label}s", "keyPrefix": sobject.prefix,
        "custom": sobject.name.endswith("__c"), "createable": sobject.ours, "updateable": sobject.ours,
        "deletable": sobject.ours, "undeletable": sobject.ours, "queryable": True, "retrieveable": True,
        "replicateable": True, "searchable": True, "mergeable": sobject.name in ("Lead", "Contact", "Account"),
        "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": f"{url}/{{ID}}"},
    }  # fmt: skip


def record_types(sobject: SObject, root: str) -> list[dict[str, Any]]:
    """The record types, the one that every object has (Master) at the end."""
    own = [(one.id, one.name, one.active, one.default, False) for one in sobject.record_types]
    master = (MASTER_RECORD_TYPE, "Master", True, not any(one.default for one in sobject.record_types), True)
    return [
        {"recordTypeId": found, "name": name, "developerName": name.replace(" ", "_"), "active": active,
         "available": active, "defaultRecordTypeMapping": default, "master": is_master,
         "urls": {"layout": f"{root}/sobjects/{sobject.name}/describe/layouts/{found}"}}
        for found, name, active, default, is_master in [*own, master]
    ]  # fmt: skip


def limits(org: Org) -> dict[str, Any]:
    """GET /limits: the allocation of calls, and two that nobody here uses up."""
    return {
        "DailyApiRequests": {"Max": org.daily_limit, "Remaining": max(0, org.daily_limit - org.spent())},
        "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
        "DataStorageMB": {"Max": 1073, "Remaining": 1000},
    }


def versions() -> list[dict[str, str]]:
    """GET /services/data/."""
    return [
        {"label": f"Version {number}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]
