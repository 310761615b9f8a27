"""Every setting of `content.toml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connector.config.strict import Strict
from connector.model.stages import Stage


class ContentSettings(Strict):
    """One thing to read, watch or try."""

    title: str = Field(min_length=1, description="what it is called")
    link: str = Field("", description="where it is, for the rep to send")
    topic: str = Field("", description="a word of your own; what is about one topic belongs together")
    stage: Stage | None = Field(None, description="whom it is for; none: any stage")
    kind: str = Field("", description="what it is: case-study, webinar, paper, ...; a word of your own")
    language: Literal["en", "ja", "de", "fr", "es", "it", "nl", "pt", "zh", "ko"] | None = Field(
        None, description="the language it is in; none: any"
    )
    urls: list[str] = Field(
        [], description="patterns of the addresses at which it is seen, such as */case-studies/acme*; beside the link"
    )


class Contents(Strict):
    """`content.toml`."""

    content: list[ContentSettings] = Field([], description="what there is, the best first")
