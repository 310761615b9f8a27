"""`baton selftest`: killed at every write boundary and started again, on this machine, with invented people."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.selftest_faults import fault_options
from connector.cli.session import Session, pass_session
from connector.cli.tables import table
from connector.model.errors import EXIT_BUG

if TYPE_CHECKING:
    from connector.selftest.crash import Walk
    from connector.selftest.world import World

#: Points of each world where no number is given: enough to see that nothing is broken.
QUICK = 4
#: Where Linux keeps files in memory, and the room that must be left there, in bytes.
MEMORY, ROOM = Path("/dev/shm"), 1 << 30  # noqa: S108 - in it a folder of our own is made
#: How many failing points are told in text; JSON has them all.
TOLD = 10


def _wanted(_ctx: click.Context, _parameter: click.Parameter, value: str) -> int | None:
    """How many points of each world; None for all."""
    if value == "all":
        return None
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter(f"{value} is neither all nor a number from 1 on")
    return int(value)


@click.command()
@fault_options
@click.option("--crash-points", "sample", default=str(QUICK), callback=_wanted, metavar="all|N", show_default=True,
              help="Every place, or N boundaries of each world, evenly spread.")  # fmt: skip
@click.option("--world", "names", metavar="NAME", multiple=True, help="Only the worlds whose names begin so.")
@click.option("--point", type=click.IntRange(1), help="Only this boundary of one world, to look at it again.")
@output_option
@pass_session
def selftest(session: Session, sample: int | None, names: tuple[str, ...], point: int | None) -> int:
    """Kill Baton at every moment at which something is written, start it again, and hold the books against each other.

    Needs no configuration, calls no platform and keeps nothing: everything happens in a temporary folder. What is
    killed is the process, not the machine, so nothing waits for the disk here. Ends with 0 where nothing was lost
    or doubled, else with 70.
    """
    worlds = chosen(session, names)
    if point and len(worlds) > 1:
        raise click.UsageError(session.translate("--point is a point of one world: name it with --world"))
    began = time.monotonic()
    walks = walked(session, worlds, sample, point or 0)
    seconds = time.monotonic() - began
    from connector.selftest.report import document

    session.emit(document(walks, seconds), lambda: lines(session, walks, seconds))
    return 0 if all(walk.clean for walk in walks) else EXIT_BUG


def chosen(session: Session, names: Sequence[str]) -> list[World]:
    """The worlds of these names, in English or as they are shown; all without any.

    Raises Mistake for a name that there is not, with the nearest.
    """
    from connector.selftest.worlds import all_worlds

    worlds = all_worlds()
    if not names:
        return worlds
    found: list[World] = []
    called = {one.name: (one.name, session.translate(one.name)) for one in worlds}
    for name in names:
        exact = [one for one in worlds if name in called[one.name]]
        wanted = exact or [one for one in worlds if any(known.startswith(name) for known in called[one.name])]
        if not wanted:
            raise Mistake(no_such(session, name, list(called.values())))
        found += [one for one in wanted if one not in found]
    return found


def no_such(session: Session, name: str, called: Sequence[tuple[str, str]]) -> str:
    """That there is no such world, with the nearest and all; `called` are their names in English and as shown."""
    from difflib import get_close_matches

    known = [word for names in called for one in names for word in (one, one.partition(",")[0])]
    near = get_close_matches(name, known, n=1)
    what = session.translate("there is no world %(name)s") % {"name": name}
    if near:
        what += session.translate("; did you mean %(near)s?") % {"near": near[0]}
    return f"{what} ({'; '.join(shown for _english, shown in called)})"


def walked(session: Session, worlds: Sequence[World], sample: int | None, only: int) -> list[Walk]:
    """Walk the worlds in a temporary folder."""
    from connector.selftest.abreast import Abreast

    heard = progress([f"{number}/{len(worlds)} {session.translate(one.name)}" for number, one in enumerate(worlds, 1)])
    with TemporaryDirectory(prefix="baton-selftest-", dir=in_memory()) as place:
        walks = Abreast(worlds, Path(place), heard, sample, only).walks()
    clear()
    return walks


def in_memory() -> str | None:
    """A folder that is kept in memory, where the machine has one with room to spare; None for the usual one.

    Whoever is killed leaves there what they wrote, as on a disk: only the machine must not fail.
    """
    try:
        return str(MEMORY) if disk_usage(MEMORY).free >= ROOM else None
    except OSError:
        return None


def progress(names: Sequence[str]) -> Callable[[int, int, int], None]:
    """One line on a terminal that is written over; a thread that draws must not be there where processes are forked."""
    if not sys.stderr.isatty():
        return lambda _world, _done, _of: None

    def heard(world: int, done: int, of: int) -> None:
        clear()
        click.echo(f"{names[world]}: {done}/{of}", nl=False, err=True)

    heard(0, 0, 0)
    return heard


def clear() -> None:
    """Take the moving line away."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)


def lines(session: Session, walks: Sequence[Walk], seconds: float) -> Iterator[str]:
    """The table, the total, and what is to be said of what is not clean."""
    from connector.selftest import sayings
    from connector.selftest.report import row_of, signed_in, told, total

    _ = session.translate
    lost, double, other = (sayings.heading(one, _) for one in (sayings.LOST, sayings.DOUBLE, sayings.OTHER))
    rows = [row_of(walk) for walk in walks]
    yield from table(
        [_("world"), _("crash points"), lost, double, _("may double"), other, _("target")],
        [(_(one.world), one.points, one.lost, one.double, one.may_double, one.other, _(one.target)) for one in rows],
    )
    yield ""
    sums = {**{name: f"{number:,}" for name, number in total(rows).items()}, "seconds": f"{seconds:.0f}"}
    yield session.style(
        _("%(points)s points: lost %(lost)s, double %(double)s, other %(other)s; %(seconds)s s") % sums, bold=True
    )
    there = {"boundaries": sum(len(one.boundaries) for one in walks), "different": sum(one.recovered for one in walks)}
    yield _(
        "There are %(boundaries)s boundaries. The points left %(different)s different things behind; "
        "each of these was started from again."
    ) % {name: f"{count:,}" for name, count in there.items()}
    if found := sum(map(told, walks)):
        yield _("At %(count)s points Baton itself found a double, and told a person: as promised.") % {"count": found}
    if anew := sum(map(signed_in, walks)):
        yield _("At %(count)s points an admin had to sign in anew.") % {"count": anew}
    for walk in walks:
        yield from doubtful(session, walk)


def doubtful(session: Session, walk: Walk) -> Iterator[str]:
    """Why a walk proves nothing, and its points that are not clean, each with how to see it again."""
    from connector.selftest.crash import sentences
    from connector.selftest.report import amiss
    from connector.selftest.sayings import told

    name = session.translate(walk.name)
    for problem in walk.problems:
        yield f"{name}: {told(problem, session.translate)}"
    points = amiss(walk)
    for point in points[:TOLD]:
        said = {"world": name, "number": point.number, "of": len(walk.boundaries), "boundary": point.name}
        yield ""
        yield session.translate("%(world)s, point %(number)s of %(of)s: %(boundary)s") % said
        yield from (f"  {told(sentence, session.translate)}" for sentence in sentences(point))
        yield f"  baton selftest --world {shlex.quote(name)} --point {point.number}"
    if len(points) > TOLD:
        yield session.translate("and %(count)s more: --output json") % {"count": len(points) - TOLD}
