"""The words for people of what has a name in TOML: kinds of activities, stages, levels, fields.

All texts are keys of the catalogues; they are translated where they are shown.
"""

from __future__ import annotations

from connector.steps.conditions.condition import N_

KINDS = {
    "visit": N_("Visited the website"),
    "page_view": N_("Viewed a page"),
    "pricing_view": N_("Viewed the pricing page"),
    "comparison_view": N_("Viewed a comparison page"),
    "email_open": N_("Opened an email"),
    "email_click": N_("Clicked in an email"),
    "email_reply": N_("Replied to an email"),
    "bounce": N_("An email bounced"),
    "unsubscribe": N_("Unsubscribed"),
    "subscribe": N_("Subscribed"),
    "form_submit": N_("Sent a form"),
    "download": N_("Downloaded"),
    "webinar_register": N_("Registered for a webinar"),
    "webinar_attend": N_("Attended a webinar"),
    "event_attend": N_("Attended an event"),
    "demo_request": N_("Asked for a demo"),
    "chat": N_("Chatted"),
    "call": N_("Phone call"),
    "meeting": N_("Meeting"),
}

STAGES = {
    "known": N_("known"),
    "warm": N_("warm"),
    "mql": "MQL",
    "sal": "SAL",
    "sql": "SQL",
    "opportunity": N_("opportunity"),
    "won": N_("won"),
    "lost": N_("lost"),
    "rejected": N_("rejected"),
}

SCOPES = {
    "total": N_("total"),
    "fit": N_("fit"),
    "engagement": N_("engagement"),
    "intent": N_("intent"),
}

#: What a handoff's state means for whoever waits for it.
HANDOFF_STATES = {
    "observed": N_("the flow only observes: nothing was written outside"),
    "before_start": N_("over the line before the flow's start: no handoff"),
    "review": N_("waits for a person to release it"),
    "waiting": N_("waits for its turn, best first"),
    "nobody": N_("nobody there to take it"),
    "suppressed": N_("opted out of every way to reach them"),
    "open": N_("handed over"),
    "closed": N_("closed"),
}

ROW_STATES = {
    "waiting": N_("waits to be sent"),
    "in_flight": N_("being sent"),
    "unknown": N_("sent, no answer yet: will be looked up"),
    "done": N_("written"),
    "dead": N_("refused"),
    "parked": N_("parked: a person decides"),
    "superseded": N_("replaced by a newer one"),
    "dropped": N_("dropped: no longer needed, or by a person"),
}

OBJECTS = {
    "lead": N_("lead record"),
    "contact": N_("contact"),
    "task": N_("task"),
    "note": N_("note"),
    "association": N_("association"),
    "member": N_("campaign member"),
}

#: Why a lead was moved, as it is kept with the transition (`steps.qualification`, `runs.assess`, `runs.joining`).
WHYS = {
    "one with a lead in a deal": N_("one with a lead in a deal"),
    "one with a lead that waits for a rep": N_("one with a lead that waits for a rep"),
    "taken apart again": N_("taken apart again"),
    "gate mql passed": N_("the MQL gate is passed"),
    "gate mql no longer passed, and mql_ends holds": N_("the MQL gate is no longer passed, and MQL has ended"),
    "its flow is gone": N_("its flow is gone"),
    "in the nurture band": N_("in the nurture band"),
    "below the nurture band": N_("below the nurture band"),
    "recycled": N_("recycled"),
    "recycled: its data was mended": N_("recycled: its data was mended"),
}

GATES = {
    "mql": N_("qualified (MQL)"),
    "mql_ends": N_("MQL ends"),
    "hot": N_("hot"),
    "nurture": N_("nurture band"),
}

#: Runs, and jobs of the daemon.
RUNS = {
    "sync": N_("sync"),
    "backfill": N_("backfill"),
    "retry": N_("retry"),
    "release": N_("release"),
    "apply": N_("apply a plan"),
    "undo": N_("take a run back"),
    "pull": N_("pull"),
    "rescore": N_("rescore"),
    "deliver": N_("deliver"),
    "bring_back": N_("bring back"),
    "clocks": N_("clocks"),
    "work": N_("take along what was pulled"),
    "deliver:notices": N_("send notices"),
    "hand over": N_("look up who is there"),
    "publish": N_("publish"),
}

#: What people are told of, and who hears of it by what it is about.
NOTICES = {
    "new": N_("a new lead"),
    "due": N_("reminder"),
    "breached": N_("overdue"),
    "returned": N_("back again"),
    "stalled": N_("no progress"),
    "review": N_("to be released"),
    "fix queue": N_("to be mended"),
    "sync trouble": N_("a connection fails"),
    "parked flow": N_("a flow is parked"),
    "report": N_("review pack"),
    "criteria wait": N_("criteria wait to be accepted"),
    "conversion dropped": N_("conversion has dropped"),
    "slower": N_("first contact takes longer"),
}
LISTENERS = {"owner": N_("owner"), "manager": N_("manager"), "team": N_("team")}

#: How urgent writes are.
LANES = {
    "consent": N_("opt-outs"),
    "hot": N_("hot handoffs"),
    "status": N_("status"),
    "normal": N_("normal"),
    "backfill": N_("backfill"),
}

#: The ways to reach a person.
CHANNELS = {"email": N_("email"), "phone": N_("phone"), "all": N_("any contact")}

#: What the mirror of a CRM holds, by number.
MIRRORED = {
    "lead": N_("leads %(n)s"),
    "contact": N_("contacts %(n)s"),
    "account": N_("accounts %(n)s"),
    "opportunity": N_("deals %(n)s"),
    "task": N_("activities %(n)s"),
    "user": N_("users %(n)s"),
}

#: The words of choices, by field.
CHOICES = {
    "handoff.reason": {
        "not_now": N_("not now"),
        "unreachable": N_("not reached"),
        "wrong_fit": N_("does not fit"),
        "wrong_data": N_("wrong data"),
        "duplicate": N_("duplicate"),
        "customer": N_("customer already"),
        "competitor": N_("competitor"),
        "other": N_("other reason"),
    },
    "job_level": {
        "staff": N_("Staff"),
        "manager": N_("Manager"),
        "director": N_("Director"),
        "vp": N_("Vice president"),
        "c_level": N_("C-level"),
    },
    "email_class": {
        "work": N_("work address"),
        "free": N_("free mail"),
        "role": N_("shared mailbox"),
        "disposable": N_("disposable address"),
    },
    "job_function": {
        "executive": N_("Executive"),
        "marketing": N_("Marketing"),
        "sales": N_("Sales"),
        "it": N_("IT"),
        "engineering": N_("Engineering"),
        "product": N_("Product"),
        "operations": N_("Operations"),
        "finance": N_("Finance"),
        "hr": N_("Human resources"),
        "legal": N_("Legal"),
        "support": N_("Support"),
        "purchasing": N_("Purchasing"),
        "education": N_("Education"),
        "student": N_("Student"),
        "consulting": N_("Consulting"),
        "other": N_("Other"),
    },
}

_ORIGIN = {
    "source": N_("source"),
    "medium": N_("medium"),
    "campaign": N_("campaign"),
    "term": N_("search term"),
    "content": N_("content"),
    "landing_page": N_("landing page"),
    "referrer": N_("referrer"),
}
FIRST = N_("first %(field)s")

FIELDS = {
    "name.given": N_("given name"),
    "name.family": N_("family name"),
    "name.full": N_("name"),
    "name.reading": N_("reading of the name"),
    "honorific": N_("form of address"),
    "email": N_("email"),
    "email_class": N_("kind of email"),
    "phone": N_("phone"),
    "mobile": N_("mobile"),
    "phone_extension": N_("extension"),
    "job_title": N_("job title"),
    "job_level": N_("job level"),
    "job_function": N_("department"),
    "language": N_("language"),
    "timezone": N_("time zone"),
    "linkedin": "LinkedIn",
    "country": N_("country"),
    "region": N_("region"),
    "city": N_("city"),
    "postal_code": N_("postal code"),
    "street": N_("street"),
    "company.name": N_("company"),
    "company.domain": N_("company domain"),
    "company.employees": N_("employees"),
    "company.revenue": N_("company revenue"),
    "company.industry": N_("industry"),
    "company.country": N_("company's country"),
    "company.technologies": N_("technologies used"),
    "company.is_customer": N_("customer already"),
    **_ORIGIN,
    "first_touch_at": N_("first touch"),
    "last_touch_at": N_("latest touch"),
    "persona": N_("persona"),
    "consent.email": N_("consent to email"),
    "consent.phone": N_("consent to calls"),
    "consent.all": N_("consent to any contact"),
    "consent.at": N_("consent given on"),
    "consent.source": N_("consent given through"),
    "budget": N_("budget"),
    "authority": N_("authority"),
    "need": N_("need"),
    "timing": N_("timing"),
    "fit_confirmed": N_("fit confirmed"),
    "conversation": N_("conversation confirmed"),
    "opportunity.id": N_("opportunity id"),
    "opportunity.amount": N_("opportunity amount"),
    "opportunity.currency": N_("opportunity currency"),
    "opportunity.stage": N_("opportunity stage"),
    "outcome": N_("outcome"),
    "stage": N_("stage"),
    "stage_since": N_("in this stage since"),
    "grade": N_("grade"),
    "score.total": N_("score"),
    "account.score": N_("points of the account"),
    "account.people": N_("people of the account"),
    "account.active": N_("active people of the account"),
    "account.roles": N_("roles in the account"),
    "score.fit": N_("fit points"),
    "score.engagement": N_("engagement points"),
    "score.intent": N_("intent points"),
    "owner": N_("owner"),
    "flow": N_("flow"),
    "handoff.reason": N_("rejection reason"),
    "handoff.rating": N_("lead quality rating"),
    "handoff.response_time": N_("time to first contact"),
    "handoff.response_working_time": N_("time to first contact in working hours"),
    "handoff.brief": N_("brief"),
    "handoff.due_at": N_("due"),
    "handoff.opened_at": N_("handed over on"),
    "handoff.hot": N_("hot"),
    "task.subject": N_("subject of the task"),
    "task.text": N_("text of the task"),
    "task.owner": N_("owner of the task"),
    "task.due_at": N_("task due"),
    "task.priority": N_("priority of the task"),
    "task.key": N_("key of the task"),
}

#: Lengths of time as `Duration` writes them, by unit.
UNITS = {
    "second": N_("%(number)s second"),
    "seconds": N_("%(number)s seconds"),
    "min": N_("%(number)s min"),
    "hour": N_("%(number)s hour"),
    "hours": N_("%(number)s hours"),
    "day": N_("%(number)s day"),
    "days": N_("%(number)s days"),
    "working min": N_("%(number)s working min"),
    "working hour": N_("%(number)s working hour"),
    "working hours": N_("%(number)s working hours"),
    "working day": N_("%(number)s working day"),
    "working days": N_("%(number)s working days"),
}

#: The names of the shipped rules (`steps.scoring.defaults`); an admin's own are shown as they are.
RULES = (
    N_("Director or above"),
    N_("500 people or more"),
    N_("Case study read"),
    N_("Webinar attended"),
    N_("Pricing page seen"),
    N_("Asked for a demo"),
)
