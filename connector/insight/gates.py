"""Why a gate holds or not: the whole tree, and in few words what would be needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.steps.conditions.condition import Explained
from connector.steps.telling.words import N_, Words, explained, sentence

NONE_OF = "none of these"
ANY_OF = "at least one of these"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a gate's tree. `seen` is what was found, "" where nothing was."""

    depth: int
    passed: bool
    text: str
    seen: str = ""


def lines(tree: Explained, words: Words, depth: int = 0) -> Iterator[Line]:
    """The tree from the top, each child one deeper than its parent."""
    yield Line(depth, tree.passed, explained(tree, words.translate), words.seen(tree))
    for child in tree.children:
        yield from lines(child, words, depth + 1)


def lacking(tree: Explained, words: Words) -> list[tuple[str, ...]]:
    """What keeps the tree from holding, nothing where it holds.

    Each entry would have to change; of the alternatives in an entry one is enough.
    """
    if tree.passed:
        return []
    if tree.text == NONE_OF:
        held = [sentence(child, words.translate) for child in tree.children if child.passed]
        return [(words.say(N_("barred by: %(what)s"), what=what),) for what in held]
    if tree.text == ANY_OF:
        return [tuple(_in_one_line(child, words) for child in tree.children)]
    if not tree.children:
        return [(_leaf(tree, words),)]
    return [entry for child in tree.children for entry in lacking(child, words)]


def _in_one_line(tree: Explained, words: Words) -> str:
    entries = []
    for entry in lacking(tree, words):
        text = words.translate(N_(" or ")).join(entry)
        entries.append(words.say(N_("either %(alternatives)s"), alternatives=text) if len(entry) > 1 else text)
    return words.translate(N_("; ")).join(entries)


def _leaf(leaf: Explained, words: Words) -> str:
    short = points_short(leaf)
    if short:
        return words.say(
            N_("%(short)s points short (%(seen)s of %(wanted)s)"),
            short=short, seen=leaf.seen, wanted=leaf.values["wanted"],
        )  # fmt: skip
    text, seen = explained(leaf, words.translate), words.seen(leaf)
    if seen:
        return words.say(N_("%(condition)s (here: %(seen)s)"), condition=text, seen=seen)
    return words.say(N_("%(condition)s (here: nothing)"), condition=text)


def points_short(leaf: Explained) -> int:
    """How many points are missing to a line, 0 where the leaf is not about such a line."""
    wanted = leaf.values.get("wanted")
    if "scope" not in leaf.values or type(wanted) is not int:
        return 0
    seen = leaf.seen if leaf.seen.lstrip("-").isdigit() else "0"
    return max(wanted - int(seen), 0)
