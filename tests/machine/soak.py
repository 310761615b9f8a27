"""`make soak`: fresh examples of the machine on every core until the time is over.

    python -m tests.machine.soak --minutes 10 [--processes 3] [--machine servers] [--seed 17]

A process plays on platforms in memory, the next on HubSpot and Salesforce, on local servers, the third on HubSpot as
the CRM, and so on.
Prints steps, quiet points, kills, faults and disagreements; for a disagreement the shortest story
that still disagrees, and the seed that brings it again. The exit code is 1 then.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from queue import Empty

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import MACHINES, Acting, machine
from tests.machine.play import COUNTS, Act, Play
from tests.pair import SECRETS

EXAMPLES, STEPS = 20, 60
#: What a process tells after each batch: what it counted, and the story of a disagreement, "" for none.
Told = tuple[Counter[str], str]


def one_batch(number: int, examples: int = EXAMPLES, name: str = "memory") -> str:
    """Play one batch of examples under a seed; the story of a disagreement, "" for none."""
    rules = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, database=None, print_blob=False,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    # What is said in the meantime is only that the example failed: the story is told here.
    try:
        run_state_machine_as_test(seeded(number)(machine(MACHINES[name])), settings=rules)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is told with the way to it
        return f"seed {number} on {name}: {told(Acting.last.crm, Acting.last.story, error)}"
    return ""


def told(crm: str, story: Sequence[Act], error: Exception) -> str:
    """The shortest story that ends in the same kind of error."""
    short, error = shortest(crm, list(story), error)
    return "\n".join([f"{type(error).__name__}: {error}", f"crm: {crm}", *(f"    {act!r}," for act in short)])


def shortest(crm: str, story: list[Act], error: Exception, seconds: float = 60.0) -> tuple[list[Act], Exception]:
    """Leave out what can be left out, in ever smaller pieces."""
    until, size = time.monotonic() + seconds, max(len(story) // 2, 1)
    while time.monotonic() < until:
        place, shorter = 0, False
        while place < len(story) and time.monotonic() < until:
            fewer = story[:place] + story[place + size :]
            found = played(crm, fewer)
            if found is not None and type(found) is type(error):
                story, error, shorter = fewer, found, True
            else:
                place += size
        if size == 1 and not shorter:
            break
        size = max(size // 2, 1)
    return story, error


def played(crm: str, story: Sequence[Act]) -> Exception | None:
    """Play a story; what it fails with, None for nothing."""
    with Play(crm) as play:
        try:
            for act in story:
                play.do(act)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is what is looked for
            return error
    return None


def batches(name: str, first: int, until: float, answers: multiprocessing.Queue[Told]) -> None:
    """Batch after batch until the time is over."""
    os.environ.update(SECRETS)
    number = first
    while time.monotonic() < until:
        COUNTS.clear()
        story = one_batch(number, EXAMPLES if name == "memory" else 3, name)
        counted = Counter({f"{what} on {name}": count for what, count in COUNTS.items()})
        answers.put((counted + Counter(batches=1, disagreements=bool(story)), story))
        number += 1


def soaked(minutes: float, names: Sequence[str]) -> tuple[Counter[str], list[str]]:
    """What all processes counted together, and the stories of their disagreements."""
    until, first = time.monotonic() + 60 * minutes, random.randrange(1, 10**6) * 1000
    answers: multiprocessing.Queue[Told] = multiprocessing.Queue()
    every = [
        multiprocessing.Process(target=batches, args=(name, first + place * 10**9, until, answers))
        for place, name in enumerate(names)
    ]
    for one in every:
        one.start()
    counts: Counter[str] = Counter()
    stories: list[str] = []
    while any(one.is_alive() for one in every) or not answers.empty():
        try:
            found, story = answers.get(timeout=0.2)
        except Empty:
            continue
        counts += found
        stories += [story] if story else []
        if story:
            print(story, end="\n\n", flush=True)
    return counts, stories


def main() -> int:
    """Play, add up, tell."""
    parser = argparse.ArgumentParser(description="plays the state machine until the time is over")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="play the batch of this seed, and nothing else")
    parser.add_argument("--machine", choices=tuple(MACHINES), help="play on these platforms alone")
    given = parser.parse_args()
    os.environ.update(SECRETS)
    if given.seed:
        name = given.machine or "memory"
        story = one_batch(given.seed, EXAMPLES if name == "memory" else 3, name)
        print(story or f"seed {given.seed}: no disagreement")
        return 1 if story else 0
    names = [given.machine or tuple(MACHINES)[place % len(MACHINES)] for place in range(given.processes)]
    counts, stories = soaked(given.minutes, names)
    print("\n".join(f"{count:>9,}  {name}" for name, count in sorted(counts.items())))
    return 1 if stories else 0


if __name__ == "__main__":
    sys.exit(main())
