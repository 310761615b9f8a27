"""`baton fields`: Baton's own names with their types, or what a platform has and how full it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option, plain
from connector.cli.session import Session, pass_session
from connector.cli.tables import table

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.adapter import FieldInfo

LEAD = "lead"


@click.command()
@click.argument("connection", default=LEAD)
@output_option
@pass_session
def fields(session: Session, connection: str) -> None:
    """List the canonical fields of a lead (the default), or the fields that CONNECTION has."""
    if connection == LEAD:
        show_canonical(session)
        return
    with session.opened() as app:
        if connection not in app.config.connections:
            raise Mistake(
                session.translate("no connection %(name)s; there are: %(names)s")
                % {"name": connection, "names": ", ".join(app.config.connections)}
            )
        found = of_platform(app, connection)
    session.emit({"connection": connection, "fields": found}, lambda: platform_lines(session, found))


def show_canonical(session: Session) -> None:
    """Baton's own fields; those it computes itself are marked."""
    from connector.model.fields import FIELDS, OWN_FIELDS

    rows = [(name, kind, False) for name, kind in FIELDS.items()] + [
        (name, kind, True) for name, kind in OWN_FIELDS.items()
    ]
    document = [{"name": name, "computed": computed, **plain(kind)} for name, kind, computed in rows]
    _ = session.translate
    shown = [
        (name, kind.kind, _("computed by Baton, for writing only") if computed else " ".join(kind.choices))
        for name, kind, computed in rows
    ]
    hint = _("custom.NAME is a text field of your own; links.CONNECTION holds a platform's id")
    session.emit({"fields": document}, lambda: [*table((_("field"), _("type"), _("allowed words")), shown), "", hint])


def of_platform(app: App, name: str) -> list[FieldInfo]:
    """The fields of a connection's source and CRM, whichever it has."""
    from connector.platforms import adapter
    from connector.runs.check import in_use

    declared = adapter(app.config.connections[name].type)
    has = (declared.source is not None, declared.crm is not None)
    as_source, as_crm = in_use(app.runtime(), name, has)
    found = app.source(name).fields() if as_source else []
    return found + [one for one in app.crm(name).fields() if one not in found] if as_crm else found


def platform_lines(session: Session, found: list[FieldInfo]) -> list[str]:
    """One line a field: object, name, type, how full, words."""
    _ = session.translate
    rows = [
        (
            one.object,
            one.name,
            one.kind + (f" ({_('required')})" if one.required else ""),
            "" if one.fill is None else f"{one.fill:.0%}".rjust(4),
            " ".join(one.choices),
        )
        for one in found
    ]
    return table((_("object"), _("field"), _("type"), _("filled"), _("allowed words")), rows) or [
        _("it has no fields of its own")
    ]
