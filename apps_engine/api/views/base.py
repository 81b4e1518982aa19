"""What every view of the REST API shares: who asks, what is read, what is written."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import MultipleChoiceField, Serializer
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from apps_engine.api.authentication import ConfirmationRequired, HasPrincipal, PrincipalAuthentication, principal_of
from apps_engine.api.json_media import ExactJSONParser, ExactJSONRenderer
from apps_engine.api.once import AlreadyAnswered, begin_once, end_once
from apps_engine.api.rates import spend
from decommerce.idempotency.service import Write
from decommerce.tenancy.principal import Principal


class Budget(BaseThrottle):
    """Spends one read or write of the principal's budget."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """True; raises RateLimited at the end of the budget."""
        spend(principal_of(request), "read" if request.method in SAFE_METHODS else "write")
        return True


class ApiView(APIView):
    """A thin view: it checks the input, calls one service and presents the result."""

    authentication_classes = [PrincipalAuthentication]
    permission_classes = [HasPrincipal]
    throttle_classes = [Budget]
    parser_classes = [ExactJSONParser]
    renderer_classes = [ExactJSONRenderer]
    metadata_class = None
    _write: Write | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who asks, within their budget; and whether the same write was answered before."""
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS and self.principal.confirms:
            raise ConfirmationRequired
        self._write = begin_once(request)

    def handle_exception(self, exc: Exception) -> Response:
        """The answer of the first request with the same key, or a problem document."""
        return exc.response if isinstance(exc, AlreadyAnswered) else super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """No cache keeps what belongs to one community, least of all a new key."""
        response.headers.setdefault("Cache-Control", "no-store")
        if self._write is not None:
            end_once(self._write, response)
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return principal_of(self.request)

    def body(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The checked body."""
        return _checked(serializer(data=self.request.data))

    def parameters(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The checked query string; of what is given several times the last counts, unless it is a list."""
        fields, given = serializer().fields, self.request.query_params
        listed = {name for name, field in fields.items() if isinstance(field, MultipleChoiceField)}
        return _checked(
            serializer(data={name: given.getlist(name) if name in listed else given[name] for name in given})
        )


def _checked(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
