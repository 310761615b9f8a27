"""What the platform in memory does with a request that has come to it: the other side of the adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters._memory.settings import MemorySettings
from adapters._world import Thing, World
from connector.model.adapter import CrmCapabilities, FindItem, WriteItem
from connector.model.outbox import Done, Found, NotExecuted, Outcome, Refused


@dataclass(frozen=True, slots=True)
class Platform:
    """The objects of `world`, made, changed and found as `settings` say."""

    settings: MemorySettings
    capabilities: CrmCapabilities
    world: World

    def late_requests(self, now: datetime) -> None:
        """Do what was sent before, and comes only now."""
        for due, items in self.world.arrived(now):
            self.do([WriteItem(**item) for item in items], due)

    def do(self, items: Sequence[WriteItem], at: datetime, *, refuse_creates: bool = False) -> list[Outcome]:
        """Make or change `items`: as one, or item by item, as the batch is declared; one outcome each."""
        if self.settings.batch == "per_item":
            return [self._do_item(item, at, refuse_creates) for item in items]
        with self.world.together():
            refusals = [self._refusal(item, refuse_creates) for item in items]
            if any(refusals):
                return [refused or NotExecuted("another item of the batch was refused") for refused in refusals]
            # Refused anew, one by one: an earlier item of the batch may have created the same object.
            return [self._refusal(item, refuse_creates) or self._apply(item, at) for item in items]

    def _do_item(self, item: WriteItem, at: datetime, refuse_creates: bool) -> Outcome:
        with self.world.together():
            outcome = self._refusal(item, refuse_creates) or self._apply(item, at)
        self.world.watch("write:amid")
        return outcome

    def _refusal(self, item: WriteItem, refuse_creates: bool) -> Refused | None:
        if item.object not in (*self.settings.objects, *self.settings.publishes):
            return Refused(f"there is no object {item.object}", "UNKNOWN_OBJECT")
        if poison := self.world.poisoned(item.our_key):
            return Refused(*poison)
        if item.crm_id:
            target = self._followed(item.crm_id)
            return None if target else Refused("no such object", "NOT_FOUND")
        unique_key = self.capabilities.of(item.object).unique_key
        gone = unique_key == "chosen_id" and self.world.thing(item.our_key)
        if gone and gone.gone:
            return Refused("it was deleted", "DELETED")
        there = unique_key != "none" and self.world.keyed(item.object, item.our_key)
        if refuse_creates or (there and self.settings.on_duplicate == "refuse"):
            return Refused("there is one with this key already", "DUPLICATE", duplicate=True)
        return None

    def _followed(self, crm_id: str) -> Thing | None:
        """The live object with this id; where merges redirect, the one it was merged into."""
        thing = self.world.thing(crm_id)
        while thing and thing.merged_into and self.settings.merge_redirect:
            thing = self.world.thing(thing.merged_into)
        return thing if thing and not thing.gone else None

    def _apply(self, item: WriteItem, at: datetime) -> Outcome:
        there = self._followed(item.crm_id) if item.crm_id else None
        unique_key = self.capabilities.of(item.object).unique_key
        if there is None and unique_key != "none":
            there = next(iter(self.world.keyed(item.object, item.our_key)), None)
        if there is not None:
            self.world.change(there.crm_id, item.values, at, ours=True)
            if key := item.values.get(self.settings.key_field):
                self.world.stamp(there.crm_id, str(key))
            return Done(there.crm_id, echo=dict(item.values))
        chosen = item.our_key if unique_key == "chosen_id" else ""
        crm_id = self.world.create(chosen, item.object, item.our_key, item.parent_id, item.values, at)
        return Done(crm_id, echo=dict(item.values))

    def found(self, item: FindItem, now: datetime) -> Found:
        """What a look-up by CRM id, else by our key, sees at `now`."""
        if item.crm_id:
            thing = self._followed(item.crm_id)
            return Found((thing.crm_id,), (thing.values,)) if thing else Found()
        find = self.capabilities.of(item.object).find
        if find == "parent" and not item.parent_id:
            return Found(reliable=False)
        things = self.world.keyed(item.object, item.our_key)
        if find == "parent":
            things = [thing for thing in things if thing.parent_id == item.parent_id]
        seen = [(thing.crm_id, values) for thing in things if (values := self._visible(thing, now)) is not None]
        return Found(tuple(crm_id for crm_id, _ in seen), tuple(values for _, values in seen))

    def _visible(self, thing: Thing, now: datetime) -> dict[str, Any] | None:
        """The values that a look-up sees now: a search sees them `lag` seconds after the change."""
        lag = timedelta(seconds=self.settings.lag if self.settings.find == "search" else 0)
        if thing.changed_at + lag <= now:
            return thing.values
        return thing.earlier if thing.born_at + lag <= now else None
