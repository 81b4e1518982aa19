"""Claude for steps, through Anthropic's own SDK."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from anthropic import Anthropic

from decommerce.intelligence.anthropic_exchange import Exchange
from decommerce.intelligence.bounded_stream import bounded_client
from decommerce.intelligence.deadline import Deadline
from decommerce.intelligence.errors import ModelAnswerInvalid, ModelError
from decommerce.intelligence.port import ModelAnswer, ModelRequest
from decommerce.intelligence.prompt import repair_of
from decommerce.intelligence.reading import read_object, read_text

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 90.0
# Between attempts when the provider is overloaded or the connection breaks.
PAUSES_SECONDS = (0.5, 2.0)


class AnthropicModel:
    """One model of the provider. The key stays here: no answer, error or log line carries it."""

    offline = False

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        model: str,
        seconds: float = ANSWER_SECONDS,
        pauses_seconds: Sequence[float] = PAUSES_SECONDS,
    ) -> None:
        self.name = model
        self._client = Anthropic(
            api_key=api_key, base_url=base_url or None, max_retries=0, http_client=bounded_client()
        )
        self._seconds = seconds
        self._pauses = pauses_seconds

    def answer(self, request: ModelRequest) -> ModelAnswer:
        """The answer, checked against the schema and asked for once more where it does not fit."""
        exchange = Exchange(self._client, self.name, request, Deadline(self._seconds), self._pauses)
        began = time.monotonic()
        try:
            answer = self._answer(exchange, request)
        except ModelError as error:
            error.spent = exchange.usage.as_counts()
            logger.warning("%s failed at %s: %s", self.name, request.task, error.code)
            raise
        usage, seconds = answer.usage, time.monotonic() - began
        logger.info(
            "%s: %s, %d in, %d out, %.1f s", self.name, request.task, usage.tokens_in, usage.tokens_out, seconds
        )
        return answer

    def _answer(self, exchange: Exchange, request: ModelRequest) -> ModelAnswer:
        said = exchange.ask()
        if request.schema is None:
            text = read_text(said, request.max_characters)
            return ModelAnswer(self.name, text=text, usage=exchange.usage)
        value, reasons = read_object(said, request.schema)
        repaired = bool(reasons)
        if repaired:
            value, reasons = read_object(exchange.ask_again(said, repair_of(reasons)), request.schema)
        if reasons:
            raise ModelAnswerInvalid(
                f"The AI model's answer does not fit the schema: {reasons[0]}",
                hint="Simplify `output_schema`, or say in the prompt what is wanted.",
            )
        return ModelAnswer(self.name, value=value, usage=exchange.usage, repaired=repaired)
