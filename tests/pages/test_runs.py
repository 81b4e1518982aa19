"""The lists of runs, and what waits for somebody, on a phone and at a desk (RUN-13)."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps_engine.services.apps import create_app
from apps_engine.services.quotas import EXECUTIONS, set_quota
from apps_engine.services.runs import run_app
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from decommerce.tenancy.principal import system_principal
from tests.chat.definitions import digest
from tests.pages.browsing import sign_in
from tests.pages.looking import look

pytestmark = [pytest.mark.usefixtures("watch"), pytest.mark.requirement("RUN-13")]


@pytest.fixture
def failed(tenant, admin_user) -> int:
    """An app with a dead run, one that failed and one that ended well, which are all the runs of this hour."""
    person = principal_of(admin_user, tenant.pk)
    errors = {
        "dead": {"code": "worker_lost", "message": "This run was begun 3 times, and its worker stopped in the middle."},
        "failed": {"code": "refused", "message": f"https://example.org/{'x' * 200} refused it."},
        "succeeded": None,
    }
    with tenant_scope(tenant.pk):
        app = create_app(person, {**digest(), "settings": {"concurrency": {"mode": "queue"}}})
        for state, error in errors.items():
            run = run_app(person, app.pk)
            ended = {"state": state, "error": error, "started_at": run.run_at, "finished_at": timezone.now()}
            Execution.objects.filter(pk=run.pk).update(**ended)
        set_quota(system_principal(tenant.pk, "an operator"), EXECUTIONS, len(errors))
    return app.pk


@pytest.mark.parametrize("address", ["/runs/", "/runs/?state=dead", "/home/", "/approvals/", "/apps/{app}/"])
def test_what_failed_and_why_fits_on_every_screen(page: Page, admin_user, failed, address):
    sign_in(page, admin_user, address.format(app=failed))
    if address != "/approvals/":
        expect(page.get_by_text("its worker stopped in the middle.").first).to_be_visible()
    look(page, f"runs-{address.strip('/').replace('/', '-').replace('?', '-')}")
