"""The CRMs that need no platform: the desk, which lives in the store itself, and a folder of files."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from functools import partial

from connector.model.sentences import N_
from connector.selftest.world import World
from connector.selftest.worlds._books import Held, judged
from connector.selftest.worlds._line import Line, LineWorld
from connector.selftest.worlds.memory import PEOPLE, some_ask

FOLDER = "crm"


def worlds() -> list[World]:
    """A first handover to each."""
    desk = partial(judged, books=on_desk, people=PEOPLE)
    files = partial(judged, books=in_files, people=PEOPLE)
    in_store, own_id = N_("in the store: effect and receipt are one commit"), N_("takes our key as its own id")
    folder = f'type = "files"\nfolder = "{FOLDER}"'
    return [
        LineWorld(name=N_("desk"), target=in_store, crm='type = "desk"', furnished=some_ask, judged=desk),
        LineWorld(name=N_("files"), target=own_id, crm=folder, furnished=some_ask, judged=files),
    ]


def on_desk(line: Line) -> list[Held]:
    """What the desk's table holds."""
    with closing(sqlite3.connect(line.app.config.database)) as database:
        rows = database.execute("SELECT object, id, our_key, parent_id, body FROM desk").fetchall()
    return [Held(kind, str(id), key, parent, json.loads(body)) for kind, id, key, parent, body in rows]


def in_files(line: Line) -> list[Held]:
    """What the files hold."""
    found = []
    for kind in ("lead", "task", "note"):
        path = line.app.config.root / FOLDER / f"{kind}s.csv"
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            found += [Held(kind, row["baton_id"], row["baton_id"], row.get("baton_parent", ""), row) for row in rows]
    return found
