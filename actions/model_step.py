"""What every step that asks a model shares: the frozen request, the answer as a result, the count of tokens."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, Field

from apps_engine.contracts import ActionContext, Call, ExternalAction, Repeatable, Request, Response
from apps_engine.language.catalogue import FieldSpec, FieldType
from decommerce.intelligence.answering import LONGEST_SECONDS, answer_of, require_room
from decommerce.intelligence.errors import SchemaRefused
from decommerce.intelligence.frozen import frozen, thawed
from decommerce.intelligence.offline.offline_model import OfflineModel
from decommerce.intelligence.port import ModelAnswer, ModelRequest
from decommerce.intelligence.schema import answer_schema

Params = TypeVar("Params", bound=BaseModel)

# Facts of the platform about an answer; they stand beside whatever the author's schema asks for.
PROVENANCE = (
    FieldSpec("model", FieldType.TEXT, "What answered; `offline heuristics` where no AI model is connected"),
    FieldSpec("offline", FieldType.BOOLEAN, "Whether no AI model was asked"),
)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    try:
        return answer_schema(schema)
    except SchemaRefused as error:
        raise ValueError(f"{error.message} {error.hint}") from error


_ABOUT_SCHEMA = "JSON Schema of the object to answer with; the result is that object, with every property filled"
OutputSchema = Annotated[
    dict[str, Any],
    AfterValidator(_closed),
    Field(
        description=_ABOUT_SCHEMA,
        json_schema_extra={
            "required": ["type", "properties"],
            "properties": {"type": {"const": "object"}, "properties": {"type": "object", "minProperties": 1}},
        },
    ),
]
OptionalSchema = Annotated[OutputSchema | None, Field(description=_ABOUT_SCHEMA)]
Prompt = Annotated[str, Field(max_length=20_000)]
Language = Annotated[
    str, Field(max_length=40, description="Language of the answer, such as `de` or `German`; the input's if left out")
]


class ModelStep(ExternalAction[Params]):
    """Asks a model once. Reading costs nobody anything, so a call may be repeated, and its answer used again."""

    spends = "ai"
    repeatable = Repeatable.SAFELY
    cached = True

    @abstractmethod
    def asked(self, params: Params) -> ModelRequest:
        """What is asked."""

    def prepare(self, call: Call[Params], context: ActionContext) -> Request:
        request = self.asked(call.params)
        require_room(request)
        return Request(self.name, frozen(request), deadline_seconds=LONGEST_SECONDS)

    def send(self, request: Request, context: ActionContext) -> Response:
        answer = answer_of(thawed(request.body), context.tenant_id)
        return Response(self.as_result(answer), answer.usage.as_counts())

    def preview(self, request: Request) -> Mapping[str, Any]:
        return self.as_result(OfflineModel().answer(thawed(request.body)))

    def as_result(self, answer: ModelAnswer) -> dict[str, Any]:
        """The answer, and beside it what the platform knows of it where the action declares that."""
        told = {"model": answer.model, "offline": answer.offline}
        declared = {field.name for field in self.result}
        written = {"text": answer.text} if answer.value is None else dict(answer.value)
        return {**{name: value for name, value in told.items() if name in declared}, **written}
