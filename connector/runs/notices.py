"""Tell people: which addresses hear of something, what they read, and a row in the outbox for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from connector.config import Config
from connector.locale import translator
from connector.model import sentences
from connector.model.lead import Lead
from connector.model.notices import AT_MOST_ONCE, NOTICE, SHIPPED, TARGET, Notice
from connector.model.outbox import LANES, OutboxRow
from connector.model.ports import Transaction
from connector.model.roster import Away, stand_in
from connector.runs.restore import may_have_come
from connector.runs.rosters import away_at
from connector.steps.notices import after_quiet, next_at, rendered
from connector.steps.telling.brief import addressed
from connector.steps.telling.words import N_, Words

#: Listeners that are people, found by what a notice is about; any other is the name of a secret.
NOBODY: Mapping[str, Away] = {}
ROLES = ("owner", "manager", "team")


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody hears of things: `mail:<email>` or `secret:<name>`, in which language and zone."""

    to: str
    language: str
    zone: ZoneInfo


def announce(tx: Transaction, config: Config, notices: Sequence[Notice], now: datetime) -> int:
    """Put a row into the outbox for each address that is to hear of these; returns how many are new.

    Nothing is told of a flow that only observes, nor twice to an address for one key; a reminder that may have
    come before an older copy of the store was put back is left at that.
    """
    told = [one for one in notices if not one.flow or ((flow := config.flows.get(one.flow)) and flow.mode != "observe")]
    told = [one for one in told if one.kind not in AT_MOST_ONCE or not may_have_come(tx, one.at)]
    if not told:
        return 0
    leads = tx.intake.leads(list({one.lead_id for one in told if one.lead_id}))
    away = away_at(tx, config, now)
    rows = [row for one in told for row in _rows(config, one, leads.get(one.lead_id), now, away)]
    return tx.outbox.put(rows, now) if rows else 0


def _rows(
    config: Config, notice: Notice, lead: Lead | None, now: datetime, away: Mapping[str, Away]
) -> Iterator[OutboxRow]:
    for address in addresses(config, notice, away):
        words = Words(address.language, address.zone, translator(address.language), now)
        subject, text = rendered(notice, _who(lead, notice, words), words)
        yield row_for(config, notice, address, subject, text, now)


def row_for(config: Config, notice: Notice, address: Address, subject: str, text: str, now: datetime) -> OutboxRow:
    """The row that tells one address; told together with others where the kind is, and not in quiet hours."""
    key = f"{notice.key}:{address.to}"
    digest = notice.kind in config.quiet.digest and not notice.hot
    quiet = None if notice.hot else config.quiet.hours
    begin = next_at(now, config.quiet.digest_at, address.zone) if digest else after_quiet(now, quiet, address.zone)
    values = {"to": address.to, "about": notice.kind, "subject": subject, "text": text, "digest": digest}
    return OutboxRow(
        target=TARGET, kind="once", object=NOTICE, our_key=key, key=f"{TARGET}:{key}", values=values,
        lead_id=notice.lead_id, lane=LANES["hot" if notice.hot else "normal"], flow=notice.flow,
        not_before=begin if begin > now else None,
    )  # fmt: skip


def message_id(key: str) -> str:
    """An id that is the same whenever a notice is sent, and names nobody."""
    return sha256(key.encode()).hexdigest()[:32]


def addresses(config: Config, notice: Notice, away: Mapping[str, Away] = NOBODY) -> list[Address]:
    """Who hears of a notice, each address once. For a manager who is `away` it is their deputy."""
    # Where nothing is said, whoever has to act hears of it, if there is a way to reach them.
    listeners = config.notices.get(notice.kind, SHIPPED.get(notice.kind, ()))
    left_out = {"owner", "manager"}.difference(notice.to) if notice.to else ()
    found = [one for name in listeners if name not in left_out for one in _places(config, name, notice, away)]
    return list({one.to: one for one in found}.values())


def _places(config: Config, name: str, notice: Notice, away: Mapping[str, Away]) -> Iterator[Address]:
    if name not in ROLES:
        yield Address(f"secret:{name}", *_of_team(config, notice.team))
    elif name == "owner":
        yield from _person(config, notice.owner)
    elif name == "manager":
        for manager in managers(config, notice):
            yield from _person(config, stand_in(away, manager) or manager)
    elif (team := config.teams.get(notice.team)) and team.notify:
        yield Address(f"secret:{team.notify}", team.language, team.zone)


def managers(config: Config, notice: Notice) -> list[str]:
    """The manager of the team of a notice; without a team, those of the owner's; of what concerns nobody, all."""
    if team := config.teams.get(notice.team):
        return [team.manager] if team.manager else []
    teams = [one for one in config.teams.values() if any(notice.owner == member.email for member in one.members)]
    teams = teams if notice.owner else list(config.teams.values())
    return list(dict.fromkeys(one.manager for one in teams if one.manager))


def _person(config: Config, email: str) -> Iterator[Address]:
    """Their own address for notices, else their mailbox where there is a mail server."""
    known = config.people.get(email)
    if email and known and known.notify:
        yield Address(f"secret:{known.notify}", config.language_of(email), config.zone_of(email))
    elif email and config.mail.server:
        yield Address(f"mail:{email}", config.language_of(email), config.zone_of(email))


def _of_team(config: Config, name: str) -> tuple[str, ZoneInfo]:
    team = config.teams.get(name)
    return (team.language, team.zone) if team else (config.language, config.zone)


def _who(lead: Lead | None, notice: Notice, words: Words) -> str:
    if lead is None:
        return ""
    name, company = addressed(lead, words, reads=False), str(lead.fields.get("company.name") or "")
    if name and company:
        return words.say(N_("%(name)s · %(company)s"), name=name, company=company)
    return name or company or words.say(sentences.LEAD, id=notice.lead_id)


def of_stages(moved: Iterable[tuple[Lead, str, datetime, str]], listening: Mapping[str, object]) -> list[Notice]:
    """Notices of leads that reached a stage somebody listens to: (lead, stage, when, more about it)."""
    return [
        Notice(
            stage,
            "stage",
            f"lead-{lead.id}:{stage}:{at.isoformat()}",
            at,
            owner=lead.owner,
            flow=lead.flow,
            lead_id=lead.id,
            values={"stage": stage, "more": more},
        )
        for lead, stage, at, more in moved
        if stage in listening
    ]


def has_way(config: Config, listener: str) -> bool:
    """Whether a listener who is found by what a notice is about could be told at all."""
    if listener == "team":
        return any(team.notify for team in config.teams.values())
    return bool(config.mail.server) or any(person.notify for person in config.people.values())


def test_message(config: Config, to: str, by: str, now: datetime) -> tuple[str, str, str] | None:
    """(address, subject, text) of a test for a person (an email) or a secret's name; None where there is no way."""
    found = list(_person(config, to.lower()) if "@" in to else [Address(f"secret:{to}", config.language, config.zone)])
    if not found:
        return None
    [address] = found
    words = Words(address.language, address.zone, translator(address.language), now)
    return address.to, *rendered(Notice("new", "test", "test", now, values={"by": by}), "", words)
