"""Filters for lists, and for what texts and objects share with them."""

from __future__ import annotations

from typing import Any, Final

from apps_engine.language.bounds import LIST_ITEMS, RESULT_CHARACTERS
from apps_engine.language.comparison import identities, within
from apps_engine.language.errors import BoundExceeded, InvalidValue, MissingValue
from apps_engine.language.filters.arguments import at_least_one, count, whole
from apps_engine.language.filters.columns import column, sort_keys
from apps_engine.language.filters.record import Argument, Filter
from apps_engine.language.kinds import Kind
from apps_engine.language.rendering import result_too_long, to_text

LIST, TEXT, OBJECT, NUMBER, BOOLEAN, ANY = Kind.LIST, Kind.TEXT, Kind.OBJECT, Kind.NUMBER, Kind.BOOLEAN, Kind.ANY


def _first(items: list[Any]) -> Any:
    return _item(items, 0)


def _last(items: list[Any]) -> Any:
    return _item(items, -1)


def _item(items: list[Any], index: int) -> Any:
    if not items:
        raise MissingValue(f"[{index}]", "The list is empty.", "Put `default` after it.")
    return items[index]


def _take(items: list[Any], amount: int) -> list[Any]:
    return items[:amount]


def _slice(value: Any, start: int, length: int | None) -> Any:
    first = max(start + len(value), 0) if start < 0 else start
    return value[first:] if length is None else value[first : first + length]


def _reverse(value: Any) -> Any:
    return value[::-1]


def _unique(items: list[Any], field: str | None) -> list[Any]:
    first: dict[Any, Any] = {}
    for key, item in zip(identities(items if field is None else column(items, field)), items, strict=True):
        first.setdefault(key, item)
    return list(first.values())


def _compact(items: list[Any]) -> list[Any]:
    return [item for item in items if item is not None]


def _flatten(items: list[Any]) -> list[Any]:
    if sum(len(item) if isinstance(item, list) else 1 for item in items) > LIST_ITEMS:
        raise BoundExceeded("list_too_long", f"A list would have more than {LIST_ITEMS} items.", "Take fewer.")
    return [member for item in items for member in (item if isinstance(item, list) else [item])]


def _chunk(items: list[Any], size: int) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _zip(items: list[Any], others: list[Any]) -> list[list[Any]]:
    if len(items) != len(others):
        message = f"One list has {len(items)} items and the other {len(others)}."
        raise InvalidValue("different_lengths", message, "Take as many items of each first.")
    return [[item, other] for item, other in zip(items, others, strict=True)]


def _sort(items: list[Any]) -> list[Any]:
    return _sorted(items, items, descending=False)


def _sort_by(items: list[Any], field: str) -> list[Any]:
    return _sorted(items, column(items, field.removeprefix("-")), descending=field.startswith("-"))


def _sorted(items: list[Any], values: list[Any], *, descending: bool) -> list[Any]:
    """The items in the order of their values, stable, with nulls last in either direction."""
    present = [index for index, value in enumerate(values) if value is not None]
    keys = dict(zip(present, sort_keys([values[index] for index in present]), strict=True))
    present.sort(key=keys.__getitem__, reverse=descending)
    return [items[index] for index in present] + [items[index] for index, value in enumerate(values) if value is None]


def _join(items: list[Any], separator: str) -> str:
    size = len(separator) * max(len(items) - 1, 0)
    texts = []
    for index, item in enumerate(items):
        text = to_text(item, f"[{index}]")
        size += len(text)
        if size > RESULT_CHARACTERS:
            raise result_too_long()
        texts.append(text)
    return separator.join(texts)


def _keys(value: dict[str, Any]) -> list[str]:
    return list(value)


def _values(value: dict[str, Any]) -> list[Any]:
    return list(value.values())


def _contains(value: Any, item: Any) -> bool:
    return within(item, value)


_XS: Final = {"xs": [3, 1, 2]}
_PEOPLE: Final = {"people": [{"name": "Bo", "xp": 10}, {"name": "Ada", "xp": 30}]}
_AMOUNT: Final = Argument("amount", (NUMBER,), parse=count)

FILTERS: Final = (
    Filter(
        "length",
        "lists",
        (LIST, TEXT, OBJECT),
        (),
        NUMBER,
        "How many items a list, characters a text or keys an object has.",
        ("{{ xs | length }}", _XS, 3),
        len,
        cheap=True,
    ),
    Filter(
        "first",
        "lists",
        (LIST,),
        (),
        ANY,
        "The first item; an empty list has none.",
        ("{{ xs | first }}", _XS, 3),
        _first,
        cheap=True,
    ),
    Filter(
        "last",
        "lists",
        (LIST,),
        (),
        ANY,
        "The last item; an empty list has none.",
        ("{{ xs | last }}", _XS, 2),
        _last,
        cheap=True,
    ),
    Filter(
        "take",
        "lists",
        (LIST,),
        (_AMOUNT,),
        LIST,
        "The first items, at most so many.",
        ("{{ xs | take: 2 }}", _XS, [3, 1]),
        _take,
        cheap=True,
    ),
    Filter(
        "slice",
        "lists",
        (LIST, TEXT),
        (Argument("start", (NUMBER,), parse=whole), Argument("length", (NUMBER,), None, count)),
        ANY,
        "A part from a start on (0 is the first, -1 the last), to the end or of a length.",
        ("{{ xs | slice: 1, 2 }}", _XS, [1, 2]),
        _slice,
    ),
    Filter(
        "reverse",
        "lists",
        (LIST, TEXT),
        (),
        ANY,
        "The same in reverse order.",
        ("{{ xs | reverse }}", _XS, [2, 1, 3]),
        _reverse,
    ),
    Filter(
        "unique",
        "lists",
        (LIST,),
        (Argument("field", (TEXT,), None),),
        LIST,
        "Each value once, or each item with a new value of the field.",
        ("{{ xs | unique }}", {"xs": ["a", "b", "a"]}, ["a", "b"]),
        _unique,
    ),
    Filter(
        "compact",
        "lists",
        (LIST,),
        (),
        LIST,
        "Without the nulls.",
        ("{{ xs | compact }}", {"xs": [1, None, 2]}, [1, 2]),
        _compact,
    ),
    Filter(
        "flatten",
        "lists",
        (LIST,),
        (),
        LIST,
        "The items of the lists in a list, one level deep.",
        ("{{ xs | flatten }}", {"xs": [[1], [2, 3], 4]}, [1, 2, 3, 4]),
        _flatten,
    ),
    Filter(
        "chunk",
        "lists",
        (LIST,),
        (Argument("size", (NUMBER,), parse=at_least_one),),
        LIST,
        "The items in lists of so many each, the last of them maybe shorter.",
        ("{{ xs | chunk: 2 }}", _XS, [[3, 1], [2]]),
        _chunk,
    ),
    Filter(
        "zip",
        "lists",
        (LIST,),
        (Argument("other", (LIST,)),),
        LIST,
        "Pairs of the items of two lists that are equally long.",
        ("{{ xs | zip: names }}", {"xs": [3, 1], "names": ["Ada", "Bo"]}, [[3, "Ada"], [1, "Bo"]]),
        _zip,
    ),
    Filter(
        "sort",
        "lists",
        (LIST,),
        (),
        LIST,
        "Numbers, texts or dates in ascending order, nulls last.",
        ("{{ xs | sort }}", _XS, [1, 2, 3]),
        _sort,
    ),
    Filter(
        "sort_by",
        "lists",
        (LIST,),
        (Argument("field", (TEXT,)),),
        LIST,
        "Objects in the order of a field, descending with `-` before it, nulls last.",
        ("{{ people | sort_by: '-xp' | pluck: 'name' }}", _PEOPLE, ["Ada", "Bo"]),
        _sort_by,
    ),
    Filter(
        "join",
        "lists",
        (LIST,),
        (Argument("separator", (TEXT,), ", "),),
        TEXT,
        "The items as one text.",
        ("{{ xs | join: ' - ' }}", _XS, "3 - 1 - 2"),
        _join,
    ),
    Filter(
        "contains",
        "lists",
        (LIST, TEXT, OBJECT),
        (Argument("item", (ANY,)),),
        BOOLEAN,
        "Whether a list has the item, a text the piece or an object the key.",
        ("{{ xs | contains: 3 }}", _XS, True),
        _contains,
    ),
    Filter(
        "keys",
        "lists",
        (OBJECT,),
        (),
        LIST,
        "The keys of an object.",
        ("{{ ada | keys }}", {"ada": {"xp": 30}}, ["xp"]),
        _keys,
    ),
    Filter(
        "values",
        "lists",
        (OBJECT,),
        (),
        LIST,
        "The values of an object.",
        ("{{ ada | values }}", {"ada": {"xp": 30}}, [30]),
        _values,
    ),
)
