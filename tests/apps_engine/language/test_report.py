"""What a definition does, in facts and in plain words (LNG-09)."""

import pytest

from apps_engine.language.jsontext import dumps, loads
from tests.apps_engine.language.told import AI, EMAIL, VALID, acts, told

pytestmark = pytest.mark.requirement("LNG-09")


def test_the_short_post_detector_is_told_in_plain_words():
    assert told("short_post_detector").sentences() == [
        "Runs each time someone writes a post, when its text is shorter than 80 characters.",
        "Flags posts for review: “Shorter than 80 characters”.",
        "Sends notifications to moderators: “Short post by {{ trigger.author.display_name }}”.",
        "Reads: nothing.",
        "Changes: flags, notifications.",
        "Who receives what: the moderators: a notification.",
        "Can be taken back: flags posts for review.",
        "Cannot be taken back: sends notifications.",
        "Worst case per run: 0 emails, 0 AI calls.",
    ]


def test_the_weekly_digest_is_told_with_its_schedule_its_readers_and_its_worst_case():
    assert told("weekly_digest").sentences() == [
        "Runs every Monday at 09:00, Europe/Zurich.",
        "Reads up to 500 members whose last active time is within the last 7 days and email is set.",
        "Keeps the first 3.",
        "For each member, at most 500: sends e-mails to each member's email: “Your week”, when the member's xp is "
        "more than 0, at most once for each “digest:{{ member.id }}:{{ now | date: '%G-W%V' }}”.",
        "Reads: members (id, email, display_name, xp).",
        "Changes: outbound messages.",
        "Who receives what: each member of `members`: an e-mail, at most 500.",
        "Cannot be taken back: sends e-mails.",
        "Worst case per run: 500 emails, 0 AI calls.",
    ]


@pytest.mark.parametrize(("amount", "words"), [(7, "7"), ("{{ inputs.xp }}", "the input xp")])
def test_how_much_is_awarded_is_told(amount, words):
    award = {"type": "award_xp", "member_id": "{{ trigger.member.id }}", "amount": amount, "reason": "Thanks"}
    assert acts(award).steps == (f"Gives members XP, amount {words}: “Thanks”.",)


def test_the_facts_are_plain_json():
    facts = told("weekly_digest").as_dict()
    assert loads(dumps(facts)) == facts
    assert facts["reads"] == [
        {
            "connector": "users",
            "noun": "members",
            "fields": ["id", "email", "display_name", "xp"],
            "personal": ["email", "display_name"],
        }
    ]
    assert facts["writes"] == ["outbound messages"]
    assert facts["sends"] == ["email"]
    assert facts["external"] == []
    assert facts["reaches"] == [
        {"action": "send_email", "parameter": "to", "written": "{{ member.email }}", "words": "each member's email"}
    ]
    assert facts["recipients"] == [
        {"action": "send_email", "what": "an e-mail", "who": "each member of `members`", "most": 500}
    ]
    assert facts["worst_case"] == {
        "emails": 500,
        "ai_calls": 0,
        "messages": 0,
        "outside_calls": 0,
        "loop_items": 500,
        "seconds": 300,
    }


def test_what_leaves_the_platform_is_named_with_its_domain():
    facts = told("order_webhook").as_dict()
    assert facts["external"] == ["webhook"]
    assert facts["domains"] == ["warehouse.example.com"]
    assert "Calls outside: warehouse.example.com." in told("order_webhook").sentences()


def test_app_events_that_are_sent_are_among_the_emitted():
    assert "brief_ready" in told("weekday_brief").as_dict()["emits"]
    assert told("short_post_detector").as_dict()["emits"] == ["post.flagged"]


@pytest.mark.requirement("RUN-16")
def test_what_can_be_taken_back_is_told_before():
    award = {"type": "award_xp", "member_id": 1, "amount": 5, "reason": "x"}
    facts = acts(award, EMAIL, {"type": "ai_generate", "prompt": "p"})
    assert (facts.undoable, facts.final) == (("gives members XP",), ("sends e-mails",))
    assert "Can be taken back: gives members XP." in facts.sentences()


def test_which_accounts_are_used_is_told():
    facts = acts({"type": "gmail_search", "query": "x"}, permissions={"oauth": ["gmail"]})
    assert facts.accounts == ("gmail",)
    assert "Reads: gmail of the person who made it." in facts.sentences()


def test_what_a_model_wrote_is_told_where_it_is_shown():
    post = {"type": "create_post", "title": "{{ trigger.post.title }}", "body": "{{ text.text }}"}
    facts = acts({**AI, "output": "text"}, post, trigger={"type": "event", "event": "post.created"})
    assert [(one.parameter, one.writer) for one in facts.exposures] == [
        ("title", "members"),
        ("body", "a model or the outside"),
    ]
    assert "Shows what a model or the outside wrote: body of create_post." in facts.sentences()


@pytest.mark.parametrize("path", sorted(VALID.glob("*.json")), ids=lambda path: path.stem)
def test_every_sound_definition_can_be_told(path):
    sentences = told(path.read_bytes()).sentences()
    assert sentences[0].startswith("Runs ")
    assert all(sentence[0].isupper() and sentence.endswith(".") and "  " not in sentence for sentence in sentences)
