"""Who somebody is on the desk: what the configuration names them for, and what an admin gave them beside that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.model.logins import ROLES, Role, User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.app import App
    from connector.config import Config
    from connector.model.ports import Transaction


def user_of(app: App, email: str) -> User | None:
    """The user of this address with all roles they have; None where nobody has it, or who has it was disabled."""
    with app.store.read() as tx:
        return known(tx, app.config, email)


def known(tx: Transaction, config: Config, email: str) -> User | None:
    """The same within a transaction."""
    folded = email.strip().lower()
    stored = tx.logins.user(folded) if folded else None
    if stored is not None and stored.disabled_at is not None:
        return None
    return with_roles(config, stored or User(folded))


def with_roles(config: Config, user: User) -> User | None:
    """A user with the roles that the configuration gives, too; None where they have none at all."""
    given = {*user.roles, *roles_named(config, user.email)}
    if not given:
        return None
    language = user.language or config.language_of(user.email)
    return replace(user, roles=tuple(role for role in ROLES if role in given), language=language)


def roles_named(config: Config, email: str) -> set[Role]:
    """What the configuration names somebody for: a member of a team, its manager or their deputy, a reviewer."""
    return {role for who, role in _named(config) if who == email}


def _named(config: Config) -> Iterator[tuple[str, Role]]:
    for team in config.teams.values():
        yield team.manager, "manager"
        yield team.deputy, "manager"
        for member in team.members:
            yield member.email, "rep"
            yield member.deputy, "rep"
    for person in config.people.values():
        yield person.deputy, "rep"
    for flow in config.flows.values():
        review = flow.criteria.review
        for who in (review.by, review.deputy):
            yield from ((manager, "reviewer") for manager in _reviewers(config, who))


def _reviewers(config: Config, who: str) -> Iterator[str]:
    if "@" in who:
        yield who
    elif who:
        yield from (team.manager for team in config.teams.values())
