"""One run of the line under a clock that is ahead of the machine's: `python -m bench.one_run config.toml SECONDS`.

Prints, as JSON, what it counted, what failed, and its peak of resident memory in mebibytes (Linux: what the system says
of a process that has ended may be its parent's).
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.app import opened
from connector.runs.sync import sync


def main() -> None:
    """Run it."""
    ahead = timedelta(seconds=float(sys.argv[2]))
    with opened(Path(sys.argv[1]), lambda: datetime.now(UTC) + ahead) as app:
        result = sync(app.runtime(), app.rows)
    failures = [f"{name}: {error}" for name, error in result.failures]
    counts = {name: count for name, count in result.counts.items() if count}
    print(json.dumps({"counts": counts, "failures": failures, "memory": peak()}))


def peak() -> float:
    """The most memory that this process has had resident."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
