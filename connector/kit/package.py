"""An adapter to begin with: a package of its own, or the files of one within Baton, from one skeleton.

The skeleton is the adapter of a platform that is called Acme; a new one has its own name throughout.
"""

from __future__ import annotations

import keyword
import re
from importlib.resources import files

#: Where each text of the skeleton goes, in a package of its own and within Baton.
OUTSIDE = {
    "pyproject.toml": "pyproject.toml",
    "adapter.py": "baton_acme/__init__.py",
    "mapping.toml": "baton_acme/mapping.toml",
    "page.md": "README.md",
    "world.py": "tests/acme_world.py",
    "test_contract.py": "tests/test_acme.py",
}
INSIDE = {
    "adapter.py": "adapters/acme.py",
    "mapping.toml": "mappings/acme.toml",
    "page.md": "docs/platforms/acme.md",
    "world.py": "tests/contract/adapters/acme_world.py",
}
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 40


def usable(name: str) -> bool:
    """Whether a type may be called so: small letters, digits and single underscores, a letter first."""
    return bool(_NAME.fullmatch(name)) and len(name) <= LONGEST and not keyword.iskeyword(name)


def class_name(name: str) -> str:
    """What its classes are called: `open_crm` gives `OpenCrm`."""
    return "".join(part.capitalize() for part in name.split("_"))


def package(name: str, *, inside: bool = False) -> dict[str, str]:
    """The files of a new adapter by their path; `inside` those of one within Baton."""
    folder = files("connector.kit") / "skeleton"
    found = {}
    for text, path in (INSIDE if inside else OUTSIDE).items():
        written = (folder / f"{text}.txt").read_text("utf-8")
        if inside:
            written = written.replace("from baton_acme import", "from adapters.acme import")
        found[_named(path, name)] = _named(written, name)
    return found


def _named(text: str, name: str) -> str:
    return text.replace("Acme", class_name(name)).replace("acme", name)
