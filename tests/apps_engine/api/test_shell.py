"""`manage.py app`: JSON on standard output, one line on standard error, an honest exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from apps_engine.services.execute import execute
from apps_engine.store.claims import claim
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.api.commands import complaint
from tests.apps_engine.api.definitions import on_event, short_list, written_post
from tests.web_server import REPOSITORY


def process(environment: dict[str, str], *words: str) -> subprocess.Popen:
    """The same as a process of its own."""
    command = [sys.executable, str(REPOSITORY / "manage.py"), "app", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def write(folder: Path, definition: object, name: str = "app.json") -> str:
    """A file with a definition."""
    (folder / name).write_text(definition if isinstance(definition, str) else json.dumps(definition))
    return name


@pytest.mark.requirement("LNG-05")
def test_a_good_file_is_valid_without_any_tenant(shell, tmp_path):
    result = shell("validate", write(tmp_path, short_list()))
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["valid"] is True


def test_the_problems_of_a_file_come_as_json_with_exit_status_one(shell, tmp_path):
    steps = [{"id": "a", "fetch": "userz"}]
    result = shell("validate", write(tmp_path, short_list(flows={"main": {"steps": steps}})))
    assert "error" in complaint(result)
    checked = json.loads(result.stdout)
    assert checked["valid"] is False
    assert checked["problems"][0]["path"]


@pytest.mark.parametrize(("definition", "status"), [(short_list(), 0), ({"name": "Broken"}, 1), ("{", 1)])
def test_a_file_comes_from_standard_input_too(service_environment, definition, status):
    running = process(service_environment, "validate", "-")
    text = definition if isinstance(definition, str) else json.dumps(definition)
    output, errors = running.communicate(text, timeout=60)
    assert running.returncode == status, errors
    assert json.loads(output)["valid"] is (status == 0)
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("validate", "nowhere.json"), "nowhere.json"),
        (("validate", "."), "."),
        (("validate", "broken.json"), "broken.json"),
        (("create", "app.json", "--tenant", "nobody"), "nobody"),
        (("run", "Nothing", "--tenant", "{tenant}"), "Nothing"),
        (("pause", "7777777", "--tenant", "{tenant}"), "7777777"),
        (("runs", "Nothing", "--tenant", "{tenant}"), "Nothing"),
        (("run", "x", "--tenant", "{tenant}", "--inputs", "{{"), "--inputs"),
        (("run", "x", "--tenant", "{tenant}", "--inputs", "[]"), "--inputs"),
        (("dry-run", "app.json", "--tenant", "{tenant}", "--event", "nonsense"), "--event"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(shell, tmp_path, tenant, words, said):
    write(tmp_path, short_list())
    write(tmp_path, '{"name": ', "broken.json")
    result = shell(*[word.replace("{tenant}", tenant.slug) for word in words])
    line = complaint(result)
    assert said in line
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("words", [(), ("fly",), ("create", "app.json"), ("run", "--wait")])
def test_wrong_usage_is_exit_status_two(shell, words):
    assert shell(*words).returncode == 2


def test_a_definition_that_is_refused_leaves_its_problems_on_standard_output(shell, tmp_path, tenant):
    result = shell("create", write(tmp_path, {"name": "Broken"}), "--tenant", tenant.slug)
    assert "Nothing was stored" in complaint(result).replace("nothing", "Nothing")
    assert json.loads(result.stdout)["problems"]
    assert json.loads(shell("list", "--tenant", tenant.slug).stdout) == []


def test_an_app_lives_its_whole_life_from_the_shell(shell, tmp_path, tenant):
    at = ("--tenant", tenant.slug)
    created = json.loads(shell("create", write(tmp_path, short_list()), *at).stdout)
    assert (created["name"], created["version"]) == ("Short list", 1)
    updated = shell("update", "Short list", write(tmp_path, short_list(description="New.")), *at)
    assert json.loads(updated.stdout)["version"] == 2
    assert json.loads(shell("pause", "Short list", *at).stdout)["status"] == "paused"
    assert "paused" in complaint(shell("run", "Short list", *at))
    assert json.loads(shell("resume", str(created["id"]), *at).stdout)["status"] == "active"
    assert json.loads(shell("delete", "Short list", *at).stdout)["status"] == "deleted"
    assert json.loads(shell("list", *at).stdout) == []


@pytest.mark.requirement("RUN-12")
def test_a_dry_run_takes_the_event_from_the_command_line(shell, tmp_path, tenant):
    file = write(tmp_path, on_event())
    result = shell("dry-run", file, "--tenant", tenant.slug, "--event", json.dumps(written_post("goodbye")))
    assert result.returncode == 0, result.stderr
    tried = json.loads(result.stdout)
    assert (tried["would_run"], tried["failed_clause"]["actual"]) == (False, "goodbye")


@pytest.mark.requirement("RUN-14")
def test_a_backtest_of_a_file_counts_what_was_recorded(shell, tmp_path, tenant):
    file = write(tmp_path, on_event())
    result = shell("backtest", file, "--tenant", tenant.slug, "--days", "3")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["started"] == 0
    assert "--days" in shell("backtest", file, "--tenant", tenant.slug, "--days", "99").stderr


def runs_of(tenant) -> list[int]:
    with tenant_scope(tenant.pk):
        return list(Execution.objects.values_list("pk", flat=True))


@pytest.mark.requirement("APP-04")
def test_waiting_for_a_run_shows_it_finished(service_environment, tmp_path, tenant, shell):
    shell("create", write(tmp_path, short_list()), "--tenant", tenant.slug)
    words = ["run", "Short list", "--tenant", tenant.slug, "--wait", "--inputs", '{"days": 2}']
    waiting = process(service_environment, *words)
    try:
        while waiting.returncode is None:
            for claimed in claim("the test", 1, runs_of(tenant)):
                execute(claimed)
            with suppress(subprocess.TimeoutExpired):
                waiting.wait(timeout=0.1)
        output, errors = waiting.communicate(timeout=30)
    finally:
        waiting.kill()
    assert waiting.returncode == 0, errors
    run = json.loads(output)
    assert (run["state"], run["inputs"]) == ("succeeded", {"days": 2})
    assert len(run["steps"]) == 2
    assert [row["id"] for row in json.loads(shell("runs", "Short list", "--tenant", tenant.slug).stdout)] == [run["id"]]


def test_waiting_ends_at_its_deadline(shell, tmp_path, tenant):
    shell("create", write(tmp_path, short_list()), "--tenant", tenant.slug)
    result = shell("run", "Short list", "--tenant", tenant.slug, "--wait", "--timeout", "0")
    assert "Is a worker running?" in complaint(result)


@pytest.mark.requirement("APP-09")
def test_a_ready_made_app_is_found_and_made_from_the_shell(shell, tenant):
    found = json.loads(shell("starters", "weekly", "newsletter").stdout)
    assert found[0]["slug"] == "weekly-digest"
    assert found[0]["parameters"]["hour"]["default"] == 9
    made = shell(
        "create", "--starter", "weekly-digest", "--set", "hour=18", "--set", "subject=5", "--tenant", tenant.slug
    )
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["name"] == "Weekly engagement digest"
    named = shell("create", "--starter", "weekly-digest", "--as", "Ours", "--tenant", tenant.slug)
    assert json.loads(named.stdout)["name"] == "Ours"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "either a file or a ready-made app"),
        (("app.json", "--starter", "weekly-digest"), "either a file or a ready-made app"),
        (("app.json", "--set", "hour=1"), "--set and --as go with --starter"),
        (("--starter", "weekly-digest", "--set", "hour"), "NAME=VALUE"),
        (("--starter", "weekly-digest", "--set", "hour=late"), "hour"),
        (("--starter", "weekly-digest", "--set", "nobody=1"), "nobody"),
        (("--starter", "nothing-at-all"), "no ready-made app"),
    ],
)
def test_what_cannot_be_made_is_told_in_one_line(shell, tenant, words, told):
    assert told in complaint(shell("create", *words, "--tenant", tenant.slug))
