"""What the memory platform's objects are as a mirror's records, and how its search finds people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from adapters._world import Thing, World
from connector.model.mirror import CrmRecord, Mirrored, Wanted

#: A search compares so many digits from a number's end: `030 123456` is found by `+4930123456`.
DIGITS = 6


def record_of(thing: Thing, users: Mapping[str, str], key_field: str, *, tells_deletes: bool) -> CrmRecord:
    """An object as it is told; `users` gives the id of the user with an email, who may be named by either."""
    values = thing.values

    def text(*names: str) -> str:
        return next((str(values[name]) for name in names if values.get(name) not in (None, "")), "")

    owner = text("owner")
    return CrmRecord(
        cast(Mirrored, thing.object),
        thing.crm_id,
        modified_at=thing.changed_at,
        our_key=thing.our_key or (text(key_field) if key_field else ""),
        email=text("email"),
        phone=text("mobile", "phone"),
        name=text("name", "name.full", "subject"),
        family_name=text("name.family"),
        company=text("company.name"),
        domain=text("company.domain"),
        owner=users.get(owner, owner),
        account=text("account"),
        person=text("person") or thing.parent_id,
        active=values.get("active", True) is True,
        is_open=values.get("is_open", True) is True and not values.get("converted_to"),
        won=values.get("won") is True,
        customer=values.get("customer") is True,
        stage=text("stage"),
        amount=values.get("amount"),
        currency=text("currency"),
        converted_to=dict(values.get("converted_to") or {}),
        merged_into=thing.merged_into if tells_deletes else "",
        gone=thing.gone and tells_deletes,
        by=text("by"),
        given_name=text("name.given"),
        other_phone=text("phone") if text("mobile") else "",
        city=text("city"),
        postal_code=text("postal_code"),
        country=text("country", "company.country"),
        values=dict(values),
    )


def users_of(world: World) -> dict[str, str]:
    """The ids of users, by their email and by themselves."""
    users = world.things("user", gone=True)
    return {str(user.values.get("email", "")): user.crm_id for user in users} | {
        user.crm_id: user.crm_id for user in users
    }


def found_people(world: World, people: Sequence[Wanted]) -> list[Thing]:
    """Leads and contacts with one of these keys, what converted leads became, and the accounts of all."""
    by_email = {one.email for one in people if one.email}
    by_phone = {_end(one.phone) for one in people if one.phone}

    def wanted(thing: Thing) -> bool:
        phones = (thing.values.get(name) for name in ("mobile", "phone"))
        address = str(thing.values.get("email") or "").strip().lower()
        return address in by_email or any(_end(phone) in by_phone for phone in phones if phone)

    found = [thing for kind in ("lead", "contact") for thing in world.things(kind) if wanted(thing)]
    found += _live(world, ((thing.values.get("converted_to") or {}).get("contact", "") for thing in found))
    found += _live(world, (thing.values.get("account", "") for thing in found))
    return list({thing.crm_id: thing for thing in found}.values())


def _live(world: World, ids: Iterable[Any]) -> list[Thing]:
    things = (world.thing(str(id)) for id in dict.fromkeys(ids) if id)
    return [thing for thing in things if thing and not thing.gone]


def _end(phone: Any) -> str:
    return "".join(character for character in str(phone) if character.isdigit())[-DIGITS:]
