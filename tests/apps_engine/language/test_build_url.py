"""The transform `build_url`: whatever is put in, the link leads where its author said (ACT-07)."""

from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_engine.language.compile import compile_definition
from apps_engine.language.errors import LanguageError
from apps_engine.language.parse import parse
from apps_engine.language.problems import has_errors
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.transforms.build_url import DOMAINS
from apps_engine.language.validate import validate
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

pytestmark = pytest.mark.requirement("ACT-07")

HOSTILE = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["@evil.com", "//evil.com", "\\\\evil.com", "/../..", "?x=1#y", "evil.com", ".evil.com", ":8443", "%00",
         "\r\nHost: e", "user:pw@evil.com/", "%2e%2e%2f", "javascript:alert(1)", "\u2024evil.com", "&amount=1000",
         "https://evil.com", "\ud800"]
    ),
)  # fmt: skip


def build(url, **params):
    return TRANSFORMS["build_url"].apply(None, {"url": url, **params}, None)


def test_the_domains_are_those_of_the_specification():
    assert set(DOMAINS) == {
        "venmo.com", "cash.app", "paypal.com", "maps.google.com", "calendar.google.com", "maps.apple.com", "wa.me"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "params", "link"),
    [
        ("https://venmo.com", {}, "https://venmo.com"),
        ("https://Venmo.com/", {}, "https://venmo.com/"),
        (
            "https://venmo.com",
            {"query": {"txn": "pay", "amount": Decimal("12.50"), "note": "Dinner & drinks"}},
            "https://venmo.com?txn=pay&amount=12.50&note=Dinner%20%26%20drinks",
        ),
        ("https://cash.app/", {"path": ["$ada", "12.50"]}, "https://cash.app/%24ada/12.50"),
        ("https://wa.me/", {"path": 41791234567, "query": {"text": "Hi 👋"}}, "https://wa.me/41791234567?text=Hi%20%F0%9F%91%8B"),
        ("https://maps.google.com/maps", {"path": "/dir/here/", "query": {}}, "https://maps.google.com/maps/dir/here"),
        ("https://maps.apple.com/?q=Zürich".replace("ü", "%C3%BC"), {"query": {"z": 3}}, "https://maps.apple.com/?q=Z%C3%BCrich&z=3"),
        ("https://paypal.com", {"query": {"a": ["x", 1, None, True], "b": None}}, "https://paypal.com?a=x&a=1&a=true"),
        ("https://calendar.google.com", {"path": ["a/b"]}, "https://calendar.google.com/a%2Fb"),
    ],
)  # fmt: skip
def test_a_link_is_put_together_and_percent_encoded(url, params, link):
    assert build(url, **params) == link


@pytest.mark.parametrize(
    "url",
    [
        "http://venmo.com", "HTTPS://venmo.com", "//venmo.com", "venmo.com", "https:/venmo.com", "https:///venmo.com",
        "",
        "https://user@venmo.com", "https://venmo.com@evil.com", "https://user:pw@venmo.com/", "https://venmo.com:443/",
        "https://venmo.com:8443", "https://venmo.com\\@evil.com", "https://venmo.com/\\evil", "https://venmo.com/ x",
        "https://venmo.com/\n", "https://venmo.com\t", " https://venmo.com", "https://venmo.com#evil", "https://venmo.com/#@evil.com",
        "https://venmo.com/../x", "https://venmo.com/a/./b", "https://venmo.com/%2e%2E/x", "https://venmo.com/%zz", "https://venmo.com/é",
        "https://venmo.com/{x}", "https://venmo.com/<b>", "https://[::1]/", "https://venmo。com", "javascript:alert(1)",
        "data:text/html,x", "https://venmo.com/" + "x" * 3_000,
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(LanguageError) as caught:
        build(url)
    assert caught.value.code == "bad_url"


@pytest.mark.parametrize(
    "host",
    ["evil.com", "venmo.com.evil.com", "evilvenmo.com", "www.venmo.com", "venmo.com.", "paypal.me", "google.com",
     "localhost", "127.0.0.1", "maps.google.com.evil.com", "xn--venmo-1fa.com"],
)  # fmt: skip
def test_another_site_is_refused_with_those_that_are_possible(host):
    with pytest.raises(LanguageError) as caught:
        build(f"https://{host}/x")
    assert caught.value.code == "domain_not_linkable"
    assert "Did you mean" in caught.value.hint or "venmo.com" in caught.value.hint


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"path": ".."}, "bad_url"),
        ({"path": "a/../b"}, "bad_url"),
        ({"path": ["a", ""]}, "bad_url"),
        ({"path": [None]}, "missing_value"),
        ({"path": [["a"]]}, "wrong_type"),
        ({"path": {"a": 1}}, "wrong_type"),
        ({"query": "a=b"}, "wrong_type"),
        ({"query": {"a": {"b": 1}}}, "wrong_type"),
        ({"query": {"a": [[1]]}}, "wrong_type"),
        ({"query": {"a": "x" * 3_000}}, "url_too_long"),
        ({"query": {str(n): "" for n in range(3_000)}}, "url_too_long"),
        ({"path": ["x"] * 3_000}, "url_too_long"),
    ],
)
def test_what_cannot_be_added_is_refused(params, code):
    with pytest.raises(LanguageError) as caught:
        build("https://venmo.com/", **params)
    assert caught.value.code == code


@given(path=st.one_of(HOSTILE, st.lists(HOSTILE, max_size=3)), query=st.dictionaries(HOSTILE, HOSTILE, max_size=4))
def test_hostile_paths_and_parameters_change_neither_site_nor_parameters(path, query):
    try:
        link = build("https://venmo.com/u", path=path, query=query)
    except LanguageError:
        assert any(dots in ("", ".", "..") for dots in (path.split("/") if isinstance(path, str) else path))
        return
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "venmo.com", "")
    assert parts.path.startswith("/u")
    assert link.isascii()
    assert link.isprintable()
    assert " " not in link
    shown = {
        name.encode(errors="replace").decode(): value.encode(errors="replace").decode() for name, value in query.items()
    }
    assert dict(parse_qsl(parts.query, keep_blank_values=True)) == shown


@given(start=st.sampled_from(["https://venmo.com", "https://venmo.com/", "https://wa.me/x?"]), rest=HOSTILE)
def test_a_hostile_address_leads_to_a_known_site_or_nowhere(start, rest):
    try:
        link = build(start + rest)
    except LanguageError:
        return
    assert urlsplit(link).netloc in DOMAINS
    assert urlsplit(link).port is None


def definition(operation):
    return {
        "name": "Pay",
        "description": "Makes a link",
        "completion_criteria": "A link is shown",
        "escalation": {"on_empty_result": "Ask.", "on_partial_failure": "Say so."},
        "inputs": {"type": "object", "properties": {"share": {"type": "number"}}, "required": ["share"]},
        "triggers": [{"type": "manual", "action_id": "pay"}],
        "actions": [{"id": "pay", "operations": [{"type": "build_url", "output": "link", **operation}],
                     "response": {"template": "{{$op.link}}"}}],
    }  # fmt: skip


def checked(operation):
    parsed = parse(definition(operation))
    return [*parsed.problems, *parsed.locate(validate(parsed.definition, CATALOGUE))]


@pytest.mark.requirement("ACT-06")
@pytest.mark.parametrize(
    "operation",
    [
        {"url": "https://venmo.com", "params": {"txn": "pay", "amount": "{{inputs.share}}"}},
        {"base_url": "https://venmo.com", "query_params": {"txn": "pay", "amount": "{{inputs.share}}"}},
        {"domain": "venmo.com", "params": {"txn": "pay", "amount": "{{inputs.share}}"}},
        {"params": {"url": "https://venmo.com", "query": {"txn": "pay", "amount": "{{inputs.share}}"}}},
        {"parameters": {"base": "https://venmo.com", "params": {"txn": "pay", "amount": "{{inputs.share}}"}}},
    ],
)
def test_an_operation_of_a_superpower_compiles_to_it_under_any_of_its_names(operation):
    problems = checked(operation)
    assert not has_errors(problems), problems
    (step,) = compile_definition(parse(definition(operation)).definition, CATALOGUE).flows["pay"].steps
    link = TRANSFORMS[step.op].apply(None, step.params({"inputs": {"share": Decimal("12.50")}}), None)
    assert link == "https://venmo.com?txn=pay&amount=12.50"


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"url": "http://venmo.com"}, "bad_url"),
        ({"url": "https://evil.com/{{inputs.share}}"}, "domain_not_linkable"),
        ({"domain": "vemno.com", "path": "x"}, "domain_not_linkable"),
        ({"path": "x"}, "missing_parameter"),
        ({"url": "https://venmo.com", "method": "x"}, "unknown_parameter"),
    ],
)
def test_a_site_that_is_written_out_is_judged_before_it_runs(operation, code):
    assert code in {problem.code for problem in checked(operation)}
