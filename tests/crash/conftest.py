"""Other tests of this process may have left threads behind; the self-test itself forks from a process of its own."""

from __future__ import annotations

import pytest

from connector.selftest import forking


@pytest.fixture(autouse=True)
def _threads_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """They only wait, and a child has none of them."""
    monkeypatch.setattr(forking, "_alone", lambda: None)
