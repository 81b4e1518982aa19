"""The OpenAPI 3 document of the REST API (OPS-04), derived from its views, and the shapes of its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.utils.text import slugify
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.serializers import Serializer

from apps_engine.api.components import COMPONENTS
from apps_engine.api.shapes import Schema, list_of, shape
from decommerce.community.publisher import EVENT_CONTENT_TYPE
from decommerce.idempotency.models import LONGEST_KEY

View = TypeVar("View", bound=Callable[..., Any])

REFUSALS = {
    400: "The request cannot be understood: broken JSON, a wrong type, a missing value.",
    401: "No credentials, or a key that is unknown, expired or revoked.",
    403: "The principal lacks a scope, or a browser's request its CSRF token.",
    404: "There is no such thing in this community.",
    406: "`Accept` asks for something that is not JSON.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
}
WRITE_REFUSALS = {
    409: "It does not go together with what is there: the name is taken, the version is older, the app is paused.",
    422: "The definition or the inputs were refused, and `problems` lists every fault; or the idempotency key was used "
    "for another request.",
}
BODY_REFUSALS = {
    413: "The body is too large.",
    415: "The body is not of a type that is read here.",
}
PRECONDITION_REFUSALS = {412: "`If-Match` names an older version."}

IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": r'^"?[0-9]{1,9}"?$'},
    OpenApiParameter.HEADER,
    description="The `ETag` of the app that was looked at; where somebody else changed it since, nothing happens and "
    "the answer is 412.",
)


def component(name: str) -> Schema:
    """A shape of `components.COMPONENTS`, by reference."""
    if name not in COMPONENTS:
        raise KeyError(name)
    return {"$ref": f"#/components/schemas/{name}"}


def page_of(name: str) -> Schema:
    """A whole list under `items`."""
    return shape({"items": list_of(component(name))})


def cursor_page_of(name: str) -> Schema:
    """A page of a list that may be long: `next_cursor` leads to the next one and is null on the last."""
    return shape({"items": list_of(component(name)), "next_cursor": {"type": ["integer", "null"]}})


def operation(
    summary: str,
    *,
    body: type[Serializer] | Mapping[str, Schema] | None = None,
    query: type[Serializer] | None = None,
    result: str | Schema | None = None,
    status: int = 200,
    tagged: bool = False,
    conditional: bool = False,
    examples: Sequence[OpenApiExample] = (),
) -> Callable[[View], View]:
    """Document one method of a view: what it reads, what it answers and how it refuses.

    `body` is a serializer, or a schema for each content type; `result` is the name of a component, or a shape made of
    components. `tagged`: the answer has an `ETag`; `conditional`: the method honours `If-Match`.
    """

    def documented(view: View) -> View:
        refusals = _refusals(writes=view.__name__ != "get", reads_body=body is not None, conditional=conditional)
        answer = component(result) if isinstance(result, str) else result
        responses: dict[Any, Any] = {status: OpenApiResponse(answer, description=summary)}
        for refusal, description in refusals.items():
            told = OpenApiResponse(component("Problem"), description=description)
            responses[refusal, "application/problem+json"] = told
        parameters = [query, IF_MATCH] if query and conditional else [query] if query else [IF_MATCH] * conditional
        decorate: Callable[[View], View] = extend_schema(
            operation_id=slugify(summary).replace("-", "_"),
            summary=summary,
            request=body,
            parameters=[*parameters, RETRY_AFTER, *([_etag(status)] if tagged else [])],
            responses=responses,
            examples=list(examples),
        )
        return decorate(view)

    return documented


def _refusals(*, writes: bool, reads_body: bool, conditional: bool) -> dict[int, str]:
    further = (WRITE_REFUSALS if writes else {}, BODY_REFUSALS if reads_body else {})
    return {**REFUSALS, **further[0], **further[1], **(PRECONDITION_REFUSALS if conditional else {})}


RETRY_AFTER = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, response=[429], description="Seconds to wait before the next try."
)


def _etag(status: int) -> OpenApiParameter:
    return OpenApiParameter(
        "ETag", str, OpenApiParameter.HEADER, response=[status], description="The app's version, for `If-Match`."
    )


IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
    "description": "A UUID of your own. The same request with it again, within 24 hours, changes nothing more and gets "
    "the first answer with `Idempotency-Replayed: true`; 409 with `Retry-After` while the first is under way, 422 if "
    "the request says something else.",
}


def with_strict_bodies(document: dict[str, Any]) -> dict[str, Any]:
    """The document, saying that a body is needed where one is read, and that it has no members but the named ones."""
    for name, schema in document["components"]["schemas"].items():
        if name not in COMPONENTS and schema.get("type") == "object":
            schema["additionalProperties"] = False
    for methods in document["paths"].values():
        for method in methods.values():
            body = method.get("requestBody", {"content": {}})
            if EVENT_CONTENT_TYPE in body["content"]:
                body["required"] = True
    return document


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
