"""Who is reached, and who receives what (LNG-09)."""

import pytest

from tests.apps_engine.language.told import EMAIL, acts

pytestmark = pytest.mark.requirement("LNG-09")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("moderators", "moderators"),
        ({"role": "member"}, "role member"),
        ([1, 2], "1, 2"),
        ("{{ trigger.author.id }}", "the author"),
        ("{{ trigger.author.email }}", "the author's email"),
        ("{{ trigger.post.author_id }}", "the post's author"),
        ("{{ inputs.who }}", "the input who"),
        ("{{ trigger.author.id | default: 1 }}", "“{{ trigger.author.id | default: 1 }}”"),
    ],
)
def test_who_is_reached_is_told_in_words(target, words):
    (reach,) = acts({"type": "send_notification", "to": target, "title": "t"}).reaches
    assert reach.words == words


@pytest.mark.parametrize(
    ("to", "who"),
    [
        ("moderators", "the moderators"),
        ("everyone", "every member"),
        (7, "member 7"),
        ([7, "{{ trigger.author.id }}"], "member 7 and the author"),
        ({"role": "member"}, "every member with the role member"),
        ("{{ trigger.author.id }}", "the author"),
        ("{{ trigger.author.email }}", "the author"),
        ("{{ inputs.who }}", "the input who"),
        ("{{ trigger.author.id | default: 1 }}", "`trigger.author.id | default: 1`"),
        ("ada@example.com", "ada@example.com"),
    ],
)
def test_who_can_receive_what_is_told(to, who):
    (recipient,) = acts({"type": "send_notification", "to": to, "title": "t"}).recipients
    assert (recipient.who, recipient.what, recipient.most) == (who, "a notification", 1)


def test_the_items_of_a_loop_receive_at_most_what_a_run_may_send():
    users = {"pipeline": [{"id": "rows", "connector": "users"}]}
    mail = {**EMAIL, "to": "{{ member.email }}"}
    loop = {"type": "for_each", "items": "{{ rows }}", "as": "member", "actions": [mail]}
    (recipient,) = acts(loop, **users).recipients
    assert (recipient.who, recipient.most) == ("each member of `rows`", 500)
    listed = {**loop, "items": [1, 2, 3], "actions": [{**EMAIL, "to": "{{ member }}"}]}
    (recipient,) = acts(listed).recipients
    assert (recipient.who, recipient.most) == ("each member of 3", 3)
