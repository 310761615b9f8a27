"""The pages' templates: escaped, strict about names, in the reader's language."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from connector.locale import plural_translator, translator
from connector.locale.format import day, moment, number, share, span


class Templates:
    """Renders `connector/web/templates`.

    A text is marked `{{ _("Hand over") }}`; places are filled by `%` as in the program. Names that a page
    was not given are an error, not a blank.
    """

    def render(self, name: str, language: str, **values: Any) -> str:
        """The page `name` in a language. Raises TemplateNotFound."""
        return _environment(language).get_template(name).render(**values)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("connector.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "_": translator(language),
        "_n": plural_translator(language),
        "language": language,
        "day": lambda value, **how: day(value, language, **how),
        "moment": lambda value, zone, **how: moment(value, zone, language, **how),
        "span": lambda seconds: span(seconds, language),
        "share": lambda value: share(value, language),
        "number": number,
    }
    return environment
