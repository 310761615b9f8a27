"""One request as a room sees it: who asks, in which language, what was sent; and the ways to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connector.app import App
from connector.locale import known_language
from connector.locale import translator as translator_of
from connector.model.logins import Role, User
from connector.model.ports import Transaction
from connector.runs.runtime import Runtime, unasked
from connector.steps.telling.words import Words
from connector.web.protect import local_path, token
from connector.web.templating import Templates

#: Letters of what an act says. It stands in the cookie, of which browsers keep 4,096 bytes (RFC 6265, 6.1); a letter
#: of Japanese takes eight of them there.
MOST_SAID = 250


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form, as text; a field that was not sent is ""."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What was sent as `name`, without blanks around it, and without what PostgreSQL keeps in no text."""
        return self.fields.get(name, "").replace("\0", "").strip()


@dataclass
class Visit:
    """Handed to every room. `form` is empty but for acts."""

    request: Request
    app: App
    user: User
    templates: Templates
    form: Sent = field(default_factory=Sent)
    #: For the trail: `lead` and `handoff` that an act is about, where its path does not say; words about it.
    about: dict[str, int] = field(default_factory=dict)
    noted: dict[str, str | int] = field(default_factory=dict)
    #: Says in the trail that the act is done: called within the transaction that does it.
    done: Callable[[Transaction], None] = unasked

    @cached_property
    def language(self) -> str:
        """The user's own language, else the configuration's."""
        chosen = self.user.language or self.app.config.language
        return known_language(chosen)

    @cached_property
    def words(self) -> Words:
        """How this user is spoken to."""
        zone = self.app.config.zone_of(self.user.email)
        return Words(self.language, zone, translator_of(self.language), self.app.clock())

    def runtime(self) -> Runtime:
        """What a run is handed that does what this user asks for."""
        return self.app.runtime(done=self.done)

    def translate(self, text: str) -> str:
        """A message in the user's language."""
        return self.words.translate(text)

    def may(self, *roles: Role) -> bool:
        """Whether the user has one of `roles`; an admin has all."""
        return "admin" in self.user.roles or any(role in self.user.roles for role in roles)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """What stands behind the question mark of the address, without what PostgreSQL keeps in no text."""
        return {name: value.replace("\0", "") for name, value in self.request.query_params.items()}

    def links(self) -> list[tuple[str, str]]:
        """The rooms that are open to this user: path and name."""
        return [
            (door.path, self.translate(door.link)) for door in self.request.app.state.links if self.may(*door.roles)
        ]

    def has(self, path: str) -> bool:
        """Whether the site has a page or an act at `path`: a desk without passwords has nothing to sign out of."""
        return path in self.request.app.state.paths

    def is_at(self, path: str) -> bool:
        """Whether this is the page at `path`, or one below it that is no room of its own."""
        here = self.request.url.path
        rooms = [door.path for door in self.request.app.state.links]
        return here == path or (here.startswith(f"{path}/") and here not in rooms)

    def said(self) -> str:
        """What the last act said, once."""
        return str(self.request.session.pop("said", ""))

    def token(self) -> str:
        """What the forms of this session carry."""
        return token(self.request)

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page made of `template`; it sees `values`, the visit as `visit`, and the words."""
        text = self.templates.render(template, self.language, visit=self, words=self.words, **values)
        return Response(text, status, media_type="text/html")

    def back(self, to: str, said: str = "") -> Response:
        """Go to the page `to` (a path of ours); `said`, in the user's language, stands on top of it once."""
        if said:
            self.request.session["said"] = said[:MOST_SAID]
        return RedirectResponse(local_path(to), 303)


async def sent(request: Request) -> Sent:
    """The fields of a form; files are left out."""
    async with request.form() as form:
        return Sent({name: value for name, value in form.items() if isinstance(value, str)})
