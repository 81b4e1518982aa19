"""Registers the test's actions in the processes that a test starts."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from django.apps import AppConfig
from django.utils.module_loading import import_string

from apps_engine.registry import registry


class PluginsConfig(AppConfig):
    """Actions for tests."""

    name = "tests.scenarios.plugins"
    label = "scenario_plugins"

    def ready(self) -> None:
        # By name: actions read models, which exist only now.
        registry.add_actions(import_string("tests.scenarios.plugins.actions.ACTIONS"))
        trace = Path(os.environ.get("DECOMMERCE_FAILPOINTS", "/nowhere")) / "trace"
        if trace.exists():
            import_string("tests.scenarios.plugins.commits.record_commits")(trace)
        seconds = float(os.environ.get("FAULTS_CLOCK_SECONDS", "0"))
        if seconds:
            # This process's own clock is wrong; the database's is not.
            time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True).start()
