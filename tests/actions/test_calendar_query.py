"""calendar_query against a local Google: what is found, what is empty, and how its refusals differ from Gmail's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from actions.calendar_query import CalendarQuery, CalendarQueryParams, TimeRangeEmpty
from apps_engine.contracts import Repeatable
from decommerce.accounts.errors import OAuthNotConnected, OAuthRevoked, OAuthScopeMissing
from decommerce.outgoing.errors import OutgoingTimeout
from decommerce.outgoing.json_api import ServiceBusy, ServiceFailed
from decommerce.outgoing.models import OutgoingCall
from decommerce.tenancy.context import tenant_scope
from tests.actions.asking import asked, prepared, refused
from tests.google_server import wire
from tests.google_server.calendar import timed, whole_days
from tests.wire_server import SILENCE, Reply, answer

pytestmark = pytest.mark.requirement("PIP-05")

EVENTS = "/calendar/v3/calendars/primary/events"
PLANNING = timed(
    1,
    "Planning",
    "2026-11-21T11:00:00+01:00",
    "2026-11-21T12:00:00+01:00",
    location="Room 2",
    description="<p>Bring <b>ideas</b></p>",
    attendees=[
        {"email": "ann@gmail.example", "self": True, "responseStatus": "declined"},
        {"email": "bo@example.com", "responseStatus": "accepted"},
    ],
)


@pytest.fixture
def account(connect, tenant, ann):
    """Her account, which may read calendars."""
    return connect(tenant, ann, "calendar")


@pytest.fixture
def look(owner):
    """Look as the app does."""
    return lambda **params: asked(CalendarQuery(), owner, **params)


@pytest.fixture
def plans(google):
    """What is in the main calendar."""
    return google.calendars.events["primary"]


def test_it_lists_the_events_of_the_next_week(google, account, look, plans):
    plans += [
        PLANNING,
        timed(2, "In two weeks", "2026-12-05T11:00:00+01:00", "2026-12-05T12:00:00+01:00"),
        timed(3, "Yesterday", "2026-11-20T11:00:00+01:00", "2026-11-20T12:00:00+01:00"),
    ]
    assert look() == {
        "events": [
            {
                "id": "event1",
                "title": "Planning",
                "start": "2026-11-21T10:00:00Z",
                "end": "2026-11-21T11:00:00Z",
                "all_day": False,
                "location": "Room 2",
                "description": "Bring ideas",
                "attendees": 2,
                "response": "declined",
                "link": "https://www.google.com/calendar/event?eid=event1",
            }
        ],
        "count": 1,
        "empty": False,
        "more": False,
        "account": "ann@gmail.example",
        "sample": False,
    }
    [listed] = google.asked
    sent = {name: listed.first(name) for name in ("timeMin", "timeMax", "singleEvents", "orderBy")}
    assert sent == {
        "timeMin": "2026-11-21T09:00:00+00:00",
        "timeMax": "2026-11-28T09:00:00+00:00",
        "singleEvents": "true",
        "orderBy": "startTime",
    }


def test_an_event_of_whole_days_has_dates(account, look, plans):
    plans.append(whole_days(1, "Trip", "2026-11-22", "2026-11-25"))
    [trip] = look()["events"]
    assert (trip["all_day"], trip["start"], trip["end"]) == (True, "2026-11-22", "2026-11-25")
    assert (trip["attendees"], trip["response"], trip["location"], trip["description"]) == (0, None, "", "")


def test_events_are_in_order_and_cancelled_ones_left_out(account, look, plans):
    plans += [
        timed(1, "Late", "2026-11-21T18:00:00Z", "2026-11-21T19:00:00Z"),
        timed(2, "Off", "2026-11-21T12:00:00Z", "2026-11-21T13:00:00Z", status="cancelled"),
        timed(3, "Early", "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z"),
    ]
    assert [event["title"] for event in look()["events"]] == ["Early", "Late"]


def test_nothing_planned_is_a_result_that_says_so(account, look):
    result = look()
    assert (result["events"], result["count"], result["empty"], result["more"]) == ([], 0, True, False)


def test_an_answer_that_is_no_list_is_never_taken_for_an_empty_one(google, account, look):
    google.script[EVENTS] = [answer({}), Reply(200, b"<html>A proxy's page</html>")]
    refused(look, ServiceFailed)
    refused(look, ServiceFailed)


def test_pages_are_followed_until_the_limit(google, account, look, plans):
    plans += [timed(n, f"Event {n}", f"2026-11-22T{n:02}:00:00Z", f"2026-11-22T{n:02}:30:00Z") for n in range(10)]
    google.calendars.page_size = 4
    result = look(limit=5)
    assert [event["title"] for event in result["events"]] == [f"Event {n}" for n in range(5)]
    assert (result["count"], result["more"], len(google.asked)) == (5, True, 2)
    assert not look(limit=10)["more"]


@pytest.mark.parametrize(
    ("params", "begins", "ends"),
    [
        ({"days": 1}, "2026-11-21T09:00:00+00:00", "2026-11-22T09:00:00+00:00"),
        ({"from": "2026-11-23", "to": "2026-11-24"}, "2026-11-22T23:00:00+00:00", "2026-11-23T23:00:00+00:00"),
        ({"from": "2026-11-23T08:00:00", "days": 2}, "2026-11-23T07:00:00+00:00", "2026-11-25T07:00:00+00:00"),
        ({"from": "2026-11-23T08:00:00Z"}, "2026-11-23T08:00:00+00:00", "2026-11-30T08:00:00+00:00"),
        ({"to": "2026-11-21T10:00:00-05:00"}, "2026-11-21T09:00:00+00:00", "2026-11-21T15:00:00+00:00"),
    ],
)
def test_the_time_is_meant_in_the_zone_of_the_community(make_tenant, context, params, begins, ends):
    zurich = make_tenant("Zurich", "Europe/Zurich")
    frozen = prepared(CalendarQuery(), replace(context, tenant_id=zurich.pk), **params).body
    written = [frozen[name].replace("Z", "+00:00") for name in ("from", "to")]
    assert written == [begins, ends]


def test_another_calendar_and_words_are_asked_for_as_they_are(google, account, look):
    google.calendars.events["team@group.calendar.google.com"] = [
        timed(1, "Stand-up", "2026-11-22T09:00:00Z", "2026-11-22T09:15:00Z"),
        timed(2, "Lunch", "2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z"),
    ]
    result = look(calendar="team@group.calendar.google.com", query="stand")
    assert [event["title"] for event in result["events"]] == ["Stand-up"]
    assert google.asked[0].target.startswith("/calendar/v3/calendars/team%40group.calendar.google.com/events?")


def test_a_path_in_the_name_of_a_calendar_leads_nowhere_else(google, account, look):
    error = refused(look, ServiceFailed, calendar="../users/me/settings?x=1#")
    assert error.code == "service_not_found"
    assert google.asked[0].target.startswith("/calendar/v3/calendars/..%2Fusers%2Fme%2Fsettings%3Fx%3D1%23/events?")


def test_a_calendar_that_is_not_there_is_an_error_and_not_empty(account, look):
    error = refused(look, ServiceFailed, calendar="no@such.calendar")
    assert (error.code, error.retryable) == ("service_not_found", False)


def test_hostile_events_are_plain_text_that_can_be_stored(account, look, plans):
    hostile = "<script>alert(1)</script>{{ tenant.id }}\x00"
    plans.append(
        timed(1, hostile, "2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z", location=hostile, description=hostile)
    )
    [event] = look()["events"]
    assert "\x00" not in str(event)
    assert event["description"] == "{{ tenant.id }}"


def test_an_event_without_a_time_is_a_failure(google, account, look):
    google.script[EVENTS] = [answer({"kind": "calendar#events", "items": [{"id": "1", "start": {}}]})]
    refused(look, ServiceFailed)


def test_a_refused_token_is_renewed_and_a_revoked_one_told(google, account, look):
    account.permission.access.clear()
    assert look()["empty"]
    account.permission.revoked = True
    assert refused(look, OAuthRevoked).hint == ("The person who made the app connects Google Calendar at /accounts/.")


def test_an_account_for_mail_lacks_the_scope(google, connect, tenant, ann, look):
    connect(tenant, ann, "gmail")
    refused(look, OAuthScopeMissing)
    assert google.asked == []


@pytest.mark.parametrize("scope", ["calendar", "calendar.readonly", "calendar.events"])
def test_a_wider_scope_is_enough(connect, tenant, ann, look, scope):
    connect(tenant, ann, f"https://www.googleapis.com/auth/{scope}")
    assert look()["empty"]


def test_without_an_account_it_says_where_to_connect_one(google, look):
    assert "/accounts/" in refused(look, OAuthNotConnected).hint


@pytest.mark.parametrize(
    ("reply", "error", "retryable"),
    [
        (wire.failure(403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits"), ServiceBusy, True),
        (wire.failure(403, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"), ServiceBusy, True),
        (wire.failure(403, "quotaExceeded", "Calendar usage limits exceeded.", "usageLimits"), ServiceBusy, True),
        (wire.failure(429, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"), ServiceBusy, True),
        (wire.failure(403, "forbidden", "Forbidden"), ServiceFailed, False),
        (wire.failure(400, "timeRangeEmpty", "The specified time range is empty.", "calendar"), ServiceFailed, False),
        (wire.failure(500, "backendError", "Backend Error"), ServiceFailed, True),
        (wire.insufficient(), OAuthScopeMissing, False),
    ],
)
def test_each_refusal_says_whether_to_try_again(google, account, look, reply, error, retryable):
    google.script[EVENTS] = [reply]
    assert refused(look, error).retryable is retryable


def test_a_google_that_is_silent_is_a_timeout(google, account, look):
    google.script[EVENTS] = [SILENCE]
    assert refused(look, OutgoingTimeout, seconds=0.3).retryable


@pytest.mark.requirement("SEC-07")
def test_the_log_has_the_call_without_words_addresses_or_tokens(google, account, look, tenant, caplog):
    caplog.set_level("DEBUG")
    google.calendars.events["secret.person1@example.com"] = []
    look(calendar="secret.person1@example.com", query="secret words")
    with tenant_scope(tenant.pk):
        [call] = OutgoingCall.objects.all()
    assert (call.host, call.status) == ("www.googleapis.com", 200)
    assert "secret" not in f"{vars(call)}{caplog.text}"
    assert "ya29." not in f"{vars(call)}{caplog.text}"


@pytest.mark.requirement("RUN-12")
def test_a_preview_is_a_labelled_sample_and_asks_nobody(google, account, owner, look, plans):
    preview = CalendarQuery().preview(prepared(CalendarQuery(), owner))
    assert list(preview) == [field.name for field in CalendarQuery.result]
    assert (preview["sample"], preview["count"]) == (True, 2)
    assert all(event["title"].startswith("[Sample] ") for event in preview["events"])
    assert google.asked == []
    plans.append(timed(1, "Real", "2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z"))
    assert set(preview["events"][0]) == set(look()["events"][0])


def test_it_reads_only_and_says_what_it_needs():
    assert CalendarQuery.oauth == ("calendar",)
    assert CalendarQuery.repeatable is Repeatable.SAFELY
    assert CalendarQuery.cached


@pytest.mark.parametrize(
    "params",
    [
        {"from": "soon"},
        {"days": 0},
        {"days": 367},
        {"days": 1, "to": "2026-11-22"},
        {"calendar": ""},
        {"limit": 51},
        {"until": "2026-11-22"},
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        CalendarQueryParams.model_validate(params)


def test_a_time_that_ends_before_it_begins_is_refused_before_it_is_claimed(owner):
    with pytest.raises(TimeRangeEmpty):
        prepared(CalendarQuery(), owner, **{"from": "2026-11-22", "to": "2026-11-21"})
