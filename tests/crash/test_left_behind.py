"""What two killed processes left behind alike is started from once, and what comes of that counts for both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.selftest.crash import walk
from connector.selftest.world import Step, Verdict
from connector.selftest.worlds.hubspot_salesforce import FirstHandoffs


@dataclass
class Pages:
    """A world that turns a page at every fifth of twenty boundaries; what was lost is known of the third."""

    name: str = "pages"
    target: str = "nothing"
    hears_all: bool = False
    told: bool = True
    folder: Path = Path()

    def furnish(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder

    @contextmanager
    def scene(self, folder: Path) -> Iterator[Page]:
        folder.mkdir()
        yield Page(self, folder / "page")


@dataclass
class Page:
    world: Pages
    page: Path

    def run(self, step: Step) -> None:
        for number in range(20):
            self.page.write_text(str(number // 5))
            step(f"boundary {number}")

    def left(self) -> str:
        return self.page.read_text() if self.world.told else ""

    def recover(self) -> bool:
        return False

    def judge(self) -> Verdict:
        with (self.world.folder.parent.parent / "judged").open("a") as judged:
            judged.write(self.page.read_text())
        return Verdict(lost=("a page",) * (self.page.read_text() == "2"), shown={"page": 1})


@pytest.mark.parametrize(("told", "judged"), [(True, "30123"), (False, "3" + "0" * 5 + "1" * 5 + "2" * 5 + "3" * 5)])
def test_each_is_killed_and_what_is_new_is_started_from(tmp_path: Path, told: bool, judged: str) -> None:
    walked = walk(Pages(told=told), tmp_path / "walk", workers=1)
    assert (walked.killed, walked.problems) == (20, [])
    assert (tmp_path / "judged").read_text() == judged
    assert [point.number for point in walked.points if not point.clean] == [11, 12, 13, 14, 15]
    assert [point.same_as for point in walked.points if point.same_as] == (
        [1] * 4 + [6] * 4 + [11] * 4 + [16] * 4
    ) * told
    assert walked.recovered == (4 if told else 20)


def test_a_world_at_other_addresses_is_the_one_that_was_read(tmp_path: Path) -> None:
    world = FirstHandoffs()
    world.furnish(tmp_path / "template")
    with world.scene(tmp_path / "scene") as scene:
        moved, read = (
            scene.config,
            world.read(scene.folder, {name: scene.there.url(name) for name in scene.there.ports}),
        )
    assert {name: one.settings for name, one in moved.connections.items()} == {
        name: one.settings for name, one in read.connections.items()
    }
    assert (moved.root, moved.path, moved.database, moved.files) == (read.root, read.path, read.database, read.files)
