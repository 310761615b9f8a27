"""Addresses that a person had before: whoever is still called so elsewhere is the same person."""

from __future__ import annotations

from connector.model.fields import Value
from connector.model.lead import Lead
from connector.model.sentences import NO_ADDRESS
from connector.steps.normalise.mail import email_class

#: So many are kept, the latest.
MOST = 5


def note_former(lead: Lead, before: Value | None, flag: str = "") -> None:
    """The email was `before`, and is what the lead has now. `flag` is what was wrong with it, "" for nothing."""
    present = lead.fields.get("email")
    if before == present:
        return
    kept = [one for one in lead.former if one not in (before, present)]
    if before and flag != NO_ADDRESS and email_class(str(before)) != "role":
        kept.append(str(before))
    lead.former = kept[-MOST:]
