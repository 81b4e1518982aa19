"""Making and unmaking operators from the shell, by the owner of the tables only (SEC-07)."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from decommerce.tenancy.models import Operator, User
from decommerce.tenancy.operators import is_operator

pytestmark = pytest.mark.requirement("SEC-07")


@pytest.fixture(autouse=True)
def _quiet_owner():
    yield
    connections["owner"].close()


def test_somebody_becomes_an_operator_and_is_one_no_longer(capsys, tenant):
    email = f"boss@{tenant.slug}.example"
    call_command("create_operator", email.upper(), name="Boss")
    password = re.search(r"password is (\S+) and", capsys.readouterr().out)[1]
    person = User.objects.get(email=email)
    assert (person.check_password(password), is_operator(person)) == (True, True)
    call_command("create_operator", email)
    assert "password" not in capsys.readouterr().out
    assert Operator.objects.filter(user=person).count() == 1
    call_command("create_operator", email, end=True)
    assert not is_operator(person)


def test_what_is_no_address_is_refused():
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("create_operator", "boss")
