"""A conversation with a model as the chat has it: its reads run, its questions are answered, its changes are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps_engine.language.errors import LanguageError
from apps_engine.services.starters import definition_of
from chat.model.port import Answered, CallResult, Done, Event, Failed, Model, Said, TextDelta, ToolCall, Transcript
from chat.toolbox import Toolbox, refusal
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import Principal
from decommerce.tenancy.threads import in_tenant

MOST_ANSWERS = 12
MOST_QUESTIONS = 5


@dataclass
class Talk:
    """What was said so far; `proposals` are the changes asked for, the newest last, `questions` those answered."""

    model: Model
    principal: Principal
    entries: list[Said | Answered] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    proposals: list[ToolCall] = field(default_factory=list)
    refused: list[CallResult] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    questions: int = 0

    async def hold(self, say: Sequence[str]) -> Talk:
        """Say each in turn. What is asked in between is answered with the first of the replies offered."""
        for text in say:
            await self._say(text)
        return self

    async def definition(self) -> dict[str, Any] | None:
        """What was proposed last, as a definition; None where nothing was."""
        if not self.proposals:
            return None
        given = self.proposals[-1].arguments
        if "definition" in given:
            return dict(given["definition"])
        if "starter" not in given:
            return None
        return await in_tenant(self.principal, self._filled, given)

    def _filled(self, given: Any) -> dict[str, Any]:
        return definition_of(self.principal, given["starter"], given.get("parameters"), name=given.get("name"))

    async def _say(self, text: str) -> None:
        before = len(self.proposals)
        self.entries.append(Said(text))
        for _ in range(MOST_ANSWERS):
            done = await self._answer()
            if done is None or len(self.proposals) > before:
                return
            if done.stop.value == "tools":
                continue
            if not done.suggestions or self.questions >= MOST_QUESTIONS or not self._asks():
                return
            self.questions += 1
            self.entries.append(Said(done.suggestions[0]))

    def _asks(self) -> bool:
        return "?" in self.texts[-1]

    async def _answer(self) -> Done | None:
        text, calls, end = "", [], None
        tools = Toolbox(self.principal).specs()
        transcript = Transcript(tuple(self.entries), "Acme", "UTC", "Ada")
        async for event in _events(self.model, transcript, tools):
            if isinstance(event, TextDelta):
                text += event.text
            elif isinstance(event, ToolCall):
                calls.append(event)
            else:
                end = event
        self.texts.append(text)
        self.calls += calls
        if not isinstance(end, Done):
            return None
        results = await in_tenant(self.principal, self._results, calls)
        self.entries.append(Answered(text, list(end.blocks), results))
        return end

    def _results(self, calls: Sequence[ToolCall]) -> dict[str, CallResult]:
        """What reads brought. A change waits for a person, who is silent here."""
        toolbox = Toolbox(self.principal)
        results = {}
        for call in calls:
            try:
                tool = toolbox.find(call.name)
                if tool.kind == "read":
                    results[call.id] = CallResult(toolbox.run(call.name, call.arguments))
                else:
                    tool.parse(call.arguments)
                    self.proposals.append(call)
            except (PlatformError, LanguageError) as error:
                results[call.id] = refusal(error)
                self.refused.append(results[call.id])
        return results


async def _events(model: Model, transcript: Transcript, tools: Any) -> AsyncIterator[Event | Failed]:
    async for event in model.stream(transcript, tools):
        yield event
