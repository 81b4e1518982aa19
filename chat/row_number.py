"""The number of a row in an address."""

from __future__ import annotations


class RowNumber:
    """A path converter: what cannot be a bigint is no address."""

    regex = r"\d{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)
