"""`baton new-adapter`: the files of a new adapter, which runs and passes the contract as it is."""

from __future__ import annotations

from pathlib import Path

import click

from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.writing import lay_out


@click.command()
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--inside", is_flag=True, help="The files of an adapter within Baton's own source, FOLDER or here.")
@output_option
@pass_session
def new_adapter(session: Session, name: str, folder: Path | None, inside: bool) -> int:
    """Write an adapter to begin with, for the type NAME, as a package of its own into FOLDER (baton-NAME).

    Module, mapping, page, and the tests that run the contract against it. Files that are there stay as they are.
    """
    from connector.kit.package import package

    _check(name, session)
    target = folder or (Path() if inside else Path(f"baton-{name}"))
    _ = session.translate
    made, kept = lay_out(target, package(name, inside=inside))
    said = [_("written: %(file)s") % {"file": target / place} for place in made]
    said += [_("there already, left as it is: %(file)s") % {"file": target / place} for place in kept]
    said += ["", *_next(session, name, target, inside)]
    session.emit({"folder": target, "written": made, "kept": kept}, lambda: said)
    return 0


def _check(name: str, session: Session) -> None:
    """Raise a mistake of use where no type can be called so, or one is already."""
    from connector.kit.package import usable
    from connector.platforms import known

    _ = session.translate
    if not usable(name):
        raise click.BadParameter(
            _("a type has small letters, digits and single underscores, a letter first, such as open_crm"),
            param_hint="NAME",
        )
    if name in known():
        raise click.BadParameter(_("there is an adapter %(name)s already") % {"name": name}, param_hint="NAME")


def _next(session: Session, name: str, target: Path, inside: bool) -> list[str]:
    """What to do with it, in words."""
    from connector.kit.package import class_name

    _ = session.translate
    if not inside:
        values = {"folder": target}
        return [_("next: cd %(folder)s, pip install -e ., pytest; then make it speak to your platform") % values]
    world = f"{class_name(name)}World"
    line = f'"{name}": Platform(sources={{"account": {world}}}, crms={{"account": {world}}}),'
    return [_("next: add this line to PLATFORMS in tests/contract/adapters/platforms.py"), f"    {line}"]
