"""Leads that are followed up: reps are reminded, told, lose leads and get them, and mail is at times refused.

A week of a team that has clocks and mail. Of four people who asked for a demo one is left alone until another rep gets
it, one is won over and goes to the next team, one is turned down and comes back, one comes later. The source fails for
a while, and the flow is parked. Mail server and web hook refuse some messages, and take others without saying so.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.model.outbox import Done
from connector.model.sentences import N_
from connector.sandbox.post import Letter, PostServer
from connector.selftest.left import left_in
from connector.selftest.points import watch
from connector.selftest.served import Served, served
from connector.selftest.unsynced import unsynced
from connector.selftest.world import Step, Verdict, World
from connector.selftest.worlds._line import Line
from connector.selftest.worlds._told import judged, tally

if TYPE_CHECKING:
    from adapters._world import Thing
    from connector.config import Config
    from connector.model.notices import Message, Notifier
    from connector.model.outbox import Outcome
    from connector.runs.sync import Result

#: A Tuesday, nine o'clock in Berlin.
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
#: How long after it was killed Baton is started again.
LATER = timedelta(minutes=4)
NO_TIME, MINUTE, HOUR, DAY = timedelta(), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: What is done by this world's own: each commit has a moment before it and one after.
_WALKED = re.compile(
    r"(before|after) the commit of (follow_up|_by_batches|open_batch|store_page|tell_standing)"
    r"|(before|after) the commit of (reassign_all|release_flow)"
    r"|after the commit of (_claimed|_settle|_done|parks)"
    r"|after a notice went to a (mail|secret)"
)
REPS = ("lena", "tom", "karl")
EARLY, NEWCOMER = (0, 1, 2), 3
HOOK = "/hook/ops"
CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"
database = "baton.db"
secrets = { backend = "environment" }

[connections.portal]
type = "memory"
file = "portal.world"
objects = ["contact", "membership"]

[connections.crm]
type = "memory"
file = "crm.world"
crm_streams = ["user", "lead", "task", "opportunity"]
reports_deletes = true

[mail]
server = "mail-server"
sender = "baton@northwind.example"

[notices]
breached = ["owner", "manager", "ops"]
"sync trouble" = ["ops"]
"parked flow" = ["ops"]

[teams.sales]
manager = "petra@northwind.example"
members = [{ email = "lena@northwind.example" }, { email = "tom@northwind.example" }]

[teams.ae]
manager = "petra@northwind.example"
members = [{ email = "karl@northwind.example" }]

[flows.b2b]
sources = ["portal"]
crm = "crm"
mode = "live"

[flows.b2b.gates]
mql = { activity = "demo_request", within = "30 days" }
sal = { within = "3 working hours" }
sql = { within = "10 working days", then = "ae" }

[flows.b2b.clock]
contact = { hot = "2 working hours", other = "2 working hours" }
breach = ["tell rep", "tell manager", { after = "2 working hours", do = "reassign" }]
pause_after = 2

[flows.b2b.reasons]
not_now = { list = "later", back_after = "1 day", back_when = { activity = "visit", within = "14 days" } }

[flows.b2b.routing]
order = [{ to = "sales" }]
"""


class Team(Line):
    """The line, and what reps do in the CRM; `post` is where messages go, unless a `notifier` is given."""

    def __init__(
        self, config: Config, now: datetime, post: Served, notifier: Callable[[], Notifier] | None = None
    ) -> None:
        from connector.app import App
        from connector.edge.secrets import Secrets
        from state import open_store

        hook = post.url("post").replace("http:", "json:")
        secrets = {"MAIL_SERVER": post.state("post", mail="1"), "OPS": f"{hook}{HOOK}"}
        environ = {f"BATON_SECRET_{name}": value for name, value in secrets.items()}
        self.now, self.post = now, post
        self.app = App(
            config, open_store(config.database), Secrets(config.root, "environment", environ=environ), lambda: self.now
        )

        self.notifier = notifier or self.app.notifier

    def sync(self, after: timedelta = NO_TIME) -> Result:
        """Let time pass and run the line once."""
        from connector.runs.sync import sync

        self.now += after
        return sync(self.app.runtime(notifier=self.notifier), self.app.rows)

    def record(self, number: int) -> Thing:
        """A person's lead in the CRM."""
        email = f"ana{number}@firm.example"
        return next(one for one in self.crm.things("lead") if one.values.get("email") == email)

    def says(self, number: int, **values: Any) -> None:
        """A rep says something in the record."""
        self.crm.edit(self.record(number).crm_id, values, self.now)

    def calls(self, number: int) -> None:
        """A person's owner calls them, and notes it."""
        record = self.record(number)
        owner = f"U-{str(record.values['owner']).partition('@')[0]}"
        said = {"person": record.crm_id, "stage": "call", "is_open": False, "owner": owner, "subject": "Call"}
        self.crm.make("task", said, self.now)

    def visits(self, number: int) -> None:
        """A person is seen on the web site."""
        event = {"id": f"{number}-visits", "person": str(number), "event": "visit", "at": self.now.isoformat()}
        self.portal.put("activities", event["id"], event, self.now)


# --- the story


def furnished(team: Team) -> None:
    """Reps, and three people who were handed over."""
    for name in REPS:
        team.crm.make("user", {"email": f"{name}@northwind.example"}, team.now, crm_id=f"U-{name}")
    for number in EARLY:
        team.person(number)
        team.asks(number)
        team.portal.make("contact", {}, team.now, crm_id=str(number))
    team.portal.make("contact", {}, team.now, crm_id=str(NEWCOMER))
    team.sync()


def answers(team: Team) -> None:
    """One is called and accepted, one turned down, and somebody new asks; the mail server is busy."""
    team.calls(1)
    team.says(1, stage="sal")
    team.says(2, stage="rejected", reason="not_now")
    team.person(NEWCOMER)
    team.asks(NEWCOMER)
    team.post.fault("post", "status", match="DATA lena", code=450)
    team.post.fault("post", "drop", match="DATA tom")


def overdue(team: Team) -> None:
    """The first was to be called by now, and the hook has enough."""
    team.post.fault("post", "status", match=HOOK, code=429)


def fails(team: Team) -> None:
    """One is found to be worth a second handoff; the source does not answer."""
    team.says(1, stage="sql")
    team.portal.fault("pull", "server_error", times=99)


def nothing(_team: Team) -> None:
    """Time goes by."""


def accepts(team: Team) -> None:
    """The first is accepted, late."""
    team.says(0, stage="sal")


def works_again(team: Team) -> None:
    """The source answers; the mail server hangs up on the manager."""
    with team.portal.together() as platform:
        platform.execute("delete from fault")
    team.post.fault("post", "drop", match="DATA petra")


def called_late(team: Team) -> None:
    """Whoever has the first now calls."""
    team.calls(0)


def is_back(team: Team) -> None:
    """The next day who was turned down looks at the web site again, and asks once more."""
    team.visits(2)
    team.asks(2)


def parks(team: Team) -> None:
    """The flow is parked, as a guard does it."""
    from connector.model.ports import ReviewItem

    with team.app.store.write() as tx:
        tx.reviews.put([ReviewItem("parked_flow", "b2b", "b2b", "too many changes", flow="b2b")], team.now)


def releases(team: Team) -> None:
    """An admin lets the flow go on."""
    from connector.runs.release import release_flow

    release_flow(team.app.runtime(), "b2b")


def gives_on(team: Team) -> None:
    """An admin gives all that Lena has to Tom."""
    from connector.runs.reassign import reassign_all

    reassign_all(team.app.runtime(), team.app.rows, "lena@northwind.example", "tom@northwind.example", "admin")


@dataclass(frozen=True, slots=True)
class Chapter:
    """At a moment people do something, then an admin says something to Baton, then the line runs.

    An admin who is interrupted says it again.
    """

    after: timedelta
    people: Callable[[Team], None] = nothing
    admin: Callable[[Team], None] = nothing
    fails: bool = False


STORY = (
    Chapter(65 * MINUTE, answers),
    Chapter(130 * MINUTE, overdue),
    Chapter(200 * MINUTE, fails, fails=True),
    Chapter(220 * MINUTE, accepts, fails=True),
    Chapter(270 * MINUTE, works_again),
    Chapter(400 * MINUTE, called_late),
    Chapter(430 * MINUTE, admin=gives_on),
    Chapter(DAY + 5 * HOUR, is_back, parks),
    Chapter(DAY + 6 * HOUR, admin=releases),
)
#: The chapter with which the second half begins: the shorter they are, the sooner all their boundaries are walked.
HALF = 4
#: Runs after the story, in which nothing happens but what was left: no reminder is due by then, however late.
QUIET = (15 * MINUTE, 30 * MINUTE)


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
