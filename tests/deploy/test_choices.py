"""What the caller's environment may ask for."""

from __future__ import annotations

import socket

import pytest

from deploy.local.choices import read_choices
from deploy.local.errors import LocalError
from deploy.local.ports import free_port

pytestmark = pytest.mark.requirement("OPS-03")


def test_a_web_port_in_use_is_refused_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        port = occupant.getsockname()[1]
        with pytest.raises(LocalError, match=rf"Port {port} is in use: .*PORT="):
            read_choices({"PORT": str(port)})


@pytest.mark.parametrize("text", ["web", "-1", "0", "70000", "80 00", "²"])
def test_a_port_that_is_no_port_is_refused(text):
    with pytest.raises(LocalError, match="PORT must be a number from 1 to 65535"):
        read_choices({"PORT": text})


def test_servers_of_the_caller_replace_the_embedded_ones():
    port = str(free_port())
    choices = read_choices({"PORT": port, "DATABASE_URL": "postgresql://me@db/app", "REDIS_URL": ""})
    assert choices.url == f"http://127.0.0.1:{port}"
    assert choices.database_url == "postgresql://me@db/app"
    assert choices.redis_url is None


def test_a_shell_that_sourced_the_demo_environment_means_the_embedded_services():
    own = "postgresql://postgres:pw@127.0.0.1:5/decommerce"
    environment = {"PORT": str(free_port()), "DATABASE_URL": own, "REDIS_URL": "redis://elsewhere"}
    choices = read_choices(environment, frozenset({own}))
    assert (choices.database_url, choices.redis_url) == (None, "redis://elsewhere")
