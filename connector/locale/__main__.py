"""`python -m connector.locale`: update the catalogues from the source, list what they lack."""

from __future__ import annotations

import sys

from connector.locale import LANGUAGES
from connector.locale.messages import extract, missing, update


def main(arguments: list[str]) -> int:
    """`update` rewrites the catalogues, `missing` lists messages without translation and exits 1 if any."""
    if arguments not in (["update"], ["missing"]):
        sys.stderr.write("usage: python -m connector.locale update|missing\n")
        return 2
    messages = extract()
    lacking = 0
    for language in LANGUAGES:
        if language == "en":
            continue
        if arguments == ["update"]:
            update(language, messages)
        words = missing(language, messages)
        lacking += len(words)
        sys.stdout.writelines(f"{language}: {text!r}\n" for text in words)
    sys.stdout.write(f"{len(messages)} messages, {lacking} without translation\n")
    return 1 if lacking and arguments == ["missing"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
