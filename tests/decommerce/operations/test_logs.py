"""What stands in the log: numbers of the work at hand, one JSON object a line, and nothing secret."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest
from django.db import DatabaseError, connection

from decommerce.log_redaction import HideSecretAddresses
from decommerce.operations.log_format import JsonLines, TextLines
from decommerce.tenancy.cause import Cause, caused_by
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.log_context import WorkAtHand
from tests.apps_engine.api.definitions import short_list
from tests.waiting import until
from tests.web_server import web_server


def line_of(record: logging.LogRecord) -> dict:
    assert WorkAtHand().filter(record)
    return json.loads(JsonLines().format(record))


def record(message: str, *args: object, **more: object) -> logging.LogRecord:
    made = logging.getLogger("a").makeRecord("a.b", logging.WARNING, "f.py", 1, message, args, None)
    vars(made).update(more)
    return made


@pytest.mark.requirement("OPS-01")
def test_a_line_names_the_tenant_the_app_and_the_run_at_hand(tenant):
    with tenant_scope(tenant.pk), caused_by(Cause(None, 12, 34)):
        line = line_of(record("one\ntwo %s", "three"))
    assert (line["tenant_id"], line["app_id"], line["run_id"]) == (tenant.pk, 12, 34)
    assert (line["level"], line["logger"], line["message"]) == ("warning", "a.b", "one\ntwo three")
    outside = line_of(record("said afterwards", run_id=56))
    assert outside["run_id"] == 56
    assert "tenant_id" not in outside


@pytest.mark.requirement("SEC-07")
def test_a_traceback_is_part_of_its_line_and_tells_no_secret_address():
    try:
        raise ValueError("GET /intake/shopify/very-secret/ failed")
    except ValueError:
        made = record("it failed", exc_info=sys.exc_info())
    line = line_of(made)
    assert "ValueError" in line["error"]
    assert "very-secret" not in line["error"]


@pytest.mark.requirement("SEC-07")
@pytest.mark.parametrize("formatter", [JsonLines(), TextLines("%(message)s")])
def test_data_that_the_database_quotes_stands_in_no_line(formatter, tenant):
    written = secrets.token_hex(8)
    with pytest.raises(DatabaseError) as failure, tenant_scope(tenant.pk), connection.cursor() as cursor:
        cursor.execute("SELECT %s::json", [f'{{"name": {written}'])
    error = failure.value
    assert written in str(error)
    made = record("a batch: %s", error, exc_info=(type(error), error, error.__traceback__))
    assert HideSecretAddresses().filter(made)
    line = formatter.format(made)
    assert "invalid input syntax for type json" in line
    assert written not in line


@pytest.mark.requirement("SEC-07", "OPS-01")
def test_a_process_logs_json_and_no_password_key_or_payload(service_environment, tmp_path, api_key, admin_user):
    hidden = [api_key, admin_user.raw_password, "hidden in a body", "an operators' password"]
    environment = {
        **service_environment,
        "DECOMMERCE_LOG_FORMAT": "json",
        "DECOMMERCE_LOG_LEVEL": "DEBUG",
        "DECOMMERCE_OPERATORS_PASSWORD": "an operators' password",
    }
    with web_server(environment, tmp_path / "web.log", access_log=True) as server:

        def send(path: str, body: bytes | None = None, **headers: str) -> None:
            request = urllib.request.Request(server.url + path, data=body, headers=headers)
            try:
                urllib.request.urlopen(request, timeout=10).close()
            except urllib.error.HTTPError as refused:
                refused.close()

        key = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        definition = {**short_list(), "description": "hidden in a body"}
        send("/api/v1/apps", json.dumps({"definition": definition}).encode(), **key)
        send("/api/v1/apps", b'{"definition": "hidden in a body', **key)
        form = urllib.parse.urlencode({"email": admin_user.email, "password": admin_user.raw_password})
        send("/sign-in/", form.encode())
        send("/metrics", **{"X-Request-ID": "given-by-a-proxy"})
        until(lambda: "/metrics" in server.log.read_text(), "the log tells of the last request")
    text = server.log.read_text()
    assert [secret for secret in hidden if secret in text] == []
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert len(lines) >= 4
    other = [line for line in text.splitlines() if not line.startswith("{")]
    # Before the settings are read, the server speaks as it likes.
    assert all("Started server process" in line or "Waiting for application" in line for line in other), other
    assert any(line.get("request_id") == "given-by-a-proxy" for line in lines)


def test_somebodys_text_makes_no_line_of_its_own_and_moves_no_terminal():
    line = TextLines().format(record("a message is no event: %s", "x\n2026-11-22 CRITICAL forged \x1b[31m"))
    assert line.endswith(r"x\n2026-11-22 CRITICAL forged \x1b[31m")
