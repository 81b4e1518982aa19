"""The description of the REST API, and what answers where it has nothing."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from django.http import Http404
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.components import COMPONENTS
from apps_engine.api.documentation import with_idempotency_keys, with_strict_bodies
from apps_engine.api.views.base import ApiView


@extend_schema(exclude=True)
class OpenApiView(ApiView):
    """The OpenAPI 3.1 document; it is public, for it names no tenant."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    def get(self, request: Request) -> Response:
        """The document."""
        return Response(openapi_document())


@extend_schema(exclude=True)
class UnknownAddressView(ApiView):
    """Any other address under the API's prefix: a problem document instead of a page."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse every method, after the credentials."""
        super().initial(request, *args, **kwargs)
        raise Http404


@cache
def openapi_document() -> dict[str, Any]:
    """The document of this version of the program, made once."""
    # The generator moves enums out of what it is given, and agents' tools have the same shapes.
    components = {"schemas": deepcopy(dict(COMPONENTS))}
    with patched_settings({"OAS_VERSION": "3.1.0", "APPEND_COMPONENTS": components}):
        generator = SchemaGenerator(patterns=get_resolver().url_patterns)  # type: ignore[no-untyped-call]
        document: dict[str, Any] = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    return with_idempotency_keys(with_strict_bodies(document))
