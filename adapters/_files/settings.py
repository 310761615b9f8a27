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

    files: list[str] = Field(min_length=1, description="names or patterns, from the folder of config.toml")
    id: list[str] = Field([], description="the column, or the columns, that tell rows apart")
    id_separator: str = Field("-", description="stands between the columns of an id")
    time_column: str = Field("", description="when a row changed or happened; a backfill by dates needs it")
    time_format: str = Field("", description="how that time is written (strptime); none: ISO 8601")
    time_zone: str = Field("UTC", description="of times that name none")
    delimiter: str = Field("auto", description="one character, tab, or auto")
    encoding: str = Field("auto", description="such as utf-8 or cp932; auto: found out, and told")
    format: Literal["auto", "csv", "jsonl"] = Field("auto", description="auto: by the name of the file")

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


def _or_names_alone(schema: dict[str, Any]) -> None:
    """In short, a stream is the names of its files."""
    schema["anyOf"] += [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]


class FilesSettings(BaseModel):
    """A `files` connection: exports to read (`contacts`, `activities`), or a `folder` to write, or both.

    `write_as`, `write_encoding` and `byte_order_mark` (Excel asks for one in UTF-8) are for the
    files in `folder`.
    """

    model_config = ConfigDict(extra="forbid")

    contacts: StreamSettings | None = Field(
        None, description="exports of contacts, a row each", json_schema_extra=_or_names_alone
    )
    activities: StreamSettings | None = Field(
        None, description="exports of what contacts did, a row each", json_schema_extra=_or_names_alone
    )
    folder: str = Field("", description="as a CRM: where the files are written")
    write_as: Literal["csv", "jsonl"] = Field("csv", description="the kind of those files")
    write_encoding: str = Field("utf-8", description="the encoding of those files")
    byte_order_mark: bool = Field(False, description="Excel asks for one in UTF-8")

    @field_validator("write_encoding")
    @classmethod
    def _encoding(cls, given: str) -> str:
        return _known_encoding("utf-8" if given == "auto" else given)
