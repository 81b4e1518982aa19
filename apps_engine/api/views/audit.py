"""Who did what (SEC-05)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import cursor_page_of, operation
from apps_engine.api.serializers import AuditPage
from apps_engine.api.views.base import ApiView
from apps_engine.services.presentation import audit_as_dict
from decommerce.tenancy.audit import AuditFilter, list_audit


class AuditView(ApiView):
    """The audit log of a community."""

    @operation("List the audit log", query=AuditPage, result=cursor_page_of("AuditEntry"))
    def get(self, request: Request) -> Response:
        """Newest first; `next_cursor` is null on the last page. It takes the scope `admin`."""
        wanted = self.parameters(AuditPage)
        which = AuditFilter(wanted["verb"], wanted["target"], wanted["actor"], wanted.get("since"), wanted.get("until"))
        found = list_audit(self.principal, which, limit=wanted["limit"] + 1, cursor=wanted.get("cursor"))
        page = found[: wanted["limit"]]
        cursor = page[-1].pk if len(found) > len(page) else None
        return Response({"items": [audit_as_dict(entry) for entry in page], "next_cursor": cursor})
