"""What a definition does, in facts and in plain words (LNG-09)."""

from pathlib import Path

import pytest

from apps_engine.language.jsontext import dumps, loads
from apps_engine.language.parse import parse
from apps_engine.language.report import report
from apps_engine.language.report.schedules import schedule_words
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("LNG-09")
VALID = Path(__file__).parents[2] / "definitions" / "valid"


def told(source):
    source = (VALID / f"{source}.json").read_bytes() if isinstance(source, str) else source
    return report(parse(source).definition, CATALOGUE)


def acts(*actions, **document):
    return told({"name": "x", "trigger": {"type": "manual"}, "actions": list(actions), **document})


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


EMAIL = {"type": "send_email", "to": "a@example.com", "subject": "s", "body": "b"}
AI = {"type": "ai_generate", "prompt": "p"}


def worst(*actions, **document):
    facts = acts(*actions, **document).worst_case
    return facts["emails"], facts["ai_calls"], facts["loop_items"]


def test_the_worst_case_adds_steps_and_multiplies_loops():
    users = {"pipeline": [{"id": "u", "connector": "users", "limit": 20}]}
    loop = {"type": "for_each", "items": "{{ u }}", "as": "x", "actions": [EMAIL]}
    assert worst(EMAIL, EMAIL) == (2, 0, 0)
    assert worst(EMAIL, loop, **users) == (21, 0, 20)
    assert worst({**loop, "actions": [loop | {"as": "y"}, AI]}, **users) == (400, 20, 420)
    assert worst({**loop, "items": [1, 2, 3]}) == (3, 0, 3)


def test_the_worst_case_multiplies_through_loops_in_branches_in_loops():
    users = {"pipeline": [{"id": "u", "connector": "users", "limit": 6}]}
    inner = {"type": "for_each", "items": "{{ u | take: 2 }}", "as": "y", "actions": [EMAIL, AI]}
    branch = {"type": "conditional", "condition": "{{ x.xp }} > 3", "then": [inner, EMAIL], "else": [AI, AI, AI]}
    outer = {"type": "for_each", "items": "{{ u }}", "as": "x", "actions": [branch]}
    assert worst(outer, **users) == (6 * (2 + 1), 6 * 3, 6 + 6 * 2)


def test_the_worst_case_of_a_branch_is_that_of_its_larger_arm():
    branch = {
        "type": "conditional",
        "condition": "{{ now }} > today",
        "then": [EMAIL, EMAIL, AI],
        "else": [EMAIL, AI, AI],
    }
    assert worst(branch) == (2, 2, 0)


def test_the_worst_case_never_exceeds_what_a_run_may_use():
    users = {"pipeline": [{"id": "u", "connector": "users"}]}
    loop = {"type": "for_each", "items": "{{ u }}", "as": "x", "actions": [EMAIL, AI]}
    assert worst(loop, **users) == (500, 100, 1_000)


def test_the_worst_case_is_that_of_the_flow_that_uses_most():
    definition = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "x",
        "triggers": [{"id": "a", "type": "manual", "flow": "a"}, {"id": "b", "type": "manual", "flow": "b"}],
        "flows": {
            "a": {"steps": [{"act": "send_email", "params": {"to": "a", "subject": "s", "body": "b"}}]},
            "b": {"steps": [{"act": "ai_generate", "params": {"prompt": "p"}}]},
        },
    }
    assert told(definition).worst_case["emails"] == 1
    assert told(definition).worst_case["ai_calls"] == 1


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"post.score": {"gte": 10}}, "its score is at least 10"),
        ({"author.role": "member"}, "the author's role is member"),
        ({"post.status": {"in": ["draft", "review"]}}, "its status is one of draft, review"),
        ({"post.room_id": {"exists": False}}, "its room id is not set"),
        ({"post.body_length": {"gt": 5}, "post.score": 1}, "its text is longer than 5 characters and its score is 1"),
        ({"or": [{"post.score": 1}, {"post.score": 2}]}, "its score is 1 or its score is 2"),
        (
            {"post.score": 0, "or": [{"post.score": 1}, {"post.score": 2}]},
            "its score is 0 and (its score is 1 or its score is 2)",
        ),
        ({"not": {"post.score": 1}}, "not (its score is 1)"),
        ({"post.title": {"contains": "sale"}}, "its title contains sale"),
        ({"post.title": ""}, "its title is empty"),
    ],
)
def test_filters_are_told_in_words(condition, words):
    trigger = {"type": "event", "event": "post.created", "filter": condition}
    (sentence,) = acts(trigger=trigger).starts
    assert sentence == f"Runs each time someone writes a post, when {words}."


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


@pytest.mark.parametrize(
    ("trigger", "sentence"),
    [
        ({"type": "manual"}, "Runs when an admin starts it."),
        ({"type": "webhook", "endpoint": "orders"}, "Runs when another system calls the endpoint `orders`."),
        ({"type": "keyword", "phrases": ["go", "run"]}, "Runs when a member says “go”, “run”."),
        (
            {"type": "delayed", "event": "member.joined", "delays": ["1h", "3d"]},
            "Runs 1 hour and 3 days after someone joins.",
        ),
        ({"type": "event", "event": "other_app_done"}, "Runs each time another app sends `other_app_done`."),
        ({"type": "cron", "schedule": "*/5 * * * *"}, "Runs every 5 minutes, UTC."),
    ],
)
def test_every_kind_of_trigger_is_told(trigger, sentence):
    assert acts(trigger=trigger).starts == (sentence,)


@pytest.mark.requirement("TRG-01")
@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 9 * * 1", "Every Monday at 09:00"),
        ("0 9 * * 1,4", "Every Monday and Thursday at 09:00"),
        ("30 7 * * 1-5", "Every weekday at 07:30"),
        ("0 9 * * 0,6", "Every weekend day at 09:00"),
        ("0 9 * * 7", "Every Sunday at 09:00"),
        ("0 9,17 * * *", "Every day at 09:00 and 17:00"),
        ("0 9 1 * *", "On day 1 of every month at 09:00"),
        ("0 0 1 1 *", "On day 1 of January at 00:00"),
        ("0 9 * 12 *", "Every day in December at 09:00"),
        ("* * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0 * * * *", "Every hour"),
        ("15,45 * * * *", "Every hour at 15 and 45 minutes past"),
        ("0 * * * 1", "Every hour, every Monday"),
        ("0 9 L * *", "At 09:00 on the last day of every month"),
        ("0 9 * * MON#1", "At 09:00 on the first Monday of the month"),
        ("*/7 * * * *", "Every seventh minute of every hour"),
    ],
)
def test_schedules_are_told_in_words(cron, words):
    assert schedule_words(cron, "Europe/Zurich") == f"{words}, Europe/Zurich"


@pytest.mark.parametrize("path", sorted(VALID.glob("*.json")), ids=lambda path: path.stem)
def test_every_sound_definition_can_be_told(path):
    sentences = told(path.read_bytes()).sentences()
    assert sentences[0].startswith("Runs ")
    assert all(sentence[0].isupper() and sentence.endswith(".") and "  " not in sentence for sentence in sentences)
