"""Names and descriptions that people read in a list: one line, and nothing in it that nobody sees.

Control characters move cursors, bidirectional ones turn texts around (CVE-2021-42574), and those without a width make
two names look alike. Joiners are kept where they join: in emoji and in scripts that write with them.
"""

from __future__ import annotations

import re

# The inside of a character class, for Python's patterns and ECMA's alike.
UNSEEN = (
    "\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_UNSEEN = re.compile(f"[{UNSEEN}]")
_JOINED = re.compile("(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])")


def unseen_character(text: str) -> str | None:
    """The first character of a label that does not belong there, as U+XXXX; None where all can be seen."""
    found = _UNSEEN.search(_JOINED.sub("", text))
    return None if found is None else f"U+{ord(found[0]):04X}"
