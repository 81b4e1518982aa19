"""Which model answers steps: the one whose key is set, or else the offline heuristics."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from decommerce.intelligence.offline.offline_model import OfflineModel
from decommerce.intelligence.port import Model


def chosen_model() -> Model:
    """The model that answers."""
    if not settings.ANTHROPIC_API_KEY:
        return OfflineModel()
    return _connected(settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL, settings.ANTHROPIC_STEP_MODEL)


@lru_cache(maxsize=2)
def _connected(api_key: str, base_url: str, name: str) -> Model:
    """Kept, so that its connections are used again."""
    # By name: the provider's library takes more than a second to load, which a system without a key need not wait.
    connect = import_string("decommerce.intelligence.anthropic_model.AnthropicModel")
    model: Model = connect(api_key=api_key, base_url=base_url, model=name)
    return model
