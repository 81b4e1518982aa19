"""What a tool declares, and how its arguments are checked. MCP and the chat offer the same tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from apps_engine.language.jsontext import JSONEncoder, JsonTextError, dumps, loads
from apps_engine.language.problems import Problem
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import Principal
from mcp_gateway.tools.faults import argument_problems

# What a tool does to the platform: nothing; a change that can be taken back; a change that cannot.
Kind = Literal["read", "write", "destructive"]
# Members of a schema whose keys are names that somebody gave, "title" among them.
_NAMED = frozenset({"properties", "$defs"})


class ToolInput(BaseModel):
    """Arguments of a tool: no unknown names, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ArgumentsRefused(PlatformError):
    """The arguments do not fit; `problems` has every fault with the path of the argument."""

    code = "invalid_arguments"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        faults = "; ".join(f"{problem.path or '/'}: {problem.message}" for problem in self.problems)
        super().__init__(f"The arguments do not fit: {faults}", hint="Read the tool's input schema.")

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "problems": [problem.as_dict() for problem in self.problems]}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `run` is its body: synchronous, inside the tenant's scope, with checked input; it returns JSON values.

    `output` is the JSON Schema of the result; `scope` what the principal must hold; `idempotent` whether the same call
    again changes nothing more; `reaches_out` whether it may touch the world outside the platform; `starts_run` whether
    the result is a run, for which one can wait. `example` are arguments of a usual call.
    """

    name: str
    title: str
    description: str
    scope: str
    kind: Kind
    Input: type[BaseModel]
    run: Callable[[Principal, Any], dict[str, Any]]
    output: Mapping[str, Any]
    idempotent: bool = False
    reaches_out: bool = False
    starts_run: bool = False
    example: Mapping[str, Any] | None = None

    @property
    def told(self) -> str:
        """The description with the example."""
        return self.description if self.example is None else f"{self.description} Example: {dumps(self.example)}"

    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments, for a model to read."""
        schema: dict[str, Any] = _plain(self.Input.model_json_schema())
        return schema

    def parse(self, arguments: Mapping[str, Any] | None) -> BaseModel:
        """The checked input; raises ArgumentsRefused with every fault."""
        exact = _exact(arguments or {})
        try:
            return self.Input.model_validate(exact)
        except ValidationError as error:
            raise ArgumentsRefused(argument_problems(error, exact, self.Input.model_fields)) from error

    def call(self, principal: Principal, arguments: Mapping[str, Any] | None) -> dict[str, Any]:
        """Check who asks and what, then run; raises PlatformError. Needs the tenant's scope."""
        principal.require(self.scope)
        return self.run(principal, self.parse(arguments))


def _plain(schema: Any) -> Any:
    """The schema without what tells a model nothing: titles made of names, null for what may be left out."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {
        key: {name: _plain(inner) for name, inner in value.items()} if key in _NAMED else _plain(value)
        for key, value in schema.items()
        if key != "title" or not isinstance(value, str)
    }
    return _without_null(plain) if "default" in plain and plain["default"] is None else plain


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an argument that is left out where there is none; null is taken all the same."""
    rest = {key: value for key, value in schema.items() if key not in {"default", "anyOf"}}
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    return {**kinds[0], **rest} if len(kinds) == 1 else {**rest, **({"anyOf": kinds} if kinds else {})}


def _exact(arguments: Mapping[str, Any]) -> Any:
    """The arguments under the rules of definitions: decimals for floats, no NaN, no U+0000, not too deep."""
    try:
        return loads(JSONEncoder().encode(arguments))
    except JsonTextError as error:
        raise ArgumentsRefused([Problem("", error.code, error.message, error.hint)]) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise ArgumentsRefused([Problem("", "not_json", f"The arguments are no JSON: {error}.")]) from error
