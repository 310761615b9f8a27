"""What becomes of someone who is in the CRM already: never a second record (`existing` in the flow)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from connector.model.mirror import CrmRecord
from connector.steps.matching import Match, Translate, named

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

#: `adopt`: the open lead becomes ours. `task on contact`: a task on their own record. `tell owner`: a task
#: on the deal or the account, for its owner.
Action = Literal["adopt", "task on contact", "tell owner"]


@dataclass(frozen=True, slots=True)
class Existing:
    """What to do for someone who is there. `record` is what it is done on; its owner gets it."""

    action: Action
    record: CrmRecord

    @property
    def place(self) -> str:
        """As a handoff names it: `contact:003…`; "" for an adopted lead, which is ours from now on."""
        return "" if self.action == "adopt" else f"{self.record.object}:{self.record.id}"


def existing(match: Match, said: Mapping[str, str], *, taken: bool = False) -> Existing:
    """What the flow says (`existing`: by `contact`, `open_opportunity`, `customer`) for this match.

    `taken`: the open lead is another lead of ours already; a task on it is all that is added. The owner of
    a contact who is in no deal and with no account is the contact's own.
    """
    if match.standing == "lead":
        return Existing("task on contact" if taken else "adopt", match.person)
    action = said.get(match.standing, "task on contact")
    if action == "task on contact":
        return Existing("task on contact", match.person)
    return Existing("tell owner", match.account or match.person if match.standing == "contact" else match.record)


#: What the task says, by the kind of record that it hangs on; "" is a lead of our own.
SUBJECTS = {
    "opportunity": N_("Call %(who)s, of a company in an open deal"),
    "account": N_("Call %(who)s, of a company of yours"),
    "contact": N_("Call %(who)s, a contact already"),
    "": N_("Call %(who)s"),
}
#: The same for whoever must not be called.
BY_MAIL = {
    "opportunity": N_("Write to %(who)s, of a company in an open deal"),
    "account": N_("Write to %(who)s, of a company of yours"),
    "contact": N_("Write to %(who)s, a contact already"),
    "": N_("Write to %(who)s"),
}


def subject(record: str, who: str, translate: Translate, *, calls: bool = True) -> str:
    """The subject of a handoff's task; `record` as the handoff names it (`contact:003…`), `calls` False for mail."""
    texts = SUBJECTS if calls else BY_MAIL
    return translate(texts.get(record.partition(":")[0], texts[""])) % {"who": who}


def owner_words(what: Existing, match: Match, translate: Translate) -> str:
    """Why this person gets it: `owner of contact 003…; the same email as lead 00Q…`."""
    owner = translate(N_("owner of %(record)s")) % {"record": named(what.record, translate)}
    return f"{owner}; {match.why(translate)}"
