"""`manage.py setup_database`, which a deployment runs before its processes start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.checks import Error
from django.core.checks.registry import registry
from django.core.management import call_command
from django.core.management.base import SystemCheckError


@pytest.fixture
def failing_check() -> Iterator[None]:
    """Something about the settings is wrong."""

    def check(**_: object) -> list[Error]:
        return [Error("A page is missing.", id="tests.E001")]

    registry.register(check)
    yield
    registry.registered_checks.discard(check)


@pytest.mark.requirement("OPS-05")
def test_it_makes_the_checks_that_no_process_makes_at_its_start(failing_check):
    with pytest.raises(SystemCheckError, match=r"tests\.E001"):
        call_command("setup_database", verbosity=0)
