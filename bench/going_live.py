"""Going live between HubSpot and a Salesforce that holds some of the same people, measured run by run.

    python -m bench.going_live [--people 20000]

Prints tables in Markdown: who was met where, held against what is known to be true; what each run wrote, counted by the
local servers; calls against the fewest that pages and batches allow; CPU, wall time and memory of each run, which is a
process of its own. The servers keep to their limits, and so do the runs. Ends with 1 where the platforms and the store
do not agree after a run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.run import environment
from tests import going_live
from tests.pair import SECRETS, Pair, pair
from tests.story import MINUTE, PER_DAY, Ran, Step, Story

DAYS = 3
SALESFORCE_BATCH, HUBSPOT_BATCH = 200, 100


def run(line: Pair) -> Ran:
    """One run as a process, under the servers' clock."""
    ahead = (line.clock.now() - datetime.now(UTC)).total_seconds()
    command = [sys.executable, "-m", "bench.one_run", str(line.folder / "config.toml"), str(ahead)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as process:
        said = json.loads(process.stdout.read() if process.stdout else b"")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    cpu, wall = usage.ru_utime + usage.ru_stime, time.perf_counter() - began
    return Ran(Counter(said["counts"]), said["failures"], cpu, wall, said["memory"])


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Lines of a table in Markdown."""
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield "|---" * len(names) + "|"
    for row in rows:
        yield f"| {' | '.join(f'{one:,}' if isinstance(one, int) else str(one) for one in row)} |"


def calls(step: Step, server: str, *parts: str) -> int:
    """How many calls of a step went to one server's routes that contain one of `parts`."""
    return sum(
        n for route, n in step.calls.items() if route.startswith(server) and any(part in route for part in parts)
    )


def matching(story: Story) -> Iterator[str]:
    """Who was found by which key."""
    judged = going_live.judge(story.pair.app.store, story.world)
    kinds = sorted({kind for _, kind in judged.right})
    keys = sorted({by for by, _ in judged.right})
    yield from table(
        ["there as", *(f"found by {by}" for by in keys)],
        [[kind, *(judged.right[by, kind] for by in keys)] for kind in kinds],
    )
    yield ""
    yield from table(
        ["", "people"],
        [
            ["in Salesforce already", len(story.world.there)],
            ["with an exact key", sum(bool(one.by) for one in story.world.there.values())],
            ["of these not found", len(judged.missed)],
            ["taken for somebody else", len(judged.wrong)],
            ["two contacts of one name and number, who cannot be told apart", len(judged.twins)],
            ["without an exact key, not found", judged.unfindable],
            ["without one key of their own, found all the same (number and full name)", judged.found_all_the_same],
            ["not linked, and said to be there perhaps: rightly", judged.perhaps],
            ["not linked, and said to be there perhaps: somebody else", judged.perhaps_wrong],
        ],
    )


def costs(steps: Iterable[Step]) -> Iterator[str]:
    """What each run cost."""
    yield from table(
        ["run", "calls HubSpot", "calls Salesforce", "records written there", "handed over", "CPU s", "wall s", "MiB"],
        [
            [
                step.name, calls(step, "hubspot", ""), calls(step, "salesforce", ""), len(step.deeds),
                step.ran.counts.get("handed over", 0), f"{step.ran.cpu:.1f}", f"{step.ran.wall:.1f}",
                f"{step.ran.memory:.0f}",
            ]
            for step in steps
        ],
    )  # fmt: skip


#: What is written, by object: how it is called, the routes that write it, how many go into one call.
KINDS = {
    "Lead, made": (("create", "Lead"), "salesforce PATCH /composite/sobjects/Lead/", SALESFORCE_BATCH),
    "Lead, changed": (("update", "Lead"), "salesforce PATCH /composite/sobjects", SALESFORCE_BATCH),
    "Task": (("create", "Task"), "", SALESFORCE_BATCH),
    "CampaignMember": (("create", "CampaignMember"), "salesforce POST /composite/sobjects", SALESFORCE_BATCH),
    "contact in HubSpot": (("update", "contacts"), "hubspot POST /crm/v3/objects/contacts/batch/update", HUBSPOT_BATCH),
    "list, joined": (("join", "lists"), "hubspot PUT /crm/v3/lists/{id}/memberships/add", HUBSPOT_BATCH),
    "list, left": (("leave", "lists"), "hubspot PUT /crm/v3/lists/{id}/memberships/remove", HUBSPOT_BATCH),
}


def writes(steps: Iterable[Step]) -> Iterator[str]:
    """Calls that write, by kind, against the fewest that batches allow; tasks and members share a route."""
    rows = []
    for step in steps:
        carried, fewest = 0, 0
        for kind, ((did, object), route, batch) in KINDS.items():
            deeds = len(step.written(did, object))
            carried, fewest = carried + deeds, fewest - (-deeds // batch)
            if not route:
                continue
            made = sum(n for name, n in step.calls.items() if name == route or (route[-1] == "/" and route in name))
            if carried:
                rows.append(
                    [step.name, "Task, CampaignMember" if object == "CampaignMember" else kind, carried, made, fewest]
                )
            carried, fewest = 0, 0
    yield from table(["run", "kind", "records", "calls", "fewest"], rows)


def fields(step: Step) -> Iterator[str]:
    """What was written, by fields."""
    counted = going_live.written(step.deeds).most_common(12)
    yield from table(
        ["done", "object", "fields", "records"],
        [[did, object, ", ".join(names) or "-", count] for (did, object, names), count in counted],
    )


def tell(story: Story) -> Iterator[str]:
    """The story, and a section for each part of it."""
    one = story.pair
    story.go_on("observe", MINUTE)
    yield "### Read in, while the flow observes\n"
    yield from matching(story)
    yield "\n### The plan\n"
    began = time.perf_counter()
    rows = Counter((row.action, row.kind) for row in story.plan())
    yield from table(["what going live would do", "why", "leads"], [[*key, count] for key, count in rows.items()])
    yield f"\nMade in {time.perf_counter() - began:.1f} s, from the store alone.\n"
    stamps, applied = story.stamp()
    step = story.go_on("stamps", MINUTE)
    written = len(step.written("update", "Lead"))
    yield f"{len(stamps):,} records lacked our key; {applied.stamped:,} stamps applied, {written:,} records written.\n"
    story.go_live(one.now.date(), PER_DAY)
    for number in range(1, DAYS + 1):
        given, left = story.day(number)
        last, first = min((one.hot, one.total) for one in given), max((one.hot, one.total) for one in left)
        best = "best first" if last >= first else "NOT best first"
        yield f"Day {number}: {len(given)} handed over, {len(left):,} wait, {best}.\n"
    story.go_live(story.start, None)
    story.go_on("without a limit", MINUTE)
    met = Counter(handoff.record.partition(":")[0] or "lead" for handoff in story.out())
    yield from table(["handed over on", "leads"], sorted(met.items()))
    story.go_on("own writes come back")
    story.go_on("nothing changed", 6 * MINUTE)
    some = list(story.world.people)[::100]
    story.change(some[::2], city="Ulm")
    story.change(some[1::2], jobtitle="Director IT")
    step = story.go_on("1 % changed", 3 * MINUTE)
    yield f"\n### 1 % of the contacts changed ({len(some):,}): half the city, half the job title\n"
    yield from fields(step)
    free = [handoff for handoff in story.out() if not handoff.record]
    one.clock.move(60)
    story.work(free[:50])
    step = story.go_on("reps worked", 3 * MINUTE)
    yield "\n### Reps worked on 50 leads\n"
    yield from fields(step)
    yield "\n### What the runs cost\n"
    yield from costs(story.steps.values())
    yield "\n### Calls that write\n"
    yield from writes(story.steps.values())


def main() -> int:
    """Play it, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=20_000)
    options = parser.parse_args()
    os.environ.update(SECRETS)
    with tempfile.TemporaryDirectory(prefix="baton-live-") as folder, pair(
        Path(folder), mode="observe", flow=going_live.flow(), hubspot=going_live.HUBSPOT,
        salesforce=going_live.SALESFORCE, files=going_live.FILES,
    ) as line:  # fmt: skip
        line.hubspot.watchers.clear()
        line.salesforce.watchers.clear()
        story = Story(line, going_live.fill(line.portal, line.org, options.people), run)
        line.clock.go()
        for text in tell(story):
            print(text, flush=True)
        wrong = story.differences() + [one for step in story.steps.values() for one in step.ran.failures]
    print("\n".join(["", "Platforms and store agree." if not wrong else "They do not agree:", *wrong[:20]]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
