"""Everything that one person is known by in a store: for handing out, or erasing, all that is kept of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

#: (connection, object there, its id).
Place = tuple[str, str, str]
#: Shorter words stand in other texts by chance; they count only where a place says whose they are.
_SHORTEST = 5


@dataclass(frozen=True)
class Person:
    """One person: all leads that became one, our keys of them, their records elsewhere, their addresses.

    `keys` are our keys of the leads and of everything that was made for them (tasks, notes). `emails` are
    normalised, without those that several people share; `phones` are in E.164. `names` are full names, which others
    may have too.
    """

    lead_ids: tuple[int, ...]
    keys: frozenset[str] = frozenset()
    places: frozenset[Place] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    handoffs: tuple[int, ...] = ()
    names: frozenset[str] = frozenset()

    def ids(self, connection: str, *objects: str) -> list[str]:
        """Ids of their records in a connection, of these objects where some are named."""
        return sorted(
            {id for name, object, id in self.places if name == connection and (object in objects or not objects)}
        )

    @property
    def connections(self) -> list[str]:
        """Connections that know them."""
        return sorted({name for name, _, _ in self.places})

    @cached_property
    def words(self) -> re.Pattern[str] | None:
        """Finds what names them in any text: an address, a number, an id that is long enough; None for nothing."""
        ids = {id for _, _, id in self.places if len(id) >= _SHORTEST}
        return pattern({*ids, *self.keys, *self.emails, *self.phones})

    def named_in(self, text: str) -> bool:
        """Whether a text names them."""
        return bool(self.words and self.words.search(text))

    @cached_property
    def _named(self) -> re.Pattern[str] | None:
        return pattern(self.names)

    def perhaps_in(self, text: str) -> bool:
        """Whether a text names them, or somebody of the same full name."""
        return self.named_in(text) or bool(self._named and self._named.search(text))


def pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """Finds one of `words` as a whole word, in any case."""
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)
    return re.compile(rf"(?<![\w.@+-])(?:{listed})(?![\w@-]|\.\w)", re.IGNORECASE) if listed else None
