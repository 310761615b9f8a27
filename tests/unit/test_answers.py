"""What an adapter's role makes of answers that it cannot read."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from connector.model.answers import understood
from connector.model.errors import ConfigError, RetryableError

SHAPES: list[object] = [{}, [], None, "ok", 7, {"rows": None}, {"rows": [None]}, {"rows": [{"id": "x"}]}]


class Role:
    context = SimpleNamespace(connection="crm")

    def __init__(self, body: object) -> None:
        self.body = body

    @understood
    def fields(self) -> list[int]:
        return [int(one["id"]) for one in self.body["rows"]]  # type: ignore[index]

    @understood
    def pull(self) -> Iterator[int]:
        yield 0
        yield from (int(one["id"]) for one in self.body["rows"])  # type: ignore[index]

    @understood
    def check(self) -> None:
        raise ConfigError("an admin must mend it")


@pytest.mark.parametrize("body", SHAPES, ids=repr)
def test_another_shape_is_a_later_try_that_names_the_place_and_nothing_read(body: object) -> None:
    with pytest.raises(
        RetryableError, match=r"crm: an answer could not be understood \(\w+Error, test_answers\.py:\d+\)"
    ):
        Role(body).fields()
    pages = Role(body).pull()
    assert next(pages) == 0
    with pytest.raises(RetryableError, match=r"crm: an answer could not be understood"):
        next(pages)


def test_what_can_be_read_and_what_is_said_already_pass() -> None:
    role = Role({"rows": [{"id": "1"}]})
    assert role.fields() == [1]
    assert list(role.pull()) == [0, 1]
    with pytest.raises(ConfigError):
        role.check()
