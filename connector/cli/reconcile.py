"""`baton reconcile`: compare what Baton holds with what the platforms hold, and plan the repair."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from connector.cli.find import known_flow
from connector.cli.output import output_option, plain
from connector.cli.progress import progress
from connector.cli.session import Session, pass_session
from connector.cli.signals import interruptible
from connector.cli.tables import terminal_width
from connector.cli.why import words_for
from connector.cli.writing import PLAN, Written, write_file

if TYPE_CHECKING:
    from pathlib import Path

    from connector.runs.drift import Drift, DriftKind
    from connector.runs.reconcile import Reconciled
    from connector.steps.telling.words import Words

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: How many records of one reason are named.
NAMED = 10
#: The exit code of --strict where anything differs.
DIFFERS = 5
CLASSES: dict[DriftKind, str] = {
    "missing": N_("missing"),
    "stale": N_("stale"),
    "conflict": N_("conflict"),
    "orphan": N_("orphan"),
    "duplicate": N_("duplicate"),
    "owner": N_("owner"),
    "consent": N_("consent"),
}


@click.command()
@click.option("--flow", default="", help="Only the leads of this flow.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Only N records, chosen by chance.")
@click.option("--seed", type=int, metavar="SEED", help="The same sample as the one that named this seed.")
@click.option("-o", "--to", "file", type=Written(PLAN), help="Keep a plan of the repair.")
@click.option("--strict", is_flag=True, help="Exit code 5 where anything differs.")
@output_option
@pass_session
def reconcile(
    session: Session, flow: str, sample: int | None, seed: int | None, file: Path | None, strict: bool
) -> int:
    """Compare what Baton wrote with what stands in the CRM and in marketing now, and say what differs.

    Nothing is written. A plan that was kept with -o is done by `baton apply FILE`.
    """
    from secrets import randbelow

    from connector.runs.reconcile import reconcile as compare
    from connector.runs.repair import repair

    with session.opened() as app:
        known_flow(session, app, flow)
        chosen = seed if seed is not None else randbelow(1_000_000)
        with interruptible(session) as asked, progress(session) as shown:
            runtime = app.runtime(progress=shown, note=shown.note, stop=asked.stop)
            done = compare(runtime, app.rows, flow=flow, sample=sample or 0, seed=chosen)
        if file:
            from connector.cli.plan import note_kept

            said = repair(runtime, app.rows, done.found, flow)
            write_file(file, json.dumps(plain(said), ensure_ascii=False, indent=2) + "\n", private=True)
            note_kept(app, file)
        words = words_for(session, app)
        session.emit(document(done), lambda: lines(words, done, file))
    return asked.exit_code or (DIFFERS if strict and done.found else 0)


def document(done: Reconciled) -> dict[str, object]:
    """What was found, for JSON."""
    counts = Counter(one.kind for one in done.found)
    return {
        "seed": done.seed,
        "compared": done.compared,
        "not_compared": {name: number for name, number in done.not_compared.items() if number},
        "counts": {name: counts[name] for name in CLASSES},
        "found": done.found,
    }


def lines(words: Words, done: Reconciled, file: Path | None) -> list[str]:
    """What was found, as text: counts, then the records of each class and reason."""
    said = [words.say("%(target)s: records compared: %(n)s", target=name, n=f"{number:,}")
            for name, number in done.compared.items()]  # fmt: skip
    said += [words.say("%(target)s: records that could not be compared: %(n)s", target=name, n=f"{number:,}")
             for name, number in done.not_compared.items() if number]  # fmt: skip
    if done.seed is not None:
        said.append(words.say("the same records once more: --seed %(seed)s", seed=done.seed))
    for kind, name in CLASSES.items():
        mine = [one for one in done.found if one.kind == kind]
        if mine:
            said += ["", f"{words.translate(name)}: {len(mine):,}", *class_lines(words, mine)]
    if not done.found:
        said.append(words.translate("nothing differs"))
    said += ["", words.translate("Nothing was written.")]
    if file:
        said.append(words.say("the repair is kept in %(file)s; to do it: baton apply %(file)s", file=file))
    elif any(one.kind == "stale" for one in done.found):
        said.append(words.translate("to mend what is stale: keep a plan with -o FILE, then: baton apply FILE"))
    return said


def class_lines(words: Words, found: list[Drift]) -> list[str]:
    """One class by reason, with the first records of each."""
    from connector.cli.undo import rest
    from connector.locale.columns import wrap
    from connector.steps.telling.vocabulary import OBJECTS

    def reason(one: Drift) -> tuple[str, str, str, str]:
        # Where the sentence names records, they are listed below it.
        why = one.why.partition(": ")[0] if one.kind == "duplicate" else one.why
        return why, one.target, one.object, one.field

    said: list[str] = []
    for place, number in Counter(map(reason, found)).most_common():
        why, target, object, name = place
        what = " ".join(part for part in (words.translate(OBJECTS.get(object, object)), name) if part)
        mine = [one for one in found if reason(one) == place]
        ids = ", ".join(one.why.partition(": ")[2] or one.id if one.kind == "duplicate" else one.id
                        for one in mine[:NAMED])  # fmt: skip
        told = words.retell(mine[0].why) if one_alone(mine) else words.retell(why)
        said += [f"  {part}" for part in wrap(f"{number:,} × {target}: {what}: {told}", terminal_width() - 2)]
        if not one_alone(mine):
            named = ids + rest(words, number - NAMED)
            said += [f"      {part}" for part in wrap(named, terminal_width() - 6)]
    return said


def one_alone(found: list[Drift]) -> bool:
    """Whether there is one duplicate only, whose sentence names its records already."""
    return len(found) == 1 and found[0].kind == "duplicate"
