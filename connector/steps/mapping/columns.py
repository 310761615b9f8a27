"""Finding the columns a mapping names among those a record has.

Names are looked for as they stand, then without regard to case, blanks and underscores: one
export heads a column `business segment`, the next `business_segment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connector.steps.normalise.text import fold_name


class Headings:
    """The column names of one kind of record."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name for name in names if isinstance(name, str))
        # The alphabet decides between two that read alike, so that their order cannot.
        self._folded: Mapping[str, str] = {fold_name(name): name for name in sorted(self._names, reverse=True)}

    def find(self, wanted: str) -> str | None:
        """The column meant by `wanted`, None where there is none."""
        if wanted in self._names:
            return wanted
        return self._folded.get(fold_name(wanted))

    def find_all(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The columns there are of those wanted, in their order."""
        found = (self.find(name) for name in wanted)
        return tuple(dict.fromkeys(name for name in found if name is not None))
