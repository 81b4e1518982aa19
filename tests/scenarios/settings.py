"""The project's settings, with actions that only tests need."""

from __future__ import annotations

from decommerce.settings import *  # noqa: F403
from decommerce.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.scenarios.plugins"]
