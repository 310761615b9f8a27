"""`baton criteria diff` and `note`: what a version changed, and why it did."""

from __future__ import annotations

import getpass
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.criteria import SHORT
from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import terminal_width

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.criteria_changes import Change
    from connector.model.ports import CriteriaVersion

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
_WHAT = {"added": N_("new"), "removed": N_("gone"), "changed": ""}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of a flow, and what differs. A version is "" where there was none before."""

    flow: str
    old: str
    new: str
    changes: Sequence[Change]


@click.command()
@click.argument("words", nargs=-1, metavar="[FLOW] [VERSION] [VERSION]")
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare with the criteria in this configuration, such as one that is edited and not yet in force.",
)  # fmt: skip
@output_option
@pass_session
def diff(session: Session, words: tuple[str, ...], file: Path | None) -> None:
    """Compare two versions of the criteria, key by key.

    Without a version the latest with the one before; with one, that one with the latest. The first letters of a
    version are enough (baton criteria log lists them).
    """
    with session.opened() as app:
        flows, wanted = apart(app, words)
        if len(wanted) > (1 if file else 2):
            raise Mistake(session.translate("at most two versions can be compared"))
        found = list(compared(session, app, flows, wanted, file))
    session.emit({"compared": found}, lambda: lines(session, found))


def apart(app: App, words: Sequence[str]) -> tuple[list[str], list[str]]:
    """(the flows that are meant, the versions): a first word that is a flow's name is that flow."""
    if words and words[0] in app.config.flows:
        return [words[0]], list(words[1:])
    return list(app.config.flows), list(words)


def compared(
    session: Session, app: App, flows: Sequence[str], wanted: Sequence[str], file: Path | None
) -> Iterator[Compared]:
    """Each flow that has what is asked for, oldest version first. Raises Mistake where a version is none of them."""
    from connector.config import load
    from connector.insight.criteria_changes import changes
    from connector.model.ports import CriteriaVersion

    with app.store.read() as tx:
        kept = {flow: tx.ledgers.criteria(flow) for flow in flows}
    if wanted:
        flows = [flow for flow in flows if all(_meant(kept[flow], one) for one in wanted)]
        if not flows:
            raise Mistake(session.translate("no version %(version)s is kept") % {"version": " ".join(wanted)})
    edited = load(file).flows if file else {}
    for flow in flows:
        if file and flow not in edited:
            continue
        chosen = [_meant(kept[flow], one)[0] for one in wanted]
        if file:
            own = edited[flow].criteria
            new: CriteriaVersion | None = CriteriaVersion(flow, own.version, own.text)
        else:
            new = chosen[1] if len(chosen) > 1 else _first(kept[flow])
        old = chosen[0] if chosen else _first(kept[flow] if file else kept[flow][1:])
        told_apart = changes(old.text if old else "", new.text if new else "", session.translate)
        yield Compared(flow, old.version if old else "", new.version if new else "", told_apart)


def _first(versions: Sequence[CriteriaVersion]) -> CriteriaVersion | None:
    return versions[0] if versions else None


def _meant(versions: Sequence[CriteriaVersion], text: str) -> list[CriteriaVersion]:
    """The versions that begin with `text`, newest first."""
    return [one for one in versions if text and one.version.startswith(text)]


def lines(session: Session, found: Sequence[Compared]) -> Iterator[str]:
    """A heading a flow, then what differs: innermost keys as old -> new, conditions in words below."""
    _ = session.translate
    for one in found:
        if not one.changes:
            yield _("%(flow)s: nothing differs (%(version)s)") % {"flow": one.flow, "version": one.new[:SHORT]}
            continue
        versions = " -> ".join(version[:SHORT] for version in (one.old, one.new) if version)
        yield f"{one.flow}: {versions}"
        for change in one.changes:
            yield from ("  " + line for line in told(session, change))


def told(session: Session, change: Change) -> Iterator[str]:
    """One change."""
    what = session.translate(_WHAT[change.what]) if _WHAT[change.what] else ""
    name = " · ".join(part for part in (change.section, change.key) if part)
    yield f"{name} ({what})" if what else name
    if change.what == "changed" and change.details:
        for detail in change.details:
            yield from _wrapped(f"{detail.key}: {detail.old or '–'} -> {detail.new or '–'}")
    elif change.what == "changed":
        yield from _wrapped(f"{change.old} -> {change.new}")
    else:
        yield from _wrapped(change.new or change.old)
    for sign, words in (("-", change.old_words), ("+", change.new_words)):
        if words:
            yield from _wrapped(f"{sign} {words}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, terminal_width() - 2, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )


@click.command()
@click.argument("version")
@click.argument("text")
@click.option("--flow", default="", help="Of this flow, where several have the version.")
@output_option
@pass_session
def note(session: Session, version: str, text: str, flow: str) -> None:
    """Write down why VERSION came to be; `baton criteria log` and the review packs show it.

    What was noted before stays, and TEXT is put behind it.
    """
    author, said = getpass.getuser(), " ".join(text.split())
    if not said:
        raise Mistake(session.translate("a note says something"))
    with session.opened() as app, app.store.write() as tx:
        found = {(one.flow, one.version): one for one in reversed(_meant(tx.ledgers.criteria(flow), version))}
        if len(found) != 1:
            none, several = "no version %(version)s is kept", "%(version)s can mean several versions: %(versions)s"
            names = ", ".join(f"{name} {whole[:SHORT]}" for name, whole in found)
            raise Mistake(session.translate(several if found else none) % {"version": version, "versions": names})
        ((_, one),) = found.items()
        by, whole = one.author or author, said if author == one.author or not one.author else f"{author}: {said}"
        whole = "; ".join(part for part in (one.note, whole) if part)
        tx.ledgers.note_criteria(one.flow, one.version, by, whole)
    document = {"flow": one.flow, "version": one.version, "author": by, "note": whole}
    session.emit(document, lambda: [f"{one.flow} {one.version[:SHORT]}: {by} {whole}"])
