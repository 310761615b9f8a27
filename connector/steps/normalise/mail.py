"""Email addresses and the domains in them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from connector.model import sentences
from connector.steps.normalise.mail_domains import DISPOSABLE, FREE, ROLES
from connector.steps.normalise.text import clean, words

if TYPE_CHECKING:
    from tldextract import TLDExtract

#: Reasons of flags. With the first the text is an address that some strict checkers refuse
#: (`a..b@docomo.ne.jp` exists); with the second it is none and must not be used as a key.
UNUSUAL_ADDRESS = sentences.UNUSUAL_ADDRESS
NO_ADDRESS = sentences.NO_ADDRESS
SEVERAL_ADDRESSES = sentences.SEVERAL_ADDRESSES

_USUAL = re.compile(
    r"[a-z0-9_]+(?:[.+\-'][a-z0-9_]+)*@(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z]{2,24}", re.ASCII
)  # fmt: skip
_POSSIBLE = re.compile(r"[^\s@<>,;\"()]{1,64}@(?:[\w]+(?:-+\w+)*\.)+[^\W\d_][\w-]*")
_NAMED = re.compile(r"[^<>]*<\s*([^<>\s]+@[^<>\s]+)\s*>")
#: What stands around an address in exports and on web pages.
_AROUND = re.compile(r"^(?:mailto:|[\s'\"<>.;,])+|[\s'\"<>.;,]+$")
_SEVERAL = re.compile(r"[;,、\s|/]+")
_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.\-]*://|//|mailto:)?(?:[^/?#@\s]*@)?([^/?#:@\s]+)(?::\d*)?(?:[/?#].*)?", re.DOTALL
)


def usual_email(text: str) -> str:
    """The comparison form of an address of the usual letters, "" where that needs a closer look."""
    address = text.strip().lower()
    usual = len(address) < 255 and _USUAL.fullmatch(address) and address.index("@") < 65
    return address if usual else ""


def email(text: str) -> tuple[str, str]:
    """(address in its comparison form, "") or (as given, why): NFKC, no blanks around, lower case."""
    address = usual_email(text)
    return (address, "") if address else _unusual(text)


def _unusual(text: str) -> tuple[str, str]:
    text = clean(unicodedata.normalize("NFKC", text))
    address = _AROUND.sub("", text.lower())
    if found := _NAMED.fullmatch(text.lower()):
        address = found[1]
    parts = [part for part in _SEVERAL.split(address) if "@" in part]
    if len(parts) > 1 and parts[0] != address and _POSSIBLE.fullmatch(parts[0]):
        return email(parts[0])[0], SEVERAL_ADDRESSES
    if usual_email(address):
        return address, ""
    return _checked(address) if _POSSIBLE.fullmatch(address) and len(address) < 255 else (text, NO_ADDRESS)


def _checked(address: str) -> tuple[str, str]:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(address, check_deliverability=False).normalized.lower()
    except (EmailNotValidError, ValueError):
        return address, UNUSUAL_ADDRESS
    return (found, "") if found == address else (address, "")


#: Suffixes of one label with hardly any below them; the rest needs the whole list.
_SIMPLE = words("""
com net org de eu ch dk nl io ai app dev tech cloud biz info example test
""")
_ALONE = frozenset({"com", "net", "org", "de"})
_DOUBLE = words("""
co.jp or.jp ne.jp ac.jp go.jp ed.jp gr.jp lg.jp co.uk org.uk ac.uk gov.uk com.au net.au org.au edu.au co.nz com.br
co.in co.kr com.cn com.hk com.sg com.tw com.mx com.tr co.za co.id com.my
""")
#: Two labels that are a public suffix by themselves although their last one is simple.
_NOT_REGISTRABLE = re.compile(r"(?:co|or|ac|com|net|org|edu|gov|mil|off|nom)\.(?:io|ai)")


@cache
def _extractor() -> TLDExtract:
    from tldextract import TLDExtract as Extractor

    # The list that comes with the package: nothing is fetched, nothing is cached on disk.
    return Extractor(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=16384)
def registrable(host: str) -> str:
    """The registrable domain of a host name (`mail.acme.co.jp` -> `acme.co.jp`), "" where it has none."""
    host = host.lower().rstrip(".")
    labels = host.split(".")
    if host.isascii() and all(labels):
        if len(labels) > 1 and labels[-1] in _ALONE:
            return ".".join(labels[-2:])
        if len(labels) == 2 and labels[1] in _SIMPLE and not _NOT_REGISTRABLE.fullmatch(host):
            return host
        if len(labels) == 3 and f"{labels[1]}.{labels[2]}" in _DOUBLE:
            return host
    return _extracted(host)


def _extracted(host: str) -> str:
    found = _extractor().extract_str(host)
    if found.suffix:
        return f"{found.domain}.{found.suffix}" if found.domain else ""
    # A name of a suffix nobody registered (`firm.example`, an intranet) is its last two labels.
    labels = host.split(".")
    return ".".join(labels[-2:]) if len(labels) > 1 and all(labels) and not labels[-1].isdigit() else ""


@lru_cache(maxsize=16384)
def domain(text: str) -> tuple[str, str]:
    """(registrable domain of a web address, host or email, "") or (as given, why)."""
    text = clean(unicodedata.normalize("NFKC", text)) if not text.isascii() else clean(text)
    # Small letters may come apart again: NFKC once more. Not casefold: "straße.de" is no "strasse.de".
    lower = unicodedata.normalize("NFKC", text.lower())
    found = _HOST.fullmatch(lower) if len(text) < 2000 else None
    name = registrable(found[1]) if found and "." in found[1] and len(found[1]) < 254 else ""
    return (name, "") if name else (text, sentences.NO_DOMAIN)


@lru_cache(maxsize=16384)
def host_class(host: str) -> str:
    """`free`, `disposable` or `work`, by the host an address is at."""
    names = {host, registrable(host)}
    return "disposable" if names & DISPOSABLE else "free" if names & FREE else "work"


def email_class(address: str) -> str:
    """`work`, `free`, `role` or `disposable`; "" for what is no address."""
    local, _, host = address.rpartition("@")
    if not local or "." not in host or " " in address:
        return ""
    kind = host_class(host)
    return "role" if kind == "work" and local.partition("+")[0] in ROLES else kind


#: Hosts that deliver `ana.lopez` and `analopez` to one mailbox, each with the host it is counted as.
_WITHOUT_DOTS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def mailbox(address: str) -> str:
    """The key under which two addresses reach one mailbox; for comparing only, never to be stored or written to.

    The tag after a plus is off everywhere. Dots in the local part are off only where the host
    ignores them, elsewhere they tell people apart (`a.b` and `ab` at docomo.ne.jp are two). A text
    that is no address is its own key.
    """
    found = usual_email(address) or email(address)[0]
    local, _, host = found.rpartition("@")
    if not local:
        return found
    local = local.partition("+")[0] or local
    if host in _WITHOUT_DOTS:
        local, host = local.replace(".", "") or local, _WITHOUT_DOTS[host]
    return f"{local}@{host}"
