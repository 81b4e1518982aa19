"""What the heuristics make of texts. Plain cases: nobody claims that they understand anything."""

from __future__ import annotations

import pytest

from decommerce.intelligence.offline.quality import quality
from decommerce.intelligence.offline.sentiment import sentiment
from decommerce.intelligence.offline.summary import summary
from decommerce.intelligence.offline.texts import plain_text, text_of
from decommerce.intelligence.offline.topics import topics
from decommerce.intelligence.offline.toxicity import is_spam, toxicity
from decommerce.intelligence.offline.urgency import is_urgent
from decommerce.intelligence.offline.words import language_of, sentences, words

pytestmark = pytest.mark.requirement("ACT-04")

GOOD = (
    "I followed the guide for the checkout and the discount applies in the cart. In the checkout it is gone. "
    "I tried two browsers and a second account, with the same result. Has anybody met this before?"
)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (GOOD, "good"),
        ("", "poor"),
        ("asdf", "poor"),
        ("first!!!!", "poor"),
        ("HELLO EVERYBODY THIS IS THE VERY BEST SHOP THAT I HAVE EVER SEEN IN MY WHOLE LIFE", "poor"),
        ("buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy", "poor"),
        ("http://a.example http://b.example look here", "poor"),
        ("xkcd qwrtp zxcvb hjkl mnbvc plkj wqrt bnm dfgh", "poor"),
        ("You are an idiot and nobody wants to read what you write, so shut up and go away from here now.", "poor"),
    ],
)
def test_quality_is_length_less_what_looks_careless(text, label):
    assert quality(text).label == label


def test_quality_says_why():
    assert "mostly capital letters" in quality("THIS IS ALL VERY LOUD INDEED").reasons
    assert quality("Nice").reasons[0] == "very short: 1 word"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I love this, thank you so much!", "positive"),
        ("This is terrible, I am very disappointed.", "negative"),
        ("The parcel has four parts.", "neutral"),
        ("This is not good at all.", "negative"),
        ("Not bad!", "positive"),
        ("🎉🎉", "positive"),
        (":(", "negative"),
        ("Das ist toll, vielen Dank! Ich bin sehr zufrieden.", "positive"),
        ("C'est nul, je suis déçu.", "negative"),
        ("", "neutral"),
    ],
)
def test_sentiment_by_words_negation_and_faces(text, label):
    assert sentiment(text).label == label


def test_one_word_of_feeling_says_little_in_a_long_text():
    assert sentiment("Nice. " + "The parcel has four parts and a lid. " * 30).label == "neutral"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Thank you for the answer.", "safe"),
        ("You are an idiot.", "toxic"),
        ("I will find you", "toxic"),
        ("What the hell is this damn thing", "borderline"),
        ("Scunthorpe and Arsenal are towns and clubs.", "safe"),
    ],
)
def test_toxicity_by_words_that_stand_alone(text, label):
    assert toxicity(text).label == label


def test_wording_of_spam():
    assert is_spam("BUY NOW and make money fast")
    assert not is_spam("Where can I buy this now and then?")


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("URGENT: the server is down", True),
        ("Can you please confirm by tomorrow?", True),
        ("Your weekly newsletter: 20% off. Unsubscribe", False),
        ("FYI, the minutes of the meeting", False),
        ("Final notice: your payment failed", True),
        ("Lunch next week?", False),
        ("Dringend: bitte sofort melden", True),
    ],
)
def test_urgency_by_phrases(text, urgent):
    assert is_urgent(text) is urgent


def test_topics_are_frequent_words_that_are_not_frequent_everywhere():
    text = "Shipping costs\nThe shipping costs for parcels are high. Parcels within Europe cost less: https://x.example"
    found = topics(text)
    assert found[0] == "shipping costs"
    assert "parcel" in found
    assert not {"the", "for", "https", "example"} & set(found)


def test_a_summary_is_the_beginning():
    assert summary("One. Two. Three.") == "One. Two."
    assert len(summary("word " * 500)) <= 300


def test_markup_ids_and_addresses_are_no_text():
    assert plain_text("<p>One &amp; <b>two</b></p><ul><li>three</li></ul>") == "One & two\nthree"
    value = {"id": 7, "title": "Hello", "url": "https://a.example", "at": "2026-01-01T00:00:00Z", "tags": ["one"]}
    assert text_of(value) == "Hello\none"


def test_words_and_sentences_of_any_script():
    assert words("Don’t café Straße 12 日本") == ["don't", "café", "straße", "日本"]
    assert sentences("Is it? Yes! It is…\nTwo") == ["Is it?", "Yes!", "It is…", "Two"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The cat is on the table and it does not move.", "en"),
        ("Die Katze ist auf dem Tisch und sie bewegt sich nicht.", "de"),
        ("Le chat est sur la table et il ne bouge pas.", "fr"),
        ("El gato está en la mesa y no se mueve para nada.", "es"),
        ("Il gatto è sul tavolo e non si muove per niente.", "it"),
        ("猫はテーブルの上にいます。", ""),
    ],
)
def test_the_language_by_its_commonest_words(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text", ["日本語のテキストです。とても良いです。", "Привет, как дела?", "🙂🙂🙂", "\u200b\u202e", "١٢٣"]
)
def test_other_languages_are_judged_without_a_fault(text):
    for judge in (quality, sentiment, toxicity):
        assert 0 <= judge(text).score <= 1
    assert isinstance(topics(text), list)
