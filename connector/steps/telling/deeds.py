"""What a lead did, told in few lines: like after like is one line with a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from connector.model.activity import Activity
from connector.steps.telling.words import N_, Words, kind


@dataclass(frozen=True, slots=True)
class Deed:
    """One or more activities of the same kind and content with nothing else between them."""

    kind: str
    about: str
    first: datetime
    last: datetime
    count: int
    seconds: int
    campaign: str = ""


def deeds(activities: Sequence[Activity]) -> list[Deed]:
    """Activities as deeds, oldest first, whatever order they come in."""
    found: list[Deed] = []
    for one in sorted(activities, key=lambda activity: (activity.at, activity.source_id)):
        about = _about(one)
        last = found[-1] if found else None
        if last is not None and (last.kind, last.about) == (one.kind, about):
            campaign = one.campaign or last.campaign
            seconds = last.seconds + one.seconds
            found[-1] = Deed(one.kind, about, last.first, one.at, last.count + 1, seconds, campaign)
        else:
            found.append(Deed(one.kind, about, one.at, one.at, 1, one.seconds, one.campaign))
    return found


def _about(activity: Activity) -> str:
    """What it was about: its asset, else topic, else the path of the page."""
    if activity.asset and activity.topic and activity.topic.casefold() not in activity.asset.casefold():
        return f"{activity.asset} ({activity.topic})"
    if activity.asset or activity.topic:
        return activity.asset or activity.topic
    # The kind itself says which page it was.
    return "" if activity.kind in ("visit", "pricing_view", "comparison_view") else _path(activity.url)


def _path(url: str) -> str:
    try:
        path = urlsplit(url).path if "//" in url else url.partition("?")[0]
    except ValueError:
        return ""
    return path if len(path) <= 60 else path[:59] + "…"


def told(deed: Deed, words: Words) -> str:
    """`Downloaded: Case study Acme ×2 (3 min)`."""
    text = kind(deed.kind, words.translate)
    if deed.about:
        text = words.say(N_("%(kind)s: %(about)s"), kind=text, about=deed.about)
    if deed.count > 1:
        text += f" ×{deed.count}"
    if deed.seconds >= 60:
        text += words.say(N_(" (%(minutes)s min)"), minutes=deed.seconds // 60)
    return text


def when(deed: Deed, words: Words) -> str:
    """The day, or from which day to which."""
    first, last = words.day(deed.first), words.day(deed.last)
    return last if first == last else f"{first} – {last}"
