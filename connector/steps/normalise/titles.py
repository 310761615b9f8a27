"""Job level and job function from a job title, in seven languages: see `title_words`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from connector.steps.normalise.names import plain
from connector.steps.normalise.title_words import (
    FUNCTIONS_JAPANESE,
    FUNCTIONS_LATIN,
    LEVELS_JAPANESE,
    LEVELS_LATIN,
    Words,
)

_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々]")
_ABBREVIATED = re.compile(r"\.(?=\w|\s|$)")
#: What parts one title from another, or a title from where it is held.
_PARTS = re.compile(r"[,/|()\[\]–—·・:;]+|\s-\s|\b(?:now|currently|jetzt|aktuell|actuellement|ahora|adesso|nu)\b")
#: A title that is no longer, or not yet, held says nothing.
_FORMER = re.compile(
    r"\s*(?:the )?(?:former(?:ly)?|ex|retired|previous(?:ly)?|past|aspiring|future|ehemalig\w*|ehem|fr(?:u|ue)her\w*"
    r"|ancien(?:ne)?|antigu[oa]|voormalig\w*|gepensioneerd\w*|pensioniert\w*|jubilad[oa]|retraitee?)\b"
    r"|.*\b(?:retired|emerit\w+|im ruhestand)\s*$"
)
_WORDS = re.compile(r"[\w&+]+")
#: `Sales&Marketing` are two words, R&D is one.
_AND = re.compile(r"(?<!\br)&|&(?!d\b)")
_HYPHENS = re.compile(r"[-\u2010-\u2012]")
#: The last part of German and Dutch titles in one word: Vertriebsleiter, afdelingshoofd.
_COMPOUNDS = re.compile(
    r"(assistent|assistenz|sekretar|secretaresse|leiter|leitung|leider|leidster|hoofd|kaufmann|kauffrau)"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is said by any of `words`, each a whole word, or by `pattern`."""

    says: str
    words: frozenset[str]
    pattern: re.Pattern[str] | None

    def holds(self, title: str, words: list[str]) -> bool:
        """Whether a title with these words says so."""
        return not self.words.isdisjoint(words) or (self.pattern is not None and self.pattern.search(title) is not None)


#: A part of a pattern that stands for a few words: a letter, letters to choose from, endings to choose from.
_PART = re.compile(r"(?:\(\?:([a-z|]+)\)|\[([a-z]+)\]|([a-z]))(\??)")


def _spelled(pattern: str) -> frozenset[str]:
    """The words that a pattern stands for, none where they are not few single words."""
    if not re.fullmatch(f"(?:{_PART.pattern})+", pattern):
        return frozenset()
    found = [""]
    for endings, letters, letter, optional in _PART.findall(pattern):
        choices = [*(endings.split("|") if endings else letters or letter), *([""] if optional else [])]
        found = [begun + choice for begun in found for choice in choices]
    return frozenset(found)


@cache
def _latin(table: Words) -> tuple[_Rule, ...]:
    # Most patterns are words: looking them up is ten times as fast as searching for them.
    rules = []
    for says, patterns in table:
        few = {pattern: _spelled(pattern) for pattern in patterns} if says else dict.fromkeys(patterns, frozenset())
        rest = "|".join(pattern for pattern, words in few.items() if not words)
        pattern = re.compile(rf"(?<![\w&])(?:{rest})(?![\w])") if rest else None
        rules.append(_Rule(says, frozenset().union(*few.values()), pattern))
    return tuple(rules)


@cache
def _japanese(table: Words) -> tuple[_Rule, ...]:
    # Between Japanese characters there are no word ends; letters of the other alphabet have theirs.
    return tuple(
        _Rule(says, frozenset(), re.compile("|".join(_whole(pattern.casefold()) for pattern in patterns)))
        for says, patterns in table
    )


def _whole(pattern: str) -> str:
    return rf"(?<![a-z]){pattern}(?![a-z])" if pattern.isascii() and pattern.replace("&", "").isalnum() else pattern


def _folded(text: str) -> str:
    return _AND.sub(" & ", _ABBREVIATED.sub("", plain(text[:200])))


@lru_cache(maxsize=16)
def _title(text: str) -> str:
    """The words of the titles that are held now, folded."""
    held = [part for part in _PARTS.split(_folded(text)) if not _FORMER.match(part)]
    return " ".join(_COMPOUNDS.sub(r" \1", _HYPHENS.sub(" ", " ".join(held))).split())


def _first(title: str, rules: tuple[_Rule, ...]) -> str:
    words = _WORDS.findall(title)
    for rule in rules:
        if not rule.says and rule.pattern:
            title = rule.pattern.sub(" ", title)
            words = _WORDS.findall(title)
        elif rule.holds(title, words):
            return rule.says
    return ""


def _read(text: str, japanese: Words, latin: Words) -> str:
    title = _title(text)
    found = _first(title, _japanese(japanese)) if not title.isascii() and _CJK.search(title) else ""
    return found or _first(title, _latin(latin))


@lru_cache(maxsize=8192)
def job_level(title: str) -> str:
    """One of the job levels, "" where the title does not tell."""
    return _read(title, LEVELS_JAPANESE, LEVELS_LATIN)


@lru_cache(maxsize=8192)
def job_function(title: str) -> str:
    """One of the job functions, "" where the title does not tell."""
    return _read(title, FUNCTIONS_JAPANESE, FUNCTIONS_LATIN)
