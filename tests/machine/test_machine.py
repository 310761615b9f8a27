"""Hundreds of steps of the machine with each `make test`; tens of thousands with `make soak`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import Machine


def test_whatever_happens_both_sides_agree_once_all_is_quiet() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=12, stateful_step_count=40, derandomize=True, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
