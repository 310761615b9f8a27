"""`baton init`: a first configuration."""

from __future__ import annotations

from pathlib import Path

import click

from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.writing import lay_out


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@output_option
@pass_session
def init(session: Session, folder: Path) -> int:
    """Write a first configuration into FOLDER (here, unless given). Files that are there stay as they are."""
    from connector.config.template import starter

    _ = session.translate
    spoken = f'language = "{session.language}"'
    files = {name: text.replace('language = "en"', spoken, 1) for name, text in starter().items()}
    made, kept = lay_out(folder, files)
    said = [_("written: %(file)s") % {"file": folder / name} for name in made]
    said += [_("there already, left as it is: %(file)s") % {"file": folder / name} for name in kept]
    place = "" if folder == Path() else f" --config {folder / 'config.toml'}"
    said += ["", _("next: edit it, then baton%(config)s check") % {"config": place}]
    session.emit({"folder": folder, "written": made, "kept": kept}, lambda: said)
    return 0
