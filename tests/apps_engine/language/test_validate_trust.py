"""Text from members or from a model does not decide who or what is reached (LNG-09, SEC-06)."""

import pytest

from apps_engine.language.parse import parse
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = [pytest.mark.requirement("LNG-09"), pytest.mark.requirement("SEC-06")]

FLOW_CODES = {"untrusted_target", "untrusted_selection", "missing_permission"}
ANSWER = {
    "type": "object",
    "properties": {
        "who": {"type": "string"},
        "audience": {"enum": ["moderators", "admins"]},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "level": {"const": "admins"},
    },
}
MODEL = {"id": "model", "act": "ai_generate", "params": {"prompt": "{{ trigger.post.body }}", "output_schema": ANSWER}}


def flow(*steps, event="post.created", domains=()):
    trigger = {"id": "t", "type": "event", "event": event, "flow": "main"}
    document = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Trust",
        "triggers": [trigger],
        "flows": {"main": {"steps": list(steps)}},
        "permissions": {"domains": list(domains), "oauth": ["gmail"]},
    }
    found = validate(parse(document).definition, CATALOGUE)
    return [problem for problem in found if problem.code in FLOW_CODES]


def codes(*steps, **options):
    return {problem.code for problem in flow(*steps, **options)}


def tell(to, **step):
    return {"act": "send_notification", "params": {"to": to, "title": "t"}, **step}


@pytest.mark.parametrize(
    "to",
    [
        "{{ trigger.post.title }}",
        "{{ trigger.post.body | to_number }}",
        "{{ trigger.post.title | default: 'moderators' }}",
        "{{ trigger.author.display_name | lowercase }}",
        "{{ trigger.post.status == 'x' | ternary: trigger.post.body, 'admins' }}",
        "{{ '{{ trigger.post.body }}' }}",
        "{{ model.who }}",
        "{{ model.ids[0] }}",
        "{{ model.ids }}",
    ],
)
def test_untrusted_text_cannot_choose_who_is_told(to):
    (problem,) = [p for p in flow(MODEL, tell(to)) if p.code == "untrusted_target"][:1]
    assert problem.severity == "error"
    assert problem.path == "/flows/main/steps/1/params/to"


@pytest.mark.parametrize(
    "to",
    [
        "moderators",
        "{{ trigger.author.id }}",
        "{{ trigger.post.author_id }}",
        "{{ model.audience }}",
        "{{ model.level }}",
        "{{ inputs.who }}",
    ],
)
def test_the_triggers_own_actor_an_enum_and_the_admins_inputs_can(to):
    assert codes(MODEL, tell(to)) == set()


def test_untrusted_text_may_be_what_is_told():
    step = {
        "act": "send_notification",
        "params": {"to": "moderators", "title": "{{ model.who }}{{ trigger.post.body }}"},
    }
    assert codes(MODEL, step) == set()


@pytest.mark.parametrize(
    "condition",
    [
        "{{ model.who in ['moderators', 'admins'] }}",
        "model.who in ['moderators', 'admins']",
        "{{ model.who }} == 'moderators'",
        "model.who == 'admins' and trigger.post.score > 3",
        "trigger.post.score > 3 and (model.who in ['moderators'])",
    ],
)
def test_a_condition_with_the_allowed_values_narrows(condition):
    assert codes(MODEL, tell("{{ model.who }}", when=condition)) == set()
    assert codes(MODEL, {"branch": [{"when": condition, "steps": [tell("{{ model.who }}")]}]}) == set()


@pytest.mark.parametrize(
    "condition",
    [
        "{{ model.who }} != 'everyone'",
        "model.who in ['moderators'] or trigger.post.score > 3",
        "not (model.who in ['everyone'])",
        "model.who in model.ids",
        "model.who == trigger.post.title",
        "model.who not in ['everyone']",
        "model.audience in ['moderators']",
        "{{ model.who | lowercase }} == 'moderators'",
        "model.ids[trigger.post.score] in [1]",
        "true",
    ],
)
def test_any_other_condition_does_not(condition):
    assert "untrusted_target" in codes(MODEL, tell("{{ model.who }}", when=condition))


def test_the_other_arm_of_a_branch_is_not_narrowed():
    arms = [{"when": "model.who in ['admins']", "steps": [tell("admins")]}, {"steps": [tell("{{ model.who }}")]}]
    assert codes(MODEL, {"branch": arms}) == {"untrusted_target"}


def test_a_condition_narrows_the_value_that_it_names_and_none_that_takes_its_name_inside():
    condition = "model.who in ['admins']"
    inner = {"each": [{"who": "{{ trigger.post.body }}"}], "as": "model", "steps": [tell("{{ model.who }}")]}
    assert codes(MODEL, {**inner, "when": condition}) == {"untrusted_target"}
    again = {"each": [1], "as": "x", "steps": [MODEL, tell("{{ model.who }}")], "when": condition}
    assert codes(MODEL, again) == {"untrusted_target"}
    index = "model.ids[trigger.post.score] in [1, 2]"
    assert codes(MODEL, tell("{{ model.ids[trigger.post.author_id] }}", when=index)) == {"untrusted_target"}


def test_what_a_session_remembers_is_untrusted_whatever_a_condition_says():
    remember = {"act": "state_update", "params": {"data": {"to": "{{ trigger.post.body }}"}}}
    assert codes(remember, tell("{{ state.to }}")) == {"untrusted_target"}
    assert codes(remember, tell("{{ $state.to }}", when="state.to in ['admins']")) == {"untrusted_target"}


def test_what_something_outside_answers_is_untrusted():
    search = {"id": "mails", "act": "gmail_search", "params": {"query": "x"}}
    assert codes(search, tell("{{ mails[0].sender }}")) == {"untrusted_target"}


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("{{ members | pluck: 'id' }}", None),
        ("{{ members | where: 'xp', 'gt', 3 | pluck: 'id' | take: 2 }}", None),
        ("{{ members | pluck: 'display_name' }}", "untrusted_target"),
        ("{{ members | pluck: trigger.post.title }}", "untrusted_target"),
        ("{{ members }}", "untrusted_target"),
    ],
)
def test_of_rows_only_the_field_that_is_used_counts(to, code):
    members = {"id": "members", "fetch": "users", "limit": 5}
    assert codes(members, tell(to)) == ({code} if code else set())


def test_taint_comes_along_with_merged_and_grouped_rows():
    posts = {"id": "posts", "fetch": "posts", "limit": 5}
    orders = {"id": "orders", "fetch": "shopify_orders", "limit": 5}
    merge = {"id": "both", "transform": "merge", "from": "{{ orders }}", "params": {"with": "{{ posts }}", "on": "id"}}
    named = {**merge, "id": "named", "params": {**merge["params"], "as": "post"}}
    group = {"id": "groups", "transform": "group", "from": "{{ named }}", "params": {"by": ["post.title"]}}
    found = flow(
        *(posts, orders, merge, named, group),
        tell("{{ both[0].title }}"),
        tell("{{ named[0].post.title }}"),
        tell("{{ groups[0]['post.title'] }}"),
        tell("{{ both[0].author_id }}"),
        tell("{{ named[0].post.author_id }}"),
    )
    assert [problem.path for problem in found] == [f"/flows/main/steps/{place}/params/to" for place in (5, 6, 7)]


def test_taint_survives_transforms_and_loops():
    posts = {"id": "posts", "fetch": "posts", "limit": 5}
    short = {
        "id": "short",
        "transform": "map",
        "from": "{{ posts }}",
        "params": {"fields": {"to": "title", "by": "author_id"}},
    }
    loop = {"each": "{{ short }}", "as": "row", "steps": [tell("{{ row.to }}"), tell("{{ row.by }}")]}
    (problem,) = flow(posts, short, loop)
    assert (problem.code, problem.path) == ("untrusted_target", "/flows/main/steps/2/steps/0/params/to")


def test_rows_picked_out_by_untrusted_text_are_told_as_a_warning():
    rows = {"id": "rows", "fetch": "users", "where": {"display_name": "{{ trigger.post.title }}"}, "limit": 1}
    (problem,) = flow(rows, tell("{{ rows[0].id }}"))
    assert (problem.code, problem.severity) == ("untrusted_selection", "warning")
    rows = {**rows, "where": {"id": "{{ trigger.author.id }}"}}
    assert codes(rows, tell("{{ rows[0].id }}")) == set()


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("{{ trigger.post.body }}", True),
        ("//{{ trigger.post.body }}", True),
        ("https://{{ trigger.post.body }}/x", True),
        ("/posts/{{ trigger.post.id }}", False),
        ("/search?q={{ trigger.post.title | url_encode }}", False),
        ("https://example.com/{{ trigger.post.title | url_encode }}", False),
        ("{{ inputs.page }}", False),
    ],
)
def test_where_a_message_leads_its_readers_is_told_when_somebody_else_wrote_it(link, told):
    step = {"act": "send_notification", "params": {"to": "moderators", "title": "t", "link": link}}
    document = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Links",
        "inputs": {"type": "object", "properties": {"page": {"type": "string", "default": "/"}}},
        "triggers": [{"id": "t", "type": "event", "event": "post.created", "flow": "main"}],
        "flows": {"main": {"steps": [step]}},
    }
    assert ("untrusted_link" in {problem.code for problem in validate(document, CATALOGUE)}) == told


def call(url, **params):
    return {"act": "webhook", "params": {"url": url, **params}}


def test_an_address_with_a_fixed_host_may_carry_untrusted_text_behind_it():
    step = call("https://hooks.example.com/post/{{ trigger.post.title | url_encode }}")
    assert codes(step, domains=["hooks.example.com"]) == set()


@pytest.mark.parametrize(
    "url",
    [
        "{{ trigger.post.body }}",
        "https://{{ trigger.post.title }}.example.com/",
        "https://hooks.example.com{{ trigger.post.title }}",
        "https://hooks.example.com:{{ trigger.post.title }}/",
    ],
)
def test_untrusted_text_cannot_be_part_of_the_host(url):
    assert "untrusted_target" in codes(call(url), domains=["hooks.example.com"])


def test_headers_decide_too():
    step = call("https://hooks.example.com/x", headers={"Authorization": "{{ model.who }}"})
    (problem,) = flow(MODEL, step, domains=["hooks.example.com"])
    assert problem.path == "/flows/main/steps/1/params/headers/Authorization"


@pytest.mark.parametrize(
    ("url", "domains", "refused"),
    [
        ("https://hooks.example.com/x", [], True),
        ("https://hooks.example.com/x", ["example.com"], True),
        ("https://hooks.example.com/x", ["hooks.example.com"], False),
        ("https://HOOKS.example.com/x", ["hooks.example.com"], False),
        ("https://hooks.example.com", ["hooks.example.com"], False),
        ("https://hooks.example.com:443/x", ["hooks.example.com"], False),
        ("https://hooks.example.com@evil.example/x", ["hooks.example.com"], True),
        ("https://evil.example/?hooks.example.com", ["hooks.example.com"], True),
        ("{{ inputs.url }}", [], True),
        ("{{ inputs.url }}", ["hooks.example.com"], False),
    ],
)
def test_a_domain_has_to_be_named_in_the_permissions(url, domains, refused):
    assert codes(call(url), domains=domains) == ({"missing_permission"} if refused else set())


def test_the_payload_of_an_unknown_or_webhook_trigger_is_untrusted():
    document = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Webhook",
        "triggers": [{"id": "w", "type": "webhook", "endpoint": "e", "flow": "main"}],
        "flows": {"main": {"steps": [tell("{{ trigger.body.to }}")]}},
    }
    assert "untrusted_target" in {problem.code for problem in validate(document, CATALOGUE)}
