"""What was done on the desk, in words: the trail keeps the names of roles, acts and outcomes, and they stand here."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.model.logins import Audited
from connector.steps.telling.words import N_

ROLES = (N_("rep"), N_("reviewer"), N_("manager"), N_("marketing"), N_("admin"), N_("command"))
#: The acts of each room by its name, and what happened at the door.
ACTS = (
    N_("lead: accept"), N_("lead: qualify"), N_("lead: answer"), N_("lead: reject"), N_("lead: touch"),
    N_("lead: rate"), N_("lead: deal"), N_("lead: give on"),
    N_("review: release"), N_("review: give it back"),
    N_("duplicates: same"), N_("duplicates: different"), N_("duplicates: undo"),
    N_("fixes: retry"), N_("fixes: send again"), N_("fixes: mend"),
    N_("team: away"), N_("team: back"), N_("team: give on"),
    N_("held: release"), N_("held: accept"),
    N_("account: change password"), N_("account: sign out"), N_("account: sign out everywhere"),
    N_("signed in"), N_("signed in by the link"), N_("sign-in refused"), N_("header of the web server refused"),
    N_("user added"), N_("roles given"), N_("password given"), N_("user disabled"), N_("user enabled"),
)  # fmt: skip
OUTCOMES = (
    N_("done"), N_("refused"), N_("failed"), N_("nothing"), N_("already"), N_("over"), N_("elsewhere"),
    N_("not there"), N_("gone"), N_("under way"), N_("cut off before it was done"),
)  # fmt: skip
#: The outcome of what has not ended; and no act takes so long.
BEGUN, LONGEST = "begun", timedelta(minutes=10)


def outcome(entry: Audited, now: datetime) -> str:
    """How an act ended, as one of `OUTCOMES`; "" for what has no end of its own.

    Whatever an act does says so in the same transaction: what has not ended for long was cut off, and was not done.
    """
    said = str(entry.body.get("what") or entry.body.get("outcome", ""))
    if said != BEGUN:
        return said
    return "under way" if now - entry.at < LONGEST else "cut off before it was done"
