"""The superpowers that need no talk: bill split, budget tracker, trip planner, morning email scanner."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from apps_engine.services.starters import create_app_from
from apps_engine.store.models import Execution
from apps_engine.store.state import read_state
from decommerce.tenancy.middleware import principal_of
from tests.google_server.fixtures import authority, connect, google, make_colleague
from tests.google_server.gmail import Message

__all__ = ["authority", "connect", "google", "make_colleague"]

pytestmark = pytest.mark.requirement("APP-09", "FPA-01")


def state_of(stage, app):
    with stage.community():
        return read_state(app.pk, "")


def said(run: Execution) -> str:
    return run.result["template"]


def test_the_shares_of_a_bill_sum_to_it_and_its_tip_to_the_cent(stage):
    app = stage.create("bill-split", note="Pizza & tea")
    run = stage.run(app, total=Decimal("100.01"), tip_percent=12, people=["Ada", "Ben", "Cleo"], pay_to="ada-l")
    due = (Decimal("100.01") * Decimal("1.12")).quantize(Decimal("0.01"))
    assert due == Decimal("112.01")
    assert said(run).startswith("112.01 for 3: Ada, Ben, Cleo pay 37.34, 37.34, 37.33, in this order. ")
    link = urlsplit(said(run).rpartition(" ")[2])
    assert (link.scheme, link.hostname, link.path) == ("https", "venmo.com", "/ada-l")
    assert parse_qs(link.query) == {"txn": ["pay"], "amount": ["37.34"], "note": ["Pizza & tea"]}
    assert state_of(stage, app)["last_people"] == ["Ada", "Ben", "Cleo"]
    stage.tell(app, said(run))


def test_settled_bills_reach_the_budget_tracker_and_the_admins_are_told_once(stage, make_admin):
    admin = make_admin(stage.tenant)
    budget = stage.create("budget-tracker", budget=200, warn_percent=80)
    split = stage.create("bill-split", tip_percent=0)
    for total in (100, Decimal("59.99"), Decimal("0.02"), 30):
        stage.run(split, total=total)
    assert Decimal(str(state_of(stage, budget)["spent"])) == Decimal("190.01")
    [told] = stage.notifications(budget)
    assert (told.member, told.title) == (admin, "160.01 of 200 is spent")
    runs = [said(run) for run in stage.runs(budget)]
    assert runs[-1] == "190.01 of 200 is spent this month."
    stage.tell(budget, f"added up 4 bills: {runs[-1]}; told the admins at 160.01")


@pytest.mark.requirement("ACT-09")
def test_a_trip_is_planned_and_its_reminder_comes_later(stage, make_admin):
    make_admin(stage.tenant, "owner")
    app = stage.create("trip-planner", remind_hours=48)
    run = stage.run(app, destination="Zürich & the lake", days=3, travellers=7, budget=1000)
    assert said(run).startswith("Zürich & the lake for 3 days: 142.86 each, 47.62 a day. https://maps.google.com/")
    link = urlsplit(said(run).split("\n")[0].rpartition(" ")[2])
    assert parse_qs(link.query)["query"] == ["Zürich & the lake"]
    assert stage.notifications(app) == []
    stage.pass_time(hours=49)
    stage.work()
    [told] = stage.notifications(app)
    assert told.title == "Time to pack for Zürich & the lake"
    stage.tell(app, f"{said(run).splitlines()[0]} Two days later it reminded the team.")


def test_the_morning_scanner_sorts_the_connected_mailbox(stage, google, connect, make_colleague):
    """Without a key the plainly labelled heuristics sort: words such as “today” and “urgent” decide."""
    ann = make_colleague(stage.tenant, "owner")
    connect(stage.tenant, ann, "gmail")
    google.mailbox.messages = [
        Message("m1", "URGENT: sign the contract today"),
        Message("m2", "Our newsletter of November"),
    ]
    with stage.community():
        app = create_app_from(principal_of(ann, stage.tenant.pk), "morning-email-scanner", {})
    stage.fire(app)
    [told] = stage.notifications(app)
    assert (told.title, told.body) == ("1 urgent mail", "- URGENT: sign the contract today")
    [run] = stage.runs(app)
    assert said(run) == "🚨 You have 1 urgent email"
    assert (state_of(stage, app)["has_urgent"], state_of(stage, app)["read"]) == (True, 2)
    stage.tell(app, f"Read 2 unread mails of the connected account: {said(run)}")
