"""Every adapter, every case that its declarations admit."""

from pathlib import Path

import pytest

from connector.kit.contract.table import Line
from tests.contract.adapters.table import TABLE


@pytest.mark.parametrize("line", [line for line in TABLE if not line.ruled_out], ids=str)
def test_contract(line: Line, tmp_path: Path) -> None:
    line.run(tmp_path)
