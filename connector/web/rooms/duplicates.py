"""Leads that may be one person: side by side, decided, taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from connector.insight.duplicates import AGREEMENTS, SideBySide, name_of
from connector.model.joining import Pair
from connector.model.lead import Lead
from connector.model.logins import Role
from connector.model.ports import Transaction
from connector.runs import decide
from connector.runs.decide import DecisionError, Refused
from connector.runs.side_by_side import first_reason, side_by_side
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, field_name, stage
from connector.web.mine import called
from connector.web.room import Room
from connector.web.visit import Visit

ROOM = Room("duplicates")
ROLES: tuple[Role, ...] = ("reviewer", "manager", "marketing")
AT_ONCE, DECIDED = 50, 20
LONGEST = 500
STATES = {
    "open": N_("waits"), "same": N_("one person"), "different": N_("two people"), "ended": N_("over"),
}  # fmt: skip
SAME = N_("They are one lead from now on: lead %(lead)s.")
MERGE = N_("Both have a record in %(connection)s: merge %(other)s into %(stays)s there.")
DIFFERENT = N_("They stay two people; nobody is asked again.")
UNDONE = N_("Taken back: the pair waits again.")
#: Why a decision has no effect.
WHY_NOT: Mapping[Refused, str] = {
    "no_pair": N_("There is no such pair; nothing was changed."),
    "decided": N_("This was decided by %(by)s already (%(state)s); nothing was changed. It can be taken back."),
    "over": N_("This pair is over: its leads are one by now, or are alike no longer. Nothing was changed."),
    "not_theirs": N_("That lead is not of this pair; nothing was changed."),
    "further": N_("The other lead is further in sales, and stays; nothing was changed."),
    "not_decided": N_("Nobody has decided about this pair; nothing was changed."),
    "no_joining": N_("It cannot be taken apart any more; nothing was changed."),
    "apart": N_("It was taken apart by %(by)s before; nothing was changed."),
    "too_old": N_("What the leads were before is kept no more; nothing was changed."),
    "first": N_("One of the two was joined again since: that is to be taken back first. Nothing was changed."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One pair of a list."""

    id: int
    names: tuple[str, str]
    points: int
    reason: str
    state: str
    by: str = ""


@ROOM.page("/duplicates", roles=ROLES, link=N_("Duplicates"))
def duplicates(visit: Visit) -> Response:
    """The pairs that wait, the oldest first, from behind `after` on; what was decided last."""
    said = visit.query.get("after", "")
    after = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0
    with visit.app.store.read() as tx:
        waiting, counts = tx.pairs.open(AT_ONCE + 1, after), tx.pairs.counts()
        decided = tx.pairs.decided(DECIDED) if not after else []
        leads = _leads(tx, [*waiting, *decided])
        merges = decide.to_merge(tx) if not after else []
    return visit.page(
        "duplicates.html", title=visit.translate("Duplicates"),
        waiting=[_line(visit, one, leads) for one in waiting[:AT_ONCE]],
        decided=[_line(visit, one, leads) for one in decided], total=counts.get("open", 0),
        next=waiting[AT_ONCE - 1].id if len(waiting) > AT_ONCE else 0,
        merges=[visit.words.say(MERGE, connection=one.connection, other=one.other, stays=one.stays) for one in merges],
    )  # fmt: skip


def _leads(tx: Transaction, pairs: Sequence[Pair]) -> dict[int, Lead]:
    ids = sorted({lead for one in pairs for lead in one.one_other})
    return tx.intake.leads(ids) if ids else {}


def _line(visit: Visit, pair: Pair, leads: Mapping[int, Lead]) -> Line:
    one, other = (name_of(leads[id]) if id in leads else str(id) for id in pair.one_other)
    return Line(
        pair.id, (one, other), pair.points, first_reason(pair, visit.words), visit.translate(STATES[pair.state]),
        pair.decided_by,
    )  # fmt: skip


@ROOM.page("/duplicates/{pair:int}", roles=ROLES)
def show(visit: Visit, pair: int) -> Response:
    """Two leads side by side, and what speaks for and against."""
    words = visit.words
    with visit.app.store.read() as tx:
        told = side_by_side(tx, visit.app.config, pair, words)
        if told is None:
            raise HTTPException(404)
        leads = _leads(tx, [told.pair])
    names = [called(leads[one.lead], words) for one in told.sides]
    title = words.say(N_("%(one)s and %(other)s"), one=names[0], other=names[1])
    return visit.page(
        "duplicate.html", title=title, told=told, names=names, rows=_rows(told, visit), state=STATES[told.pair.state]
    )


def _rows(told: SideBySide, visit: Visit) -> list[tuple[str, str, str, str, str]]:
    """(what, of one, of the other, how far they agree: in words, and by its name)."""
    words, _ = visit.words, visit.translate
    shown: list[tuple[str, str, str, str, str]] = []
    for one in told.fields:
        values = [words.value(one.field, value) if value is not None else "" for value in (one.one, one.other)]
        shown.append((field_name(one.field, _), values[0], values[1], _(AGREEMENTS[one.agreement]), one.agreement))
    known = ["; ".join(f"{where}: {_(vocabulary.OBJECTS.get(of, of))} {id}" for where, of, id in one.known_as)
             for one in told.sides]  # fmt: skip
    latest = [words.moment(one.last_activity) if one.last_activity else "" for one in told.sides]
    return [
        *shown,
        (_(N_("known as")), known[0], known[1], "", "one"),
        (_(N_("owner")), told.sides[0].owner, told.sides[1].owner, "", "one"),
        (_(N_("stage")), stage(told.sides[0].stage, _), stage(told.sides[1].stage, _), "", "one"),
        (_(N_("last activity")), latest[0], latest[1], "", "one"),
    ]


@ROOM.act("/duplicates/{pair:int}/same", roles=ROLES)
def same(visit: Visit, pair: int) -> Response:
    """They are one person."""
    keep, note = visit.form.text("keep"), visit.form.text("note")[:LONGEST]
    number = int(keep) if keep.isascii() and keep.isdigit() and len(keep) < 19 else 0

    def act(tx: Transaction) -> str:
        by, now = visit.user.email, visit.app.clock()
        made = decide.same(tx, visit.app.config, pair, by, now, keep=number, note=note)
        visit.about["lead"] = made.winner
        merges = [one for one in decide.to_merge(tx) if one.joining == made.id]
        said = [visit.words.say(SAME, lead=made.winner)]
        said += [visit.words.say(MERGE, connection=one.connection, other=one.other, stays=one.stays) for one in merges]
        return " ".join(said)

    return _decided(visit, pair, act)


@ROOM.act("/duplicates/{pair:int}/different", roles=ROLES)
def different(visit: Visit, pair: int) -> Response:
    """They are two people."""

    def act(tx: Transaction) -> str:
        decide.different(tx, pair, visit.user.email, visit.app.clock(), note=visit.form.text("note")[:LONGEST])
        return visit.translate(DIFFERENT)

    return _decided(visit, pair, act)


@ROOM.act("/duplicates/{pair:int}/undo", roles=ROLES)
def undo(visit: Visit, pair: int) -> Response:
    """Take a decision back."""

    def act(tx: Transaction) -> str:
        decide.undo(tx, pair, visit.user.email, visit.app.clock())
        return visit.translate(UNDONE)

    return _decided(visit, pair, act)


def _decided(visit: Visit, pair: int, act: Callable[[Transaction], str]) -> Response:
    visit.noted["pair"] = pair
    try:
        with visit.app.store.write(durable=True) as tx:
            if not tx.pairs.get([pair]):
                raise HTTPException(404)
            said = act(tx)
            visit.done(tx)
    except DecisionError as error:
        visit.noted["what"] = error.why
        about = {
            name: visit.translate(STATES[str(one)]) if name == "state" else one for name, one in error.about.items()
        }
        return visit.back(f"/duplicates/{pair}", visit.words.say(WHY_NOT[error.why], **about))
    return visit.back(f"/duplicates/{pair}", said)
