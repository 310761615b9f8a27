"""Findings in words."""

from __future__ import annotations

from collections.abc import Callable

from connector.steps.alike.likeness import Finding
from connector.steps.alike.shipped import FIELDS, ORGANISATION, PERSON


def words(finding: Finding, translate: Callable[[str], str]) -> str:
    """What was found, for people: `family name: the same, and a name that many have`."""
    level = PERSON.get(finding.field, {}).get(finding.level) or ORGANISATION.get(finding.field, {}).get(finding.level)
    meaning = level.meaning if level else AT_MOST
    return f"{translate(FIELDS[finding.field])}: {translate(meaning)}"


#: Marks a text for the translators; it is translated where it is shown.
N_ = str
AT_MOST = N_("these say much the same, and give no more together")
