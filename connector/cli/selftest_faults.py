"""`baton selftest --faults 30%`: a share of the calls between HubSpot and Salesforce goes wrong, and of all notices."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from connector.cli.session import Session, pass_session
from connector.cli.tables import table
from connector.model.errors import EXIT_BUG

if TYPE_CHECKING:
    from connector.selftest.books import Amiss
    from connector.selftest.faults import Told
    from connector.selftest.faults_post import Posted

#: How many sentences about what is amiss are told in text; JSON has them all.
TOLD = 10
#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: What the proxy does, by the name it counts it under.
KINDS = {
    "reset": N_("connection reset before the request"),
    "reset within the request": N_("connection reset within the request"),
    "reply lost": N_("done, and the reply lost"),
    "cut in the header": N_("done, and the reply cut in its header"),
    "cut in the body": N_("done, and the reply cut in its body"),
    "429": N_("429 without Retry-After"),
    "429 with Retry-After": N_("429 with Retry-After"),
    "502": N_("502, in bursts"),
    "503": N_("503, in bursts"),
    "504": N_("504, in bursts"),
    "500 after the work": N_("done, and answered with 500"),
    "HTML": N_("200 with HTML"),
    "HTML after the work": N_("done, and answered with 200 and HTML"),
    "wrong JSON": N_("200 with JSON of another shape"),
    "wrong JSON after the work": N_("done, and answered with 200 and JSON of another shape"),
    "empty": N_("200 with nothing"),
    "empty after the work": N_("done, and answered with 200 and nothing"),
}
#: What the mail server does, likewise.
MAIL_KINDS = {
    "450": N_("mail: not taken just now (450)"),
    "mail: reset": N_("mail: connection reset before it was taken"),
    "mail: reply lost": N_("mail: taken, and the reply lost"),
}


def share_of(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """A share of all calls, as `30%` or `0.3`, from 0 to 0.9."""
    if value is None:
        return None
    try:
        share = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 0.9:
        raise click.BadParameter(f"{value} is no share of the calls, such as 30%; at most 90%")
    return share


def fault_options(act: Callable[..., int]) -> Callable[..., int]:
    """Options of a command that goes another way with `--faults`."""

    @click.option("--faults", metavar="SHARE", callback=share_of,
                  help="Instead of killing: a share of all calls goes wrong, such as 30%.")  # fmt: skip
    @click.option("--leads", default=5000, show_default=True, type=click.IntRange(1), help="With --faults.")
    @click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="With --faults: another chance.")
    @pass_session
    @wraps(act)
    def either(session: Session, /, faults: float | None, leads: int, seed: int, **others: Any) -> int:
        return act(**others) if faults is None else disturbed(session, faults, leads, seed)

    return either


def disturbed(session: Session, share: float, leads: int, seed: int) -> int:
    """Run the line under faults, and say what came of it; 0 where everything was delivered once or has a reason."""
    from connector.selftest.faults import Wish, run

    with TemporaryDirectory(prefix="baton-selftest-") as place:
        told = run(Wish(leads, share, seed), Path(place), watching(session))
    _clear()
    session.emit(document(told), lambda: lines(session, told))
    return 0 if told.clean else EXIT_BUG


def watching(session: Session) -> Any:
    """One line on a terminal that is written over after each run of the line."""

    def heard(told: Told, left: int) -> None:
        if sys.stderr.isatty():
            what = session.translate("run %(run)s, %(rows)s rows wait") % {"run": told.runs, "rows": f"{left:,}"}
            click.echo(f"\r\x1b[K{what}", nl=False, err=True)

    return heard


def _clear() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)


def document(told: Told) -> dict[str, Any]:
    """What came of it, as JSON has it."""
    return {
        "leads": told.leads, "delivered": told.delivered, "dead": dict(told.dead), "lost": told.amiss.lost,
        "double": told.amiss.double, "other": told.amiss.other, "calls": dict(told.calls), "faults": dict(told.faults),
        "disturbed": told.disturbed, "runs": told.runs, "hours": round(told.passed.total_seconds() / 3600, 1),
        "seconds": round(told.seconds, 1), "clean": told.clean, "notices": _notices(told.post),
    }  # fmt: skip


def _notices(post: Posted) -> dict[str, Any]:
    return {
        "notices": post.told, "calls": dict(post.calls), "faults": dict(post.faults), "lost": post.amiss.lost,
        "double": post.amiss.double, "other": post.amiss.other, "may_double": post.may_double,
        "left": post.left, "runs": post.runs,
    }  # fmt: skip


def lines(session: Session, told: Told) -> Iterator[str]:
    """The faults, and what became of the leads."""
    _ = session.translate
    calls = told.calls.total()
    yield from table(
        [_("fault"), _("calls")], [(_(KINDS.get(kind, kind)), count) for kind, count in told.faults.most_common()]
    )
    yield ""
    sums = {"met": f"{told.disturbed:,}", "calls": f"{calls:,}", "share": f"{100 * told.disturbed / max(calls, 1):.0f}"}
    yield _("%(met)s of %(calls)s calls went wrong (%(share)s %%)") % sums
    took = {"runs": told.runs, "hours": f"{told.passed.total_seconds() / 3600:.1f}", "seconds": f"{told.seconds:.0f}"}
    yield (
        _("%(runs)s runs until it was quiet, %(hours)s hours by the platforms' clock, %(seconds)s s by this one") % took
    )
    yield ""
    yield from table([_("leads"), ""], _rows(session, told))
    yield from _amiss(session, told.amiss)
    if told.post.told:
        yield ""
        yield from _posted(session, told.post)


def _amiss(session: Session, amiss: Amiss) -> Iterator[str]:
    from connector.selftest import sayings

    yield from (f"  {sayings.told(sentence, session.translate)}" for sentence in amiss.all[:TOLD])
    if len(amiss.all) > TOLD:
        yield session.translate("and %(count)s more: --output json") % {"count": len(amiss.all) - TOLD}


def _posted(session: Session, post: Posted) -> Iterator[str]:
    """What became of notices by mail and web hook."""
    from connector.selftest import sayings

    _, said = session.translate, {**KINDS, **MAIL_KINDS}
    yield from table(
        [_("fault"), _("calls")], [(_(said.get(kind, kind)), count) for kind, count in post.faults.most_common()]
    )
    yield ""
    sums = {"met": f"{post.faults.total():,}", "calls": f"{post.calls.total():,}"}
    share = {"share": f"{100 * post.faults.total() / max(post.calls.total(), 1):.0f}"}
    yield _("%(met)s of %(calls)s calls went wrong (%(share)s %%)") % {**sums, **share}
    yield ""
    lost, double = (sayings.heading(one, _) for one in (sayings.LOST, sayings.DOUBLE))
    rows = [
        (_("sent"), post.told), (_("came twice, as notices may that somebody must act on"), post.may_double),
        (_("reminders that may not have come, and were not sent again"), post.left),
        (lost, len(post.amiss.lost)), (double, len(post.amiss.double)),
    ]  # fmt: skip
    yield from table([_("notices"), ""], rows)
    yield from _amiss(session, post.amiss)


def _rows(session: Session, told: Told) -> list[tuple[str, int]]:
    from connector.locale.stored import retell
    from connector.selftest import sayings

    _ = session.translate
    lost, double = (sayings.heading(one, _) for one in (sayings.LOST, sayings.DOUBLE))
    rows = [(_("handed over"), told.leads), (_("delivered once"), told.delivered)]
    waits: Counter[str] = told.dead
    rows += [(_("wait for a person: %(why)s") % {"why": retell(why, _)}, n) for why, n in waits.most_common()]
    rows += [(lost, len(told.amiss.lost)), (double, len(told.amiss.double))]
    return rows + ([(_("otherwise amiss"), len(told.amiss.other))] if told.amiss.other else [])
