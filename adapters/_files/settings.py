"""The settings of a `files` connection."""

from __future__ import annotations

import codecs
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


def _known_encoding(name: str) -> str:
    if name != "auto":
        try:
            codecs.lookup(name)
        except LookupError:
            raise ValueError(f"unknown encoding {name}") from None
    return name


class StreamSettings(BaseModel):
    """Where the files of one stream are, and how they are to be read.

    `files` are names or patterns, from the folder of `config.toml`. `id` names the column (or
    the columns, joined by `id_separator`) that identify a row; left out, it is the column
    called `id`, or for contacts the first whose name ends in id. `time_column` says when a row
    changed or happened: a backfill by dates needs it. `time_format` is for `strptime`; without
    it times are ISO 8601. `time_zone` is meant where a time names none.
    """

    model_config = ConfigDict(extra="forbid")

    files: list[str] = Field(min_length=1)
    id: list[str] = []
    id_separator: str = "-"
    time_column: str = ""
    time_format: str = ""
    time_zone: str = "UTC"
    delimiter: str = "auto"
    encoding: str = "auto"
    format: Literal["auto", "csv", "jsonl"] = "auto"

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return {"files": given} if isinstance(given, str | list) else given

    @field_validator("files", "id", mode="before")
    @classmethod
    def _one_or_more(cls, given: Any) -> Any:
        return [given] if isinstance(given, str) else given

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, given: str) -> str:
        given = {"tab": "\t", "\\t": "\t"}.get(given, given)
        if given != "auto" and (len(given) != 1 or given in '"\r\n'):
            raise ValueError("a delimiter is one character, or auto")
        return given

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, given: str) -> str:
        return _known_encoding(given)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, given: str) -> str:
        try:
            ZoneInfo(given)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"unknown time zone {given}") from None
        return given


class FilesSettings(BaseModel):
    """A `files` connection: exports to read (`contacts`, `activities`), or a `folder` to write, or both.

    `write_as`, `write_encoding` and `byte_order_mark` (Excel asks for one in UTF-8) are for the
    files in `folder`.
    """

    model_config = ConfigDict(extra="forbid")

    contacts: StreamSettings | None = None
    activities: StreamSettings | None = None
    folder: str = ""
    write_as: Literal["csv", "jsonl"] = "csv"
    write_encoding: str = "utf-8"
    byte_order_mark: bool = False

    @field_validator("write_encoding")
    @classmethod
    def _encoding(cls, given: str) -> str:
        return _known_encoding("utf-8" if given == "auto" else given)
