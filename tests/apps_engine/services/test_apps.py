"""The life of an app through the one door (APP-01 to APP-08)."""

from __future__ import annotations

import pytest

from apps_engine.services.apps import (
    create_app,
    delete_app,
    get_app,
    list_apps,
    list_versions,
    pause_app,
    resume_app,
    update_app,
)
from apps_engine.services.definitions import check
from apps_engine.services.errors import AppNotFound, DefinitionRefused, NameTaken, TooManyApps, VersionConflict
from apps_engine.services.presentation import app_in_full
from apps_engine.services.runs import cancel_run, get_run, run_app
from apps_engine.store.models import App, AppVersion, Schedule, Subscription
from decommerce.outgoing.allowlist import allow_domain
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import AuditEntry
from decommerce.tenancy.principal import PermissionRefused, Principal, system_principal
from tests.apps_engine.services.definitions import definition, flagging, rewarding
from tests.apps_engine.services.running import run_now

NOTIFY = {"id": "tell", "act": "send_notification", "params": {"to": "moderators", "title": "Hello"}}


@pytest.mark.requirement("APP-01")
def test_an_app_is_stored_active_with_its_first_version_and_its_triggers(scope, principal):
    app = create_app(principal, flagging())
    assert (app.status, app.version_number, app.name) == ("active", 1, "Flag short posts")
    assert Subscription.objects.get(app=app).event == "post.created"
    assert AppVersion.objects.get(app=app).definition["flows"]["main"]["steps"][0]["act"] == "flag_content"


@pytest.mark.requirement("APP-01")
def test_a_definition_with_faults_is_refused_with_all_of_them_and_nothing_is_stored(scope, principal):
    faulty = flagging()
    faulty["flows"]["main"]["steps"][0]["params"] = {"post_id": "{{ trigger.post.idd }}", "reason": "{{ x | uper }}"}
    faulty["triggers"][0]["event"] = "post.craeted"
    with pytest.raises(DefinitionRefused) as refused:
        create_app(principal, faulty)
    codes = {problem.code for problem in refused.value.problems}
    assert len(refused.value.problems) >= 3
    assert len(codes) >= 3
    assert not App.objects.exists()


@pytest.mark.requirement("APP-02")
def test_every_change_is_audited_with_who_and_what(scope, principal):
    app = create_app(principal, flagging())
    pause_app(principal, app.pk, "too eager")
    resume_app(principal, app.pk)
    update_app(principal, app.pk, flagging(below=40))
    delete_app(principal, app.pk)
    entries = AuditEntry.objects.filter(target=f"app:{app.pk}").order_by("pk")
    assert [entry.verb for entry in entries] == [
        "app.created", "app.paused", "app.resumed", "app.updated", "app.deleted",
    ]  # fmt: skip
    assert {entry.actor_label for entry in entries} == {"the test"}


@pytest.mark.requirement("APP-06")
def test_an_update_makes_a_version_and_a_waiting_run_keeps_the_one_it_began_with(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        execution = run_app(principal, app.pk)
        changed = rewarding()
        changed["flows"]["main"]["steps"][1]["steps"][0]["params"]["amount"] = 50
        update_app(principal, app.pk, changed)
        assert [version.number for version in list_versions(principal, app.pk)] == [2, 1]
    assert run_now(execution.pk) == "succeeded"
    with tenant_scope(tenant.pk):
        members[0].refresh_from_db()
        assert members[0].xp == 5
        assert get_run(principal, execution.pk).version.number == 1


def test_an_update_based_on_an_old_version_is_refused(scope, principal):
    app = create_app(principal, flagging())
    update_app(principal, app.pk, flagging(below=40), expected_version=1)
    with pytest.raises(VersionConflict):
        update_app(principal, app.pk, flagging(below=30), expected_version=1)
    assert get_app(principal, app.pk).version_number == 2


@pytest.mark.requirement("APP-03")
def test_a_paused_app_tells_no_next_run_and_a_resumed_one_has_its_triggers_again(scope, principal):
    scheduled = definition([NOTIFY], {"type": "scheduled", "cron": "0 9 * * 1", "timezone": "Europe/Zurich"})
    app = create_app(principal, scheduled)
    paused = pause_app(principal, app.pk)
    assert app_in_full(paused)["next_runs"] == []
    app = resume_app(principal, app.pk)
    assert len(app_in_full(app)["next_runs"]) == 3
    assert Schedule.objects.get(app=app).next_fire_at.weekday() == 0


@pytest.mark.requirement("APP-07")
def test_a_deleted_app_is_gone_but_its_runs_stay_readable(tenant, principal, members):
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        execution = run_app(principal, app.pk)
        delete_app(principal, app.pk)
        with pytest.raises(AppNotFound):
            get_app(principal, app.pk)
        assert not list_apps(principal).exists()
        assert get_run(principal, execution.pk).state == "cancelled"


@pytest.mark.requirement("APP-08")
def test_the_fifty_first_app_is_refused(scope, principal):
    for number in range(50):
        create_app(principal, {**flagging(), "name": f"App {number}"})
    with pytest.raises(TooManyApps):
        create_app(principal, {**flagging(), "name": "One too many"})
    delete_app(principal, "App 7")
    assert create_app(principal, {**flagging(), "name": "There is room again"}).status == "active"


def test_two_apps_cannot_have_one_name_but_a_deleted_one_gives_it_back(scope, principal):
    app = create_app(principal, flagging())
    with pytest.raises(NameTaken):
        create_app(principal, flagging())
    delete_app(principal, app.pk)
    assert create_app(principal, flagging()).pk != app.pk


def test_an_app_made_with_enabled_false_waits_for_its_resume(scope, principal):
    app = create_app(principal, {**flagging(), "settings": {"enabled": False}})
    assert app.status == "paused"
    assert not Subscription.objects.filter(app=app).exists()


@pytest.mark.requirement("SEC-01")
def test_another_tenants_app_is_not_found_whatever_is_asked(tenant, other_tenant, principal):
    stranger = system_principal(other_tenant.pk, "stranger")
    with tenant_scope(tenant.pk):
        app = create_app(principal, rewarding())
        execution = run_app(principal, app.pk)
    calls = [
        lambda: get_app(stranger, app.pk),
        lambda: update_app(stranger, app.pk, rewarding()),
        lambda: pause_app(stranger, app.pk),
        lambda: resume_app(stranger, app.pk),
        lambda: delete_app(stranger, app.pk),
        lambda: run_app(stranger, app.pk),
        lambda: get_run(stranger, execution.pk),
        lambda: cancel_run(stranger, execution.pk),
    ]
    with tenant_scope(other_tenant.pk):
        for call in calls:
            with pytest.raises(Exception, match="There is no"):
                call()
        assert not list_apps(stranger).exists()
    with tenant_scope(tenant.pk):
        assert get_app(principal, app.pk).status == "active"


def test_who_may_only_read_changes_nothing(scope, principal, tenant):
    reader = Principal("user", 1, "Reader", tenant.pk, frozenset({"apps:read"}))
    app = create_app(principal, rewarding())
    assert get_app(reader, app.pk).pk == app.pk
    for change in (pause_app, resume_app, delete_app, run_app):
        with pytest.raises(PermissionRefused):
            change(reader, app.pk)
    with pytest.raises(PermissionRefused):
        create_app(reader, flagging())


@pytest.mark.requirement("SEC-04")
def test_nobody_makes_an_app_that_reads_or_writes_what_they_may_not(scope, tenant):
    writer = Principal("api_key", 1, "Key", tenant.pk, frozenset({"apps:read", "apps:write", "data:read"}))
    with pytest.raises(PermissionRefused, match="data:write"):
        create_app(writer, rewarding())
    blind = Principal("api_key", 1, "Key", tenant.pk, frozenset({"apps:read", "apps:write", "data:write"}))
    with pytest.raises(PermissionRefused, match="data:read"):
        create_app(blind, rewarding())
    assert create_app(blind, flagging()).status == "active"


@pytest.mark.requirement("LNG-05")
def test_a_domain_that_is_not_allowed_yet_is_a_warning_until_it_is(scope, principal):
    hook = {"id": "hook", "act": "webhook", "params": {"url": "https://hooks.example.com/in"}}
    hooking = definition([hook], permissions={"domains": ["hooks.example.com"]})
    warned = check(principal, hooking)
    assert warned.valid
    assert [problem.code for problem in warned.problems if problem.severity == "warning"] == ["domain_not_allowed"]
    allow_domain(principal, "*.example.com")
    assert check(principal, hooking).problems == []


@pytest.mark.requirement("LNG-05")
def test_a_trigger_that_nothing_starts_yet_is_a_warning(scope, principal):
    tell = {"id": "tell", "act": "send_notification", "params": {"to": "admins", "title": "Hello"}}
    rules = {"on_empty_result": "Nothing.", "on_rate_limit": "Later."}
    told = definition(
        [tell],
        {"type": "keyword", "phrases": ["hello"]},
        profile="superpower",
        completion_criteria="x",
        escalation=rules,
    )
    checked = check(principal, told)
    assert checked.valid, checked.problems
    assert ("trigger_not_served", "/triggers/0/type") in [(found.code, found.path) for found in checked.problems]


@pytest.mark.requirement("LNG-05")
@pytest.mark.parametrize("concurrency", [{"mode": "restart"}, {"mode": "parallel", "max": 3}])
def test_every_mode_is_kept(scope, principal, concurrency):
    checked = check(principal, {**rewarding(), "settings": {"concurrency": concurrency}})
    assert checked.valid, checked.problems
    assert not checked.problems
