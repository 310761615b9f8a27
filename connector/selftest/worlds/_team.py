"""A week of a team that has clocks and mail, as people live it.

Of four people who asked for a demo one is left alone until another rep gets it, one is won over and goes to the next
team, one is turned down and comes back, one comes later. The source fails for a while, and the flow is parked. Mail
server and web hook refuse some messages, and take others without saying so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector.selftest.served import Served
from connector.selftest.worlds._line import Line

if TYPE_CHECKING:
    from adapters._world import Thing
    from connector.config import Config
    from connector.model.notices import Notifier
    from connector.runs.sync import Result

#: A Tuesday, nine o'clock in Berlin.
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NO_TIME, MINUTE, HOUR, DAY = timedelta(), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
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
