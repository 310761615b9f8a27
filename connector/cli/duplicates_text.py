"""What `baton duplicates` says, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from connector.cli.tables import table
from connector.insight.duplicates import HOW, name_of

if TYPE_CHECKING:
    from connector.model.joining import Joining, Pair
    from connector.model.lead import Lead
    from connector.model.ports import ReviewItem
    from connector.runs.decide import ToMerge
    from connector.runs.take_apart import Apart
    from connector.steps.telling.words import Words

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
BANDS = {"sure": N_("sure"), "perhaps": N_("perhaps"), "": ""}

STATES = {"open": N_("open"), "same": N_("same"), "different": N_("different"), "ended": N_("over")}
COUNTED = {"open": N_("open %(count)s"), "same": N_("same %(count)s"), "different": N_("different %(count)s")}


def open_lines(
    words: Words, pairs: Sequence[Pair], leads: Mapping[int, Lead], merges: Sequence[ToMerge],
    twice: Sequence[ReviewItem], counts: Mapping[str, int],
) -> Iterator[str]:  # fmt: skip
    """Two leads and a reason for each pair; what is to be merged; how many there are."""
    _ = words.translate
    if pairs:
        headings = (_("pair"), _("points"), _("band"), _("leads"))
        rows = [row for one in pairs for row in pair_rows(one, leads, words, BANDS.get(one.band, one.band))]
        yield from table(headings, rows)
        yield ""
    for one in merges:
        yield words.say(
            "merge in %(connection)s: %(stays)s and %(other)s are lead %(lead)s; Baton writes to %(stays)s",
            connection=one.connection, stays=one.stays, other=one.other, lead=one.lead,
        )  # fmt: skip
    for item in twice:
        yield f"{item.where}: {words.retell(item.reason)}"
    if merges or twice:
        yield ""
    yield _(", ").join(words.say(text, count=f"{counts.get(state, 0):,}") for state, text in COUNTED.items())
    if pairs:
        yield _("side by side: baton duplicates show PAIR; then: baton duplicates same PAIR, or different PAIR")


def pair_rows(pair: Pair, leads: Mapping[int, Lead], words: Words, word: str) -> Iterator[tuple[str, str, str, str]]:
    """The lines of a pair: both leads, then why."""
    from connector.runs.side_by_side import first_reason

    names = [
        words.say("%(name)s (lead %(id)s)", name=name_of(leads[id]) if id in leads else "", id=id).strip()
        for id in pair.one_other
    ]
    yield str(pair.id), f"{pair.points:+d}", words.translate(word), names[0]
    yield "", "", "", names[1]
    if reason := first_reason(pair, words):
        yield "", "", "", reason


def same_lines(words: Words, pair: int, made: Joining, merges: Sequence[ToMerge]) -> Iterator[str]:
    """Who stays, and what is left to do in a CRM."""
    yield words.say(
        "lead %(winner)s is both from now on (lead %(loser)s has become it); to take it back: "
        "baton duplicates undo %(pair)s",
        winner=made.winner, loser=made.loser, pair=pair,
    )  # fmt: skip
    for one in merges:
        yield words.say(
            "both have a record in %(connection)s: merge %(other)s into %(stays)s there; Baton does not",
            connection=one.connection, other=one.other, stays=one.stays,
        )  # fmt: skip


def undo_lines(words: Words, pair: int, done: Apart | None) -> Iterator[str]:
    """That the pair waits again, and what came of its leads."""
    yield words.say("pair %(pair)s waits again", pair=pair)
    yield from apart_lines(words, done) if done else ()


def decided_lines(words: Words, pairs: Sequence[Pair], leads: Mapping[int, Lead]) -> Iterator[str]:
    """Both leads of each, who decided what and when."""
    _ = words.translate
    if not pairs:
        yield _("nobody has decided about a pair yet")
        return
    rows: list[tuple[str, str, str, str]] = []
    for one in pairs:
        names = [
            words.say("%(name)s (lead %(id)s)", name=name_of(leads[id]) if id in leads else "", id=id).strip()
            for id in one.one_other
        ]
        when = words.moment(one.decided_at) if one.decided_at else ""
        rows.append((str(one.id), _(STATES[one.state]), f"{one.decided_by}  {when}", names[0]))
        rows.append(("", "", "", names[1]))
        rows += [("", "", "", one.note)] if one.note else []
    yield from table((_("pair"), _("decision"), _("by"), _("leads")), rows)
    yield ""
    yield _("take one back: baton duplicates undo PAIR")


def joined_lines(words: Words, found: Sequence[Joining]) -> Iterator[str]:
    """A line each."""
    _ = words.translate
    if not found:
        yield _("no leads were made one yet")
        return
    rows = [
        (
            str(one.id),
            words.moment(one.at),
            words.say("lead %(other)s is lead %(id)s", other=one.loser, id=one.winner),
            f"{_(HOW[one.how])}: {one.by}" if one.by else _(HOW[one.how]),
            words.say("taken apart (%(by)s)", by=one.undone_by) if one.undone_at else "",
        )
        for one in found
    ]
    yield from table((_("joining"), _("when"), _("leads"), _("how"), ""), rows)
    yield ""
    yield _("make two of one again: baton duplicates apart JOINING")


def apart_lines(words: Words, done: Apart) -> Iterator[str]:
    """That they are two again, and what did not come back."""
    one = done.joining
    yield words.say("lead %(winner)s and lead %(loser)s are two again; both are scored anew with the next run",
                    winner=one.winner, loser=one.loser)  # fmt: skip
    yield words.say(
        "their fields are as they were; what a system says since is read with the next change of its record"
    )
    for connection, object, id in done.gone:
        yield words.say(
            "%(connection)s has %(object)s %(id)s no more: lead %(lead)s has no record there",
            connection=connection, object=object, id=id, lead=one.loser,
        )  # fmt: skip
    for number in done.stays:
        stays = words.translate("handoff %(id)s was given to a rep since, and stays with lead %(lead)s")
        yield stays % {"id": number, "lead": one.winner}
    for number in done.over:
        yield words.say("handoff %(id)s of lead %(lead)s stays closed", id=number, lead=one.loser)
