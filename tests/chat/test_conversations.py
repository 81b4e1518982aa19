"""Finding and renaming what one talked about, and how much may be said (CHT-02, RUN-07)."""

from __future__ import annotations

import pytest

from apps_engine.services.quotas import CHAT_MESSAGES, CHAT_TOKENS, count_chat_tokens, set_quota
from apps_engine.services.quotas import usage as quotas_in_use
from chat.model.port import Done, Stop
from chat.turns import record
from chat.turns.allowance import MessagesUsedUp
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of

pytestmark = [pytest.mark.requirement("CHT-02"), pytest.mark.requirement("RUN-07")]


@pytest.fixture
def talks(person, tenant) -> list[int]:
    """Two conversations, with what was said in them."""
    with tenant_scope(tenant.pk):
        numbers = []
        for text in ("Flag short posts", "Mail the most active members"):
            exchange = record.say(person, record.open_conversation(person, text).pk, text)
            record.close_answer(exchange.answer_id, "Which severity?", Done(Stop.END), {}, "offline composer")
            numbers.append(exchange.conversation_id)
        return numbers


@pytest.mark.parametrize(
    ("words", "found"),
    [("short", [0]), ("ACTIVE members", [1]), ("severity", [1, 0]), ("short members", []), ("", [1, 0])],
)
def test_a_conversation_is_found_by_what_was_said_in_it(person, tenant, talks, words, found):
    with tenant_scope(tenant.pk):
        assert [talk.pk for talk in record.own_conversations(person, words)] == [talks[place] for place in found]


def test_a_search_for_what_no_text_can_hold_finds_what_the_rest_of_it_finds(admin, talks):
    assert admin.get("/chat/?q=short%00").status_code == 200


def test_nobody_finds_anybody_elses(tenant, talks, make_person):
    with tenant_scope(tenant.pk):
        assert not record.own_conversations(principal_of(make_person(tenant, "owner"), tenant.pk), "short").exists()


def test_the_page_searches_and_says_where_nothing_is_found(admin, talks):
    assert "Flag short posts" in admin.get("/chat/?q=short").content.decode()
    page = admin.get("/chat/?q=<b>zebra").content.decode()
    assert "Nothing you talked about has “&lt;b&gt;zebra” in it." in page


def test_a_conversation_gets_another_title_and_keeps_its_place(admin, person, tenant, talks):
    assert admin.post(f"/chat/{talks[0]}/rename/", {"title": " Short  posts "}).status_code == 302
    with tenant_scope(tenant.pk):
        titles = [talk.title for talk in record.own_conversations(person)]
    assert titles == ["Mail the most active members", "Short posts"]


def test_another_persons_conversation_cannot_be_renamed(signed_in, make_person, tenant, talks):
    stranger = signed_in(make_person(tenant, "owner"))
    assert stranger.post(f"/chat/{talks[0]}/rename/", {"title": "Mine"}).status_code == 404


def test_beyond_its_messages_of_the_hour_a_community_hears_when_there_are_new_ones(person, tenant):
    with tenant_scope(tenant.pk):
        set_quota(person, CHAT_MESSAGES, 1)
        talk = record.open_conversation(person, "One")
        exchange = record.say(person, talk.pk, "One")
        record.close_answer(exchange.answer_id, "Yes.", Done(Stop.END), {}, "a model")
        with pytest.raises(MessagesUsedUp, match="1 messages in the chat it may have this hour"):
            record.say(person, talk.pk, "Two")


def test_what_an_answer_took_is_counted_and_with_the_tokens_the_chat_ends(person, tenant):
    with tenant_scope(tenant.pk):
        set_quota(person, CHAT_TOKENS, 1_000)
        exchange = record.say(person, record.open_conversation(person, "One").pk, "One")
        took = {"input_tokens": 700, "output_tokens": 200, "cache_read_tokens": 100, "cache_write_tokens": 0}
        record.close_answer(exchange.answer_id, "Yes.", Done(Stop.END, usage=took), {}, "a model")
        assert {use.name: use.standing.used for use in quotas_in_use(person)}[CHAT_TOKENS] == 1_000
        with pytest.raises(MessagesUsedUp):
            record.say(person, exchange.conversation_id, "Two")


def test_no_tokens_count_nothing(person, tenant):
    with tenant_scope(tenant.pk):
        count_chat_tokens(0)
        assert {use.name: use.standing.used for use in quotas_in_use(person)}[CHAT_TOKENS] == 0
