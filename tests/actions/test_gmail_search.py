"""gmail_search against a local Google: what is found, what is empty, and what is written down."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.gmail_search import GmailSearch, GmailSearchParams
from apps_engine.contracts import Repeatable
from decommerce.accounts.errors import (
    OAuthRevoked,
)
from decommerce.outgoing.json_api import ServiceFailed
from decommerce.outgoing.models import OutgoingCall
from decommerce.tenancy.context import tenant_scope
from tests.actions.asking import prepared, refused
from tests.actions.gmail import BATCH, HOSTILE, account, search
from tests.google_server import wire
from tests.google_server.gmail import MESSAGES, Message, attachment, multipart, text_part
from tests.wire_server import Reply, answer

__all__ = ["account", "search"]

pytestmark = pytest.mark.requirement("PIP-05")


def test_it_finds_messages_with_what_one_sees_in_a_list(google, account, search):
    google.mailbox.messages = [
        Message("m2", "Invoice &amp; more", snippet="It&#39;s due", at=1_795_251_600_000),
        Message("m1", "Read already", labels=["INBOX"]),
    ]
    result = search()
    assert result == {
        "messages": [
            {
                "id": "m2",
                "thread_id": "tm2",
                "from": "Bo <bo@example.com>",
                "to": "ann@gmail.example",
                "subject": "Invoice &amp; more",
                "date": "2026-11-21T09:00:00Z",
                "snippet": "It's due",
                "unread": True,
                "labels": ["UNREAD", "INBOX"],
            }
        ],
        "count": 1,
        "empty": False,
        "more": False,
        "account": "ann@gmail.example",
        "sample": False,
    }


def test_the_query_is_gmails_own_and_the_token_travels_in_the_header(google, account, search):
    search("from:bo@example.com newer_than:1d")
    [listed] = google.asked_at(MESSAGES)
    assert listed.first("q") == "from:bo@example.com newer_than:1d"
    assert listed.first("maxResults") == "20"
    assert listed.headers["authorization"] == f"Bearer {account.access_token}"


def test_nothing_found_is_a_result_that_says_so(google, account, search):
    result = search("from:nobody")
    assert (result["messages"], result["count"], result["empty"], result["more"]) == ([], 0, True, False)


def test_an_answer_that_is_no_list_is_never_taken_for_an_empty_one(google, account, search):
    google.script[MESSAGES] = [answer({"hello": "world"}), Reply(200, b"<html>A proxy's page</html>")]
    assert refused(search, ServiceFailed).code == "service_failed"
    assert refused(search, ServiceFailed).code == "service_failed"


def test_fifty_messages_are_read_with_four_requests(google, account, search):
    google.mailbox.messages = [Message(f"m{number}", f"Subject {number}") for number in range(60)]
    result = search(limit=50)
    assert [message["id"] for message in result["messages"]] == [f"m{number}" for number in range(50)]
    assert (result["count"], result["more"]) == (50, True)
    assert [asked.path for asked in google.asked] == [MESSAGES, BATCH, BATCH, BATCH]


def test_pages_are_followed_until_the_limit(google, account, search):
    google.mailbox.messages = [Message(f"m{number}", "Subject") for number in range(7)]
    google.mailbox.page_size = 3
    assert [message["id"] for message in search(limit=5)["messages"]] == ["m0", "m1", "m2", "m3", "m4"]
    assert [asked.first("pageToken") for asked in google.asked_at(MESSAGES)] == ["", "3"]
    assert not search(limit=7)["more"]


def test_a_message_deleted_meanwhile_is_left_out(google, account, search):
    google.mailbox.messages = [Message("m1", "One"), Message("m2", "Two")]
    google.mailbox.parts["m1"] = [wire.failure(404, "notFound", "Requested entity was not found.")]
    assert [message["id"] for message in search()["messages"]] == ["m2"]


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        (text_part("Plain\r\nand simple"), "Plain\r\nand simple"),
        (text_part("<p>Only <b>HTML</b></p><style>p{}</style><p>&euro; 5</p>", "text/html"), "Only HTML\n€ 5"),
        (multipart("alternative", text_part("Plain"), text_part("<p>HTML</p>", "text/html")), "Plain"),
        (multipart("alternative", text_part("  "), text_part("<p>HTML</p>", "text/html")), "HTML"),
        (multipart("mixed", text_part("See the file"), attachment("offer.pdf")), "See the file"),
        (
            multipart(
                "mixed",
                multipart("alternative", text_part("Hi"), text_part("<p>Hi</p>", "text/html")),
                text_part("-- \nThe list's footer"),
            ),
            "Hi\n-- \nThe list's footer",
        ),
        (multipart("mixed", {**text_part("a secret file"), "filename": "notes.txt"}), ""),
        (text_part("Grüezi", charset="iso-8859-1", encoding="iso-8859-1"), "Grüezi"),
        (text_part("Grüezi", charset="iso-8859-1"), "Grüezi"),
        (text_part("Grüezi", charset="no-such-charset", encoding="iso-8859-1"), "Grüezi"),
        ({"mimeType": "text/plain", "body": {"data": "not base64 at all!"}}, ""),
        ({"mimeType": "text/plain"}, ""),
        (attachment("only.pdf"), ""),
    ],
)
def test_the_body_is_what_a_reader_shows(google, account, search, payload, body):
    google.mailbox.messages = [Message("m1", "Subject", payload=payload)]
    [message] = search(include_body=True)["messages"]
    assert message["body"] == body


def test_a_body_is_bounded_and_a_deep_one_harmless(google, account, search):
    deep = text_part("At the bottom")
    for _ in range(60):
        deep = multipart("mixed", deep)
    google.mailbox.messages = [
        Message("m1", "Long", payload=text_part("x" * 100_000)),
        Message("m2", "Deep", payload=deep),
    ]
    long, bottomless = search(include_body=True)["messages"]
    assert long["body"] == "x" * 20_000
    assert bottomless["body"] == ""


def test_a_mail_too_large_to_read_hides_no_other(google, account, search):
    google.mailbox.messages = [Message(f"m{number}", "Subject") for number in range(3)]
    google.mailbox.messages[1].payload = text_part("y" * 9_000_000)
    bodies = [message["body"] for message in search(include_body=True)["messages"]]
    assert bodies == ["Hello", None, "Hello"]


def test_hostile_mail_is_plain_text_that_can_be_stored(google, account, search):
    google.mailbox.messages = [
        Message("m1", HOSTILE, sender=HOSTILE, snippet=HOSTILE, payload=text_part(HOSTILE, "text/html"))
    ]
    [message] = search(include_body=True)["messages"]
    assert "\x00" not in str(message)
    assert message["subject"] == HOSTILE.rstrip("\x00")
    assert "<script>" not in message["body"]


def test_encoded_headers_are_read_and_broken_ones_left(google, account, search):
    google.mailbox.messages = [
        Message("m1", "=?utf-8?q?Z=C3=BCrich?=", sender="=?utf-8?b?Wm/Dqw==?= <z@b.c>"),
        Message("m2", "=?utf-8?b?!!!?= =?nonsense?q?a?="),
    ]
    good, broken = search()["messages"]
    assert (good["subject"], good["from"]) == ("Zürich", "Zoë <z@b.c>")
    assert broken["subject"]


# What is written down


@pytest.mark.requirement("SEC-07")
def test_each_call_is_in_the_log_without_tokens_or_mail(google, account, search, tenant, caplog):
    caplog.set_level("DEBUG")
    account.permission.access.clear()
    google.mailbox.messages = [Message("m1", "Secret subject", payload=text_part("Secret body"))]
    result = search("Secret", include_body=True)
    with tenant_scope(tenant.pk):
        calls = list(OutgoingCall.objects.order_by("pk"))
    assert [(call.method, call.host.split(".")[0], call.status) for call in calls] == [
        ("GET", "gmail", 401),
        ("POST", "oauth2", 200),
        ("GET", "gmail", 200),
        ("POST", "gmail", 200),
    ]
    assert {(call.app_id, call.execution_id) for call in calls} == {(7, 8)}
    written = caplog.text + "".join(str(vars(call)) for call in calls)
    tokens = [account.access_token, account.refresh_token, *account.permission.access]
    for secret in (*tokens, "Secret", "ya29.", "1//0"):
        assert secret not in written
    for token in tokens:
        assert token not in str(result)


@pytest.mark.requirement("SEC-07")
def test_no_error_names_a_token(google, account, search, caplog):
    caplog.set_level("DEBUG")
    account.permission.revoked = True
    error = refused(search, OAuthRevoked)
    assert "ya29." not in f"{error}{error.as_dict()}{error.__cause__!r}{caplog.text}"
    assert "1//0" not in f"{error}{error.as_dict()}{error.__cause__!r}{caplog.text}"


# The declaration


@pytest.mark.requirement("RUN-12")
def test_a_preview_is_a_labelled_sample_and_asks_nobody(google, owner):
    preview = GmailSearch().preview(prepared(GmailSearch(), owner, query="is:unread", limit=2, include_body=True))
    assert list(preview) == [field.name for field in GmailSearch.result]
    assert (preview["sample"], preview["count"], len(preview["messages"])) == (True, 2, 2)
    assert all(message["subject"].startswith("[Sample] ") and message["body"] for message in preview["messages"])
    assert google.asked == []
    without = GmailSearch().preview(prepared(GmailSearch(), owner, query="is:unread"))
    assert all("body" not in message for message in without["messages"])


def test_a_sample_has_the_fields_of_a_message(google, account, search, owner):
    google.mailbox.messages = [Message("m1", "Subject")]
    preview = GmailSearch().preview(prepared(GmailSearch(), owner, query="x", include_body=True))
    assert set(preview["messages"][0]) == set(search(include_body=True)["messages"][0])


def test_it_reads_only_and_says_what_it_needs():
    assert GmailSearch.oauth == ("gmail",)
    assert GmailSearch.repeatable is Repeatable.SAFELY
    assert GmailSearch.cached


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": ""},
        {"query": "x" * 501},
        {"query": "x", "limit": 0},
        {"query": "x", "limit": 51},
        {"query": "x", "to": 1},
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        GmailSearchParams.model_validate(params)
