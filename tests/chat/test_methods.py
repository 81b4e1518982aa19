"""An address that is asked in a way that it does not take says so (CHT-04)."""

from __future__ import annotations

import pytest

PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_who_opens_the_address_of_a_button_reads_what_to_do(admin, make_app):
    answer = admin.get(f"/apps/{make_app()}/pause/", headers=PERSON)
    html = answer.content.decode()
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "<h1>This address belongs to a button, and is no page.</h1>" in html
    assert "press it there" in html
    assert "<code>method_not_allowed</code>" in html


def test_who_sends_a_form_to_a_page_reads_that_it_takes_none(admin):
    answer = admin.post("/runs/", headers=PERSON)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert "This page takes no form." in answer.content.decode()


@pytest.mark.parametrize("address", ["/apps/{app}/delete/", "/sign-out/", "/chat/new/", "/intake/shopify/nobodys/"])
def test_a_program_gets_a_problem_with_what_there_is(admin, make_app, address):
    answer = admin.get(address.format(app=make_app()))
    told = answer.json()
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer["Content-Type"] == "application/problem+json"
    assert (told["code"], told["detail"]) == ("method_not_allowed", "This address takes POST only.")
    assert told["hint"]


def test_the_api_names_what_there_is_too(admin):
    answer = admin.delete("/api/v1/apps")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer["Allow"].split(", "))
    assert answer.json()["hint"]
