"""The fields of HubSpot as a CRM, with what they take; owners by address, stages by their labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from adapters._hubspot.calls import listed
from adapters._hubspot.objects import KINDS
from adapters._hubspot.preparing import property_steps
from adapters._hubspot.vocabulary import fields, properties
from connector.model import sentences
from connector.model.adapter import FieldInfo, SetupStep
from connector.model.http import Http
from connector.model.mirror import CrmRecord

#: The properties that hold an owner, and a stage of the object Leads.
OWNER, PIPELINE, STAGE = "hubspot_owner_id", "hs_pipeline", "hs_pipeline_stage"
#: Without these, an object is not made.
_REQUIRED = {("sales_lead", "hs_lead_name")}


def crm_fields(http: Http, objects: Sequence[str], owners: Sequence[CrmRecord]) -> list[FieldInfo]:
    """The properties of these objects of ours."""
    of_type: dict[str, list[FieldInfo]] = {}
    found: list[FieldInfo] = []
    for object in (name for name in objects if name in KINDS):
        type = KINDS[object].type
        if type not in of_type:
            of_type[type] = fields(http, type, object)
        found += [_told(replace(one, object=object), owners) for one in of_type[type]]
    if "sales_lead" in objects:
        found = _with_stages(http, found)
    return found


def _told(info: FieldInfo, owners: Sequence[CrmRecord]) -> FieldInfo:
    required = (info.object, info.name) in _REQUIRED
    if info.name != OWNER:
        return replace(info, required=required)
    active = {one.email: one.id for one in owners if one.active and one.email}
    return replace(info, kind="owner", choices=tuple(active), ids=active, restricted=True)


def _with_stages(http: Http, found: Sequence[FieldInfo]) -> list[FieldInfo]:
    pipelines = list(listed(http, "/crm/v3/pipelines/leads"))
    ids: Mapping[str, Mapping[str, str]] = {
        PIPELINE: {str(one["label"]): str(one["id"]) for one in pipelines},
        STAGE: {str(stage["label"]): str(stage["id"]) for one in pipelines for stage in one["stages"]},
    }
    return [
        replace(one, choices=tuple(ids[one.name]), ids=ids[one.name])
        if one.object == "sales_lead" and ids.get(one.name)
        else one
        for one in found
    ]


def crm_steps(
    http: Http, objects: Sequence[str], written: Mapping[str, Sequence[str]], read: Iterable[str]
) -> list[SetupStep]:
    """Our unique key in everything that is made, and the properties that the mapping writes, or reads as ours."""
    types: dict[str, dict[str, None]] = {}
    for object in (name for name in objects if name in KINDS and name != "contact"):
        kind = KINDS[object]
        names = types.setdefault(kind.type, {kind.key: None})
        names.update(dict.fromkeys(written.get(object, ())))
        names.update(dict.fromkeys(sorted(name for name in read if object == "lead" and name.startswith("baton_"))))
    steps = []
    for type, names in types.items():
        steps += property_steps(http, names, type)
        steps += _not_unique(http, type, next(iter(names)))
    return steps


def _not_unique(http: Http, type: str, key: str) -> list[SetupStep]:
    """A step where our key is there and not unique: HubSpot cannot change that."""
    there = next((one for one in properties(http, type) if one["name"] == key), None)
    if there is None or there.get("hasUniqueValue"):
        return []
    by_hand = (sentences.SETUP_UNIQUE_DELETE % {"name": key}, sentences.SETUP_AGAIN)
    return [SetupStep(sentences.SETUP_UNIQUE % {"name": key, "type": type}, False, None, by_hand)]
