"""Every adapter, every case that its declarations admit."""

from pathlib import Path

import pytest

from tests.contract.adapters.table import TABLE, Line


@pytest.mark.parametrize("line", [line for line in TABLE if not line.ruled_out], ids=str)
def test_contract(line: Line, tmp_path: Path) -> None:
    world = line.world(tmp_path)
    try:
        line.case.run(world)
    finally:
        world.close()
