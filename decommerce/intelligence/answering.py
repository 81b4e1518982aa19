"""The one way in which a step gets an answer: the chosen model, within its bounds."""

from __future__ import annotations

from decommerce.community.exact_json import dumps
from decommerce.intelligence.choice import chosen_model
from decommerce.intelligence.errors import ModelWindowFull
from decommerce.intelligence.places import place_for
from decommerce.intelligence.port import ModelAnswer, ModelRequest

# No answer takes longer, repair and waiting included; a run's lease has to outlive it.
LONGEST_SECONDS = 150.0
MAX_MATERIAL_CHARACTERS = 400_000


def answer_of(request: ModelRequest, tenant_id: int) -> ModelAnswer:
    """The answer of the chosen model; raises the errors of `intelligence.errors`."""
    model = chosen_model()
    if model.offline:
        return model.answer(request)
    with place_for(tenant_id, LONGEST_SECONDS):
        return model.answer(request)


def require_room(request: ModelRequest) -> None:
    """Raise ModelWindowFull where the material is more than a model reads at once."""
    length = sum(len(dumps(piece.value)) for piece in request.material)
    if length > MAX_MATERIAL_CHARACTERS:
        raise ModelWindowFull(
            f"The input has {length:,} characters as JSON; a model is given {MAX_MATERIAL_CHARACTERS:,} at most.",
            hint="Fetch fewer rows or fields, or shorten texts with `truncate`.",
            sent=False,
        )
