"""Names of companies: on one line to keep, and without their legal form to compare."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from connector.steps.normalise.names import plain
from connector.steps.normalise.text import single_line, words

_SHORT_FORMS = str.maketrans({"㈱": "(株)", "㈲": "(有)", "㈳": "(社)", "㈶": "(財)", "㍿": "株式会社"})

#: Forms of law in their own script; they stand anywhere in a name.
_ASIAN = re.compile(
    r"\((?:株|有|合|資|同|名|社|財|医|学|福|協|一社|一財|独|特非|주|유)\)|株式会社|有限会社|合同会社|合資会社|合名会社|相互会社"
    r"|特定目的会社|投資法人|有限責任事業組合|有限責任(?=監査法人)|(?:事業)?協同組合|農事組合法人"
    r"|(?:一般|公益)(?:社団|財団)法人|社団法人|財団法人|医療法人(?:社団|財団)?|学校法人|社会福祉法人|宗教法人|特定非営利活動法人"
    r"|npo法人|(?:地方)?独立行政法人|国立研究開発法人|(?:国立|公立)大学法人|(?:弁護士|税理士|監査|司法書士|社会保険労務士|行政書士)法人"
    r"|股份有限公司|有限责任公司|有限責任公司|有限公司|주식회사|유한회사"
    # As banks write them: カ)アオバ, アオバ(カ
    r"|^[カユド]\)|\((?:カ|ユ|ド)\)?$"
)
#: Told from a name wherever they stand.
_ANYWHERE = words("""
gmbh ggmbh mbh kgaa ohg gbr partgmbb llc llp pllc inc incorporated ltd plc sarl eurl sasu selarl srl srls spa sapa
slu sau sociedad haftungsbeschrankt aktiengesellschaft kommanditgesellschaft ооо оао зао пао
""")
#: Told from a name at its end only: AG Insurance and SE Electronics are names.
_AT_END = words("""
ag se ug kg ek ev eg ewiv ohg partg
co company corp corporation limited lp pty pte pvt bhd
sa sas snc sc sca scs sci scop scp gie ei slp sl sll sc cb scoop scarl scrl coop
bv nv vof cv cvba bvba kk gk yk
ab as asa aps oy oyj lda ltda kft zrt bt doo dd sro spzoo sia uab ou cia cie ао
""")
#: Told from a name at its beginning, by the custom of their country.
_AT_START = words("the sarl sas eurl snc sci ab kk pt ooo oao zao firma fa uab sia ао")
#: Names that begin like that all the same.
_NAMES = frozenset({("sas", "institute"), ("ab", "inbev")})
#: At the end, in several words.
_PHRASES = tuple(phrase.split() for phrase in """
sa de cv|s de rl de cv|srl de cv|sapi de cv|sp z oo|sp zoo|spol s ro|sp k
private limited|limited liability company|public limited company|limited partnership|sdn bhd
societe anonyme|societe par actions simplifiee|societe a responsabilite limitee|sociedad anonima|sociedad limitada
sociedad cooperativa|sociedad de responsabilidad limitada|anonima|limitada|societa per azioni
societa a responsabilita limitata|besloten vennootschap|naamloze vennootschap|vennootschap onder firma
gesellschaft mit beschrankter haftung|eingetragener verein|eingetragene genossenschaft|eingetragener kaufmann
eingetragene kauffrau|societas europaea|kabushiki kaisha|kabushiki gaisha|godo kaisha|goudou kaisha|yugen kaisha
y cia|e figli
""".replace("\n", "|").strip("|").split("|"))  # fmt: skip
_LAST_WORDS = frozenset(phrase[-1] for phrase in _PHRASES)
#: Between the parts of a name, written or not.
_AND = frozenset({"and", "und", "et"})

_POINTS = re.compile(r"(?<=[^\W_])\.(?=\w|$|[\s,;)&])")
_REST = re.compile(r"[^\w]+|_+")
_WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々"
_APART = re.compile(f"(?<=[{_WIDE}]) (?=[{_WIDE}])")


def company(text: str) -> tuple[str, str]:
    """A company's name on one line, its short signs written out: ㈱ becomes (株)."""
    name = single_line(text)
    return (name, "") if name.isascii() else (single_line(name.translate(_SHORT_FORMS)), "")


def _spaced(found: list[str]) -> int:
    """How many single letters at the end spell a legal form: `n v`, `s p a`."""
    letters = 0
    while letters < min(5, len(found) - 1) and len(found[-letters - 1]) == 1:
        letters += 1
    for count in range(letters, 1, -1):
        form = "".join(found[-count:])
        if form in _AT_END or form in _ANYWHERE:
            return count
    return 0


def _ending(found: list[str]) -> int:
    """How many words at the end of a name are its legal form."""
    if found[-1] in _LAST_WORDS:
        for phrase in _PHRASES:
            if len(found) > len(phrase) and found[-len(phrase) :] == phrase:
                return len(phrase)
    return 1 if found[-1] in _AT_END or found[-1] in _ANYWHERE else _spaced(found)


def _bare(found: list[str]) -> list[str]:
    while len(found) > 1 and found[0] in _AT_START and tuple(found[:2]) not in _NAMES:
        found = found[1:]
    while len(found) > 1 and (count := _ending(found)):
        found = found[:-count]
        if len(found) > 1 and (found[-1] in _AND or found[-1] == "u"):
            found = found[:-1]
    rest = [word for word in found if word not in _ANYWHERE] or found[:1]
    return [word for at, word in enumerate(rest) if word not in _AND or at in (0, len(rest) - 1)]


def _once(text: str) -> str:
    name = plain(text)
    if not name.isascii():
        name = unicodedata.normalize("NFC", _ASIAN.sub(" ", name).strip()) or name
    found = _REST.sub(" ", _POINTS.sub("", name)).split()
    key = " ".join(_bare(found)) if found else ""
    return key if key.isascii() else _APART.sub("", key)


@lru_cache(maxsize=4096)
def company_key(text: str) -> str:
    """The form in which two names of one company are the same, for comparing only.

    No legal form (before, behind, dotted, spaced or in signs), no accents, no case, no punctuation, no
    `the` and no `and`. A company that is called nothing but a legal form keeps its name.
    """
    key = _once(text)
    # One plain word stays as it is.
    while key and not (key.isalnum() and key.isascii()) and (again := _once(key)) != key:
        key = again
    return key
