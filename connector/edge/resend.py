"""Making a call without effect again: how often, and after what wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from connector.model import sentences
from connector.model.errors import RetryableError

#: Seconds of the first wait where the platform names none; it doubles from try to try.
FIRST_WAIT = 1.0


class PassingError(Exception):
    """A try that failed in passing. `retry_after` in seconds, where the platform said so."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


def pause(wait: Callable[[float], bool], seconds: float) -> None:
    """Wait. Raises RetryableError where we are told to stop meanwhile."""
    if wait(seconds):
        raise RetryableError(sentences.STOPPED, seconds)


def resending(attempts: int, longest: float, wait: Callable[[float], bool], chance: Callable[[], float]) -> Retrying:
    """Makes what raises PassingError again, `attempts` times in all, unless it is to wait longer than `longest`.

    `wait(seconds)` waits and says whether we are told to stop. `chance()` is a number from 0 to 1: waits that the
    platform does not name differ by it, so that not everyone comes back at once. Raises RetryableError once used up.
    """

    def delay(state: RetryCallState) -> float:
        asked = _failure(state).retry_after
        if asked is not None:
            return asked
        doubled = float(FIRST_WAIT * 2 ** (state.attempt_number - 1))
        return min(doubled, longest) * (0.5 + chance() / 2)

    def enough(state: RetryCallState) -> bool:
        return bool(stop_after_attempt(attempts)(state)) or state.upcoming_sleep > longest

    return Retrying(
        sleep=lambda seconds: pause(wait, seconds),
        wait=delay,
        stop=enough,
        retry=retry_if_exception_type(PassingError),
        retry_error_callback=_used_up,
    )


def _failure(state: RetryCallState) -> PassingError:
    error: Any = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, PassingError) else PassingError("")


def _used_up(state: RetryCallState) -> NoReturn:
    failure = _failure(state)
    raise RetryableError(str(failure), failure.retry_after) from None
