"""`content.toml`: what marketing has to show, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.config.documents import open_document
from connector.config.values import N_
from connector.model.content import Content
from connector.steps.content import Library

if TYPE_CHECKING:
    from connector.config.content_settings import ContentSettings
    from connector.config.workspace import Workspace
    from connector.model.errors import Problems

FILE = "content.toml"


def library(workspace: Workspace) -> Library:
    """What there is, from `content.toml` beside `config.toml`; nothing where there is no such file."""
    try:
        document = open_document(workspace.root / FILE, workspace.files)
    except FileNotFoundError:
        return Library()
    workspace.documents.append(document)
    if not document.readable:
        return Library()
    from connector.config.content_settings import Contents
    from connector.config.sentences import validated

    found, _ = validated(Contents, document.table, document.problems)
    if not isinstance(found, Contents):
        return Library()
    _check(found.content, document.problems)
    return Library(tuple(map(_content, found.content)))


def _check(contents: list[ContentSettings], problems: Problems) -> None:
    titles: set[str] = set()
    for place, one in enumerate(contents):
        if one.title in titles:
            problems.add(("content", place, "title"), N_("%(name)s stands here twice"), name=one.title)
        titles.add(one.title)
        if one.link and not one.link.startswith(("https://", "http://")):
            problems.add(("content", place, "link"), N_("a web address is needed"), '"https://..."')
        if not one.link and not one.urls:
            problems.add(("content", place), N_("says neither `link` nor `urls`: it can never be seen"))


def _content(own: ContentSettings) -> Content:
    return Content(own.title, own.link, own.topic, own.stage or "", own.kind, own.language or "", tuple(own.urls))
