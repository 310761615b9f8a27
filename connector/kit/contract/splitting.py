"""What every source does whose beginning can be read in parts. One method, one behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from connector.kit.contract.case import cases_of, unless
from connector.kit.contract.source import STREAM, SourceWorld, ids, people
from connector.model.adapter import DivisibleSource, Preparable
from connector.model.records import Page, Split

PARTS = 2


class DivisibleWorld(SourceWorld):
    """A platform whose streams can be divided."""

    def many(self) -> int:
        """So many records appear that they are worth dividing; returns how many."""
        raise AssertionError("parts = 1 or more")

    def divisible(self) -> DivisibleSource:
        """The adapter, made anew, with settings that divide its contacts."""
        raise AssertionError("parts = 1 or more")


divisible = unless("parts = 0", lambda _, capabilities: not capabilities.parts)
prepares = unless("setup = None", lambda adapter, _: not hasattr(adapter.source, "setup"))


class SplittingContract:
    """Each method is one case, in the world of one platform."""

    def __init__(self, world: DivisibleWorld) -> None:
        self.world = world

    @divisible
    def the_parts_together_are_the_whole_each_record_once(self) -> None:
        count = self.world.many()
        source = self.world.divisible()
        parts = [ids(pages) for pages in self._read(source, self._split(source))]
        assert len([part for part in parts if part]) == PARTS
        together = [id for part in parts for id in part]
        assert len(together) == len(set(together)) == count
        assert set(together) == set(ids(source.pull(STREAM, "")))

    @divisible
    def what_comes_after_the_split_comes_after_the_parts(self) -> None:
        self.world.many()
        source = self.world.divisible()
        split = self._split(source)
        self.world.put(people(2))
        source = self.world.divisible()
        told = {id for pages in self._read(source, split) for id in ids(pages)}
        following = list(source.pull(STREAM, split.following))
        assert {"p0", "p1"} <= told | set(ids(following))
        assert list(source.pull(STREAM, following[-1].cursor)) == []

    @divisible
    def a_part_goes_on_from_its_last_page(self) -> None:
        self.world.many()
        source = self.world.divisible()
        for cursor in self._split(source).cursors:
            whole = list(source.pull(STREAM, cursor))
            assert len(whole) > 1
            for page in (whole[0], whole[-1]):
                rest = list(source.pull(STREAM, page.cursor))
                seen = whole[: whole.index(page) + 1]
                assert sorted(ids([*seen, *rest])) == sorted(ids(whole))

    @divisible
    def what_is_too_little_is_not_divided(self) -> None:
        self.world.put(people(1))
        assert self.world.divisible().split(STREAM, PARTS) is None

    def _split(self, source: DivisibleSource) -> Split:
        split = source.split(STREAM, PARTS)
        assert split is not None
        assert 1 < len(split.cursors) <= PARTS
        return split

    def _read(self, source: DivisibleSource, split: Split) -> Sequence[list[Page]]:
        with ThreadPoolExecutor(len(split.cursors)) as threads:
            return list(threads.map(lambda cursor: list(source.pull(STREAM, cursor)), split.cursors))

    @prepares
    def setup_makes_what_is_missing_and_asks_for_nothing_then(self) -> None:
        self.world.put(people(1))
        role: Preparable = self.world.source()  # type: ignore[assignment]
        missing = [step for step in role.setup() if not step.there]
        assert missing
        assert all(step.act is not None or step.by_hand for step in missing)
        for step in [*missing, *missing]:
            if step.act is not None:
                step.act()
        assert [step.what for step in role.setup() if not step.there and step.act is not None] == []


SPLITTING_CASES = cases_of(SplittingContract)
