"""Answers of a platform that are no answers: JSON of another shape, whatever stands between us and it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from connector.model import sentences
from connector.model.errors import RetryableError

Method = TypeVar("Method", bound=Callable[..., Any])
#: What reading JSON of another shape than the documented one ends in.
_FAULTS = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def understood(method: Method) -> Method:
    """A method of an adapter's role that reads: what it cannot make anything of is a RetryableError.

    It names the connection, the kind of fault and the line that could not read on, never what was read: such an answer
    passes, or else the line is where the adapter and its platform differ. A generator is guarded page by page.
    """

    @wraps(method)
    def called(role: Any, *args: Any, **options: Any) -> Any:
        name = role.context.connection
        with _readable(name):
            found = method(role, *args, **options)
        return _walked(name, found) if isinstance(found, Iterator) else found

    return cast("Method", called)


def _walked(name: str, pages: Iterator[Any]) -> Generator[Any, None, None]:
    while True:
        with _readable(name):
            page = next(pages, _END)
        if page is _END:
            return
        yield page


_END = object()


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        fault = f"{type(error).__name__}, {_place(error)}"
        raise RetryableError(f"{name}: {sentences.ANSWER_NOT_UNDERSTOOD % {'fault': fault}}") from error


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else "?"
