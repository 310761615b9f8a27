"""A pair of leads that may be one person, told with all that the store knows of both."""

from __future__ import annotations

from connector.config import Config
from connector.insight.duplicates import SideBySide, compared, side
from connector.model.joining import Pair
from connector.model.ports import Transaction
from connector.steps.alike import Finding
from connector.steps.alike import words as in_words
from connector.steps.telling.words import Words


def finding_words(finding: tuple[str, str, int], words: Words) -> str:
    """What was found of a field, in words."""
    return in_words(Finding(*finding, "", ""), words.translate)


def first_reason(pair: Pair, words: Words) -> str:
    """What speaks most for one person, in words; "" where nothing does."""
    best = max(pair.findings, key=lambda one: one[2], default=None)
    return finding_words(best, words) if best else ""


def side_by_side(tx: Transaction, config: Config, number: int, words: Words) -> SideBySide | None:
    """A pair by its number; None where there is none, or where one of its leads was forgotten."""
    found = tx.pairs.get([number])
    leads = tx.intake.leads(sorted(found[0].one_other)) if found else {}
    if not found or len(leads) < len(found[0].one_other):
        return None
    pair, weights = found[0], config.identity.person.among(tx.intake.last_number())
    links, done = tx.intake.links_of(pair.one_other), tx.intake.activities(pair.one_other)
    sides = [
        side(leads[id], links.get(id, ()), max((one.at for one in done.get(id, ())), default=None))
        for id in pair.one_other
    ]
    findings = [(finding_words(one, words), one[2]) for one in pair.findings]
    fields = compared(leads[pair.one], leads[pair.other])
    return SideBySide(pair, (sides[0], sides[1]), fields, findings, pair.points, weights.sure, weights.perhaps)
