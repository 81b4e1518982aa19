"""Pages have a budget of requests per person, as the API has per key (SEC-07)."""

from __future__ import annotations

import pytest

from apps_engine.api.rates import RATES, spend

pytestmark = pytest.mark.requirement("SEC-07")


def test_a_person_whose_budget_is_spent_waits_and_others_do_not(admin, person, signed_in, make_person, tenant):
    for _ in range(RATES["write"].amount):
        spend(person, "write")
    answer = admin.post("/notifications/read/")
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "Too many requests" in answer.content.decode()
    assert admin.get("/home/").status_code == 200
    assert signed_in(make_person(tenant)).post("/notifications/read/").status_code == 302


def test_looking_at_a_draft_spends_what_reading_does(admin, person):
    for _ in range(RATES["write"].amount):
        spend(person, "write")
    assert admin.post("/apps/draft/check/", {"text": "{}"}).status_code == 200
    for _ in range(RATES["read"].amount - 1):
        spend(person, "read")
    assert admin.post("/apps/draft/check/", {"text": "{}"}).status_code == 429
