"""Which model answers: the one whose key is set, or else the offline composer (CHT-09)."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from chat.composer.offline_composer import OfflineComposer
from chat.model.port import Model
from decommerce.tenancy.principal import Principal


def model_for(principal: Principal) -> Model:
    """The model that answers this person."""
    if not settings.ANTHROPIC_API_KEY:
        return OfflineComposer(principal)
    # By name: the provider's library takes more than a second to load, which a system without a key need not wait.
    connect = import_string("chat.model.anthropic_model.AnthropicModel")
    return connect(
        api_key=settings.ANTHROPIC_API_KEY,
        base_url=settings.ANTHROPIC_BASE_URL,
        model=settings.ANTHROPIC_MODEL,
    )


def is_model_connected() -> bool:
    """Whether an AI model answers; pages say so plainly."""
    return bool(settings.ANTHROPIC_API_KEY)
