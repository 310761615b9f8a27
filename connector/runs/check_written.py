"""What the mapping writes, held against what a platform takes: fields, words, owners, and the words of its stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from connector.config import Config, Connection
from connector.model.adapter import CrmCapabilities, FieldInfo
from connector.model.errors import Path
from connector.runs.findings import Finding, OwnMapping, own_mapping, warning
from connector.steps.normalise.text import fold
from connector.steps.vocabulary import Vocabulary

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: Objects of ours that are never made by us, so that nothing can be required of us there.
_NOT_MADE = frozenset({"contact", "membership", "association", "consent"})
#: How many words are named in a sentence.
_NAMED = 12
_OWNERS = frozenset({"owner", "task.owner"})


@dataclass(frozen=True, slots=True)
class Written:
    """What a connection's mapping writes, and the fields that its platform has."""

    config: Config
    connection: Connection
    fields: Sequence[FieldInfo]
    own: OwnMapping

    def of(self, object: str) -> dict[str, FieldInfo]:
        """The fields of an object by name."""
        return {one.name: one for one in self.fields if one.object == object}

    def path(self, object: str, name: str) -> Path:
        """Where the mapping says it: in the object's table, or in `[write]` itself."""
        mapping = self.connection.mapping
        said = next((one for one in mapping.write_objects if one.casefold() == object.casefold()), "")
        return ("write", said, name) if said else ("write", name)

    def unknown(self, object: str, spoken_of: str = "") -> Iterator[Finding]:
        """Fields that are not there, or that we may not write; not those that another finding speaks of."""
        known = self.of(object)
        for name in sorted(self.connection.mapping.written(object)):
            if known and name not in known and name.casefold() not in spoken_of.casefold():
                near = get_close_matches(name, sorted(known), n=1)
                what = N_("the mapping writes %(name)s, which %(connection)s does not have, or does not show to Baton")
                yield self._about(object, name, what, near[0] if near else "")
            elif name in known and not known[name].writable:
                what = N_("the mapping writes %(name)s, which %(connection)s does not let Baton write")
                yield self._about(object, name, what)

    def required(self, object: str, filled: Iterable[str] = ()) -> Iterator[Finding]:
        """Fields that the platform requires and nobody writes; `filled` are written by the adapter itself."""
        written = {name.casefold() for name in (*self.connection.mapping.written(object), *filled)}
        for name, one in self.of(object).items():
            if one.required and name.casefold() not in written:
                what = N_("%(connection)s requires %(name)s of each %(object)s, which the mapping does not write")
                path = ("connections", self.connection.name)
                yield warning(
                    self.config, path, what, name=name, connection=self.connection.name, object=object
                )  # fmt: skip

    def words(self, object: str) -> Iterator[Finding]:
        """Words of the mapping's tables, and its defaults, that the platform does not take."""
        known, vocabulary = self.of(object), Vocabulary(self.fields)
        for name, said in self.connection.mapping.words(object).items():
            info = known.get(name)
            if info is None or not info.writable:
                continue
            refused = [word for word in said if not vocabulary.allows(object, name, word)]
            if refused:
                what = N_("%(connection)s does not take these values of %(name)s: %(words)s")
                yield self._about(
                    object, name, what, allowed=_some(info.choices or tuple(info.ids)), words=_some(refused)
                )  # fmt: skip

    def owners(self, objects: Sequence[str], members: dict[str, Path]) -> Iterator[Finding]:
        """People who take turns and are no active users of the CRM."""
        vocabulary = Vocabulary(self.fields)
        lines = [
            (object, name)
            for object in objects
            for name, origins in self.connection.mapping.origins(object).items()
            if _OWNERS & set(origins) and self.of(object).get(name, FieldInfo(object, name)).ids
        ]
        for email, path in members.items():
            there = self.config.address_at(self.connection.name, email)
            if any(not vocabulary.allows(object, name, there) for object, name in lines):
                what = N_("%(email)s is no active user of %(connection)s: leads cannot be given to this person there")
                yield warning(self.config, path, what, email=email, connection=self.connection.name)

    def stages(self, object: str) -> Iterator[Finding]:
        """Words of the CRM that `[read.stage]` does not name, and its fields that are not there."""
        reading, known = self.connection.mapping.stage, self.of(object)
        if reading is None or not known:
            return
        there = {name.casefold(): one for name, one in known.items()}
        for name in reading.fields:
            if name and name.casefold() not in there:
                what = N_("[read.stage] reads %(name)s, which %(connection)s does not have, or does not show to Baton")
                yield self._at(("read", "stage"), what, name=name)
        for name, table in ((reading.field, reading.stages), (reading.reason_field, reading.reasons)):
            info = there.get(name.casefold()) if name else None
            named = {fold(word) for word in table}
            unnamed = [word for word in info.choices if fold(word) not in named] if info and table else []
            if unnamed:
                what = N_("[read.stage] does not say what these values of %(name)s mean: %(words)s")
                yield self._at(("read", "stage"), what, name=name, words=_some(unnamed))

    def _about(self, object: str, name: str, what: str, nearest: str = "", allowed: str = "", **values: str) -> Finding:
        return self._at(self.path(object, name), what, nearest, allowed, name=name, **values)

    def _at(self, path: Path, what: str, nearest: str = "", allowed: str = "", **values: str) -> Finding:
        return self.own.warning(path, what, allowed, nearest, connection=self.connection.name, **values)


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:_NAMED]) + (" …" if len(words) > _NAMED else "")


def members(config: Config, crm: str) -> dict[str, Path]:
    """Who may be given leads of this CRM, with the place where each is named."""
    found: dict[str, Path] = {}
    for flow in config.flows.values():
        if flow.crm != crm:
            continue
        named = [*(rule.to for rule in flow.routing.rules), flow.routing.nobody_there.give_to]
        for team in (config.teams[name] for name in named if name in config.teams):
            for place, member in enumerate(team.members):
                found.setdefault(member.email, ("teams", team.name, "members", place))
        for email in (name for name in named if "@" in name):
            found.setdefault(email, (*flow.criteria.path, "routing"))
    return found


def written_to_crm(
    config: Config, connection: Connection, fields: Sequence[FieldInfo], told: CrmCapabilities, spoken_of: str
) -> Iterator[Finding]:
    """Everything about what is written to a connection that is a flow's CRM."""
    written = Written(config, connection, fields, own_mapping(config, connection.name))
    objects = [object for object in told.objects if connection.mapping.written(object)]
    for object in objects:
        if not told.any_field:
            yield from written.unknown(object, spoken_of)
        yield from written.words(object)
        if object not in _NOT_MADE:
            yield from written.required(object, told.key_fields.values())
    yield from written.owners(objects, members(config, connection.name))
    yield from written.stages("lead")


def written_back(
    config: Config, connection: Connection, fields: Sequence[FieldInfo], spoken_of: str
) -> Iterator[Finding]:
    """Everything about what is written back to a connection that is a source."""
    written = Written(config, connection, fields, own_mapping(config, connection.name))
    yield from written.unknown("contact", spoken_of)
    yield from written.words("contact")
