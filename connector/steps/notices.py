"""What a notice says, in the reader's language, and when it may reach them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connector.locale.format import share, span
from connector.model.notices import Notice
from connector.steps.telling.vocabulary import STAGES
from connector.steps.telling.words import N_, Words, job_name, reason_name

#: (subject, text) by what a notice says; `who` is the lead, as its reader calls it.
TEXTS: Mapping[str, tuple[str, str]] = {
    "new": (
        N_("New lead: %(who)s"),
        N_("%(who)s was given to you (%(why)s). First contact is due %(due)s.\n\n%(brief)s"),
    ),
    "new hot": (
        N_("Hot lead: %(who)s"),
        N_("%(who)s was given to you (%(why)s) and is hot. First contact is due %(due)s.\n\n%(brief)s"),
    ),
    "accept due": (
        N_("To be accepted: %(who)s"),
        N_("%(who)s waits to be accepted or rejected, by %(due)s. %(share)s of the time is over."),
    ),
    "contact due": (
        N_("To be contacted: %(who)s"),
        N_("First contact with %(who)s is due %(due)s. %(share)s of the time is over."),
    ),
    "accept breached": (
        N_("Overdue: %(who)s"),
        N_("%(who)s was to be accepted or rejected by %(due)s. Owner: %(owner)s."),
    ),
    "contact breached": (
        N_("Overdue: %(who)s"),
        N_("First contact with %(who)s was due %(due)s. Owner: %(owner)s."),
    ),
    "contacted late": (
        N_("Contacted after all: %(who)s"),
        N_("%(who)s was contacted %(at)s. It was due %(due)s. Owner: %(owner)s."),
    ),
    "accepted late": (
        N_("Accepted after all: %(who)s"),
        N_("%(who)s was accepted %(at)s. It was due %(due)s. Owner: %(owner)s."),
    ),
    "reassigned": (
        N_("Given to another owner: %(who)s"),
        N_("%(who)s goes from %(before)s to %(owner)s: %(why)s."),
    ),
    "paused": (
        N_("Takes no turns for now: %(owner)s"),
        N_("%(owner)s let %(count)s handoffs in a row go overdue and gets no more until somebody ends this: "
           "baton absent end %(id)s"),
    ),
    "rate": (
        N_("How good was this lead? %(who)s"),
        N_("You have been in contact with %(who)s. Please rate the lead in the CRM, from 1 (poor) to 5 (very good)."),
    ),
    "returned": (
        N_("Back again: %(who)s"),
        N_("%(who)s, rejected before (%(reason)s), is back and may qualify anew."),
    ),
    "stalled": (
        N_("No progress: %(who)s"),
        N_("%(who)s has been at %(stage)s since %(since)s. Owner: %(owner)s."),
    ),
    "review": (
        N_("To be released: %(who)s"),
        N_("%(who)s waits for your review, by %(due)s. List: baton review"),
    ),
    "review passed on": (
        N_("To be released for %(reviewer)s: %(who)s"),
        N_("%(who)s was to be reviewed by %(reviewer)s until %(due)s and waits for you now. List: baton review"),
    ),
    "nobody there": (
        N_("Nobody there: %(who)s"),
        N_("%(who)s has no owner yet: %(why)s."),
    ),
    "fix queue": (
        N_("To be mended: %(who)s"),
        N_("%(who)s cannot be handed over: %(why)s. List: baton errors"),
    ),
    "stage": (
        N_("%(stage)s: %(who)s"),
        N_("%(who)s is at %(stage)s. Owner: %(owner)s. %(more)s"),
    ),
    "sync trouble": (
        N_("%(connection)s fails"),
        N_("%(connection)s: %(what)s. Since %(since)s. %(mend)s"),
    ),
    "sync well": (
        N_("%(connection)s works again"),
        N_("%(connection)s works again; it failed since %(since)s."),
    ),
    "parked": (
        N_("The flow %(flow)s is parked"),
        N_("%(why)s. Look at what happened; then: baton release --flow %(flow)s"),
    ),
    "released": (
        N_("The flow %(flow)s goes on"),
        N_("The flow %(flow)s was parked since %(since)s and goes on."),
    ),
    "criteria wait": (
        N_("Criteria of %(flow)s wait"),
        N_("The changed criteria of %(flow)s would bring %(in)s leads in and %(out)s out, more than %(over)s. "
           "The version before goes on. Look, and take them: baton criteria accept %(flow)s"),
    ),
    "conversion dropped": (
        N_("%(flow)s: fewer leads go from %(from)s to %(to)s"),
        N_("Of the latest four weeks of %(from)s that have had the time, %(lately)s went on to %(to)s within "
           "%(days)s days; in the twelve weeks before it was %(usual)s. "
           "Look: baton funnel --flow %(flow)s, baton criteria effect %(flow)s"),
    ),
    "conversion recovered": (
        N_("%(flow)s: leads go from %(from)s to %(to)s as usual again"),
        N_("Of the latest four weeks of %(from)s that have had the time, %(lately)s went on to %(to)s within "
           "%(days)s days; in the twelve weeks before it was %(usual)s. They were fewer since %(since)s."),
    ),
    "slower": (
        N_("%(flow)s: first contact takes longer"),
        N_("Half of the leads that were handed over in the last four weeks waited longer than %(lately_span)s for "
           "the first contact; in the twelve weeks before it was %(usual_span)s. "
           "Look: baton funnel --flow %(flow)s, baton status"),
    ),
    "slower no longer": (
        N_("%(flow)s: first contact takes as long as usual again"),
        N_("Half of the leads that were handed over in the last four weeks waited longer than %(lately_span)s for "
           "the first contact; in the twelve weeks before it was %(usual_span)s. They waited longer since %(since)s."),
    ),
    "report": (
        N_("%(title)s"),
        N_("%(text)s"),
    ),
    "test": (
        N_("Baton: a test"),
        N_("This is a test by %(by)s. Notices will reach you here."),
    ),
    "digest": (
        N_("%(count)s notices"),
        N_("%(text)s"),
    ),
}  # fmt: skip

#: Below a text, where the desk shows the lead.
LINK = N_("On the desk: %(link)s")

_BLANKS = re.compile(r"\s+")
#: What chat platforms make links, mentions or markup of: `<!channel>`, `@here`, `*bold*`.
_ACTIVE = str.maketrans({"<": "‹", ">": "›", "*": "∗", "`": "'", "~": "∼", "[": "(", "]": ")", "|": "¦"})
#: Within a word it is no markup, and addresses have it.
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
#: Not in an address, such as ana@all.example: it is to be read, and copied.
_EVERYBODY = r"(?:here|channel|everyone|all)\b"
_MENTION = re.compile(rf"(?<![\w.+-])@(?={_EVERYBODY})|@(?={_EVERYBODY}(?!\.\w))", re.IGNORECASE)
#: Notices whose subject begins with a word of ours, as it stands within a sentence.
_BEGINS_SMALL = ("stage",)


def harmless(text: str) -> str:
    """A lead's own words without what a chat platform or a mail header would act on."""
    shown = "".join(one for one in _BLANKS.sub(" ", text) if one.isprintable())
    return _MENTION.sub("@ ", _UNDERSCORE.sub("＿", shown.translate(_ACTIVE))).strip()


def rendered(notice: Notice, who: str, words: Words) -> tuple[str, str]:
    """Subject and text for one reader; a place that nothing is known of is filled with a dash."""
    subject, text = TEXTS[notice.says]
    values = _Values({name: _said(name, value, words) for name, value in notice.values.items()})
    values["who"] = harmless(who)
    values.setdefault("owner", notice.owner)
    title = _BLANKS.sub(" ", words.say(subject) % values).strip()
    title = title[:1].upper() + title[1:] if notice.says in _BEGINS_SMALL else title
    return title, (words.say(text) % values).strip()


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def _said(name: str, value: Any, words: Words) -> str:
    if isinstance(value, datetime):
        return words.moment(value)
    if name in ("stage", "from", "to"):
        return words.translate(STAGES.get(str(value), str(value)))
    if name.endswith("_span"):
        return span(float(value), words.language)
    if name == "share" and isinstance(value, float):
        return share(value, words.language)
    if name == "connection":
        # What fails may be a job of ours.
        return job_name(str(value), words.translate)
    if name == "reason":
        return harmless(reason_name(str(value), words.translate))
    if name in ("brief", "text"):
        # Ours, of several lines; each line is made harmless by itself.
        return "\n".join(harmless(line) if name == "brief" else line for line in str(value).splitlines())
    return harmless(words.retell(str(value))) if value != "" else ""


def after_quiet(at: datetime, quiet: tuple[time, time] | None, zone: ZoneInfo) -> datetime:
    """`at`, or the end of the quiet hours (wall clock of `zone`, over midnight too) that it falls into; UTC."""
    if quiet is None:
        return at
    begin, end = quiet
    local = at.astimezone(zone)
    inside = begin <= local.time() < end if begin < end else local.time() >= begin or local.time() < end
    return next_at(at, end, zone) if inside else at


def next_at(at: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The next moment after `at` at which the clock of `zone` shows `clock`; UTC."""
    local = at.astimezone(zone)
    day = local.date() if local.time() < clock else local.date() + timedelta(days=1)
    return datetime.combine(day, clock, zone).astimezone(UTC)
