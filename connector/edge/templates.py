"""Admins' templates, rendered in Jinja2's sandbox: they see a lead's fields and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from connector.model import sentences
from connector.model.errors import RecordError

FOLDER = "briefs/"


def renderer(root: Path) -> Callable[[str, Mapping[str, Any]], str]:
    """A function (template, view) -> text.

    A template that names a file under `briefs/` (`briefs/b2b.txt`) is read from there, beside
    `config.toml`; any other is the text itself. Dotted names of the view nest: `company.name`
    is written `{{ company.name }}`. Raises RecordError where a template fails on a lead.
    """

    @lru_cache(maxsize=64)
    def compiled(template: str) -> Any:
        from jinja2.sandbox import SandboxedEnvironment

        # The target is plain text; each adapter escapes for its own platform.
        environment = SandboxedEnvironment(autoescape=False, trim_blocks=True, lstrip_blocks=True)
        text = (root / template).read_text("utf-8") if template.startswith(FOLDER) else template
        return environment.from_string(text)

    def render(template: str, view: Mapping[str, Any]) -> str:
        try:
            return str(compiled(template).render(nested(view)))
        except Exception as error:  # an admin's text may do anything: divide by nought, call what is none
            raise RecordError(sentences.TEMPLATE_FAILS % {"fault": type(error).__name__}) from error

    return render


def nested(view: Mapping[str, Any]) -> dict[str, Any]:
    """`{"company.name": x}` as `{"company": {"name": x}}`; a name that is also a prefix stays as it is."""
    tree: dict[str, Any] = {}
    for name, value in view.items():
        head, _, rest = name.partition(".")
        if not rest:
            tree.setdefault(head, value)
        else:
            below = tree.setdefault(head, {})
            if isinstance(below, dict):
                below[rest] = value
    return tree
