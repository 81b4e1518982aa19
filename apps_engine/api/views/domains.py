"""Where webhooks may go: the tenant's list of allowed domains, and the secrets that receivers verify with (ACT-02)."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation, page_of
from apps_engine.api.serializers import DomainBody
from apps_engine.api.views.base import ApiView
from apps_engine.services.presentation import instant
from decommerce.outgoing.allowlist import (
    allow_domain,
    allowed_domains,
    find_domain,
    remove_domain,
    rotate_secret,
    signing_secret,
)
from decommerce.outgoing.models import AllowedDomain


class DomainsView(ApiView):
    """The domains that apps may call."""

    @operation("List allowed domains", result=page_of("Domain"))
    def get(self, request: Request) -> Response:
        """By name, without the secrets."""
        return Response({"items": [_domain(domain) for domain in allowed_domains(self.principal)]})

    @operation("Allow a domain", body=DomainBody, result="DomainWithSecret", status=201)
    def post(self, request: Request) -> Response:
        """`example.com` allows that host, `*.example.com` every host below it. `secret` is what the receiver needs."""
        domain = allow_domain(self.principal, self.body(DomainBody)["pattern"])
        return Response(_domain(domain) | {"secret": signing_secret(self.principal, domain.pattern)}, status=201)


class DomainView(ApiView):
    """One allowed domain."""

    @operation("Show an allowed domain with its secret", result="DomainWithSecret")
    def get(self, request: Request, domain_id: int) -> Response:
        """The signing secret too; for admins."""
        domain = find_domain(domain_id)
        return Response(_domain(domain) | {"secret": signing_secret(self.principal, domain.pattern)})

    @operation("Remove an allowed domain", status=204)
    def delete(self, request: Request, domain_id: int) -> Response:
        """No call to it begins any more."""
        remove_domain(self.principal, find_domain(domain_id).pattern)
        return Response(status=204)


class DomainRotationView(ApiView):
    """A new signing secret."""

    @operation("Rotate the secret of an allowed domain", result="DomainWithSecret")
    def post(self, request: Request, domain_id: int) -> Response:
        """For seven days messages bear the old secret's signature too."""
        domain = find_domain(domain_id)
        secret = rotate_secret(self.principal, domain.pattern)
        return Response(_domain(find_domain(domain_id)) | {"secret": secret})


def _domain(domain: AllowedDomain) -> dict[str, Any]:
    return {
        "id": domain.pk,
        "pattern": domain.pattern,
        "added_by": domain.added_by,
        "added_at": instant(domain.added_at),
        "rotated_at": instant(domain.rotated_at),
    }
