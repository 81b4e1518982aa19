"""What hostile templates read: huge numbers, long texts, deep lists, strange characters, values of no kind at all."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from apps_engine.language.bounds import DIGITS, LIST_ITEMS, RESULT_CHARACTERS, VALUE_DEPTH

MEBI = RESULT_CHARACTERS
NOW = "2026-11-21T09:00:00Z"


def _nested(depth: int, around: Any) -> Any:
    value = around
    for level in range(depth):
        value = [value] if level % 2 else {"k": value}
    return value


def _rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "name": f"name {number % 97}",
            "xp": number * 7 % 1_000 if number % 11 else None,
            "price": Decimal(number).scaleb(-2),
            "at": f"20{number % 30 + 10}-{number % 12 + 1:02d}-{number % 28 + 1:02d}T0{number % 10}:00:00+01:00",
            "team": "red" if number % 2 else "blue",
            "by": {"email": f"m{number}@acme.example", "tags": ["a", "b"]},
        }
        for number in range(count)
    ]


NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 3, 7, 10, 100, -5, 16, 64, 1_000, 9_999, 10_000, 10_001, MEBI, MEBI + 1, 2**31, 2**63, 2**64,
    10**DIGITS - 1, 10**DIGITS, -(10**DIGITS), 10**500, 10**5_000, Decimal("0"), Decimal("-0"), Decimal("0.5"),
    Decimal("1.0"), Decimal("12.50"), Decimal("-7.25"), Decimal("1E+39"), Decimal("1E+40"), Decimal("1E-40"),
    Decimal("1E-41"), Decimal("1E+999999"), Decimal("1E-999999"), Decimal("9" * DIGITS),
    Decimal("0." + "9" * DIGITS), Decimal("1.5E+12"),
)  # fmt: skip
SHORT_TEXTS: tuple[str, ...] = (
    "", " ", "a", "A", "abc", "Ada Lovelace", "ada@acme.com", "0", "12.50", "-3", "1e5", "١٢", "true", "no", "null",
    "None", "\n", "\t\r\n", "\x00", "\x1b[31m", "{{ a }}", "{{", "}}", "{% if %}", "'", '"', "\\", "`", "$op.a",
    "<b>hi</b>", "<script>", "&amp;&#0;&#x110000;", "<!--", "é", "e\u0301", "ß", "ﬁ", "İ", "ı", "ǅ", "\u202e",
    "\u200d", "👩‍👩‍👧‍👦", "\ufeff", "\uffff", "\U0010ffff", "\ud800", "a\u0300" * 40, "%Y-%m-%d", "%", "%-d", "UTC",
    "Europe/Zurich", "../../etc/passwd", "days", "months", "7d", "2h", "2026-11-21", NOW, "0001-01-01",
    "9999-12-31T23:59:59.999999Z", "2026-02-30", "2026-11-21T09:00:00+14:00", "USD", "xp", "by.email", "-xp", "at",
    "gte", "in", "matches", "(a+)+$", "[", "(?i)x", "\\p{L}{50}", "a{1000}", "[1, 2]", '{"a": 1, "a": 2}', "NaN",
    "[" * 70,
)  # fmt: skip
LONG_TEXTS: tuple[str, ...] = (
    "x" * MEBI, "x" * (MEBI + 1), "é" * (MEBI // 2), "👍" * (MEBI // 4), " " * MEBI, "\n" * MEBI,
    "a b " * (MEBI // 4), "," * 9_999, "," * 10_000, "9" * MEBI, "9" * 40, "9" * 41, "<" * MEBI,
    "<a>" * (MEBI // 3), "&#" * (MEBI // 2), "&amp;" * (MEBI // 5), "<!--" * (MEBI // 4),
    "a\u0300\u0316" * (MEBI // 3), "\u0130" * (MEBI // 2), "ß" * (MEBI // 2), "@" * MEBI, "%Y" * 1_000, "[" * MEBI,
    "[" + "1," * 9_000 + "1]", '"' + "\\u0041" * 100_000 + '"', "(" * 900, "a|" * 450, "\U0001f1e8" * (MEBI // 4),
    '{"a":' * 63 + "1" + "}" * 63, "\\" * MEBI, "'" * MEBI,
)  # fmt: skip
OTHERS: tuple[Any, ...] = (None, True, False, 1.5, float("inf"), datetime(2026, 11, 21, tzinfo=UTC), b"bytes", (1, 2))

_TEN_THOUSAND = list(range(LIST_ITEMS))
_ROWS = _rows(LIST_ITEMS)
LISTS: tuple[Any, ...] = (
    [], [1], ["a", "b"], [None], [None, 1, "a"], [3, 1, 2], ["b", "a", ""], [True, False], [[1, 2], [3]],
    [Decimal("0.1")] * 3, [NOW, "2026-01-01", "9999-12-31"], _TEN_THOUSAND, [*_TEN_THOUSAND, 0],
    ["x" * 200] * LIST_ITEMS, ["x" * 10_000] * 1_000, [NOW] * LIST_ITEMS, [Decimal("1E-40")] * LIST_ITEMS,
    [10**39] * LIST_ITEMS, [[1, 2, 3]] * LIST_ITEMS, [_TEN_THOUSAND] * 5, [_TEN_THOUSAND] * 1_000,
    [None] * LIST_ITEMS, [str(number) for number in range(LIST_ITEMS)], ["é" * 100] * 5_000,
    _nested(VALUE_DEPTH, 1), _nested(VALUE_DEPTH + 1, 1), _nested(500, 1), [_nested(VALUE_DEPTH - 1, "x")] * 100,
    _ROWS, _ROWS[:100], _ROWS[:3], [*_ROWS[:5], {}], [{}], [{"xp": {"a": 1}}, {"xp": [1]}],
    [{f"k{n}": n for n in range(100)}] * 1_000,
)  # fmt: skip
OBJECTS: tuple[Any, ...] = (
    {}, {"a": 1}, {"k": {"k": {"k": None}}}, {"": ""}, {"a b": 1, "0": 2},
    {f"key{number}": number for number in range(LIST_ITEMS)},
    {f"key{number}": number for number in range(LIST_ITEMS + 1)}, {"display_name": "Ada", "name": None},
    {"x" * 10_000: "y"}, {"rows": _ROWS}, {"text": "x" * MEBI}, _ROWS[1],
)  # fmt: skip
EVERYTHING: tuple[Any, ...] = (*NUMBERS, *SHORT_TEXTS, *LONG_TEXTS, *OTHERS, *LISTS, *OBJECTS)

# Names that templates read. What they hold changes from scope to scope; a few are absent from each.
NAMES = ("a", "b", "n", "text", "items", "rows", "member", "when", "nothing", "trigger", "state", "inputs")
_USUAL: dict[str, tuple[Any, ...]] = {
    "n": NUMBERS,
    "text": (*SHORT_TEXTS, *LONG_TEXTS),
    "items": LISTS,
    "rows": (_ROWS, _ROWS[:100], _ROWS[:3], [], LISTS[-1]),
    "member": (*OBJECTS, _ROWS[0], _ROWS[1]),
    "when": (NOW, "2026-11-20", "2024-02-29T23:59:59+05:30", "0001-01-01", "9999-12-31T23:59:59Z", ""),
    "nothing": (None,),
}


def scope(random: Random) -> dict[str, Any]:
    """Names and their values: mostly of the kind that the name says, sometimes anything."""
    made = {
        name: random.choice(_USUAL.get(name, EVERYTHING) if random.random() < 0.8 else EVERYTHING)
        for name in NAMES
        if random.random() < 0.95
    }
    made["now"] = NOW if random.random() < 0.98 else random.choice(EVERYTHING)
    return made
