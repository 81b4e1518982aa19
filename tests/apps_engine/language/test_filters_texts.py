"""Filters for texts, types and messages."""

from decimal import Decimal

import pytest

from apps_engine.language.errors import LanguageError
from apps_engine.language.templates import compile_template


def render(expression, **scope):
    return compile_template(f"{{{{ {expression} }}}}")(scope)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'straße' | uppercase", "STRASSE"),
        ("'ÉCOLE' | lowercase", "école"),
        ("'' | capitalize", ""),
        ("'élan VITAL' | capitalize", "Élan VITAL"),
        ("'it is  o\\'clock' | title", "It Is  O'clock"),
        ("' \\n x \\t' | trim", "x"),
        ("'abcdef' | truncate: 6", "abcdef"),
        ("'abcdef' | truncate: 5", "abcd…"),
        ("'ab cdef' | truncate: 4", "ab…"),
        ("'abcdef' | truncate: 3, '...'", "..."),
        ("'abcdef' | truncate: 2, '...'", ".."),
        ("'abcdef' | truncate: 0", ""),
        ("'a.b.c' | replace: '.', ''", "abc"),
        ("'aaa' | replace: 'aa', 'b'", "ba"),
        ("'a, b' | split: ', '", ["a", "b"]),
        ("'' | split: ','", [""]),
        ("'Crème brûlée & Öl' | slugify", "creme-brulee-ol"),
        ("' --A__b-- ' | slugify", "a-b"),
        ("'日本 2026' | slugify", "日本-2026"),
        ("'Abc' | starts_with: 'a'", False),
        ("'Abc' | ends_with: ''", True),
        ("'order 42' | matches: '\\d+'", True),
        ("'Zoë' | matches: '^Zo.$'", True),
        ("'a\\nb' | matches: '^a.b$'", False),
        ("'<a href=\"x\">' | escape_html", "&lt;a href=&quot;x&quot;&gt;"),
        ("'é/?' | url_encode", "%C3%A9%2F%3F"),
        ("' one  two\\nthree ' | word_count", 3),
    ],
)
def test_texts(expression, expected):
    assert render(expression) == expected


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("a <b>bold</b> word", "a bold word"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<script>alert(1)</script>hi<STYLE>p{}</StYlE>!", "hi!"),
        ("<script>never closed", ""),
        ("<!-- a > b -->seen", "seen"),
        ("tail <b unclosed", "tail"),
        ("&lt;b&gt; &amp; &#233;", "<b> & é"),
        ("<ul><li>x</li><li>y</li></ul>", "x\ny"),
        ("&#" + "9" * 5_000 + ";", "&#" + "9" * 5_000 + ";"),
        ("<>x</>", "<>x</>"),
    ],
)
def test_html_becomes_its_text(markup, text):
    assert render("x | strip_html", x=markup) == text


@pytest.mark.parametrize("name", ["url_encode", "matches: 'a'", "strip_html", "slugify", "escape_html"])
def test_half_a_character_in_a_text_breaks_nothing(name):
    assert render(f"x | {name}", x="\ud800a") is not None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1.50 | to_text", "1.50"),
        ("[1] | to_text", "[1]"),
        ("true | to_text", "true"),
        ("' 12 ' | to_number", 12),
        ("'-4.50' | to_number", Decimal("-4.50")),
        ("'+7' | to_number", 7),
        ("true | to_number", 1),
        ("3 | to_number", 3),
        ("'YES' | to_bool", True),
        ("0 | to_bool", False),
        ("false | to_bool", False),
        ("null | json", "null"),
        ("'{\"a\": [1.10]}' | parse_json", {"a": [Decimal("1.10")]}),
        ("null | type_of", "null"),
        ("1.5 | type_of", "number"),
        ("true | type_of", "boolean"),
        ("'x' | type_of", "text"),
        ("[1, 'b'] | bullet_list", "- 1\n- b"),
        ("[] | numbered_list", ""),
        ("'ada@acme.com' | mask_email", "a***@acme.com"),
        ("'@acme.com' | mask_email", "***@acme.com"),
        ("'nonsense' | mask_email", "***"),
        ("'ada' | mention", "@ada"),
        ("'@ada @everyone\n' | mention", "@ada everyone"),
        ("7 | pad_left: 3, '0'", "007"),
        ("'tea' | pad_left: 2", "tea"),
        ("'tea' | pad_right: 8, 'ab'", "teaababa"),
        ("'ada king-lovelace' | initials", "AK"),
        ("'«ada» (bo) 3 !' | initials", "AB3"),
        ("'ß' | initials", "SS"),
        ("'' | initials", ""),
        ("1 | pluralize: 'post'", "post"),
        ("-1 | pluralize: 'post'", "post"),
        ("1.0 | pluralize: 'post'", "post"),
        ("0 | pluralize: 'post'", "posts"),
        ("2 | pluralize: 'reply', 'replies'", "replies"),
        ("null | to_list", []),
        ("[1] | to_list", [1]),
        ("false | to_list", [False]),
    ],
)
def test_types_and_messages(expression, expected):
    found = render(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'' | is_empty", True),
        ("null | is_empty", True),
        ("[] | is_empty", True),
        ("0 | is_empty", False),
        ("false | is_empty", False),
        ("' ' | is_empty", False),
        ("[] | not", True),
        ("null | coalesce: null, 0, 1", 0),
        ("gone | coalesce: also.gone, 'here'", "here"),
        ("'' | coalesce: 'x'", ""),
        ("'' | default: 'x'", "x"),
        ("null | default: null", None),
        ("[] | ternary: 1, 2", 2),
        ("'no' | ternary: 1, 2", 1),
    ],
)
def test_choices(expression, expected):
    assert render(expression) == expected


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("x | to_number", "not_a_number"),
        ("'1e5' | to_number", "not_a_number"),
        ("'1,000' | to_number", "not_a_number"),
        ("'١٢' | to_number", "not_a_number"),
        ("'' | to_number", "not_a_number"),
        ("'maybe' | to_bool", "not_a_truth"),
        ("2 | to_bool", "not_a_truth"),
        ("'{' | parse_json", "not_json"),
        ("'NaN' | parse_json", "not_json"),
        ('\'{"a": 1, "a": 2}\' | parse_json', "not_json"),
        ("x | replace: '', 'y'", "empty_text"),
        ("x | split: ''", "empty_text"),
        ("x | truncate: -1", "negative_count"),
        ("x | truncate: 99999999999999999999", "not_a_whole_number"),
        ("x | matches: '(?=a)'", "bad_pattern"),
        ("gone | coalesce: gone", "missing_value"),
        ("gone | is_empty", "missing_value"),
        ("nobody | mention", "missing_value"),
    ],
)
def test_what_makes_no_sense_is_an_error(expression, code):
    with pytest.raises(LanguageError) as caught:
        render(expression, x="text", nobody={"id": 3, "display_name": None})
    assert caught.value.code == code
