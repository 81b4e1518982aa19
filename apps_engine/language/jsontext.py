"""JSON in and out, exact and bounded: decimals stay decimals, and what PostgreSQL or a reader could misread is refused.

RFC 8259 leaves duplicate keys, NaN, huge numbers and lone surrogates to each reader; here they are errors, so that what
was checked is what is stored and run.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from apps_engine.language.jsonplaces import plain_offset, repeated_key_offset, text_offset
from apps_engine.language.places import with_place

MAX_DEFINITION_BYTES = 262_144
MAX_DEPTH = 64
MAX_DIGITS = 40

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_TROUBLED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|[\ud800-\udfff]")


_FINDERS = {
    "duplicate_key": repeated_key_offset,
    "number_too_long": plain_offset,
    "not_a_number": plain_offset,
    "nul_character": text_offset,
    "lone_surrogate": text_offset,
}


class JsonTextError(ValueError):
    """The text is no acceptable JSON. `line` and `column` count from 1; None where the fault has no single place.

    `token` is what was refused, where the decoder knows it but not where it stands.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        line: int | None = None,
        column: int | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.line = line
        self.column = column
        self.token = token

    def within(self, text: str) -> JsonTextError:
        """The same with the place of its token in the text."""
        find = _FINDERS.get(self.code) if len(text) <= MAX_DEFINITION_BYTES else None
        offset = find(text, self.token) if find is not None and self.token is not None else None
        return self if offset is None else self.at(text, offset)

    def at(self, text: str, offset: int) -> JsonTextError:
        """The same at a place of the text, which the message tells."""
        line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
        message = with_place(self.message, f"line {line}, column {column}")
        return JsonTextError(self.code, message, self.hint, line=line, column=column)


def loads(text: str | bytes, *, max_bytes: int | None = None) -> Any:
    """The value of a JSON text, with Decimal for every number that has a point or an exponent.

    Raises JsonTextError: `too_large`, `too_deep`, `not_utf8`, `json_syntax`, `duplicate_key`, `not_a_number`,
    `number_too_long`, `nul_character`, `lone_surrogate`.
    """
    if max_bytes is not None and _larger(text, max_bytes):
        raise JsonTextError(
            "too_large", f"The document has more than {max_bytes // 1024} KiB.", "Split it into several apps."
        )
    decoded = _decode(text)
    _refuse_depth(decoded)
    try:
        value = JSONDecoder().decode(decoded)
        if _TROUBLED.search(decoded):
            _refuse_troubled_text(value)
    except JsonTextError as error:
        raise error.within(decoded) from error
    return value


def dumps(value: Any, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """The JSON text of a value, compact unless `indent` is given, with decimals digit for digit.

    Raises ValueError for NaN and Infinity and TypeError for what is no JSON value.
    """
    separators = (",", ":") if indent is None else (",", ": ")
    return JSONEncoder(ensure_ascii=False, indent=indent, separators=separators, sort_keys=sort_keys).encode(value)


class JSONDecoder(json.JSONDecoder):
    """The decoder of `loads`, in the form that Django's JSONField takes."""

    def __init__(self) -> None:
        super().__init__(
            object_pairs_hook=_unique_object,
            parse_float=_bounded_decimal,
            parse_int=_bounded_integer,
            parse_constant=_refuse_constant,
        )

    def decode(self, s: str, *args: Any) -> Any:
        """Decode the whole text; every fault is a JsonTextError."""
        try:
            return super().decode(s, *args)
        except json.JSONDecodeError as error:
            raise JsonTextError(
                "json_syntax",
                f"The JSON is broken at line {error.lineno}, column {error.colno}: {error.msg}.",
                "Look for a missing comma, quote or bracket just before this place.",
                line=error.lineno,
                column=error.colno,
            ) from error
        except RecursionError as error:
            raise _too_deep() from error


class JSONEncoder(json.JSONEncoder):
    """Writes decimals digit for digit; made for Django's JSONField and `dumps`.

    The standard encoder cannot write a Decimal as a number, so each goes out as a marked text and loses its quotes
    afterwards. The mark is random and new for each text, so no value can forge it.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "allow_nan": False})
        self._mark = ""

    def default(self, o: Any) -> Any:
        """Called for what is not plain JSON."""
        if not isinstance(o, Decimal):
            return super().default(o)
        if not o.is_finite():
            raise ValueError(f"{o} is no JSON value")
        self._mark = self._mark or secrets.token_hex(16)
        return f"{self._mark}{o}"

    def encode(self, o: Any) -> str:
        """The JSON text of the value."""
        self._mark = ""
        text = super().encode(o)
        return re.sub(f'"{self._mark}([^"]*)"', r"\1", text) if self._mark else text


def _larger(text: str | bytes, limit: int) -> bool:
    return len(text) > limit or (isinstance(text, str) and len(text.encode(errors="replace")) > limit)


def _decode(text: str | bytes) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise JsonTextError(
            "not_utf8", f"The document is not UTF-8 text (line {line}).", "Save it as UTF-8.", line=line
        ) from error


def _refuse_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _STRUCTURE.finditer(text):
        token = match[0]
        if token in ("[", "{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_deep().at(text, match.start())
        elif token in ("]", "}"):
            depth -= 1


def _too_deep() -> JsonTextError:
    return JsonTextError(
        "too_deep", f"The document nests more than {MAX_DEPTH} lists and objects in each other.", "Flatten it."
    )


def _unique_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise JsonTextError(
            "duplicate_key",
            f"The key {twice!r} stands twice in one object.",
            "Keep one of them; a reader would drop one.",
            token=twice,
        )
    return value


def _bounded_integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise _number_too_long(digits)
    return int(digits)


def _bounded_decimal(text: str) -> Decimal:
    number = Decimal(text) if len(text) <= 2 * MAX_DIGITS else None
    if number is None or len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        raise _number_too_long(text)
    return number


def _number_too_long(text: str) -> JsonTextError:
    return JsonTextError(
        "number_too_long",
        f"The number {text[:20]}... has more than {MAX_DIGITS} digits.",
        "Write it as text.",
        token=text,
    )


def _refuse_constant(name: str) -> NoReturn:
    raise JsonTextError("not_a_number", f"{name} is no JSON value.", "Use null or a number.", token=name)


def _refuse_troubled_text(value: Any) -> None:
    for text in _texts(value):
        if "\x00" in text:
            raise JsonTextError("nul_character", "A text holds the character U+0000.", "Remove it.", token=text)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise JsonTextError(
                "lone_surrogate",
                "A text holds half of a character (a lone surrogate).",
                "Write the whole character.",
                token=text,
            ) from error


def _texts(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            pending.extend(item)
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
