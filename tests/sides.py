"""Two marketing sources and one CRM in memory, in which people on all sides say what is in a lead's fields.

There is a field for each rule, in which the same is said at the same time. What Baton writes to a contact of a source
is what its record says when it is read next, as on a real platform.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters import memory
from adapters._world import World
from connector.app import open_app
from connector.config import load
from connector.steps.who_wins import RULES
from tests.line import ANA, CONFIG, START, Line

#: The field of each rule.
FIELDS: dict[str, str] = {rule: f"custom.{rule}" for rule in RULES}
LINES = "".join(f'"{name}" = "{name}"\n' for name in FIELDS.values())
CRM = 'mapping = "crm.toml"\ncrm_streams = ["user", "lead"]\nreports_deletes = true\n'
SOURCE = 'mapping = "source.toml"\nobjects = ["contact"]\n'
MAPPINGS = {
    "crm.toml": f"[write.lead]\n{LINES}",
}
#: What sources are told beside the lead's score is laid behind this.
SOURCE_MAPPING = f'[read]\n{LINES}[write.contact]\n"score.total" = "score.total"\n'
RULED = "[flows.b2b.fields]\n" + "".join(f'"{name}" = "{rule}"\n' for rule, name in FIELDS.items())
MINUTE = timedelta(minutes=1)


class Sides(Line):
    """A line in which the one lead is contact 1 of `portal`, and, where it is said so, contact 1 of `forms`."""

    def __init__(self, folder: Path, *, flow: str = "", rules: str = RULED, back: str = LINES) -> None:
        self.folder, self.now = folder, START
        for name, text in MAPPINGS.items():
            (folder / name).write_text(text, "utf-8")
        (folder / "source.toml").write_text(SOURCE_MAPPING + back, "utf-8")
        self.settings = {"flow": flow, "rules": rules}
        (folder / "config.toml").write_text(self.text(flow + rules), "utf-8")
        self.app = open_app(load(folder / "config.toml"), lambda: self.now)
        self.told = {"portal": 0, "forms": 0}
        #: Fields that were written though they said the same before.
        self.needless: list[str] = []
        for world in (self.crm, self.world("portal"), self.world("forms")):
            self._watch(world)
        self.crm.make("user", {"email": "lena@northwind.example"}, self.now, crm_id="U-lena")
        self.crm.make("user", {"email": "tom@northwind.example"}, self.now, crm_id="U-tom")

    def text(self, flow: str) -> str:
        """The configuration."""
        forms = f'\n[connections.forms]\ntype = "memory"\n{SOURCE}'
        text = CONFIG.format(
            database="baton.db", crm="memory", crm_settings=CRM, mode="live", flow=flow, page_size=1000,
            portal_settings=SOURCE + forms,
        )  # fmt: skip
        return text.replace('sources = ["portal"]', 'sources = ["portal", "forms"]')

    def close(self) -> None:
        """Close the store and forget the platforms."""
        self.app.close()
        for key in [key for key in memory._worlds if str(self.folder) in key]:
            memory._worlds.pop(key).close()

    def world(self, source: str) -> World:
        """A source's platform."""
        return self.app.source(source).world  # type: ignore[attr-defined,no-any-return]

    def says(self, source: str, word: str | None = None, **values: Any) -> None:
        """Contact 1 of a source says this word in every field, and further values; it is Ana."""
        world = self.world(source)
        if world.thing("1") is None:
            world.make("contact", {**ANA, "id": "1", "email": "ana1@firm.example"}, self.now, crm_id="1")
        world.change("1", {**_words(word), **values}, self.now)
        thing = world.thing("1")
        assert thing is not None
        world.put("contacts", "1", thing.values, self.now)

    def rep_says(self, word: str | None = None, **values: Any) -> None:
        """A rep edits the lead in the CRM."""
        (lead,) = self.crm.things("lead")
        self.crm.edit(lead.crm_id, {**_words(word), **values, "by": "U-lena"}, self.now)

    def has(self, source: str, rule: str) -> str:
        """What stands in the field of a rule at a source; "" for nothing."""
        thing = self.world(source).thing("1")
        return str((thing and thing.values.get(FIELDS[rule])) or "")

    def there(self, rule: str) -> str:
        """What stands in the CRM."""
        (lead,) = self.crm.things("lead")
        return str(lead.values.get(FIELDS[rule]) or "")

    def ours(self, rule: str) -> str:
        """What Baton goes by."""
        return str(self.lead(1).fields.get(FIELDS[rule], ""))

    def all(self, source: str = "portal") -> dict[str, tuple[str, str, str]]:
        """By rule: what stands in the CRM, at a source, and what is in force."""
        return {rule: (self.there(rule), self.has(source, rule), self.ours(rule)) for rule in RULES}

    def undecided(self) -> list[str]:
        """Fields of which a notice says that nobody can tell which word is newer."""
        return [one.field for one in self.waiting_for_people("notice") if one.key.startswith("undecided:")]

    def _watch(self, world: World) -> None:
        change = world.change

        def changed(crm_id: str, values: Any, at: Any, *, ours: bool = False, late: bool = False) -> None:
            old = world.thing(crm_id)
            before = old.values if ours and old is not None else {}
            names = [name for name in FIELDS.values() if name in values and ours]
            self.needless += [name for name in names if (before.get(name) or "") == (values[name] or "")]
            change(crm_id, values, at, ours=ours, late=late)

        world.change = changed  # type: ignore[method-assign]

    def runs(self, after: timedelta = 5 * MINUTE) -> int:
        """The line runs, and what it wrote to the sources is what their records say; how much it wrote in all."""
        before = self.effects()
        result = self.sync(after)
        assert result.failures == []
        assert self.needless == []
        for source, seen in self.told.items():
            effects = [one for one in self.world(source).effects() if one.object == "contact"]
            for effect in effects[seen:]:
                thing = self.world(source).thing(effect.crm_id)
                assert thing is not None
                self.world(source).put("contacts", thing.crm_id, thing.values, self.now)
            self.told[source] = len(effects)
        return self.effects() - before

    def effects(self) -> int:
        """How often anything was written to any of the platforms."""
        return sum(len(world.effects()) for world in (self.crm, self.world("portal"), self.world("forms")))

    def quiet(self) -> None:
        """The line runs until it writes nothing, which must be soon."""
        for _ in range(6):
            if not self.runs():
                return
        raise AssertionError("it never comes to rest")

    def given(self, word: str = "", *, forms: str | None = None) -> None:
        """The lead is handed over, with a word in every field or without."""
        self.says("portal", word)
        if forms is not None:
            self.says("forms", forms)
        self.did(1, "demo_request")
        self.quiet()


def _words(word: str | None) -> dict[str, str]:
    return {} if word is None else dict.fromkeys(FIELDS.values(), word)
