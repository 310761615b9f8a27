"""`baton demo`: a whole handoff on sample data, with the built-in desk as CRM."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli import ending
from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.progress import progress
from connector.cli.session import Session, pass_session
from connector.cli.signals import interruptible
from connector.cli.tables import terminal_width
from connector.cli.why import story_of, words_for
from connector.cli.writing import write_file, writing

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.why import Story
    from connector.model.lead import Lead
    from connector.runs.sync import Result

SEED = 7
#: How many reasons and calls the picture lists.
SHOWN = 6
#: Says what the sample in a folder was made from.
MARK = "sample.json"
#: What came of the quarter before, once it was played.
PLAYED = "quarter.json"
#: Marks a text for the translators; it is translated where it is shown.
N_ = str
NO_DEMO = N_("%(folder)s holds files that are no demo's; name another with --folder")


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample in a folder: what it was made from, and whether it was there already.

    `quarter`: the quarter before is part of it.
    """

    folder: Path
    language: str
    people: int
    at: datetime
    again: bool
    quarter: bool = False


@click.command()
@click.option("--language", type=click.Choice(["en", "ja"]), help="Of the firm and of what it is told (yours).")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where it is kept (demo, or demo-ja).")
@click.option("--people", type=click.IntRange(min=100), default=300, show_default=True, help="In the sample.")
@click.option("--quarter/--no-quarter", default=True, help="Play the quarter before, too: for the desk's pages.")
@output_option
@pass_session
def demo(session: Session, language: str | None, folder: Path | None, people: int, *, quarter: bool) -> int:
    """Run a whole handoff on sample data, with the built-in desk as CRM. There is nothing to configure.

    The folder stays: a second run reads the same files again and sends nothing twice.
    """
    tongue = language or session.language
    place = folder or Path("demo" if tongue == "en" else f"demo-{tongue}")
    inside = Session(place / "config.toml", session.verbose, session.output)
    inside.language = tongue
    with writing(place):
        sample = prepared(inside, place, tongue, people, quarter=quarter)
    if not inside.as_json:
        for line in introduction(inside, sample):
            click.echo(line)
    return play(inside, sample)


def prepared(session: Session, folder: Path, language: str, people: int, *, quarter: bool) -> Sample:
    """The sample in `folder`, written unless it is there. Raises Mistake where something else is."""
    from connector.sandbox.sample import FILES, write

    config = folder / "config.toml"
    if not (folder / MARK).exists() and any((folder / name).exists() for name in (*FILES, "baton.db")):
        raise Mistake(session.translate(NO_DEMO) % {"folder": folder})
    sample = marked(session, folder, language, people, quarter=quarter)
    # What is there says that all is: without it, an earlier demo was stopped on its way.
    if config.exists() and (not sample.quarter or (folder / PLAYED).exists()):
        return sample
    write(folder, now=sample.at, people=sample.people, seed=SEED, language=language, earlier=sample.quarter)
    return replace(sample, again=False)


def marked(session: Session, folder: Path, language: str, people: int, *, quarter: bool) -> Sample:
    """What the sample in `folder` is made from; noted there when it is new."""
    mark = folder / MARK
    if mark.exists():
        there = noted(session, folder)
        if there.language != language:
            what = session.translate("%(folder)s holds a demo in %(language)s; name another folder with --folder")
            raise Mistake(what % {"folder": folder, "language": there.language})
        return there
    from connector.app import utc_now

    now = utc_now().replace(second=0, microsecond=0)
    folder.mkdir(parents=True, exist_ok=True)
    made = {"at": now.isoformat(), "language": language, "people": people, "seed": SEED, "quarter": quarter}
    write_file(mark, json.dumps(made, indent=2) + "\n")
    return Sample(folder, language, people, now, again=False, quarter=quarter)


def noted(session: Session, folder: Path) -> Sample:
    """What is noted of the sample in `folder`. Raises Mistake where that is no note of ours."""
    try:
        made = json.loads((folder / MARK).read_text("utf-8"))
        at = datetime.fromisoformat(made["at"])
        return Sample(folder, made["language"], made["people"], at, again=True, quarter=made.get("quarter", False))
    except (ValueError, TypeError, KeyError):
        raise Mistake(session.translate(NO_DEMO) % {"folder": folder}) from None


def introduction(session: Session, sample: Sample) -> Iterator[str]:
    """What the reader is about to see."""
    from connector.locale.columns import wrap

    _ = session.translate
    yield session.style(_("Baton: from marketing to sales, on sample data"), bold=True)
    if sample.again:
        yield _("The sample in %(folder)s is read again; what was sent is not sent again.") % {"folder": sample.folder}
    else:
        yield _("Haulmere, a firm that does not exist, sells software for planning production.")
        exported = _("Its marketing platform exported contacts.csv and activities.csv into %(folder)s,")
        yield from wrap(exported % {"folder": sample.folder}, terminal_width())
        yield _("with the faults that real exports have. The CRM is Baton's own desk.")
    yield ""


def play(session: Session, sample: Sample) -> int:
    """Run the line over the sample, and show what came of it; returns the exit code."""
    from connector.runs.sync import sync

    if sample.quarter and not (sample.folder / PLAYED).exists():
        for line in quarter_before(session, sample):
            session.note(line)
    with session.opened() as app:
        with interruptible(session) as asked, progress(session) as shown:
            result = sync(app.runtime(progress=shown, note=shown.note, stop=asked.stop), app.rows)
        show(session, app, sample, result)
        return asked.exit_code or ending.exit_code(result, strict=False)


def quarter_before(session: Session, sample: Sample) -> Iterator[str]:
    """Play the quarter before, for the pages of the desk; what is said before and after."""
    from connector.cli.demo_quarter import clear, play_quarter

    _ = session.translate
    yield _("First the quarter before: thirteen weeks of exports, and of reps who answer (some seconds) ...")
    with writing(sample.folder):
        clear(sample.folder)
        counts = play_quarter(session.path, sample.at, sample.people, SEED, sample.language)
    write_file(sample.folder / PLAYED, json.dumps(dict(sorted(counts.items())), indent=2) + "\n")
    said = _(
        "%(leads)s people came, %(handed)s were handed over, %(accepted)s accepted, %(rejected)s rejected, %(won)s won"
    )
    yield said % {
        "leads": counts["new leads"], "handed": counts["handed over"], "accepted": counts["accept: done"],
        "rejected": counts["reject: done"], "won": counts["won: done"],
    }  # fmt: skip
    yield ""


def show(session: Session, app: App, sample: Sample, result: Result) -> None:
    """The picture, one lead's story, and what to try next."""
    from connector.insight.text import to_json

    found = ending.outcome(app, result)
    lead = worth_telling(app, session.language)
    told = story_of(app, lead.id, words_for(session, app), whole=session.as_json) if lead else None
    commands = next_commands(session, lead)

    def lines() -> Iterator[str]:
        yield from ending.picture(session, app, found, result, SHOWN)
        if told:
            yield from story_lines(session, told)
        yield from outlook(session, sample, result, commands)

    document = {
        "folder": sample.folder,
        "sample": {"at": sample.at, "language": sample.language, "people": sample.people, "again": sample.again},
        "run": ending.document(session, app, result, ending.exit_code(result, strict=False)),
        "story": to_json(told) if told else None,
        "next": [command for command, _why in commands],
    }
    session.emit(document, lines)
    ending.show_failures(session, result)


def worth_telling(app: App, language: str) -> Lead | None:
    """A lead that was handed over: a hot one of the reader's language with many points, if there is one."""
    with app.store.read() as tx:
        handed = ending.handed(app, tx)
    with_email = [(lead, handoff) for lead, handoff in handed if lead.fields.get("email")]
    if not with_email:
        return None
    best = max(
        with_email,
        key=lambda one: (one[1].hot, one[0].fields.get("language") == language, one[1].total, -one[0].id),
    )
    return best[0]


def story_lines(session: Session, told: Story) -> Iterator[str]:
    """The story of one lead, under a heading."""
    from connector.insight.text import render

    title, *rest = render(told, terminal_width(), whole=False)
    yield ""
    yield session.style(session.translate("The story of one lead: %(who)s") % {"who": title}, bold=True)
    yield from rest


def next_commands(session: Session, lead: Lead | None) -> list[tuple[str, str]]:
    """Commands to try, each with what it shows."""
    _ = session.translate
    baton = shlex.quote(called())
    start = f"{baton} --config {shlex.quote(str(session.path))}"
    email = shlex.quote(str(lead.fields["email"])) if lead else ""
    found = [(f"{start} status", _("where everything stands"))]
    if lead:
        found.append((f"{start} why {email}", _("the story of a lead")))
    return [
        *found,
        (f"{start} desk", _("the desk and the dashboard, in your browser")),
        (f"{start} errors", _("what was set aside, and why")),
        (f"{start} plan", _("what the next run would write")),
        (f"{baton} init", _("a configuration of your own")),
    ]


def called() -> str:
    """How the reader calls Baton: by name where a shell finds it, else by the path they used."""
    path = sys.argv[0]
    if Path(path).name != "baton" or shutil.which("baton") == str(Path(path).absolute()):
        return "baton"
    return path


def outlook(session: Session, sample: Sample, result: Result, commands: list[tuple[str, str]]) -> Iterator[str]:
    """What the reader can do now."""
    from connector.locale.columns import wrap

    _ = session.translate
    yield ""
    if sample.again and not ending.delivered(result.counts):
        yield _("Nothing was sent again.")
    else:
        said = _("Run it again: nothing is sent twice. %(folder)s keeps the files and the store.")
        yield from wrap(said % {"folder": sample.folder}, terminal_width())
    yield session.style(_("Try next"), bold=True)
    for command, what in commands:
        yield f"  # {what}"
        yield f"  {command}"
