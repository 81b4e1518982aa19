"""Date formats as in strftime (`%Y-%m-%d`), in English and the same on every machine.

The C library's strftime is not used: it takes the machine's locale, and a width such as `%099999999d` takes all memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from apps_engine.language.bounds import FORMAT_CHARACTERS
from apps_engine.language.errors import InvalidValue

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_DIRECTIVE: Final = re.compile(r"%(-?)(.?)", re.DOTALL)

Directive = Callable[[datetime], str]
DateFormat = tuple[str | Directive, ...]

_DIRECTIVES: Final[dict[str, Directive]] = {
    "Y": lambda at: f"{at.year:04d}",
    "y": lambda at: f"{at.year % 100:02d}",
    "m": lambda at: f"{at.month:02d}",
    "B": lambda at: _MONTHS[at.month - 1],
    "b": lambda at: _MONTHS[at.month - 1][:3],
    "d": lambda at: f"{at.day:02d}",
    "e": lambda at: str(at.day),
    "j": lambda at: f"{at.timetuple().tm_yday:03d}",
    "A": lambda at: WEEKDAYS[at.weekday()],
    "a": lambda at: WEEKDAYS[at.weekday()][:3],
    "u": lambda at: str(at.isoweekday()),
    "w": lambda at: str(at.isoweekday() % 7),
    "G": lambda at: f"{at.isocalendar().year:04d}",
    "V": lambda at: f"{at.isocalendar().week:02d}",
    "H": lambda at: f"{at.hour:02d}",
    "I": lambda at: f"{at.hour % 12 or 12:02d}",
    "l": lambda at: str(at.hour % 12 or 12),
    "p": lambda at: "AM" if at.hour < 12 else "PM",
    "M": lambda at: f"{at.minute:02d}",
    "S": lambda at: f"{at.second:02d}",
    "f": lambda at: f"{at.microsecond:06d}",
    "s": lambda at: str(int(at.timestamp())),
    "z": lambda at: at.strftime("%z"),
    "Z": lambda at: at.tzname() or "",
    "F": lambda at: at.date().isoformat(),
    "T": lambda at: at.time().isoformat("seconds"),
    "R": lambda at: at.time().isoformat("minutes"),
    "%": lambda at: "%",
}


def parse_format(text: str) -> DateFormat:
    """The pieces of a format; raises InvalidValue (`bad_date_format`) for a directive that is not known."""
    if len(text) > FORMAT_CHARACTERS:
        raise InvalidValue(
            "bad_date_format", f"A date format has at most {FORMAT_CHARACTERS} characters.", "Shorten it."
        )
    pieces: list[str | Directive] = []
    position = 0
    for match in _DIRECTIVE.finditer(text):
        pieces.append(text[position : match.start()])
        pieces.append(_directive(match[2], unpadded=bool(match[1])))
        position = match.end()
    pieces.append(text[position:])
    return tuple(pieces)


def write_date(at: datetime, pieces: DateFormat) -> str:
    """The date and time in that format."""
    return "".join([piece if isinstance(piece, str) else piece(at) for piece in pieces])


def _directive(letter: str, *, unpadded: bool) -> Directive:
    known = _DIRECTIVES.get(letter)
    if known is None:
        written = f"%{letter}"
        raise InvalidValue(
            "bad_date_format",
            f"`{written}` means nothing in a date format.",
            f"Known are %{' %'.join(_DIRECTIVES)}; `%-d` leaves out the leading zero.",
        )
    return (lambda at: known(at).lstrip("0") or "0") if unpadded else known
