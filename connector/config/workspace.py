"""What is shared while a configuration is read: its folder, the files read so far, their problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connector.config.documents import Document, Files, open_document
from connector.model.errors import Path as KeyPath
from connector.model.errors import Problem
from connector.model.fields import FIELDS, OWN_FIELDS, field_type

FLOW_FOLDER = "flows"


@dataclass(slots=True)
class Workspace:
    """The folder of `config.toml`, and every document in it that was opened."""

    files: Files
    main: Document
    documents: list[Document] = field(default_factory=list)
    _lists: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The folder that relative paths start from."""
        return self.files.root

    def open(self, name: str, asked_by: Document, path: KeyPath) -> Document | None:
        """The TOML file `name`; None, and a problem at the key that names it, where it is missing."""
        try:
            document = open_document(self.root / name, self.files)
        except FileNotFoundError:
            asked_by.problems.add(path, "there is no file %(name)s", name=name)
            return None
        self.documents.append(document)
        return document

    def must_exist(self, name: str, asked_by: Document, path: KeyPath) -> str:
        """The text of a file; "", and a problem at the key that names it, where it cannot be read."""
        try:
            return self.files.read(self.root / name).decode("utf-8-sig")
        except FileNotFoundError:
            asked_by.problems.add(path, "there is no file %(name)s", name=name)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            asked_by.problems.add(path, "%(name)s cannot be read: %(reason)s", name=name, reason=reason)
        except UnicodeDecodeError:
            asked_by.problems.add(path, "%(name)s is not UTF-8; save it in that encoding", name=name)
        return ""

    def list_file(self, name: str) -> frozenset[str]:
        """The entries of a list file: a line each, `#` begins a comment. Raises OSError, ValueError."""
        if name not in self._lists:
            text = self.files.read(self.root / name).decode("utf-8-sig")
            lines = (line.partition("#")[0].strip() for line in text.splitlines())
            self._lists[name] = frozenset(line for line in lines if line)
        return self._lists[name]

    def problems(self) -> list[Problem]:
        """Every problem found so far, with file and line, each once."""
        found: dict[str, Problem] = {}
        for document in (self.main, *self.documents):
            for problem in document.located():
                found.setdefault(str(problem), problem)
        return list(found.values())


def table_of(table: Any, key: str) -> dict[str, Any]:
    """The table under `key`, empty where there is none or where it is no table (reported elsewhere)."""
    found = table.get(key) if isinstance(table, dict) else None
    return found if isinstance(found, dict) else {}


def check_field(name: str, path: KeyPath, document: Document) -> None:
    """Report a name that is no canonical field."""
    if field_type(name) is None:
        document.problems.unknown(path, name, (*FIELDS, *OWN_FIELDS), "field")
