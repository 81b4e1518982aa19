"""Which model answers steps: the one whose key is set, or else the offline heuristics."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from decommerce.intelligence.offline.offline_model import OfflineModel
from decommerce.intelligence.port import Model


def chosen_model() -> Model:
    """The model that answers."""
    if not settings.ANTHROPIC_API_KEY:
        return OfflineModel()
    # By name: the provider's library takes more than a second to load, which a system without a key need not wait.
    connect = import_string("decommerce.intelligence.anthropic_model.AnthropicModel")
    model: Model = connect(
        api_key=settings.ANTHROPIC_API_KEY,
        base_url=settings.ANTHROPIC_BASE_URL,
        model=settings.ANTHROPIC_STEP_MODEL,
    )
    return model
