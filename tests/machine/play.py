"""Everything that may happen, as plain acts: each is written down, so that a story can be told and played again."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from adapters._world import Thing
from tests.machine.differences import differences
from tests.machine.ground import Ground
from tests.machine.process import Process
from tests.machine.truth import PLAIN, Person, Record, Truth

#: HubSpot and Salesforce, on local servers.
SERVED = "HubSpot and Salesforce"
#: HubSpot as the CRM, on a local server.
CONTACTS = "HubSpot as the CRM"
#: So long Salesforce tells into what a record was merged.
BIN = timedelta(days=15)
#: An act and what it is given.
Act = tuple[Any, ...]
#: What was done by all plays of this process.
COUNTS: Counter[str] = Counter()


class DisagreementError(AssertionError):
    """Both sides, or Baton and the truth, do not agree."""


def ground_of(crm: str, folder: Path) -> Process:
    """The platforms of this name: in memory, or on local servers."""
    if crm == SERVED:
        from tests.machine.served import Served

        return Served(folder, crm)
    if crm == CONTACTS:
        from tests.machine.contacts import InHubSpot

        return InHubSpot(folder, crm)
    return Ground(folder, crm)


class Play:
    """Everything that may happen; `crm` is a name in `ground.CRMS`, `SERVED` or `CONTACTS`."""

    def __init__(self, crm: str) -> None:
        shm = Path("/dev/shm")
        self.crm, self.story = crm, list[Act]()
        self.folder = Path(tempfile.mkdtemp(prefix="baton-machine-", dir=shm if shm.is_dir() else None))
        self.ground = ground_of(crm, self.folder)
        self.truth = Truth()
        self.read_journal = self.read_effects = 0
        #: Who was merged by reps since all was quiet.
        self.merged_since: set[int] = set()
        self.since_quiet = 0
        self.failed = False

    def close(self) -> None:
        """Leave nothing behind."""
        self.ground.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Play:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def do(self, act: Act) -> None:
        """Play one act, and write it down. Raises DisagreementError."""
        self.story.append(act)
        COUNTS["steps"] += 1
        self.since_quiet += 1
        self.failed = True
        self._act(act)
        self.learn()
        self.failed = False

    def _act(self, act: Act) -> None:
        does: Callable[..., None] = getattr(self, str(act[0]))
        does(*act[1:])

    # what happened in the CRM meanwhile

    def learn(self) -> None:
        """Take down who wrote what in the CRM, and which leads are there by now."""
        for thing in self.ground.crm.things("lead", gone=True):
            if thing.crm_id not in self.truth.records:
                number = int(str(thing.values["email"]).partition("@")[0].removeprefix("p"))
                record = Record(thing.crm_id, number, by_hand=not thing.our_key)
                record.ours = {name: [value] for name, value in self._created(thing).items()}
                if record.by_hand:
                    record.theirs = {name: (value, thing.seq) for name, value in thing.values.items()}
                self.truth.records[thing.crm_id] = record
        new, self.read_journal = self.ground.journal[self.read_journal :], len(self.ground.journal)
        found: list[str] = []
        for one in new:
            if one.ours:
                found += self.truth.wrote(one.crm_id, one.values, one.before, one.read)
            else:
                self.truth.said_in_crm(one.crm_id, one.values, one.seq)
        self._echo()
        self.truth.look(self.ground.now)
        made = Counter((one.object, one.our_key) for one in self.ground.crm.effects("created"))
        twice = [place for place, count in made.items() if count > 1 + (place[1] in self.truth.unheard)]
        found += [f"made twice: {place}" for place in twice]
        if found:
            raise DisagreementError("\n".join(found))

    def _echo(self) -> None:
        """What Baton writes to a contact in marketing stands in the record that is read from there."""
        if self.crm == SERVED:
            return
        new = self.ground.portal.effects()[self.read_effects :]
        self.read_effects += len(new)
        for one in new:
            person = self.truth.people.get(int(one.crm_id)) if one.object == "contact" else None
            if person is None:
                continue
            wrote = [name for name in PLAIN if name in one.values]
            for name in wrote:
                person.says(name, str(one.values[name] or ""))
            if wrote and person.there:
                self._put(person)

    def _created(self, thing: Thing) -> dict[str, Any]:
        made = [one for one in self.ground.crm.effects("created") if one.crm_id == thing.crm_id]
        return made[0].values if made else {}

    def lead(self, place: int, *, gone: bool = False) -> tuple[Record, Thing] | None:
        """One of the leads that are in the CRM, not converted (with `gone`: one in the bin)."""
        self.learn()
        found = [
            one for one in self.truth.records.values()
            if one.gone == gone and not one.into and not one.contact
        ]  # fmt: skip
        if not found:
            return None
        record = found[place % len(found)]
        thing = self.ground.crm.thing(record.crm_id)
        assert thing is not None
        return record, thing

    # marketing

    def appears(self, number: int, title: str, city: str, asks: bool) -> None:
        """Somebody comes, or comes back."""
        person = self.truth.people.get(number)
        if person is not None and (person.there or person.into):
            return
        if person is None:
            person = self.truth.people[number] = Person(number)
            self.ground.portal.make("contact", {}, self.ground.now, crm_id=str(number))
        else:
            person.there = True
            self.ground.portal.restore(str(number))
        person.says("job_title", title)
        person.says("city", city)
        self._put(person)
        if asks:
            self.asks(number, "demo_request")

    def _put(self, person: Person) -> None:
        number = person.number
        values = {
            "id": str(number), "email": f"p{number}@firm{number}.example", "name.given": "Ana",
            "name.family": f"Weber{number}", "company.name": f"Firm {number} GmbH", "country": "Germany", **person.said,
        }  # fmt: skip
        self.ground.portal.put("contacts", str(number), values, self.ground.now)
        if self.crm != SERVED:
            # What Baton looks up there is what is read from there.
            self.ground.portal.edit(str(number), dict(person.said), self.ground.now)

    def changes(self, number: int, edit: tuple[str, str]) -> None:
        """Marketing says something else of somebody."""
        person = self.truth.people.get(number)
        if person is None or not person.there:
            return
        person.says(*edit)
        self._put(person)

    def asks(self, number: int, kind: str) -> None:
        """Somebody does something."""
        person = self.truth.people.get(number)
        if person is None or not person.there:
            return
        at = self.ground.now - timedelta(hours=1, seconds=len(person.deeds))
        name = f"{number}-{len(person.deeds)}"
        person.deeds.append((kind, at))
        row = {"id": name, "person": str(number), "event": kind, "at": at.isoformat()}
        self.ground.portal.put("activities", name, row, self.ground.now)

    def leaves(self, number: int) -> None:
        """Marketing deletes somebody."""
        person = self.truth.people.get(number)
        if person is None or not person.there:
            return
        person.there, person.was_gone = False, True
        self.ground.portal.delete("contacts", str(number), self.ground.now)
        self.ground.portal.remove(str(number))

    def merges(self, loser: int, winner: int) -> None:
        """Marketing makes one contact of two."""
        one, other = self.truth.people.get(loser), self.truth.people.get(winner)
        if loser == winner or one is None or other is None or not (one.there and other.there):
            return
        COUNTS["merges in marketing"] += 1
        one.there, one.into = False, winner
        self.truth.one(loser, winner)
        self.ground.portal.merge("contacts", str(loser), str(winner), self.ground.now)
        self.ground.portal.remove(str(loser), merged_into=str(winner))

    # sales

    def makes_by_hand(self, number: int, city: str) -> None:
        """A rep makes a lead of somebody who is not in the CRM yet."""
        self.learn()
        if number in self.truth.people and not any(one.number == number for one in self.truth.records.values()):
            values = {"email": f"p{number}@firm{number}.example", "name.family": f"Weber{number}", "city": city}
            self.ground.crm.make("lead", values, self.ground.now)

    def edits(self, place: int, edit: tuple[str, str]) -> None:
        """A rep fills a field."""
        self._said(place, {edit[0]: edit[1]})

    def edits_by_hand(self, place: int, edit: tuple[str, Any]) -> None:
        """A rep writes what marketing never says, or into a field that is Baton's own."""
        self._said(place, dict([edit]))

    def gives(self, place: int, rep: str) -> None:
        """A rep gives the lead to somebody."""
        self._said(place, {"owner": rep})

    def judges(self, place: int, reason: str, rating: int) -> None:
        """A rep says why, and how good it is."""
        self._said(place, {"reason": reason, "rating": rating})

    def _said(self, place: int, values: dict[str, Any]) -> None:
        found = self.lead(place)
        if found is not None:
            # At the very moment of a write of ours nobody could tell which was first.
            self.ground.passes(timedelta(seconds=1))
            self.ground.crm.edit(found[0].crm_id, values, self.ground.now)

    def says(self, place: int, word: str) -> None:
        """A rep sets the status."""
        found = self.lead(place)
        if found is not None and not self.ground.hears_repeats and found[1].values.get("stage") == word:
            return
        if found is not None and (word or not self.ground.status_required):
            self.truth.word(found[0], word)
            self.ground.crm.edit(found[0].crm_id, {"stage": word}, self.ground.now)

    def deletes(self, place: int) -> None:
        """A rep deletes a lead."""
        found = self.lead(place)
        if found is not None:
            if not self._ours(found[0]) and found[1].our_key:
                self.truth.unheard.add(found[1].our_key)
                self.truth.open.add(found[0].number)
            self.truth.deleted(found[0])
            self.ground.crm.remove(found[0].crm_id)

    def restores(self, place: int) -> None:
        """A rep takes a lead out of the bin."""
        found = self.lead(place, gone=True)
        if found is not None:
            self.truth.restored(found[0], str(found[1].values.get("stage") or ""))
            self.ground.crm.restore(found[0].crm_id)

    def converts(self, place: int, deal: bool) -> None:
        """A rep converts a lead."""
        found = self.lead(place) if self.ground.converts else None
        if found is None:
            return
        record, _ = found
        became = self.ground.crm.convert(
            record.crm_id, self.ground.now, deal={"is_open": True, "amount": 5.0} if deal else None
        )
        record.contact, record.deal = became["contact"], became.get("opportunity", "")
        record.account = became["account"]
        self.truth.converted(record, deal=deal)

    def closes(self, place: int, won: bool) -> None:
        """A deal ends."""
        self.learn()
        deals = [one for one in self.truth.records.values() if one.deal and not one.ended]
        if deals:
            record = deals[place % len(deals)]
            record.ended = True
            record.becomes("won" if won else "lost")
            self.ground.crm.edit(record.deal, {"is_open": False, "won": won}, self.ground.now)

    def merges_leads(self, place: int, other: int) -> None:
        """A rep makes one lead of two."""
        loser, winner = self.lead(place), self.lead(other)
        if loser and winner and loser[0] is not winner[0]:
            COUNTS["merges in the CRM"] += 1
            hand = [one for one, _ in (loser, winner) if one.by_hand]
            # Nobody tells whom one from the bin was merged into, once the bin is emptied.
            unheard = self.crm == SERVED and loser[0].ever_gone
            self.truth.merged(loser[0], winner[0], nobodys=unheard or not all(map(self._ours, hand)))
            self.merged_since |= {loser[0].number, winner[0].number}
            before = winner[1].values
            self.ground.crm.remove(loser[0].crm_id, merged_into=winner[0].crm_id)
            after = self.ground.crm.thing(winner[0].crm_id).values
            self.truth.filled(loser[0], winner[0], [name for name in after if after[name] != before.get(name)])

    def _ours(self, record: Record) -> bool:
        """Whether Baton has heard of this record."""
        ids = self.ground.known_as(record.crm_id)
        with self.ground.app.store.read() as tx:
            return bool(tx.outbox.receipts_by_crm_id(self.ground.names["crm"], "lead", ids))

    # the line

    def runs(self, kind: str) -> None:
        """The line, or a part of it, runs."""
        COUNTS["runs"] += 1
        self.ground.run(kind)
        self.learn()

    def is_killed(self, kind: str, boundary: int, known: bool) -> None:
        """A run is killed at some boundary."""
        COUNTS["kills"] += self.ground.killed(kind, boundary, known)
        self.learn()

    def meanwhile(self, kind: str, boundary: int, act: Act) -> None:
        """While a run is under way, somebody does something."""
        COUNTS["meanwhile"] += 1
        self.ground.meanwhile(kind, boundary, lambda: self._act(act))

    def two_at_once(self, kind: str, boundary: int, second: str, expired: bool) -> None:
        """While one process is stopped in the middle of a run, another one runs."""
        COUNTS["two at once"] += 1
        self.ground.meanwhile(kind, boundary, lambda: self.ground.another(second, expired))
        self.learn()

    def write_fails(self, side: str, kind: Any, passes: int, delay: float) -> None:
        """A write meets a fault."""
        COUNTS["faults"] += 1
        world = self.ground.crm if side == "crm" else self.ground.portal
        world.fault("write", kind, passes=passes, delay=delay)

    def read_fails(self, call: Any, kind: Any, passes: int) -> None:
        """A read meets a fault."""
        COUNTS["faults"] += 1
        world = self.ground.portal if call == "pull" else self.ground.crm
        world.fault(call, kind, passes=passes)

    def time_passes(self, seconds: int) -> None:
        """The clock goes on."""
        if self.crm == SERVED and timedelta(seconds=seconds) > BIN:
            self.truth.open |= self.merged_since
        self.ground.passes(timedelta(seconds=seconds))

    def mode_changes(self, mode: str) -> None:
        """An admin says whether the flow writes."""
        self.ground.reopen(mode=mode)

    def wins(self, rule: str) -> None:
        """An admin says who wins the fields that both sides fill."""
        self.truth.rule = rule
        self.ground.reopen(rule=rule)

    def rules_change(self, line_at: int, extra: bool) -> None:
        """An admin changes a threshold and a line of a mapping."""
        self.truth.line_at, self.truth.extra_word = line_at, extra
        self.ground.reopen(line_at=line_at, extra_word=extra)
        self.truth.look(self.ground.now)

    def quiet(self) -> None:
        """Faults end, time passes, the line runs until nothing changes: then all must be well."""
        COUNTS["quiet points"] += 1
        failed = self.ground.quiet()
        self.merged_since.clear()
        self.learn()
        self.since_quiet = 0
        records = self.truth.records.values()
        for record in records:
            record.unread = record.merge_unread = False
        COUNTS["leads at quiet points"] += len(records)
        COUNTS["of them converted"] += sum(bool(one.contact) for one in records)
        COUNTS["of them merged"] += sum(bool(one.into) for one in records)
        COUNTS["of them deleted"] += sum(one.ever_gone for one in records)
        COUNTS["of them edited"] += sum(bool(one.theirs) for one in records)
        found = failed + differences(self.ground, self.truth)
        if found:
            raise DisagreementError("\n".join(found))
