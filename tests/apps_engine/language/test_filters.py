"""The table of filters: every record is complete, and every example is true (LNG-02, LNG-03)."""

import pytest

from apps_engine.language.errors import LanguageError, MissingValue, TemplateSyntaxError, WrongType
from apps_engine.language.filters import FILTERS
from apps_engine.language.filters.record import REQUIRED
from apps_engine.language.grammar import parse_pieces
from apps_engine.language.references import Findings
from apps_engine.language.templates import compile_template
from apps_engine.language.tokens import scan_template

ALL = [pytest.param(known, id=name) for name, known in FILTERS.items()]
NOW = {"now": "2026-11-21T09:00:00Z"}


def render(text, **scope):
    return compile_template(text)({**NOW, **scope})


# The list of the language's design, section 2, word by word.
DESIGN = """
length first last take slice reverse unique compact flatten sort sort_by pluck where reject group_by index_by
sum avg min max count_by contains join keys values chunk zip
uppercase lowercase capitalize title trim truncate replace split slugify pad_left pad_right starts_with ends_with
strip_html escape_html url_encode word_count matches initials pluralize
number round ceil floor abs percent currency ordinal clamp
date date_add date_sub days_since days_until relative_time to_timezone start_of end_of weekday iso
default coalesce ternary is_empty not
to_text to_number to_bool to_list json parse_json type_of
mention bullet_list numbered_list mask_email split_evenly
"""


@pytest.mark.requirement("LNG-03")
def test_the_filters_are_those_of_the_design():
    assert sorted(FILTERS) == sorted(DESIGN.split())


@pytest.mark.requirement("LNG-02")
@pytest.mark.parametrize(
    "name", ["uppercase", "lowercase", "date", "number", "truncate", "join", "json", "default", "ternary", "length"]
)
def test_the_filters_that_both_documents_name_are_there(name):
    assert name in FILTERS


@pytest.mark.requirement("LNG-03")
@pytest.mark.parametrize("known", ALL)
def test_the_example_of_a_filter_renders_what_it_says(known):
    template, scope, result = known.example
    found = compile_template(template)(scope)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize("known", ALL)
def test_the_example_of_a_filter_shows_that_filter(known):
    assert known.name in compile_template(known.example[0]).filters


@pytest.mark.parametrize("known", ALL)
def test_a_filter_says_what_it_does_in_one_sentence(known):
    assert known.summary[0].isupper()
    assert known.summary.endswith(".")
    assert len(known.summary) < 120
    assert known.group in {"lists", "rows", "texts", "numbers", "dates", "logic", "types", "chat"}


@pytest.mark.parametrize("known", ALL)
def test_required_arguments_come_before_those_with_a_default(known):
    required = [argument.default is REQUIRED for argument in known.arguments]
    assert required == sorted(required, reverse=True)


@pytest.mark.parametrize("known", [parameter for parameter in ALL if not parameter.values[0].lazy])
def test_null_on_the_left_is_an_error_that_a_default_can_meet_or_is_declared(known):
    arguments = ", ".join(["a"] * sum(argument.default is REQUIRED for argument in known.arguments))
    scope = {"x": None, "a": None, **NOW}
    template = compile_template(f"{{{{ x | {known.name}({arguments}) | default: 'saved' }}}}")
    if "null" in known.subject:
        assert template(scope) != "saved"
    else:
        assert template(scope) == "saved"
        with pytest.raises(MissingValue, match="`x` is null"):
            compile_template(f"{{{{ x | {known.name}({arguments}) }}}}")(scope)


@pytest.mark.parametrize(
    "text",
    [
        "{{ x | replace: 'a', 'b' }}",
        "{{ x | replace: 'a': 'b' }}",
        "{{ x | replace:'a':'b' }}",
        "{{ x | replace('a', 'b') }}",
        "{{ x|replace( 'a' ,'b' ) }}",
    ],
)
def test_arguments_are_written_with_colons_commas_or_parentheses(text):
    assert render(text, x="banana") == "bbnbnb"


def test_arguments_may_be_paths_or_whole_expressions_in_parentheses():
    assert render("{{ x | truncate: n.short, '' }}", x="abcdef", n={"short": 2}) == "ab"
    assert render("{{ x | truncate: (n.short + 1), '' }}", x="abcdef", n={"short": 2}) == "abc"
    assert render("{{ x | truncate(n.short + 2, '') }}", x="abcdef", n={"short": 2}) == "abcd"
    assert render("{{ x | truncate: -n | length }}", x="abc", n=-2) == 2


def test_a_filter_that_is_not_there_is_suggested_by_what_other_languages_call_it():
    for name, known in {"upcase": "uppercase", "size": "length", "Map": "pluck", "tojson": "json"}.items():
        with pytest.raises(TemplateSyntaxError) as caught:
            compile_template(f"{{{{ x | {name} }}}}")
        assert caught.value.hint == f"Here it is called `{known}`."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ n | uppercase }}", "`uppercase` takes a text, not a number."),
        ("{{ s | sum }}", "`sum` takes a list, not a text."),
        ("{{ s | length | first }}", "`first` takes a list, not a number."),
        ("{{ s | truncate: s }}", "`truncate` takes a number as its `length`, not a text."),
        ("{{ yes | round }}", "`round` takes a number, not true or false."),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_what_is_taken(text, message):
    with pytest.raises(WrongType) as caught:
        render(text, n=3, s="abc", yes=True)
    assert caught.value.message == message
    assert "For example: {{" in caught.value.hint


def test_an_error_inside_a_filter_names_the_place_in_its_subject():
    with pytest.raises(MissingValue) as caught:
        render("{{ team.members | pluck: 'emial' }}", team={"members": [{"email": "a"}, {"email": "b"}]})
    assert caught.value.path == "team.members[0].emial"
    assert caught.value.hint == "Did you mean `email`?"


def test_an_error_behind_another_filter_says_so():
    with pytest.raises(MissingValue) as caught:
        render("{{ members | reverse | pluck: 'xp' }}", members=[{"xp": 1}, {}])
    assert caught.value.path == "(members | reverse)[0].xp"


def test_filters_never_change_what_they_take():
    rows = [{"n": 2, "t": "b"}, {"n": 1, "t": "a"}]
    before = [dict(row) for row in rows]
    for name in ("sort_by: 'n'", "reverse", "unique: 't'", "group_by: 't'", "where: 'n', 1", "take: 1", "compact"):
        render(f"{{{{ rows | {name} }}}}", rows=rows)
    assert rows == before


def test_a_tree_tells_which_filters_it_uses():
    findings = Findings()
    parse_pieces(scan_template("{{ x | trim }} {{ '{{ y | date }}' | uppercase }}"), findings)
    assert findings.filters == ["trim", "date", "uppercase"]


def test_the_clock_is_the_one_of_the_scope_and_must_be_there():
    with pytest.raises(LanguageError, match="`now`"):
        compile_template("{{ '2026-11-20' | days_since }}")({})
    assert compile_template("{{ '2026-11-20' | days_since }}")({"now": "2026-11-22T00:00:00Z"}) == 2


@pytest.mark.parametrize("known", [one for one in ALL if one.values[0].subject in (("text",), ("instant",))])
@pytest.mark.parametrize("around", ["{{ x }}", "<{{ m.x }}>", "<{{ x }}>"])
def test_a_filter_of_a_text_gives_the_same_in_a_text_as_alone(known, around):
    template, scope, _ = known.example
    subject = next(name for name in ("text", "at", "email", "flag", "price", "s") if f"{{{{ {name} |" in template)
    arguments = template.partition(f"{subject} |")[2].rpartition("}}")[0].strip()
    alone = compile_template(f"{{{{ {subject} | {arguments} }}}}")({**NOW, **scope})
    placed = around.replace(" }}", f" | {arguments} }}}}")
    found = compile_template(placed)({**NOW, **scope, "x": scope[subject], "m": {"x": scope[subject]}})
    shown = compile_template("{{ v }}!")({"v": alone})[:-1]
    assert found == (alone if around == "{{ x }}" else f"<{shown}>")
