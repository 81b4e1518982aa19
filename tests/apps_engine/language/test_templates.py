"""Placeholders in text: what they read, what they render, and what they refuse to render (LNG-01, LNG-02, LNG-07)."""

from decimal import Decimal

import pytest

from apps_engine.language.errors import MissingValue, WrongType
from apps_engine.language.templates import Reference, compile_template

SCOPE = {
    "now": "2026-11-21T09:00:00Z",
    "trigger": {"post": {"id": 7, "tags": ["tea", "cake"]}},
    "state": {"has_urgent": True, "quiet": False},
    "sorted": {"urgent": [1, 2]},
    "index": 1,
    "key": "email",
    "members": [
        {"email": "ada@acme.com", "name": "Ada", "xp": 30, "balance": Decimal("12.50"), "nickname": None},
        {"email": "bo@acme.com", "name": "Bo", "xp": 10, "balance": Decimal("1E+3"), "nickname": ""},
    ],
}


def render(text, scope=SCOPE):
    return compile_template(text)(scope)


@pytest.mark.requirement("LNG-01")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no placeholder", "no placeholder"),
        ("", ""),
        ("Hi {{ members[0].name }}!", "Hi Ada!"),
        ("{{members[0].name}}{{ members[1].name }}", "AdaBo"),
        ("{{ trigger.post.id }}", 7),
        ("{{ $trigger.post.id }}", 7),
        ("{{ $op.sorted.urgent }}", [1, 2]),
        ('{{ $op["sorted"].urgent[0] }}', 1),
        ("{{ $state.has_urgent }}", True),
        ("a single { brace } and }} stay", "a single { brace } and }} stay"),
        ("{{ '{{' }} name }}", "{{ name }}"),
        ('{{ "{{" }}', "{{"),
        ('{"id": {{ trigger.post.id }}}', '{"id": 7}'),
        ("zwei\nZeilen {{ index }}\n", "zwei\nZeilen 1\n"),
    ],
)
def test_a_placeholder_renders_what_it_reads(text, expected):
    assert render(text) == expected


@pytest.mark.requirement("LNG-02")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("members[0].email", "ada@acme.com"),
        ("members[-1].name", "Bo"),
        ("members[index].name", "Bo"),
        ("members[index - 1].name", "Ada"),
        ('members[0]["name"]', "Ada"),
        ("members[0][key]", "ada@acme.com"),
        ("trigger.post.tags[index]", "cake"),
        ("trigger . post . id", 7),
    ],
)
def test_paths_go_through_names_indexes_and_keys(path, expected):
    assert render(f"{{{{ {path} }}}}") == expected


def test_names_after_a_dot_may_be_words_of_the_language():
    assert render("{{ a.in.not.true }}", {"a": {"in": {"not": {"true": 1}}}}) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{{ members }}", list),
        ("{{ members[0] }}", dict),
        ("{{ members[0].xp }}", int),
        ("{{ members[0].balance }}", Decimal),
        ("{{ state.quiet }}", bool),
        ("{{ members[0].nickname }}", type(None)),
        ("{{ members[0].xp }} ", str),
        (" {{ members[0].xp }}", str),
        ("{{ members[0].xp }}{{ members[0].xp }}", str),
    ],
)
def test_only_a_text_that_is_exactly_one_placeholder_keeps_the_type(text, kind):
    assert type(render(text)) is kind


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-3, "-3"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("-0.00"), "0.00"),
        ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00Z"),
        ([1, "a", None, True], '[1,"a",null,true]'),
        ({"price": Decimal("1.50"), "name": "Zoë"}, '{"price":1.50,"name":"Zoë"}'),
    ],
)
def test_values_inside_text_are_written_plainly(value, written):
    assert render("<{{ x }}>", {"x": value}) == f"<{written}>"


@pytest.mark.requirement("LNG-07")
@pytest.mark.parametrize(
    ("text", "path", "hint"),
    [
        ("{{ members[0].emial }}", "members[0].emial", "Did you mean `email`?"),
        ("Hi {{ membrs[0].name }}", "membrs[0].name", "Did you mean `members`?"),
        ("{{ members[index].emial }}", "members[1].emial", "Did you mean `email`?"),
        ("{{ members[2].name }}", "members[2].name", "`members` has 2 items, and the first is `[0]`."),
        ("{{ members[-3].name }}", "members[-3].name", "`members` has 2 items"),
        ("{{ members.name }}", "members.name", "take one item first, as in `members[0].name`"),
        ("{{ members[0].xp.level }}", "members[0].xp.level", "`members[0].xp` is a number."),
        ("{{ members[0].nickname.short }}", "members[0].nickname.short", "`members[0].nickname` is null."),
        (
            "{{ trigger.post.quite_different }}",
            "trigger.post.quite_different",
            "`trigger.post` has no `quite_different`.",
        ),
        ('{{ trigger["a b"] }}', 'trigger["a b"]', ""),
        ("{{ state[0] }}", "state[0]", "`state` is an object."),
    ],
)
def test_a_missing_value_is_an_error_that_names_the_path_and_what_was_meant(text, path, hint):
    with pytest.raises(MissingValue) as caught:
        render(text)
    assert caught.value.code == "missing_value"
    assert caught.value.path == path
    assert f"`{path}`" in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.requirement("LNG-07")
def test_null_inside_text_is_an_error_and_never_the_word_none():
    with pytest.raises(MissingValue, match=r"`members\[0\].nickname` is null"):
        render("Hi {{ members[0].nickname }}")


@pytest.mark.requirement("LNG-02")
@pytest.mark.parametrize(
    "path", ["members[0].nickname", "members[1].nickname", "members[9].name", "nobody.at.all", "members[0].xp.level"]
)
def test_a_default_stands_in_for_what_is_missing_null_or_empty(path):
    assert render(f"Hi {{{{ {path} | default: 'there' }}}}") == "Hi there"


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (False, False), ([], []), ({}, {}), (" ", " ")])
def test_a_default_leaves_zero_false_and_empty_lists_alone(value, expected):
    assert render("{{ x | default: 'other' }}", {"x": value}) == expected


def test_a_default_stands_in_for_whatever_is_missing_on_its_left():
    assert render("{{ a.b | uppercase | truncate: c.d | default: 'none' }}", {}) == "none"


def test_a_default_may_itself_be_missing():
    with pytest.raises(MissingValue, match="`other`"):
        render("{{ x | default: other }}", {})


def test_a_text_cannot_be_indexed_by_character():
    with pytest.raises(MissingValue):
        render("{{ members[0].name[0] }}")


def test_an_index_is_a_whole_number_or_a_text():
    with pytest.raises(WrongType, match="An index is a whole number or a text, not a list"):
        render("{{ members[members].name }}")


@pytest.mark.requirement("LNG-03")
@pytest.mark.parametrize(("urgent", "expected"), [(True, "🚨 You have 2 urgent emails"), (False, "✨ Inbox is chill")])
def test_text_literals_may_hold_placeholders_of_their_own(urgent, expected):
    template = (
        "{{$state.has_urgent | ternary:'🚨 You have {{$op.sorted.urgent | length}} urgent emails':'✨ Inbox is chill'}}"
    )
    assert render(template, {**SCOPE, "state": {"has_urgent": urgent}}) == expected


@pytest.mark.requirement("LNG-03")
def test_what_a_ternary_does_not_choose_is_not_rendered():
    assert render("{{ false | ternary: '{{ gone }}', 'kept' }}", {}) == "kept"


def test_quotes_of_the_same_sort_nest_inside_an_inner_placeholder():
    assert render("{{ 'Hi {{ name | default: 'you' }}!' }}", {}) == "Hi you!"


def test_a_literal_that_is_exactly_one_placeholder_keeps_the_type():
    assert render("{{ true | ternary: '{{ members }}', '' }}") is SCOPE["members"]


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        (r"'it\'s'", "it's"),
        (r'"say \"hi\""', 'say "hi"'),
        (r"'a\nb\tc'", "a\nb\tc"),
        (r"'\\d'", r"\d"),
        (r"'\d'", r"\d"),
        ("'a { b } c'", "a { b } c"),
        ("'}}'", "}}"),
        ("''", ""),
    ],
)
def test_text_literals_have_the_usual_escapes(literal, expected):
    assert render(f"{{{{ {literal} }}}}", {}) == expected


def test_a_rendered_text_is_never_read_as_a_template_again():
    assert render("{{ x }} and {{ x | uppercase }}", {"x": "{{ now }}"}) == "{{ now }} and {{ NOW }}"


def test_references_say_what_is_read_where_and_whether_it_may_be_missing():
    template = compile_template("{{ $op.top[0].name }} {{ a.b | default: c }} {{ $trigger.x }} {{ rows[i]['k'] }}")
    assert template.references == (
        Reference("top", (0, "name"), 3),
        Reference("a", ("b",), 25, optional=True),
        Reference("c", (), 40),
        Reference("trigger", ("x",), 48),
        Reference("rows", (None, "k"), 65),
        Reference("i", (), 70),
    )


def test_everything_that_coalesce_looks_at_is_optional():
    references = compile_template("{{ a | coalesce: b, c.d }} {{ e }}").references
    assert [(reference.root, reference.optional) for reference in references] == [
        ("a", True),
        ("b", True),
        ("c", True),
        ("e", False),
    ]


def test_references_inside_nested_literals_are_found_with_their_place_in_the_source():
    source = "{{ x | ternary: 'a {{ inner.path }}', 'b' }}"
    (_, inner) = compile_template(source).references
    assert (inner.root, inner.path) == ("inner", ("path",))
    assert source[inner.position :].startswith("inner.path")


def test_filters_that_count_from_now_are_said_to_read_now():
    template = compile_template("{{ member.joined_at | days_since }}")
    assert [reference.root for reference in template.references] == ["member", "now"]
    assert template.filters == ("days_since",)


def test_filters_are_listed_once_in_order_of_appearance():
    template = compile_template("{{ a | trim | uppercase }} {{ b | trim | default: 'x' }}")
    assert template.filters == ("trim", "uppercase", "default")


@pytest.mark.parametrize(
    ("text", "constant"),
    [("plain", True), ("{{ 1 + 1 }}", True), ("{{ 'a' | uppercase }}", True), ("{{ a }}", False), ("x {{ a }}", False)],
)
def test_a_template_that_reads_nothing_is_constant(text, constant):
    assert compile_template(text).constant is constant


def test_templates_with_the_same_source_are_equal():
    assert compile_template("{{ a | trim }}") == compile_template("{{ a | trim }}")
    assert compile_template("{{ a }}") != compile_template("{{ b }}")


def test_a_value_that_is_no_json_is_refused_with_its_type():
    with pytest.raises(WrongType, match="float is no value of the language"):
        render("{{ x | uppercase }}", {"x": 0.5})
