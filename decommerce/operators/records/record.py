"""Rows to be looked at: nothing is added, changed or deleted but by the services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from decommerce.operators.site import site
from decommerce.tenancy.errors import PlatformError

LONGEST_SHOWN = 4_000
LONG = (models.JSONField, models.TextField)
Deed = Callable[[Any], Any]


class Record(ModelAdmin):
    """The rows of one table of the tenant that is looked at. `hidden` fields are never shown, nor read into a page."""

    hidden: Sequence[str] = ()
    ordering = ("-pk",)
    list_per_page = 50
    # Counting a large table takes longer than showing a page of it.
    paginator = InfinitePaginator
    show_full_result_count = False
    list_filter_submit = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Without what is hidden; raises PermissionDenied where no tenant was chosen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().get_queryset(request).defer(*self.hidden)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Every field that may be shown; long ones are cut."""
        fields = [field for field in self.model._meta.fields if field.name not in {*self.hidden, "tenant"}]
        return [
            _cut(field) if isinstance(field, models.JSONField | models.TextField) else field.name for field in fields
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """All of them."""
        return self.get_fields(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether there is anything to see."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Operators who chose a tenant."""
        return site.has_permission(request) and request.principal is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def do_each(request: HttpRequest, rows: Iterable[Any], deed: Deed, done: str) -> None:
    """Do something to each row by its service and say what came of it; one that is refused changes nothing."""
    count = 0
    for row in rows:
        try:
            with transaction.atomic():
                deed(row)
        except PlatformError as error:
            messages.error(request, f"{row._meta.verbose_name.capitalize()} {row.pk}: {error.message} {error.hint}")
        else:
            count += 1
    if count:
        messages.success(request, f"{done}: {count}")


def _cut(field: models.Field) -> Callable[[Any], SafeString]:
    def shown(row: Any) -> SafeString:
        value = getattr(row, field.name)
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
        rest = len(text) - LONGEST_SHOWN
        more = f"\n… and {rest} more characters" if rest > 0 else ""
        return format_html('<pre class="break-all whitespace-pre-wrap">{}{}</pre>', text[:LONGEST_SHOWN], more)

    shown.__name__ = field.name
    shown.short_description = field.verbose_name.capitalize()
    return shown
