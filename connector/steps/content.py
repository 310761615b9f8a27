"""What a lead has seen of what there is, and what to send next: the same topic, and never what they have seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from connector.model.activity import Activity
from connector.model.content import Content
from connector.steps.normalise.text import fold
from connector.steps.patterns import Matcher, url_matcher

#: What is seen and not only announced.
_SEEN = frozenset({
    "visit", "page_view", "pricing_view", "comparison_view", "email_click", "download", "webinar_attend",
    "form_submit",
})  # fmt: skip


@dataclass(frozen=True)
class Library:
    """All content, in the order of the file: of two that fit an address, or are as good to send, the first counts."""

    items: Sequence[Content] = ()

    @cached_property
    def _matchers(self) -> list[tuple[Matcher, Content]]:
        return [(url_matcher((one.link, *one.urls) if one.link else one.urls), one) for one in self.items]

    def at(self, url: str) -> Content | None:
        """What is seen at an address; None where nothing is known of it."""
        return next((one for matches, one in self._matchers if matches(url)), None) if url else None

    def classify(self, activities: Iterable[Activity]) -> None:
        """Fill in topic and asset of activities by their address, where nothing says them yet; the kind stays."""
        if not self.items:
            return
        for one in activities:
            if one.url and not (one.topic and one.asset) and (found := self.at(one.url)):
                one.topic, one.asset = one.topic or found.topic, one.asset or found.title

    def seen(self, activities: Iterable[Activity]) -> set[Content]:
        """What somebody has seen: by address, or because an activity names it."""
        by_title = {fold(one.title): one for one in self.items}
        named = (by_title.get(fold(one.asset)) or self.at(one.url) for one in activities if one.kind in _SEEN)
        return {one for one in named if one is not None}

    def next_for(self, activities: Sequence[Activity], stage: str, language: str, most: int = 3) -> list[Content]:
        """What to send next: for this stage and language, of the topics they looked at most, unseen; best first.

        Nothing where they have not shown what they are interested in.
        """
        if not self.items:
            return []
        seen, interest = self.seen(activities), _interest(activities)
        fits = [
            one
            for one in self.items
            if one not in seen and one.stage in ("", stage) and one.language in ("", language)
            if interest[fold(one.topic)]
        ]
        # Of one interest what is for this very stage goes first.
        return sorted(fits, key=lambda one: (-interest[fold(one.topic)], not one.stage))[:most]


def _interest(activities: Iterable[Activity]) -> Counter[str]:
    """How often each topic was looked at."""
    return Counter(fold(one.topic) for one in activities if one.topic)
