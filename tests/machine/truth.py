"""What must be true once all is quiet, kept by hand: who said what, to whom it happened, and what follows by the rules.

Slow and simple, and independent of Baton: it knows what people did on both sides and what the promises say
(docs/line.md). Where a promise leaves several ends open (nobody can tell in which order two things were
read), all of them are allowed, and no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

#: What reps say in the status field, and what that means. Other words mean nothing (or what an admin says later).
WORDS = {"mql": "mql", "sal": "sal", "sql": "sql", "rejected": "rejected"}
STRANGE = "nurturing"
PLAIN = ("job_title", "city")
OWN = ("score.total",)
IN_HAND = {"mql", "sal", "sql", "opportunity"}
OVER = {"rejected", "won", "lost"}
WINDOW = timedelta(days=30)
#: Rules by which what a person says in the CRM may be written over.
OVERWRITE = {"always_marketing", "newest"}


def blank(value: Any) -> bool:
    """Whether a field holds nothing."""
    return value in (None, "")


@dataclass
class Person:
    """Somebody in marketing: what is said of them there now and was ever, and what they did."""

    number: int
    said: dict[str, str] = field(default_factory=dict)
    ever: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in PLAIN})
    deeds: list[tuple[str, datetime]] = field(default_factory=list)
    there: bool = True
    was_gone: bool = False
    into: int = 0
    may_be_mql: bool = False
    may_be_warm: bool = False

    def says(self, name: str, value: str) -> None:
        """Marketing says something of them."""
        self.said[name] = value
        self.ever[name].add(value)


@dataclass
class Record:
    """A lead in the CRM: what stage its history makes of it (one of several, where that is open)."""

    crm_id: str
    number: int
    stages: set[str] = field(default_factory=lambda: {"mql"})
    was: set[str] = field(default_factory=set)
    gone: bool = False
    ever_gone: bool = False
    into: str = ""
    #: The last word of its status says nothing that is known, or may not any more; its stages before it was deleted.
    says_nothing: bool = False
    #: Its status was set, and may not have been read since.
    unread: bool = False
    #: It was merged into another one, and that may not have been read since.
    merge_unread: bool = False
    stood: set[str] = field(default_factory=set)
    #: Made by a rep, and ours only once somebody over the line is found to be it.
    by_hand: bool = False
    contact: str = ""
    deal: str = ""
    account: str = ""
    ended: bool = False
    #: Values that people said, and the place of their edit in the order of changes; nothing: ours.
    theirs: dict[str, tuple[Any, int]] = field(default_factory=dict)
    ours: dict[str, list[Any]] = field(default_factory=dict)
    #: Every value that people ever said there.
    ever_there: dict[str, list[Any]] = field(default_factory=dict)

    def becomes(self, *stages: str) -> None:
        """Its history makes it one of these."""
        self.was |= self.stages
        self.stages = set(stages)


@dataclass
class Truth:
    """All people and all records."""

    line_at: int = 40
    extra_word: bool = False
    rule: str = ""
    people: dict[int, Person] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    #: Numbers of people who are one by now.
    same: list[set[int]] = field(default_factory=list)
    #: Numbers of people whose record by hand is another one's by now: whom they are taken for is open.
    open: set[int] = field(default_factory=set)
    #: Our keys of what was deleted before Baton had heard that it is there: it may be made once more.
    unheard: set[str] = field(default_factory=set)

    # who is one

    def group(self, number: int) -> set[int]:
        """Everybody whom this person is one with."""
        found = {number}
        for one in self.same:
            if found & one:
                found |= one
        return found

    def one(self, *numbers: int) -> None:
        """These are one person from now on."""
        whole = set().union(*(self.group(number) for number in numbers))
        self.same = [one for one in self.same if not one & whole] + [whole]

    def group_records(self, number: int) -> list[Record]:
        """Records of the CRM that these people ever had."""
        group = self.group(number)
        return [one for one in self.records.values() if one.number in group]

    def said_by_reps(self, number: int, name: str) -> list[Any]:
        """What people ever said of a field in the records of the same person."""
        return [value for one in self.group_records(number) for value in one.ever_there.get(name, ())]

    def only(self, number: int) -> Person | None:
        """The one contact that speaks for these people; None where there are several, or it was gone once.

        Where reps make one lead of two, either contact may have spoken last.
        """
        group = [self.people[one] for one in self.group(number)]
        live = [one for one in group if not one.into]
        return live[0] if len(live) == 1 and live[0].there and not any(one.was_gone for one in group) else None

    # points

    def scores(self, number: int, now: datetime, *, ever: bool = False) -> set[int]:
        """The totals that these people may have; `ever`: that they may ever have had."""
        group = [self.people[one] for one in self.group(number)]
        only = self.only(number)
        titles = {only.said.get("job_title", "")} if only else {""}
        if ever or not only or (len(group) > 1 and not all(titles)):
            titles |= {title for one in group for title in one.ever["job_title"]}
        if only and not only.said.get("job_title"):
            # What marketing clears stays in the CRM, and counts.
            titles |= only.ever["job_title"]
        titles = self._in_force(number, titles, ever=ever)
        deeds = [deed for one in group for deed in one.deeds]
        webinars = sum(kind == "webinar_attend" and now - at < WINDOW for kind, at in deeds)
        asked = any(kind == "demo_request" for kind, _ in deeds)
        rest = min(10 * webinars, 20) + 25 * asked
        return {rest + 15 * title.startswith(("Director", "CTO", "Head")) for title in titles}

    def _in_force(self, number: int, titles: set[str], *, ever: bool) -> set[str]:
        """The default rule: what a rep says in the CRM counts before what marketing says; a clearing there may."""
        records = [one for one in self.group_records(number) if "job_title" in one.ever_there]
        if not records:
            return titles
        if self.rule not in ("", "prefer_crm_unless_blank"):
            return titles | {str(title or "") for record in records for title in record.ever_there["job_title"]}
        (one, *others) = records
        word, _ = one.theirs.get("job_title", ("", 0))
        alone = len(self.group_records(number)) == 1 and not others and not ever
        stays = not (one.by_hand or one.contact or one.into or one.ever_gone)
        if alone and stays and not blank(word) and word not in one.ours.get("job_title", []):
            return {str(word)}
        return titles | {str(title or "") for record in records for title in record.ever_there["job_title"]}

    def passes(self, number: int, now: datetime) -> bool:
        """Whether they are over the line for sure."""
        asked = any(kind == "demo_request" for one in self.group(number) for kind, _ in self.people[one].deeds)
        return asked or min(self.scores(number, now)) >= self.line_at

    def look(self, now: datetime) -> None:
        """Remember who may have been over a line by now."""
        for number in self.people:
            most = max(self.scores(number, now, ever=True), default=0)
            for one in self.group(number):
                self.people[one].may_be_warm |= most >= 10
                self.people[one].may_be_mql |= self.passes(number, now) or most >= self.line_at

    # what reps do

    def word(self, record: Record, word: str) -> None:
        """A rep sets the status."""
        meaning = WORDS.get(word) or ("rejected" if word == STRANGE and self.extra_word else "")
        mine = record.ours.get("stage", [])
        unread, record.unread = record.unread, True
        if word in mine[:-1] and word != mine[-1]:
            # Taken for a late write of ours, as the promise says; it hides what was said just before.
            record.becomes(*record.stages, *(record.was if unread else ()))
            return
        record.says_nothing = not meaning or word == STRANGE
        before = {*record.stages, *record.was, *self.merged_stages(record)}
        if word == STRANGE:
            # It may be named later, or not be any more once it is read.
            record.becomes(*before, "rejected")
        elif blank(word):
            # Between two readings what was said before leaves no trace.
            record.becomes(*before)
        elif meaning:
            # What was said before it was ours is no news; nor is our newest word, where no other was read.
            echo = word == (mine or [""])[-1]
            open_ends = {*record.stages, *record.was} if record.by_hand or echo else set()
            record.becomes(meaning, *open_ends)

    def deleted(self, record: Record) -> None:
        """A rep deletes the lead."""
        record.gone = record.ever_gone = True
        record.stood = set(record.stages)
        record.becomes(*(one if one in OVER or one == "opportunity" else "rejected" for one in record.stages))

    def restored(self, record: Record, word: str) -> None:
        """A rep takes the lead out of the bin: it says again what it is, or nobody has seen that it was gone."""
        record.gone = False
        said = WORDS.get(word)
        record.becomes(*record.stages, *record.was, *([said] if said else []))

    def merged(self, loser: Record, winner: Record, *, nobodys: bool) -> None:
        """Reps make one lead of two; `nobodys`: one of them was nobody's whom Baton has handed over."""
        loser.gone, loser.into, loser.merge_unread = True, winner.crm_id, True
        if winner.says_nothing:
            # Nobody has said which of the two stages holds: whoever was further goes on as they were.
            winner.becomes(*winner.stages, *loser.stages)
        if nobodys:
            self.open |= {loser.number, winner.number}
        else:
            self.one(loser.number, winner.number)

    def converted(self, record: Record, *, deal: bool) -> None:
        """A rep converts a lead: what it is called then says nothing of who was merged into it just before."""
        record.becomes(*(["opportunity"] if deal else [*record.stages, *self.merged_stages(record)]))

    def merged_stages(self, record: Record) -> set[str]:
        """The stages of what was merged into a record just before: nobody has said which of them holds."""
        just = [one for one in self.records.values() if one.into == record.crm_id and one.merge_unread]
        return {stage for one in just for stage in one.stages}

    def filled(self, loser: Record, winner: Record, names: list[str]) -> None:
        """A platform that fills the winner's gaps in a merge: whoever said it there says it here."""
        if "stage" in names:
            winner.becomes(*winner.stages, *loser.stages)
        for name in names:
            if name in loser.theirs:
                winner.theirs[name] = loser.theirs[name]
                winner.ever_there.setdefault(name, []).append(loser.theirs[name][0])
            else:
                winner.ours.setdefault(name, []).extend(loser.ours.get(name, ()))

    def is_open(self, number: int) -> bool:
        """Whether nobody can tell whom they are taken for."""
        return bool(self.group(number) & self.open)

    def said_in_crm(self, crm_id: str, values: dict[str, Any], seq: int) -> None:
        """A person says something in a field."""
        if crm_id in self.records:
            for name, value in values.items():
                self.records[crm_id].theirs[name] = (value, seq)
                self.records[crm_id].ever_there.setdefault(name, []).append(value)

    def wrote(self, crm_id: str, values: dict[str, Any], before: dict[str, Any], read: int | None) -> Iterator[str]:
        """Baton wrote over an object of the CRM; what is wrong with that."""
        record = self.records.get(crm_id)
        if record is None:
            return
        # What is written to a lead before it is known to be merged, the platform takes for the winner.
        redirected = any(one.into == crm_id for one in self.records.values())
        for name, value in values.items():
            said = record.theirs.pop(name, None)
            mine = record.ours.setdefault(name, [])
            if said is not None and name not in OWN:
                word, seq = said
                known = read is not None and seq <= read and not redirected
                if (
                    known
                    and name in PLAIN
                    and self.rule not in OVERWRITE
                    and not blank(word)
                    and word not in mine
                    and word != value
                ):
                    yield f"{crm_id}: {name} was {word!r}, said by a person and read, and {value!r} was written over it"
                if name == "stage" and not known:
                    record.becomes(*record.stages, *record.was)
            mine.append(value)
