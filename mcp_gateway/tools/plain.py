"""What somebody else wrote, shown to the person who decides on it."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text without what makes it look like another one: control and formatting characters, lines apart."""
    return "".join(mark if mark == "\n" or unicodedata.category(mark) not in {"Cc", "Cf"} else "�" for mark in text)


def shortened(text: str, longest: int) -> str:
    """The text on one line; from both of its ends, and saying so, if it is long."""
    line = " ".join(plain(text).split())
    if len(line) <= longest:
        return line
    half = longest // 2
    return f"{line[:half]} … [{len(line) - 2 * half:,} characters are not shown here] … {line[-half:]}"
