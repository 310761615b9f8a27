"""Templates of briefs, and of fields: found and proved before they are asked for a lead."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from connector.config.values import N_
from connector.locale import LANGUAGES
from connector.model import sentences
from connector.model.errors import Path as KeyPath
from connector.model.errors import Problems

if TYPE_CHECKING:
    from connector.config.documents import Document
    from connector.config.workspace import Workspace

#: A template that is a file begins so.
FOLDER = "briefs/"


def briefs(name: str, workspace: Workspace, asked_by: Document, path: KeyPath) -> dict[str, str]:
    """The texts of a flow's brief by language, "" for every language without one of its own; none where none is named.

    `briefs/b2b.txt` in Japanese is `briefs/b2b.ja.txt`, where there is such a file.
    """
    if not name:
        return {}
    if not name.startswith(FOLDER):
        asked_by.problems.add(path, N_("a brief is a file in %(folder)s"), f"{FOLDER}b2b.txt", folder=FOLDER)
        return {}
    found = {"": workspace.must_exist(name, asked_by, path)}
    whole = PurePosixPath(name)
    for language in LANGUAGES:
        own = str(whole.with_suffix(f".{language}{whole.suffix}"))
        if (workspace.root / own).exists():
            found[language] = workspace.must_exist(own, asked_by, path)
    for text in found.values():
        check_template(text, path, asked_by.problems)
    return found


def check_template(text: str, path: KeyPath, problems: Problems) -> None:
    """Report a template that is none."""
    from jinja2 import Environment, TemplateSyntaxError

    try:
        Environment(autoescape=False).parse(text)  # noqa: S701 - it is looked at, not rendered
    except TemplateSyntaxError as error:
        problems.add(path, sentences.TEMPLATE_FAILS, fault=error.message)
