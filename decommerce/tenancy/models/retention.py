"""How long rows are kept."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Retention:
    """Rows of a table go when `column` is so many days back, and `only` (SQL over the row) holds.

    `usual` is the number of days without a setting, 0 for ever. `least` is what idempotency and people need: the
    database itself refuses to delete a younger row. `born` tells when a row was made, so that a pass can end where all
    that follows is young; `columns` are those that `only` reads. Rows that belong to one that goes, go with it.
    """

    name: str
    what: str
    column: str
    usual: int
    least: int
    only: str = "true"
    columns: tuple[str, ...] = ()
    born: str = ""

    @property
    def days(self) -> int:
        """The days that are set, never fewer than the least; 0 is for ever."""
        days = int(settings.RETENTION_DAYS.get(self.name, self.usual))
        return max(days, self.least) if days else 0

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that have to be read to find the rows."""
        return tuple(dict.fromkeys(("id", self.column, self.born or self.column, *self.columns)))

    def older_than(self, days: str) -> str:
        """The condition under which a row is so old, `days` an SQL expression."""
        return f"{self.column} < now() - make_interval(days => {days}) AND ({self.only})"
