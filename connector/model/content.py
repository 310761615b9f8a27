"""What marketing has to show: pages, papers, recordings, each with who it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """One thing to read, watch or try.

    `urls` are shell-style patterns of the addresses at which it is seen. `topic` is a word of the admin's own, `stage`
    whom it is for ("" for any), `kind` what it is (`case-study`, `webinar`), `language` a code ("" for any).
    """

    title: str
    link: str
    topic: str = ""
    stage: str = ""
    kind: str = ""
    language: str = ""
    urls: tuple[str, ...] = ()
