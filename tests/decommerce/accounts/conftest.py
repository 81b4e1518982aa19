"""A local Google and somebody who connected an account there."""

from __future__ import annotations

import pytest

from decommerce.outgoing.json_api import JsonApi
from tests.google_server.fixtures import authority, connect, google, make_colleague

__all__ = ["authority", "connect", "google", "make_colleague"]


@pytest.fixture
def ann(make_colleague, tenant):
    return make_colleague(tenant)


@pytest.fixture
def api(google, tenant, settings) -> JsonApi:
    """Calls of Google's sign-in for the tenant."""
    return JsonApi(tenant.pk, (settings.GOOGLE_OAUTH_URL,), 10)
