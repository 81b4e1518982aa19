"""An app whose action goes away: its owners hear of it, it can be upgraded, and it stays installed (APP-10)."""

from __future__ import annotations

import logging

import pytest

from apps_engine.services.apps import create_app, current_version, get_app, update_app
from apps_engine.services.definitions import check_definition
from apps_engine.services.deprecations import tell_owners
from apps_engine.services.errors import DefinitionRefused, VersionConflict
from apps_engine.services.plans import forget_plans
from apps_engine.services.presentation import app_in_full
from apps_engine.services.runs import get_run, run_app
from apps_engine.services.upgrades import apply_upgrade, preview_upgrade
from decommerce.community.models import Notification, OutboundMessage, XpEntry
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Tenant
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

pytestmark = pytest.mark.requirement("APP-10")

TELL = {"id": "tell", "act": "send_notification", "params": {"to": "moderators", "title": "Hi", "body": "There"}}
FLAG = {"id": "flag", "act": "flag_content", "params": {"post_id": 1, "reason": "x"}}


@pytest.mark.parametrize(
    ("weeks", "severity"), [(0, "suggestion"), (4, "warning"), (8, "warning"), (12, "error"), (16, "error")]
)
def test_whoever_writes_a_definition_is_told_the_more_strongly_the_longer_it_takes(deprecate, weeks, severity):
    deprecate("flag_content", weeks, "report_content")
    checked = check_definition(definition([FLAG]))
    found = [problem for problem in checked.problems if problem.code == "deprecated"]
    assert [(problem.path, problem.severity) for problem in found] == [("/flows/main/steps/0/act", severity)]
    assert checked.valid is (severity != "error")


def test_the_setting_keeps_it_on_until_week_sixteen(deprecate, settings):
    settings.DEPRECATED_FEATURES = True
    deprecate("flag_content", 15)
    assert check_definition(definition([FLAG])).valid
    deprecate("flag_content", 16)
    assert not check_definition(definition([FLAG])).valid


def test_an_app_whose_action_was_removed_stays_installed_and_its_run_says_what_is_wrong(tenant, principal, deprecate):
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([FLAG, TELL]))
        other = create_app(principal, {**definition([TELL]), "name": "Another"})
    deprecate("flag_content", 16)
    with tenant_scope(tenant.pk):
        run, fine = run_app(principal, app.pk), run_app(principal, other.pk)
    assert run_now(run.pk) == "failed"
    assert run_now(fine.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        error = get_run(principal, run.pk).error
        assert error["code"] == "deprecated_feature"
        assert error["message"] == "This app uses a deprecated feature 'flag_content'. Update needed."
        assert get_app(principal, app.pk).status == "active"
        told = app_in_full(app)
    assert any("`flag_content` is no longer there" in sentence for sentence in told["sentences"])


def test_a_step_that_may_fail_lets_the_others_run(tenant, principal, deprecate):
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([{**FLAG, "on_error": "continue"}, TELL]))
    deprecate("flag_content", 12)
    with tenant_scope(tenant.pk):
        run = run_app(principal, app.pk)
    assert run_now(run.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        statuses = {step.path: step.status for step in get_run(principal, run.pk).steps.all()}
    assert statuses == {"main/flag": "tolerated", "main/tell": "done"}


def test_it_works_again_where_the_setting_keeps_it_on(tenant, principal, members, deprecate, settings):
    award = {"act": "award_xp", "params": {"member_id": members[0].pk, "amount": 5, "reason": "x"}}
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([award]))
    deprecate("award_xp", 13)
    for kept, state in ((False, "failed"), (True, "succeeded")):
        settings.DEPRECATED_FEATURES = kept
        with tenant_scope(tenant.pk):
            run = run_app(principal, app.pk)
        assert run_now(run.pk) == state
    with tenant_scope(tenant.pk):
        assert XpEntry.objects.filter(member=members[0].pk).count() == 1


@pytest.mark.parametrize(("weeks", "lines"), [(3, 0), (4, 1)])
def test_from_week_four_on_a_run_leaves_a_line_in_the_log(tenant, principal, deprecate, caplog, weeks, lines):
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([TELL]))
        deprecate("send_notification", weeks)
        forget_plans()
        with caplog.at_level(logging.WARNING, logger="apps_engine.services.deprecations"):
            run_app(principal, app.pk)
    assert sum("deprecated 'send_notification'" in record.getMessage() for record in caplog.records) == lines


@pytest.mark.parametrize(("weeks", "messages"), [(7, 0), (8, 1), (11, 1), (12, 1), (15, 1), (40, 1)])
def test_the_owners_of_an_app_are_told_in_weeks_eight_twelve_and_fifteen(
    tenant, principal, make_admin, deprecate, weeks, messages
):
    make_admin(tenant)
    with tenant_scope(tenant.pk):
        create_app(principal, definition([TELL, FLAG, FLAG | {"id": "again"}]))
        create_app(principal, {**definition([TELL]), "name": "Not concerned"})
    deprecate("flag_content", weeks, "report_content")
    tell_owners([tenant.pk])
    tell_owners([tenant.pk])
    with tenant_scope(tenant.pk):
        found = list(Notification.objects.filter(title="Your app “An app” needs updating"))
        assert not Notification.objects.filter(title__contains="Not concerned").exists()
        mails = list(OutboundMessage.objects.filter(subject="Your app “An app” needs updating"))
    assert len(found) == len(mails) == messages
    assert all("/apps/" in mail.body and mail.state == "queued" for mail in mails)
    assert all("`report_content` takes its place" in told.body for told in found)


def test_each_of_these_weeks_is_another_message(tenant, principal, make_admin, deprecate):
    make_admin(tenant)
    with tenant_scope(tenant.pk):
        create_app(principal, definition([FLAG]))
    for weeks in (8, 9, 12, 13, 15, 16):
        deprecate("flag_content", weeks)
        tell_owners([tenant.pk])
    with tenant_scope(tenant.pk):
        assert Notification.objects.filter(title="Your app “An app” needs updating").count() == 3


def test_with_nothing_deprecated_no_tenant_is_looked_at(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert tell_owners(Tenant.objects.values_list("pk", flat=True)) == 0


def test_an_upgrade_is_looked_at_first_and_applied_as_a_new_version(tenant, principal, deprecate):
    deprecate("flag_content", 9, "send_notification")
    with tenant_scope(tenant.pk):
        app = create_app(
            principal, definition([{**TELL, "act": "flag_content", "params": {"post_id": 1, "reason": "x"}}])
        )
        offer = preview_upgrade(principal, app.pk)
        assert (offer.upgrade.needed, offer.applied, offer.version) == (True, False, 1)
        assert [change.as_dict() for change in offer.upgrade.changes] == [
            {"path": "/flows/main/steps/0/act", "before": "flag_content", "after": "send_notification"}
        ]
        assert current_version(app).number == 1
        with pytest.raises(DefinitionRefused):
            apply_upgrade(principal, app.pk)
        update_app(principal, app.pk, definition([TELL]))
        offer = apply_upgrade(principal, app.pk)
        assert (offer.upgrade.needed, offer.applied, offer.version) == (False, False, 2)


def test_what_was_removed_from_the_code_fails_with_a_reason_until_the_app_is_upgraded(
    tenant, principal, make_admin, deprecate, old_action
):
    make_admin(tenant)
    with tenant_scope(tenant.pk):
        app = create_app(principal, definition([{**TELL, "act": "notify_old"}]))
        before = run_app(principal, app.pk)
    assert run_now(before.pk) == "succeeded"
    deprecate("notify_old", 20, "send_notification")
    old_action()
    with tenant_scope(tenant.pk):
        run = run_app(principal, app.pk)
    assert run_now(run.pk) == "failed"
    with tenant_scope(tenant.pk):
        assert get_run(principal, run.pk).error["code"] == "deprecated_feature"
        assert app_in_full(get_app(principal, app.pk))["sentences"]
        with pytest.raises(VersionConflict):
            apply_upgrade(principal, app.pk, expected_version=7)
        offer = apply_upgrade(principal, "An app", expected_version=1)
        assert (offer.applied, offer.version) == (True, 2)
        after = run_app(principal, app.pk)
    assert run_now(after.pk) == "succeeded"
