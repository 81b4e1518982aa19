"""The operators' site: Django's admin, in the scope of one tenant at a time (SEC-01)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from decommerce.operators.sessions import SINCE, begin
from decommerce.operators.sign_in import SignIn
from decommerce.tenancy.audit import record_audit
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import SESSION_TENANT, own_scope
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.operators import is_operator, operator_principal

View = Callable[..., HttpResponse]
SHOWN = 50
LONGEST = 120


class OperatorsSite(UnfoldAdminSite):
    """Who is no operator meets its sign-in page only. Rows of tenants are there once a tenant is chosen."""

    login_form = SignIn
    index_template = "operators/index.html"
    index_title = "Tenants"
    empty_value_display = "–"

    def has_permission(self, request: HttpRequest) -> bool:
        """Signed in here, and an operator still."""
        return SINCE in request.session and is_operator(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The sign-in page of these pages alone."""
        response: HttpResponse = super().login(request, extra_context)
        if request.method == "POST" and request.user.is_authenticated and SINCE not in request.session:
            begin(request)
            if REDIRECT_FIELD_NAME not in request.GET:
                return HttpResponseRedirect(reverse("admin:index"))
        return response

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """The view for operators; what it shows is read while the tenant is in scope."""
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def drawn(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            response: HttpResponse = guarded(request, *args, **options)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            return response

        return drawn

    def extra_urls(self) -> list[URLPattern]:
        """Choosing a tenant runs in no tenant's scope."""
        enter = own_scope(self.admin_view(require_POST(self.enter)))
        return [path("enter/", enter, name="enter")]

    def enter(self, request: HttpRequest) -> HttpResponse:
        """Look at one tenant from now on, or at none; the tenant's audit log says so."""
        wanted = request.POST.get("tenant", "")
        tenant = Tenant.objects.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 19 else None
        if tenant is None:
            request.session.pop(SESSION_TENANT, None)
            return HttpResponseRedirect(reverse("admin:index"))
        principal = operator_principal(request.user, tenant.pk)
        with tenant_scope(tenant.pk):
            record_audit(principal, "operator.entered", f"tenant:{tenant.pk}")
        request.session[SESSION_TENANT] = tenant.pk
        return HttpResponseRedirect(reverse("admin:index"))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The tenants, by name; of the chosen one, what there is to look at."""
        search = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
        tenants = Tenant.objects.order_by("name")
        if search:
            tenants = tenants.filter(name__icontains=search) | tenants.filter(slug__icontains=search)
        found = list(tenants[: SHOWN + 1])
        context = {"tenants": found[:SHOWN], "more": len(found) > SHOWN, "search": search, "shown": SHOWN}
        return super().index(request, {**context, **(extra_context or {})})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page knows besides: the tenant that is looked at."""
        return {**super().each_context(request), "tenant": request.tenant, "flower_url": settings.FLOWER_URL}


site = OperatorsSite(name="operators")
