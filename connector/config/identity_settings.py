"""`[identity]`: the points by which two records count as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from connector.config.strict import Strict
from connector.config.types import Identity
from connector.config.values import N_
from connector.model.errors import Path, Problems
from connector.steps.alike import shipped
from connector.steps.alike.likeness import Kind, Weights

Levels = Mapping[str, Mapping[str, shipped.Level]]


def _schema(table: Levels) -> WithJsonSchema:
    """All that can be said: a table for each field that is compared, with a key for each level."""
    return WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {field: _of_field(field, levels) for field, levels in table.items()},
        }
    )


def _of_field(field: str, levels: Mapping[str, shipped.Level]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": f"points for the {shipped.FIELDS[field]}",
        "additionalProperties": False,
        "properties": {
            name: {"type": "integer", "default": level.points, "description": level.meaning}
            for name, level in levels.items()
        },
    }


Points = dict[str, dict[str, int]]


class PersonSettings(Strict):
    """When two records of people are one person."""

    sure: int = Field(shipped.SURE["person"], description="from so many points on records are linked without asking")
    perhaps: int = Field(
        shipped.PERHAPS["person"], description="from so many points on a person is asked, in a store of a million leads"
    )
    perhaps_at_least: int = Field(
        shipped.PERHAPS_AT_LEAST["person"],
        description="ten times fewer leads need ten points fewer for a person to be asked, but never fewer than these",
    )
    never_sure: list[str] = Field(
        list(shipped.NEVER_SURE["person"]),
        description="findings, field.level, that are never linked without asking, whatever else agrees",
    )
    sure_needs: list[str] = Field(
        list(shipped.SURE_NEEDS["person"]),
        description="findings, field.level, one of which must be there to link without asking: something of their own",
    )
    place_at_most: int = Field(shipped.PLACE_AT_MOST, description="points of street, postal code and city together")
    company_at_most: int = Field(shipped.COMPANY_AT_MOST, description="points of company and domain together")
    points: Annotated[Points, _schema(shipped.PERSON)] = Field(
        {}, description="what each finding counts, where it differs from what is shipped"
    )


class OrganisationSettings(Strict):
    """When two records of organisations are one."""

    sure: int = Field(
        shipped.SURE["organisation"], description="from so many points on records are linked without asking"
    )
    perhaps: int = Field(shipped.PERHAPS["organisation"], description="from so many points on a person is asked")
    never_sure: list[str] = Field(
        list(shipped.NEVER_SURE["organisation"]),
        description="findings, field.level, that are never linked without asking, whatever else agrees",
    )
    place_at_most: int = Field(shipped.PLACE_AT_MOST, description="points of street, postal code and city together")
    points: Annotated[Points, _schema(shipped.ORGANISATION)] = Field(
        {}, description="what each finding counts, where it differs from what is shipped"
    )


class IdentitySettings(Strict):
    """Which records count as one."""

    compare: bool = Field(
        True,
        description="whether leads are compared with each other and placed in their companies; "
        "without, only one id or one address makes one lead",
    )
    person: PersonSettings = Field(default_factory=PersonSettings, description="when two people are one")
    organisation: OrganisationSettings = Field(
        default_factory=OrganisationSettings, description="when two organisations are one"
    )


def identity(settings: IdentitySettings, problems: Problems) -> Identity:
    """The weights of both kinds of records, with what is wrong in them added to `problems`."""
    own = settings.person
    most = {"place": own.place_at_most, "company": own.company_at_most}
    return Identity(
        _weights("person", own, most, problems),
        _weights("organisation", settings.organisation, {"place": settings.organisation.place_at_most}, problems),
        settings.compare,
    )


def _weights(
    kind: Kind, own: PersonSettings | OrganisationSettings, at_most: Mapping[str, int], problems: Problems
) -> Weights:
    table = shipped.PERSON if kind == "person" else shipped.ORGANISATION
    _check(kind, own, table, problems)
    points = {
        field: {name: own.points.get(field, {}).get(name, level.points) for name, level in levels.items()}
        for field, levels in table.items()
    }
    if isinstance(own, OrganisationSettings):
        return Weights(points, own.sure, own.perhaps, own.perhaps, at_most, frozenset(own.never_sure))
    return Weights(
        points, own.sure, own.perhaps, own.perhaps_at_least, at_most, frozenset(own.never_sure),
        frozenset(own.sure_needs),
    )  # fmt: skip


def _check(kind: Kind, own: PersonSettings | OrganisationSettings, table: Levels, problems: Problems) -> None:
    """Report what is no field, no level, or out of order."""
    path: Path = ("identity", kind)
    if own.perhaps > own.sure:
        problems.add((*path, "perhaps"), N_("must not be above sure, which is %(sure)s"), sure=own.sure)
    for field, levels in own.points.items():
        if field not in table:
            problems.unknown((*path, "points", field), field, table)
            continue
        for level in sorted(levels.keys() - table[field].keys()):
            problems.unknown((*path, "points", field, level), level, table[field])
    every = {f"{field}.{level}" for field, levels in table.items() for level in levels}
    lists = {"never_sure": own.never_sure}
    if isinstance(own, PersonSettings):
        lists["sure_needs"] = own.sure_needs
    for key, names in lists.items():
        for at, name in enumerate(names):
            if name not in every:
                problems.unknown((*path, key, at), name, every, "finding")
