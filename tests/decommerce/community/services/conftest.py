"""Who acts when a service is called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from decommerce.tenancy.cause import Cause, caused_by


@pytest.fixture
def app_cause(principal) -> Iterator[None]:
    """App 77 acts, in its run 5."""
    with caused_by(Cause(principal, app_id=77, execution_id=5, chain=(77,))):
        yield
