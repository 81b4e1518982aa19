"""The OpenAPI 3 document of the REST API (OPS-04), derived from its views, and the shapes of its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.utils.text import slugify
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.serializers import Serializer

from apps_engine.api.shapes import COMPONENTS, Schema, list_of, shape
from decommerce.idempotency.models import LONGEST_KEY

View = TypeVar("View", bound=Callable[..., Any])

REFUSALS = {
    400: "The request cannot be understood: broken JSON, a wrong type, a missing value.",
    401: "No credentials, or a key that is unknown, expired or revoked.",
    403: "The principal lacks a scope, or a browser's request its CSRF token.",
    404: "There is no such thing in this community.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
}
WRITE_REFUSALS = {
    409: "It does not go together with what is there: the name is taken, the version is older, the app is paused.",
    412: "`If-Match` names an older version.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The definition or the inputs were refused; `problems` lists every fault.",
}


def component(name: str) -> Schema:
    """A shape of `shapes.COMPONENTS`, by reference."""
    if name not in COMPONENTS:
        raise KeyError(name)
    return {"$ref": f"#/components/schemas/{name}"}


def page_of(name: str) -> Schema:
    """A list of shapes under `items`; `next_cursor` is there where a list goes on."""
    return shape({"items": list_of(component(name))}, optional={"next_cursor": {"type": ["integer", "null"]}})


def operation(
    summary: str,
    *,
    body: type[Serializer] | Mapping[str, Schema] | None = None,
    query: type[Serializer] | None = None,
    result: str | Schema | None = None,
    status: int = 200,
    examples: Sequence[OpenApiExample] = (),
) -> Callable[[View], View]:
    """Document one method of a view: what it reads, what it answers and how it refuses.

    `body` is a serializer, or a schema for each content type; `result` is the name of a component, or a shape made of
    components.
    """
    refusals = REFUSALS if body is None else {**REFUSALS, **WRITE_REFUSALS}
    answer = component(result) if isinstance(result, str) else result
    responses: dict[Any, Any] = {status: OpenApiResponse(answer, description=summary)}
    for refusal, description in refusals.items():
        responses[refusal, "application/problem+json"] = OpenApiResponse(component("Problem"), description=description)
    return extend_schema(
        operation_id=slugify(summary).replace("-", "_"),
        summary=summary,
        request=body,
        parameters=[query] if query else None,
        responses=responses,
        examples=list(examples),
    )


IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "A UUID of your own. The same request with it again, within 24 hours, changes nothing more and gets "
    "the first answer with `Idempotency-Replayed: true`; 409 with `Retry-After` while the first is under way, 422 if "
    "the request says something else.",
}


def with_idempotency_keys(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with the header that every write takes."""
    for methods in document["paths"].values():
        for method in methods.keys() & {"post", "put", "patch", "delete"}:
            methods[method].setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return document


class PrincipalScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How one signs in, for the document."""

    target_class = "apps_engine.api.authentication.PrincipalAuthentication"
    name = ["apiKey", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "description": "An API key: dk_..."},
            {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A browser's session"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Either of them is enough."""
        return [{name: []} for name in self.name]
