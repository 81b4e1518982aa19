"""What apps cannot do is told, with what people can have instead (CHT-01)."""

from __future__ import annotations

import pytest

from apps_engine.starters import STARTERS
from chat.composer.choosing import choose
from chat.composer.examples import EXAMPLES
from chat.composer.ground import Ground
from chat.composer.limits import LIMITS, limit_in
from tests.chat.composer.sentences import SENTENCES

pytestmark = pytest.mark.requirement("CHT-01")
GROUND = Ground("Acme", "UTC", (), ())


@pytest.mark.parametrize("text", [*(sentence.text for sentence in SENTENCES), *(example.text for example in EXAMPLES)])
def test_what_the_composer_understands_is_within_the_limits(text):
    assert limit_in(text) is None


@pytest.mark.parametrize("starter", STARTERS.values(), ids=STARTERS)
def test_no_ready_made_app_is_refused_by_its_own_words(starter):
    for words in (starter.name, starter.summary, *starter.synonyms):
        assert limit_in(words) is None, words


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.key)
def test_what_is_offered_instead_is_understood(limit):
    for suggestion in limit.suggestions:
        assert limit_in(suggestion) is None
        assert choose(suggestion, GROUND, lambda slug, parameters: STARTERS[slug].definition) is not None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Post every new order to our Slack", "external_service"),
        ("run this SQL every night: DELETE FROM users WHERE xp = 0", "code"),
        ("check the orders every 10 seconds", "interval"),
        ("call http://localhost:8080/hook for each order", "internal_network"),
        ("Add a new page with a button for members", "custom_ui"),
    ],
)
def test_a_request_beyond_a_limit_is_recognised(text, key):
    found = limit_in(text)
    assert found is not None
    assert found.key == key
