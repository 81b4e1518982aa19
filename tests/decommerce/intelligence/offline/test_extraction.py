"""Filling schemas offline: sensible where names and forms say enough, valid always."""

from __future__ import annotations

import string
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decommerce.intelligence.errors import ModelAnswerInvalid
from decommerce.intelligence.offline.offline_model import OfflineModel
from decommerce.intelligence.port import Material, ModelRequest, Task
from decommerce.intelligence.schema import answer_schema, faults

pytestmark = pytest.mark.requirement("ACT-06")

TEXT, NUMBER, WHOLE, LIST, FLAG = ({"type": kind} for kind in ("string", "number", "integer", "array", "boolean"))


def extract(value: Any, **properties: Any) -> dict[str, Any]:
    """What is taken out of a value for these properties."""
    schema = answer_schema({"type": "object", "properties": properties})
    request = ModelRequest(task=Task.EXTRACT, material=(Material("input", value),), schema=schema)
    answer = OfflineModel().answer(request)
    assert answer.offline
    assert faults(answer.value, schema) == []
    return dict(answer.value or {})


MAILS = [
    {"id": "1", "subject": "URGENT: server is down", "from": "boss@example.com", "snippet": "Please call me."},
    {"id": "2", "subject": "Your weekly newsletter", "from": "news@example.com", "snippet": "10% off. Unsubscribe"},
    {"id": "3", "subject": "Contract", "from": "legal@example.com", "snippet": "Please confirm by tomorrow"},
    {"id": "4", "subject": "Lunch?", "from": "amy@example.com", "snippet": "Some time next month?"},
]


def test_rows_are_sorted_into_urgent_and_what_can_wait():
    found = extract(MAILS, urgent=LIST, can_wait=LIST)
    assert found == {"urgent": [MAILS[0], MAILS[2]], "can_wait": [MAILS[1], MAILS[3]]}


def test_every_row_goes_into_exactly_one_of_the_lists():
    found = extract({"messages": MAILS, "count": 4}, important=LIST, newsletters=LIST, other=LIST)
    assert found["important"] == [MAILS[0], MAILS[2]]
    assert found["newsletters"] == [MAILS[1]]
    assert found["other"] == [MAILS[3]]


def test_rows_become_texts_or_objects_as_the_schema_says():
    row = {"type": "object", "properties": {"subject": TEXT, "sender": TEXT, "from": TEXT}}
    found = extract(MAILS, urgent={"type": "array", "items": TEXT}, can_wait={"type": "array", "items": row})
    assert found["urgent"] == ["URGENT: server is down", "Contract"]
    assert found["can_wait"][1]["subject"] == "Lunch?"
    assert found["can_wait"][1]["from"] == "amy@example.com"


RECEIPT = """Luigi's Trattoria
2026-11-20 19:42
2x Pizza Margherita 24.00
Tiramisu ........ 7.50
Tax: 2.50
Tip: $5.00
Total: $39.00"""


def test_a_receipt():
    line = {"type": "object", "properties": {"name": TEXT, "quantity": WHOLE, "price": NUMBER}}
    found = extract(
        RECEIPT,
        merchant=TEXT,
        date={"type": "string", "format": "date"},
        time=TEXT,
        items={"type": "array", "items": line},
        tax=NUMBER,
        tip={"type": ["number", "null"]},
        total=NUMBER,
        currency={"type": "string", "enum": ["EUR", "USD"]},
    )
    assert found["merchant"] == "Luigi's Trattoria"
    assert (found["date"], found["time"]) == ("2026-11-20", "19:42")
    assert found["items"] == [
        {"name": "Pizza Margherita", "quantity": 2, "price": Decimal("24.00")},
        {"name": "Tiramisu", "quantity": 1, "price": Decimal("7.50")},
    ]
    assert (found["tax"], found["tip"], found["total"]) == (Decimal("2.50"), Decimal("5.00"), Decimal("39.00"))


def test_a_trip():
    found = extract(
        "We would like to go to Rome from May 3, 2027 to 10 May 2027 with 4 people for EUR 2,000.",
        destination=TEXT,
        start_date={"type": "string", "format": "date"},
        end_date={"type": "string", "format": "date"},
        travellers={"type": "integer", "minimum": 1},
        budget=NUMBER,
    )
    assert found == {
        "destination": "Rome",
        "start_date": "2027-05-03",
        "end_date": "2027-05-10",
        "travellers": 4,
        "budget": Decimal("2000"),
    }


def test_what_the_material_names_is_taken_over():
    value = {"order": {"orderNumber": 1001, "total_price": Decimal("19.90"), "paid": True, "tags": ["vip"]}}
    found = extract(value, order_number=WHOLE, total_price=NUMBER, paid=FLAG, tags=LIST)
    assert found == {"order_number": 1001, "total_price": Decimal("19.90"), "paid": True, "tags": ["vip"]}


def test_lines_with_labels_are_read():
    found = extract("Name: Ada\nGuests: 12\nParking: yes", name=TEXT, guests=WHOLE, parking=FLAG)
    assert found == {"name": "Ada", "guests": 12, "parking": True}


@pytest.mark.parametrize(
    ("choices", "text", "chosen"),
    [
        (["fine", "spam"], "BUY NOW and make money fast", "spam"),
        (["fine", "spam"], "Thank you for the answer", "fine"),
        (["allow", "review", "block"], "You are an idiot", "block"),
        (["positive", "neutral", "negative"], "I love it, thanks", "positive"),
        (["low", "high"], "URGENT: call me", "high"),
        (["bug", "feature", "other"], "There is a bug in the bug list", "bug"),
        (["bug", "feature", "other"], "Hello", "other"),
        (["a", None], "nothing of it", None),
    ],
)
def test_a_choice_by_what_its_values_mean(choices, text, chosen):
    name = "urgency" if "low" in choices else "label"
    assert extract(text, **{name: {"enum": choices}})[name] == chosen


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("is_spam", "Buy now! Casino!", True),
        ("is_toxic", "You idiot", True),
        ("is_toxic", "Thank you", False),
        ("is_question", "How does it work?", True),
        ("has_links", "See https://a.example", True),
        ("needs_review", "asdf", True),
        ("on_fire", "nothing is known of it", False),
    ],
)
def test_a_flag_by_its_name(name, text, value):
    assert extract(text, **{name: FLAG})[name] is value


def test_facts_in_lists():
    text = "Reach us at a@b.example or c@d.example by 2026-12-01. See https://x.example. Please send it. $5 or 7 EUR."
    numbers = {"type": "array", "items": NUMBER}
    found = extract(text, emails=LIST, deadlines=LIST, links=LIST, tasks=LIST, amounts=numbers)
    assert found == {
        "emails": ["a@b.example", "c@d.example"],
        "deadlines": ["2026-12-01"],
        "links": ["https://x.example"],
        "tasks": ["Please send it."],
        "amounts": [5, 7],
    }


def test_what_is_not_known_is_left_empty_and_never_made_up():
    found = extract("Hello", passport_number=TEXT, price=NUMBER, guests={"type": ["integer", "null"]}, colours=LIST)
    assert (found["passport_number"], found["price"], found["guests"]) == ("", 0, None)


def test_a_scale_of_the_schema_is_kept_to():
    poor, fine = "bad", "I tried this in two browsers and with a second account, and the discount is gone in both. Why?"
    scale = {"type": "integer", "minimum": 1, "maximum": 10}
    assert extract(poor, quality_score=scale)["quality_score"] < extract(fine, quality_score=scale)["quality_score"]


def test_what_only_a_model_could_fill_is_an_error_and_no_invention():
    with pytest.raises(ModelAnswerInvalid) as failed:
        extract("Hello", code={"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"})
    assert failed.value.code == "model_answer_invalid"


PLAIN = ("title", "summary", "date", "total", "people", "items", "email", "reason", "when", "body", "x")
TELLING = ("urgent", "can_wait", "topics", "label", "score", "is_spam", "tags")
NAMES = st.sampled_from((*PLAIN, *TELLING))
KINDS = st.lists(st.sampled_from(["string", "number", "null", "boolean"]), min_size=1, unique=True)
CHOICES = st.lists(st.sampled_from(["good", "bad", "spam", 7, None]), min_size=1, unique=True)
FORMS = st.sampled_from(["date", "email", "uri", "date-time"])
LEAVES = st.one_of(
    st.builds(lambda most: {"type": "string", "maxLength": most}, st.integers(0, 40)),
    st.builds(lambda form: {"type": "string", "format": form}, FORMS),
    st.builds(lambda low: {"type": "number", "minimum": low, "maximum": low + 9}, st.integers(-50, 50)),
    st.builds(lambda low: {"type": "integer", "minimum": low, "maximum": low + 9}, st.integers(-50, 50)),
    st.builds(lambda kinds: {"type": kinds}, KINDS),
    st.builds(lambda choices: {"enum": choices}, CHOICES),
    st.just({}),
)


def wider(inner: st.SearchStrategy) -> st.SearchStrategy:
    """Lists, objects and choices of schemas."""
    return st.one_of(
        st.builds(lambda item, least: {"type": "array", "items": item, "minItems": least}, inner, st.integers(0, 2)),
        st.builds(lambda item: {"type": "array", "items": item, "maxItems": 3}, inner),
        st.builds(lambda parts: {"type": "object", "properties": parts}, st.dictionaries(NAMES, inner, min_size=1)),
        st.builds(lambda options: {"anyOf": options}, st.lists(inner, min_size=1, max_size=3)),
    )


SCHEMAS = st.recursive(LEAVES, wider, max_leaves=6)
TEXTS = st.text(max_size=60) | st.sampled_from([RECEIPT, *map(str, MAILS)])
KEYS = NAMES | st.text(string.ascii_letters, max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(parts=st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=5), value=VALUES)
def test_whatever_is_asked_of_whatever_there_is_the_answer_fits_and_is_the_same_each_time(parts, value):
    assert extract(value, **parts) == extract(value, **parts)
