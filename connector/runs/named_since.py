"""What people said in words that a mapping did not name then, and does now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import replace

from connector.model.mirror import CrmRecord
from connector.model.ports import Transaction
from connector.runs.follower import Follower
from connector.runs.news import unknown_words
from connector.runs.records_heard import FEEDBACK
from connector.runs.respect import PEOPLE
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.steps.feedback import is_named
from connector.steps.mapping.compiler import CompiledMapping

#: Records that are looked at in one transaction, and notices that are looked through.
BATCH, NOTICES = 500, 5000
#: A field, and a word that stands in it.
Word = tuple[str, str]


def named_since(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> None:
    """Follow what was said in words that the mapping did not name then and does now; their notices are closed."""
    mapping, meta = runtime.config.connections[name].mapping, f"words:{name}"
    with runtime.store.read() as tx:
        if tx.admin.meta(meta) == mapping.version:
            return
        known = _named_by_now(tx, mapping, name)
    if known:
        _say_again(runtime, rows, name, counts, known.keys())
    with runtime.store.write() as tx:
        tx.reviews.close("notice", list(known.values()), "mended", runtime.clock())
        tx.admin.set_meta(meta, mapping.version)


def _named_by_now(tx: Transaction, mapping: CompiledMapping, name: str) -> dict[Word, str]:
    """The keys of the notices about words that the mapping names, by these words."""
    known: dict[Word, str] = {}
    for item in tx.reviews.open("notice", NOTICES):
        if mapping.stage and item.key.startswith(unknown_words(name)):
            word = str(item.body.get("word", ""))
            known |= {(item.field, word): item.key} if is_named(mapping.stage, item.field, word) else {}
    return known


def _say_again(runtime: Runtime, rows: Rows, name: str, counts: Counter[str], words: Set[Word]) -> None:
    """Take the records that say one of these words as if they had just said it."""
    fields = {field for field, _ in words}
    for object in (*PEOPLE, FEEDBACK):
        after_id = ""
        while True:
            with runtime.store.write() as tx:
                records = tx.mirror.listing(name, object, after_id, BATCH)
                # What a lead was converted to is what counts from then on.
                live = [one for one in records if not one.converted_to]
                said = [one for one in live if any((of, str(one.values.get(of))) in words for of in fields)]
                pairs = [(_without(one, fields), one) for one in said]
                Follower(tx, rows, name, runtime.clock(), counts).run(pairs)
            if len(records) < BATCH:
                break
            after_id = records[-1].id


def _without(record: CrmRecord, fields: set[str]) -> CrmRecord:
    return replace(record, values={name: value for name, value in record.values.items() if name not in fields})
