"""The team that asks."""

from tests.chat.conftest import person

__all__ = ["person"]
