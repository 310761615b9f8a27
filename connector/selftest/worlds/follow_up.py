"""Leads that are followed up: reps are reminded, told, lose leads and get them, and mail is at times refused.

The week itself is told in `_team`.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connector.model.outbox import Done
from connector.model.sentences import N_
from connector.sandbox.post import Letter, PostServer
from connector.selftest.left import left_in
from connector.selftest.points import watch
from connector.selftest.served import Served, served
from connector.selftest.unsynced import unsynced
from connector.selftest.world import Step, Verdict, World
from connector.selftest.worlds._team import CONFIG, HALF, HOOK, NO_TIME, QUIET, START, STORY, Team, furnished
from connector.selftest.worlds._told import judged, tally

if TYPE_CHECKING:
    from connector.config import Config
    from connector.model.notices import Message
    from connector.model.outbox import Outcome

#: How long after it was killed Baton is started again.
LATER = timedelta(minutes=4)
#: What is done by this world's own: each commit has a moment before it and one after.
_WALKED = re.compile(
    r"(before|after) the commit of (follow_up|_by_batches|open_batch|store_page|tell_standing)"
    r"|(before|after) the commit of (reassign_all|release_flow)"
    r"|after the commit of (_claimed|_settle|_done|parks)"
    r"|after a notice went to a (mail|secret)"
)


class Chosen:
    """`step` for what follows handoffs up and tells people, of each kind the first of a chapter.

    The rest of the line is walked by others, and to die before a message is to die after the commit before it.
    """

    def __init__(self, step: Step) -> None:
        self.step, self.seen = step, set[str]()

    def turn(self) -> None:
        """A new chapter begins."""
        self.seen.clear()

    def __call__(self, name: str) -> None:
        if name not in self.seen and _WALKED.fullmatch(name):
            self.seen.add(name)
            self.step(name)


@dataclass(slots=True)
class Week:
    """One crash point's store, platforms and post. Which chapter it is stands in a file: people do nothing twice."""

    config: Config
    post: Served
    chapters: range
    expected: Counter[str] = field(default_factory=Counter)
    team: Team | None = None

    @property
    def page(self) -> Path:
        """The file that says how many chapters' people have acted."""
        return Path(self.config.root, "page")

    def run(self, step: Step) -> None:
        """These chapters."""
        unsynced()
        team, chosen = Team(self.config, START, self.post), Chosen(step)
        watch(team.app, chosen)
        for number in self.chapters:
            chosen.turn()
            self._chapter(team, number)

    def left(self) -> str:
        """The folder, what was heard, taken, and is still to go wrong."""
        heard = self.post.heard(), self.post.state("post"), self.post.ask("post", "GET", "faults")
        return left_in(self.config.root, repr(heard))

    def recover(self) -> bool:
        """Go on in the chapter in which it was killed, some minutes later."""
        unsynced()
        self.team = Team(self.config, START, self.post)
        self.go_on(int(self.page.read_text()) - 1)
        return False

    def go_on(self, killed_in: int = -1, *, quiet: bool = True) -> None:
        """Read on to the end, and until all is quiet."""
        team = self._team()
        for number in self.chapters:
            if number >= killed_in:
                self._chapter(team, number, LATER if number == killed_in else NO_TIME)
        for more in QUIET if quiet else ():
            team.now = START + STORY[self.chapters[-1]].after + more
            _ran(team, fails=STORY[self.chapters[-1]].fails)

    def _chapter(self, team: Team, number: int, late: timedelta = NO_TIME) -> None:
        chapter = STORY[number]
        team.now = START + chapter.after
        if not late:
            chapter.people(team)
            self.page.write_text(str(number + 1))
        team.now += late
        chapter.admin(team)
        _ran(team, fails=chapter.fails)

    def tally(self) -> Counter[str]:
        """What there is, by what it is and whose."""
        return tally(self._team().app.store, self._team().crm.things())

    def judge(self) -> Verdict:
        """Hold the store, the CRM and the post against each other, and against a week in which nobody was killed."""
        team = self._team()
        return judged(team.app.store, team.crm.things(), self.post.state("post"), self.expected)

    def _team(self) -> Team:
        assert self.team is not None  # noqa: S101 - after `recover`
        return self.team


def _ran(team: Team, *, fails: bool) -> None:
    failed = [f"{name}: {error}" for name, error in team.sync().failures if not (fails and name == "portal")]
    if failed:
        raise RuntimeError("; ".join(failed))


class Taken:
    """A notifier whose every message is taken. Apprise keeps a thread once it has sent one, and no child is forked."""

    def __init__(self, letters: list[Letter]) -> None:
        self.letters = letters

    def send(self, message: Message) -> Outcome:
        """Keep it."""
        way, _, to = message.to.partition(":")
        self.letters.append(
            Letter(to, f"<{message.id}@northwind.example>", message.subject, message.text)
            if way == "mail"
            else Letter(HOOK, "", message.subject, message.text)
        )
        return Done(message.id)


class Weeks:
    """Some chapters of the week, furnished with those before."""

    target = N_("mail and chat: at least once, reminders at most once")
    #: Of the commits of a chapter some are passed by.
    hears_all = False

    def __init__(self, name: str, chapters: range) -> None:
        self.name, self.chapters = name, chapters
        self.letters: list[Letter] = []
        self.expected = Counter[str]()

    def furnish(self, folder: Path) -> None:
        """Live through what was before, and see what comes of these chapters when nobody is killed."""
        from apprise import Apprise

        from connector.config import load

        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(CONFIG, "utf-8")
        self.template, self.config = folder, load(folder / "config.toml")
        with self._served() as post:
            before = Week(self.config, post, range(self.chapters[0]))
            before.team = team = Team(self.config, START, post, lambda: Taken(self.letters))
            furnished(team)
            before.go_on(quiet=False)
            team.close()
        # This process has then imported and compiled what each child needs.
        Apprise().add("json://127.0.0.1")
        with self.scene(folder.with_name(f"{folder.name}-undisturbed")) as week:
            week.team = team = Team(week.config, START, week.post, lambda: Taken([]))
            week.go_on()
            self.expected = week.tally()
            team.close()

    @contextmanager
    def scene(self, folder: Path) -> Iterator[Week]:
        """A copy of the template, and of the post."""
        shutil.copytree(self.template, folder)
        config = replace(self.config, root=folder, path=folder / "config.toml", database=str(folder / "baton.db"))
        with self._served() as post:
            yield Week(config, post, self.chapters, self.expected)

    @contextmanager
    def _served(self) -> Iterator[Served]:
        server = PostServer()
        server.letters = list(self.letters)
        with served({"post": server}) as post:
            yield post


def worlds() -> list[World]:
    """The first hours, and what comes of them."""
    return [
        Weeks(N_("handoffs followed up, the first hours"), range(HALF)),
        Weeks(N_("handoffs followed up, the next day"), range(HALF, len(STORY))),
    ]
