"""The person that a reader names by email."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from connector.cli.faults import Mistake
from connector.cli.session import Session

if TYPE_CHECKING:
    from connector.config import Config


def known_person(session: Session, config: Config, email: str) -> str:
    """The email as the configuration has it, "" for nobody. Raises Mistake where nobody there has it."""
    folded = email.strip().lower()
    if not folded or folded in config.everybody:
        return folded
    near = get_close_matches(folded, sorted(config.everybody), n=1)
    if near:
        what = session.translate("the configuration names nobody %(email)s; did you mean %(near)s?")
        raise Mistake(what % {"email": email, "near": near[0]})
    raise Mistake(session.translate("the configuration names nobody %(email)s") % {"email": email})
