"""Phone numbers to E.164.

Most numbers are recognised by a pattern of their country, taken from the library's own data; only
what that does not recognise goes through the library, which is twenty times slower.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from connector.model import sentences
from connector.steps.normalise.text import clean

NO_NUMBER = sentences.NO_PHONE_NUMBER
UNUSUAL_NUMBER = sentences.UNUSED_PHONE_NUMBER

_PUNCTUATION = str.maketrans("", "", " -./()\u2010\u2011\u2012\u2013\u2212\u00a0\t")
_USUAL = re.compile(r"\+?[0-9]{5,17}")
_EXTENSION = re.compile(
    r"(?P<number>.*\d.*?)[\s,;(]*(?:ext(?:ension|n)?\b\.?|x|内線|durchwahl|dw|poste|#)[\s:.番号#]*(?P<extension>\d{1,7})\)?",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Region:
    """What is known of the numbers of one calling code.

    `trunk` stands before national numbers, `abroad` before foreign ones.
    """

    code: str
    trunk: str
    abroad: str
    prefix: re.Pattern[str]
    lengths: frozenset[int]
    pattern: re.Pattern[str]

    def national(self, digits: str) -> str:
        """`digits` as a national number without its trunk prefix, "" where that is not certain."""
        found = self.prefix.match(digits)
        if not found or not found[0]:
            return digits if self.fits(digits) else ""
        # Carrier codes and area codes that are put in are the library's work.
        if found[0] != self.trunk or any(found.groups()) or self.fits(digits):
            return ""
        inner = digits[len(self.trunk) :]
        return inner if self.fits(inner) else ""

    def fits(self, digits: str) -> bool:
        """Whether these digits are a national number here."""
        return len(digits) in self.lengths and self.pattern.fullmatch(digits) is not None


@cache
def _region(region: str) -> _Region | None:
    from phonenumbers import PhoneMetadata

    known = PhoneMetadata.metadata_for_region(region, None)
    general = known.general_desc if known else None
    if known is None or general is None or not general.national_number_pattern:
        return None
    return _Region(
        str(known.country_code),
        known.national_prefix or "",
        known.international_prefix or "",
        re.compile(known.national_prefix_for_parsing or ""),
        frozenset(general.possible_length),
        re.compile(general.national_number_pattern),
    )


@cache
def _region_of_code(code: str) -> _Region | None:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0))
    return _region(regions[0]) if regions else None


def _international(digits: str, trunk: str = "") -> str:
    """`digits` after the plus as E.164, where they fit a country (whose trunk prefix is `trunk`, if given)."""
    for length in (1, 2, 3):
        region = _region_of_code(digits[:length])
        if region and region.fits(digits[length:]) and trunk in ("", region.trunk):
            return "+" + digits
    return ""


def usual_phone(text: str, region: str) -> str:
    """E.164 of a number that fits the pattern of its country, "" where that needs a closer look."""
    # `+49 (0)30` tells the trunk prefix to those who call from nearby.
    optional = "0" if "(0)" in text else ""
    digits = (text.replace("(0)", "") if optional else text).translate(_PUNCTUATION)
    if not _USUAL.fullmatch(digits):
        return ""
    if digits[0] == "+":
        return _international(digits[1:], optional)
    known = _region(region)
    if known is None:
        return ""
    if digits.startswith("00") and known.abroad == "00":
        return _international(digits[2:], optional)
    national = "" if optional else known.national(digits)
    return f"+{known.code}{national}" if national else ""


def _slow(text: str, region: str) -> tuple[str, str, str]:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text, "", NO_NUMBER
    if not phonenumbers.is_possible_number(number):
        return text, "", NO_NUMBER
    if not phonenumbers.is_valid_number(number):
        return text, "", UNUSUAL_NUMBER
    form = phonenumbers.PhoneNumberFormat.E164
    return phonenumbers.format_number(number, form), number.extension or "", ""


def phone(text: str, region: str) -> tuple[str, str, str]:
    """(E.164, extension, "") or (as given, extension, why). `region` is for numbers without a country code."""
    if (fast := usual_phone(text, region)) != "":
        return fast, "", ""
    given = clean(text)
    number = given if given.isascii() else unicodedata.normalize("NFKC", given)
    if number is not text and (fast := usual_phone(number, region)) != "":
        return fast, "", ""
    extension = ""
    if len(number) > 60:
        return given, "", NO_NUMBER
    if found := _EXTENSION.fullmatch(number.removeprefix("tel:")):
        number, extension = found["number"].strip(" ,;("), found["extension"]
        if (fast := usual_phone(number, region)) != "":
            return fast, extension, ""
    value, own, flag = _slow(number, region)
    # Kept as given means the whole of it, so that reading it again says the same.
    return (given, "", flag) if flag else (value, extension or own, "")


def known_region(region: str) -> bool:
    """Whether `region` is a country whose numbers can be read."""
    from phonenumbers import SUPPORTED_REGIONS

    return region in SUPPORTED_REGIONS
