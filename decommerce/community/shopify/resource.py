"""Reading one of Shopify's resources: what another system sent is checked field by field before it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime

from decommerce.community.exact_json import storable
from decommerce.tenancy.errors import PlatformError

MAX_ID = 2**63 - 1
MAX_COUNT = 2**31 - 1
MAX_AMOUNT = Decimal(10) ** 18


class ResourceRefused(PlatformError):
    """A resource that lacks what it must have, or has it in a shape that it never has."""

    code = "shopify_payload_invalid"


def bounded(total: int) -> int:
    """A sum of whole numbers as a column can hold it."""
    return max(-MAX_COUNT, min(total, MAX_COUNT))


class Resource:
    """The fields of one resource, typed. `path` names it in errors. Texts longer than their column are cut."""

    def __init__(self, payload: Any, path: str) -> None:
        if not isinstance(payload, Mapping):
            raise ResourceRefused(f"{path} must be an object.")
        self.payload = payload
        self.path = path

    def identifier(self, name: str = "id") -> int:
        """A number of Shopify's; required."""
        value = self._whole(name, MAX_ID)
        if value is None or value <= 0:
            raise self._refusal(name, "must be a positive whole number")
        return value

    def optional_identifier(self, name: str) -> int | None:
        """A number of Shopify's, or None."""
        return self._whole(name, MAX_ID)

    def count(self, name: str) -> int:
        """How many; 0 where nothing is said, and never less."""
        return max(self._whole(name, MAX_COUNT) or 0, 0)

    def quantity(self, name: str) -> int:
        """How many, which may be less than nothing: stock can be oversold."""
        return self._whole(name, MAX_COUNT) or 0

    def money(self, name: str) -> Decimal:
        """An exact amount; 0.00 where nothing is said."""
        amount = self.optional_money(name)
        return Decimal("0.00") if amount is None else amount

    def optional_money(self, name: str) -> Decimal | None:
        """An exact amount, or None. Shopify writes amounts as texts, and some as numbers."""
        value = self.payload.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
            raise self._refusal(name, "must be an amount")
        try:
            amount = Decimal(value)
        except InvalidOperation as error:
            raise self._refusal(name, "must be an amount") from error
        if not amount.is_finite() or abs(amount) >= MAX_AMOUNT:
            raise self._refusal(name, "must be an amount")
        return amount

    def instant(self, name: str) -> datetime:
        """An instant with a time zone; required."""
        value = self.optional_instant(name)
        if value is None:
            raise self._refusal(name, "must be a date and time")
        return value

    def optional_instant(self, name: str) -> datetime | None:
        """An instant with a time zone, or None."""
        value = self.payload.get(name)
        if value is None or value == "":
            return None
        try:
            parsed = parse_datetime(value) if isinstance(value, str) else None
        except ValueError as error:
            raise self._refusal(name, "must be a date and time") from error
        if parsed is None or parsed.tzinfo is None:
            raise self._refusal(name, "must be a date and time with a time zone")
        try:
            return parsed.astimezone(UTC)
        except OverflowError as error:
            raise self._refusal(name, "must be a date and time between the years 1 and 9999") from error

    def text(self, name: str, limit: int) -> str:
        """A text of at most so many characters; "" where nothing is said."""
        value = self.payload.get(name)
        if value is None:
            return ""
        if isinstance(value, (bool, Mapping, list)):
            raise self._refusal(name, "must be a text")
        return str(storable(str(value)))[:limit]

    def email(self) -> str | None:
        """The address as it was written, or None."""
        return self.text("email", 254).strip() or None

    def flag(self, name: str) -> bool:
        """Whether something is so; false where nothing is said."""
        return self.payload.get(name) is True

    def words(self, name: str) -> list[str]:
        """Tags, which Shopify writes as one text with commas."""
        value = self.payload.get(name)
        parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
        return [storable(str(part)).strip()[:255] for part in parts if str(part).strip()]

    def children(self, name: str) -> list[Resource]:
        """The resources of a list; none where nothing is said."""
        value = self.payload.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._refusal(name, "must be a list")
        return [Resource(item, f"{self.path}.{name}[{index}]") for index, item in enumerate(value)]

    def child(self, name: str) -> Resource | None:
        """The resource inside, or None."""
        value = self.payload.get(name)
        return None if not value else Resource(value, f"{self.path}.{name}")

    def _whole(self, name: str, limit: int) -> int | None:
        value = self.payload.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) <= len(str(limit)) + 1:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > limit:
            raise self._refusal(name, "must be a whole number")
        return value

    def _refusal(self, name: str, fault: str) -> ResourceRefused:
        return ResourceRefused(f"{self.path}.{name} {fault}.", hint="Send the resource as Shopify's webhooks do.")
