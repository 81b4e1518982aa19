"""The admin's pages and the chat."""

from __future__ import annotations

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """The admin's pages and the chat."""

    name = "chat"
    label = "chat"
