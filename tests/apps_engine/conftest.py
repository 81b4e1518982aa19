"""Features that go away, for the tests of what then happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from actions.send_notification import SendNotification
from apps_engine.language.deprecations import Deprecation
from apps_engine.registry import registry
from apps_engine.services.plans import forget_plans


@pytest.fixture
def deprecate() -> Iterator[Callable[..., None]]:
    """Deprecate an action so many weeks ago."""
    known = dict(registry.deprecations)

    def announce(feature: str, weeks: int, replacement: str | None = None) -> None:
        announced = timezone.now().date() - timedelta(weeks=weeks)
        registry.deprecations[feature] = Deprecation(feature, announced, replacement)

    yield announce
    registry.deprecations = known
    forget_plans()


class OldNotification(SendNotification):
    """What the notification was once called."""

    name = "notify_old"


@pytest.fixture
def old_action() -> Iterator[Callable[[], None]]:
    """An action under another name, until it is removed from the code."""
    registry.add_actions([OldNotification()])
    vars(registry).pop("catalogue", None)

    def remove() -> None:
        registry.actions.pop("notify_old", None)
        vars(registry).pop("catalogue", None)

    yield remove
    remove()
