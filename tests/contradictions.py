"""Criteria that a generator made up: bounds that exclude each other are refused, and say nothing about the laws."""

from __future__ import annotations

from hypothesis import reject

from connector.model.errors import Problems


def assume_none(problems: Problems) -> None:
    """Give the example up where bounds exclude each other; fail at any other problem."""
    assert [found for found in problems.found if "never holds together" not in found.what] == []
    if problems.found:
        reject()
