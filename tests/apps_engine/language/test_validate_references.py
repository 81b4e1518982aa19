"""What templates read is there: names in scope, fields that exist, no null in text (LNG-01, LNG-06, LNG-07)."""

import pytest

from tests.apps_engine.language.checked_steps import MEMBERS, codes, each, problems, write

pytestmark = pytest.mark.requirement("LNG-06")


def test_a_mistyped_field_of_a_loop_item_is_named_with_what_was_meant():
    (problem,) = problems(MEMBERS, each("{{ members }}", write("Hi {{ member.emial | default: 'you' }}")))
    assert problem.code == "unknown_field"
    assert problem.path == "/flows/main/steps/1/steps/0/params/body"
    assert problem.message == "`member` has no field `emial`."
    assert problem.hint == "Did you mean `email`?"


def test_a_field_that_was_not_asked_for_is_not_there():
    assert codes(MEMBERS, each("{{ members }}", write("{{ member.role }}"))) == {"unknown_field"}


@pytest.mark.parametrize(
    "items",
    [
        "{{ members | take: 3 }}",
        "{{ members | reverse | unique }}",
        "{{ members | where: 'xp', 'gt', 3 }}",
        "{{ members | sort_by: 'xp' }}",
        "{{ members | default: [] }}",
    ],
)
def test_filters_that_keep_items_keep_their_fields(items):
    assert codes(MEMBERS, each(items, write("x{{ member.xp }}"))) == set()
    assert "unknown_field" in codes(MEMBERS, each(items, write("x{{ member.emial }}")))


def test_the_first_of_a_list_has_the_fields_of_its_items_and_may_be_missing():
    assert "unknown_field" in codes(MEMBERS, write("{{ members[0].emial }}"))
    assert codes(MEMBERS, write("x{{ members[0].xp }}")) == set()


def test_the_rows_of_transforms_are_followed():
    steps = [
        MEMBERS,
        {"id": "groups", "transform": "group", "from": "{{ members }}", "params": {"by": ["xp"]}},
        each("{{ groups }}", each("{{ group.items }}", write("x{{ one.id }}{{ one.nope }}"), name="one"), name="group"),
    ]
    (problem,) = problems(*steps)
    assert (problem.code, problem.message) == ("unknown_field", "`one` has no field `nope`.")


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("{{ membrs | length }}!", "not_in_scope", "Did you mean `members`?"),
        ("{{ post.title }}", "not_in_scope", "Did you mean `trigger.post.title`?"),
        ("{{ member.xp }}", "not_in_scope", "`member` exists only inside another loop, or in a later step."),
        ("{{ later | length }}!", "not_in_scope", "`later` exists only inside another loop, or in a later step."),
        ("{{ loop.index }}!", "not_in_scope", ""),
        ("{{ trigger.psot.title }}", "unknown_field", "Did you mean `post`?"),
        ("{{ trigger.post.titel }}", "unknown_field", "Did you mean `title`?"),
        ("{{ trigger.event.tiem }}", "unknown_field", "Did you mean `time`?"),
        ("{{ inputs.dys }}!", "unknown_field", "Did you mean `days`?"),
        ("{{ members.email }}", "no_such_path", "Take one item first, as in `members[0]`, or go over it with `each`."),
        ("{{ trigger.post.title.length }}", "no_such_path", "Read the value itself."),
        ("{{ made.flagid }}", "unknown_field", "Did you mean `flag_id`?"),
        ("{{ 'x{{ nope }}' }}", "not_in_scope", ""),
    ],
)
def test_what_cannot_be_read_is_named(text, code, hint):
    steps = [
        MEMBERS,
        {"id": "made", "act": "flag_content", "params": {"post_id": "{{ trigger.post.id }}"}},
        each("{{ members }}", write("x{{ member.xp }}")),
        write(text),
        {"id": "later", "fetch": "users", "fields": ["id"]},
    ]
    found = problems(*steps, inputs={"type": "object", "properties": {"days": {"type": "integer"}}})
    assert [problem.code for problem in found] == [code]
    assert hint in found[0].hint


@pytest.mark.parametrize(
    "text",
    [
        "{{ trigger.post.title }}",
        "{{ $trigger.post.title }}",
        "{{ $op.members | length }}!",
        "{{ trigger.event.time }}",
        "{{ now | date: '%Y' }}",
        "{{ today }}",
        "{{ tenant.name }}",
        "{{ app.name }}",
        "{{ run.id }}!",
        "{{ made.flag_id }}!",
        "{{ made.skipped | default: 'done' }}",
    ],
)
def test_what_is_in_scope_can_be_read(text):
    made = {"id": "made", "act": "flag_content", "params": {"post_id": "{{ trigger.post.id }}"}}
    assert codes(MEMBERS, made, write(text)) == set()


def test_the_loop_and_its_place_are_in_scope_inside_only():
    inside = each("{{ members }}", write("{{ loop.number }} of {{ loop.length }}"), until="{{ loop.last }}")
    assert codes(MEMBERS, inside) == set()
    assert codes(MEMBERS, each("{{ members }}", write("{{ loop.nmber }}!"))) == {"unknown_field"}


def test_every_place_of_a_template_is_checked():
    steps = [
        {**MEMBERS, "where": {"id": "{{ a }}"}, "limit": "{{ b }}", "offset": "{{ c }}"},
        each("{{ d }}", write("x", when="{{ e }}", once_per="{{ f }}"), until="{{ g }}"),
        {"branch": [{"when": "{{ h }}", "steps": [write("x")]}]},
        {"transform": "limit", "from": "{{ i }}", "params": {"count": "{{ j }}"}},
        {"pause": {"for": "{{ k }}"}},
    ]
    triggers = [
        {"id": "t", "type": "event", "event": "post.created", "filter": {"post.score": "{{ l }}"}, "flow": "main"},
        {
            "id": "d",
            "type": "delayed",
            "event": "post.created",
            "sequence": [{"delay": 1, "when": "{{ m }}"}],
            "exit_when": "{{ n }}",
            "flow": "main",
        },
    ]
    settings = {"concurrency": {"mode": "queue", "key": "{{ o }}"}}
    found = problems(*steps, triggers=triggers, response="{{ p }}", settings=settings)
    missing = sorted(problem.message.split("`")[1] for problem in found if problem.code == "not_in_scope")
    assert missing == list("abcdefghijklmnop")


@pytest.mark.requirement("LNG-01")
def test_an_inner_name_that_hides_an_outer_one_is_told():
    (problem,) = problems(MEMBERS, each("{{ members }}", write("x{{ members.xp }}"), name="members"))
    assert (problem.code, problem.severity) == ("hides_name", "warning")


@pytest.mark.requirement("LNG-01")
@pytest.mark.parametrize("name", ["trigger", "inputs", "state", "now", "tenant", "loop", "and", "op", "true"])
def test_a_name_of_the_language_cannot_be_taken(name):
    assert "reserved_name" in codes({**MEMBERS, "id": name})
    assert "reserved_name" in codes(each([1], write("x"), name=name))


def test_two_steps_of_a_flow_cannot_share_a_name_but_two_arms_can():
    assert codes(MEMBERS, MEMBERS) == {"duplicate_id"}
    arms = [{"when": "{{ now }} > today", "steps": [MEMBERS]}, {"steps": [MEMBERS]}]
    assert codes({"branch": arms}, write("{{ members | length }}!")) == set()


@pytest.mark.requirement("LNG-07")
def test_what_only_one_arm_defines_may_be_missing_behind_the_branch():
    branch = {"branch": [{"when": "{{ now }} > today", "steps": [MEMBERS]}]}
    assert codes(branch, write("{{ members | length }}!")) == {"maybe_missing"}
    assert codes(branch, write("{{ members | default: [] | length }}!")) == set()


@pytest.mark.requirement("LNG-07")
def test_the_result_of_a_conditional_step_may_be_missing_unless_the_reader_has_the_same_condition():
    condition = "{{ trigger.post.score }} > 3"
    step = {**MEMBERS, "when": condition}
    assert codes(step, write("{{ members | length }}!")) == {"maybe_missing"}
    assert codes(step, write("{{ members | length }}!", when=condition)) == set()
    assert codes(step, {"branch": [{"when": condition, "steps": [write("{{ members | length }}!")]}]}) == set()


@pytest.mark.requirement("LNG-07")
def test_the_error_of_a_tolerated_step_can_be_read_and_its_result_may_be_missing():
    step = {"id": "flag", "act": "flag_content", "params": {"post_id": "{{ trigger.post.id }}"}, "on_error": "continue"}
    assert codes(step, write("{{ flag.error.code | default: 'fine' }}")) == set()
    assert codes(step, write("{{ flag.flag_id }}!")) == {"maybe_missing"}


@pytest.mark.requirement("LNG-07")
def test_null_in_text_is_told_and_a_default_or_a_filter_settles_it():
    assert codes(MEMBERS, each("{{ members }}", write("Dear {{ member.email }}"))) == {"maybe_null"}
    assert codes(MEMBERS, each("{{ members }}", write("Dear {{ member.email | default: 'you' }}"))) == set()
    there = {**MEMBERS, "where": {"email": {"exists": True}}}
    assert codes(there, each("{{ members }}", write("Dear {{ member.email }}"))) == set()
    absent = {**MEMBERS, "where": {"email": {"exists": False}}}
    assert codes(absent, each("{{ members }}", write("Dear {{ member.email }}"))) == {"maybe_null"}
    kept = {"id": "kept", "transform": "filter", "from": "{{ members }}", "params": {"where": {"email": {"ne": "x"}}}}
    assert codes(MEMBERS, kept, each("{{ kept }}", write("Dear {{ member.email }}"))) == {"maybe_null"}


@pytest.mark.requirement("LNG-07")
@pytest.mark.parametrize(
    ("inputs", "missing"),
    [
        ({"properties": {"who": {"type": "string"}}}, True),
        ({"properties": {"who": {"type": "string", "default": "you"}}}, False),
        ({"properties": {"who": {"type": "string"}}, "required": ["who"]}, False),
    ],
)
def test_an_input_that_need_not_be_given_may_be_missing(inputs, missing):
    manual = [{"id": "t", "type": "manual", "flow": "main"}]
    assert codes(write("{{ inputs.who }}"), triggers=manual, inputs=inputs) == ({"maybe_missing"} if missing else set())


@pytest.mark.requirement("LNG-07")
def test_where_nobody_is_asked_for_an_input_only_its_default_is_there():
    properties = {"who": {"type": "string"}, "days": {"type": "integer", "default": 7}}
    inputs = {"properties": properties, "required": ["who"]}
    assert codes(write("{{ inputs.days }} days"), inputs=inputs) == set()
    assert codes(write("{{ inputs.who }}"), inputs=inputs) == {"maybe_missing"}
    assert codes(write("{{ inputs.who | default: 'you' }}"), inputs=inputs) == set()


@pytest.mark.requirement("LNG-07")
def test_a_parameter_that_may_be_null_is_told():
    mail = {"act": "send_email", "params": {"to": "{{ trigger.author.email }}", "subject": "s", "body": "b"}}
    assert codes(mail) == {"maybe_null"}


def test_a_flow_with_several_triggers_is_checked_against_each():
    triggers = [
        {"id": "p", "type": "event", "event": "post.created", "flow": "main"},
        {"id": "c", "type": "event", "event": "comment.created", "flow": "main"},
    ]
    assert codes(write("{{ trigger.author.display_name }}"), triggers=triggers) == set()
    assert codes(write("{{ trigger.post.title }}"), triggers=triggers) == {"maybe_missing"}
    assert codes(write("{{ trigger.post.title | default: 'x' }}"), triggers=triggers) == set()
    assert codes(write("{{ trigger.order.id }}!"), triggers=triggers) == {"unknown_field"}


def test_a_schedule_hands_nothing_over_but_itself():
    triggers = [{"id": "s", "type": "scheduled", "cron": "0 9 * * *", "flow": "main"}]
    assert codes(write("{{ trigger.scheduled_for }}"), triggers=triggers) == set()
    assert codes(write("{{ trigger.event.time }}"), triggers=triggers) == {"unknown_field"}
    manual = [{"id": "m", "type": "manual", "flow": "main"}]
    assert codes(write("{{ trigger.event.time }}"), triggers=manual) == {"unknown_field"}


def test_a_delayed_run_knows_which_delay_it_is():
    trigger = {"id": "d", "type": "delayed", "event": "post.created", "sequence": [{"delay": "1d"}], "flow": "main"}
    assert codes(write("{{ trigger.delay.index }} {{ trigger.post.title }}"), triggers=[trigger]) == set()


def test_before_a_run_starts_less_is_known():
    event = {"id": "t", "type": "event", "event": "post.created", "flow": "main"}
    known = {"post.id": "{{ trigger.post.author_id }}", "event.time": {"lt": "{{ now }}"}}
    assert codes(write("x"), triggers=[{**event, "filter": known}]) == set()
    for name in ("inputs.days", "tenant.name", "run.id", "state.x"):
        filtered = {**event, "filter": {"post.id": f"{{{{ {name} }}}}"}}
        assert codes(write("x"), triggers=[filtered]) == {"not_in_scope"}
    for name in ("now", "tenant.name", "run.id"):
        settings = {"concurrency": {"mode": "queue", "key": f"{{{{ {name} }}}}"}}
        assert codes(write("x"), settings=settings) == {"not_in_scope"}


@pytest.mark.requirement("LNG-07")
def test_what_a_triggers_filter_asks_for_is_there():
    mail = {"act": "send_email", "params": {"to": "{{ trigger.author.email }}", "subject": "s", "body": "b"}}
    event = {"id": "t", "type": "event", "event": "post.created", "flow": "main"}

    def told(*conditions):
        return codes(mail, triggers=[{**event, "id": f"t{n}", "filter": f} for n, f in enumerate(conditions)])

    assert told({"author.email": {"exists": True}}) == set()
    assert told({"and": [{"author.email": {"ends_with": "@acme.example"}}, {"post.score": 3}]}) == set()
    assert told({"author.email": {"ne": "x"}}) == told({"or": [{"author.email": {"exists": True}}]}) == {"maybe_null"}
    assert told({"author.email": {"exists": True}}, {"post.score": 3}) == {"maybe_null"}


def test_of_something_without_fields_no_empty_list_is_told():
    hand = {"id": "hand", "type": "manual", "flow": "main"}
    settings = {"concurrency": {"mode": "queue", "key": "{{ trigger.post.id | default: 0 }}"}}
    found = problems(write("x"), triggers=[hand], settings=settings)
    assert [problem.hint for problem in found if problem.code == "unknown_field"] == ["It has no fields."]


def test_of_a_name_that_is_written_wrongly_it_is_said_how_names_are_written():
    hook = {"id": "in", "type": "webhook", "endpoint": "my endpoint!", "verify": "github", "flow": "main"}
    (found,) = [problem for problem in problems(write("x"), triggers=[hook]) if problem.code == "bad_format"]
    assert (found.path, found.hint) == (
        "/triggers/0/endpoint",
        "The name of the endpoint. Use letters, digits and _, no digit first, 64 characters at most.",
    )
