"""What a workspace has before anybody works in it: people, a list of leads, a list that a form fills."""

from __future__ import annotations

from connector.sandbox.clickup.workspace import KEY, TaskList, User, Workspace

LEADS, REQUESTS, FEEDBACK, DEALS = "Leads", "Demo requests", "Sales feedback", "Deals"
FORM = "Request a demo"
#: Name and type; the type decides where the status stands and whether it is told without being asked for.
STATUSES = (
    ("新規", "open"), ("対応中", "custom"), ("商談化", "custom"), ("受注", "done"), ("失注", "closed"),
    ("却下", "closed"),
)  # fmt: skip
REASONS = "drop_down:Not now,Unreachable,Not a fit,Wrong data,Duplicate,Customer,Competitor,Other"
FIELDS = (
    (KEY, "short_text"), ("Email", "email"), ("Phone", "phone"), ("Company", "short_text"), ("Job title", "short_text"),
    ("Country", "short_text"), ("Score", "number"), ("Grade", "short_text"), ("Why", "text"),
    ("Rejection reason", REASONS), ("Lead quality", "emoji"),
)  # fmt: skip
ANSWERS = (
    ("First name", "short_text"), ("Last name", "short_text"), ("Email", "email"), ("Phone", "phone"),
    ("Company", "short_text"), ("Job title", "short_text"), ("Country", "short_text"), ("Employees", "number"),
    ("Timing", "drop_down:Within a month,This quarter,This year,Just looking"), ("What do you need", "text"),
)  # fmt: skip


SAID = (
    ("Lead", "url"), ("Verdict", "drop_down:Accepted,Rejected"), ("Rejection reason", REASONS),
    ("Lead quality", "emoji"), ("Comment", "text"),
)  # fmt: skip
DEAL_STATUSES = (("negotiation", "open"), ("won", "done"), ("lost", "closed"))


def furnish(space: Workspace) -> tuple[TaskList, TaskList]:
    """People and two lists: the leads, and the requests that a form makes."""
    people = (("Baton", "baton"), ("Lena", "lena"), ("Tom", "tom"), ("Petra", "petra"))
    for place, (name, mail) in enumerate(people):
        space.users[81001 + place] = User(81001 + place, name, f"{mail}@northwind.example")
    leads = space.add_list(LEADS, STATUSES, FIELDS)
    return leads, space.add_list(REQUESTS, (("to do", "open"), ("complete", "closed")), ANSWERS, form=FORM)


def furnish_beside(space: Workspace) -> tuple[TaskList, TaskList]:
    """Two lists more: what sales says of leads in a form, and deals that are related to leads."""
    said = space.add_list(FEEDBACK, (("to do", "open"), ("complete", "closed")), SAID, form="Rate a lead")
    return said, space.add_list(DEALS, DEAL_STATUSES, (("Lead", "tasks"), ("Amount", "currency")))
