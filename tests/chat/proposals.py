"""Proposing as the turn does."""

from __future__ import annotations

from chat.gate.proposal import propose
from chat.model.port import ToolCall
from chat.models import Message, PendingCall
from chat.toolbox import Toolbox
from decommerce.tenancy.principal import Principal


def proposed(principal: Principal, answer: Message, call: ToolCall) -> PendingCall:
    """The call as it waits for the person. Needs the tenant's scope."""
    return propose(Toolbox(principal), answer, call)
