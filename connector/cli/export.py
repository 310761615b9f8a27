"""`baton export`: all that is stored about one person."""

from __future__ import annotations

import json
from pathlib import Path

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option, plain, print_json
from connector.cli.session import Session, pass_session
from connector.cli.writing import PERSON, Written, write_file


@click.command()
@click.argument("lead")
@click.option("-o", "--to", "file", type=Written(PERSON), help="Write it to this file.")
@output_option
@pass_session
def export(session: Session, lead: str, file: Path | None) -> None:
    """Give all that is stored about the person of LEAD, as JSON; times are in UTC.

    LEAD is an email address, our number, or an id of a platform. A file is one that only its owner can read.
    """
    from connector.cli.forget import whom
    from connector.runs.export import everything

    with session.opened() as app:
        who = whom(session, app, lead)
        if not who:
            raise Mistake(session.translate("already forgotten; nothing is known of them"))
        said = everything(app.runtime(), who)
    if file is None:
        print_json(said)
        return
    write_file(file, json.dumps(plain(said), ensure_ascii=False, indent=2) + "\n", private=True)
    told = session.translate("kept in %(file)s: personal data, delete it after use")
    session.emit({"file": file, "leads": said["leads"]}, lambda: [told % {"file": file}])
