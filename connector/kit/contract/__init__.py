"""The contract: what every adapter does, as cases for pytest. `connector.kit.contract.table` has them all.

A test gives each case a *world*, a platform as the test moves it. pytest is needed here and nowhere else.
"""

import pytest

pytest.register_assert_rewrite(
    *(f"{__name__}.{name}" for name in ("source", "splitting", "crm", "accepting", "reading_back", "looking_up"))
)
