"""Every file of a starter: well-formed, valid whatever an admin chooses, harmless where there is nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps_engine.language.compile import compile_definition
from apps_engine.registry import registry
from apps_engine.services.dry_run import dry_run
from apps_engine.services.starters import definition_of, preview, rehearse
from apps_engine.starters import CATEGORIES, STARTERS, defaults, faults, filled, search
from apps_engine.starters.shelf import FOLDER
from apps_engine.starters.starter import ROW_FORMATS, Parameter, Starter
from apps_engine.starters.substitution import uses
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.principal import system_principal
from tests.environment import REPOSITORY

pytestmark = pytest.mark.requirement("APP-09")

# What validation says of an app that its admin cannot do anything about, or need not.
HARMLESS = {"triggers_itself"}
# Said of what stands open to choice: an admin allows a domain once, for the whole community.
EXPECTED = {"domain_not_allowed"}


@pytest.fixture(params=STARTERS, name="starter")
def each_starter(request) -> Starter:
    """Each starter in turn."""
    return STARTERS[request.param]


def choices(parameter: Parameter) -> Iterator[Any]:
    """The values of a parameter at which something may go wrong: each of a few, or those at the bounds."""
    if parameter.enum is not None:
        yield from parameter.enum
    elif parameter.kind == "boolean":
        yield from (True, False)
    elif parameter.kind in {"integer", "number"}:
        yield from (bound for bound in (parameter.minimum, parameter.maximum) if bound is not None)
    elif parameter.format == "timezone":
        yield from ("Pacific/Auckland", "America/New_York")
    else:
        yield "x" * (parameter.min_length or 0)
        yield "“Ünïcode” 'quotes' \"double\" <b> & <<name>> }} % " * 40
    if parameter.type == (parameter.kind, "null"):
        yield None


def variations(starter: Starter) -> Iterator[dict[str, Any]]:
    """The defaults, and every choice of every parameter with the others at their defaults."""
    usual = defaults(starter)
    yield usual
    for name, parameter in starter.parameters.properties.items():
        for value in choices(parameter):
            cut = value[: parameter.max_length] if isinstance(value, str) and parameter.free_text else value
            yield {**usual, name: cut}


def test_there_is_a_starter():
    assert STARTERS
    assert {starter.category for starter in STARTERS.values()} <= set(CATEGORIES)
    assert {path.stem for path in FOLDER.glob("*.json")} == set(STARTERS)


def test_no_two_have_the_same_name():
    assert len({starter.name for starter in STARTERS.values()}) == len(STARTERS)


def test_every_choice_is_a_valid_app_without_a_warning(starter, scope, principal):
    for values in variations(starter):
        assert faults(starter, values) == []
        made = preview(principal, starter.slug, values)
        told = [problem for problem in made.checked.problems if problem.code not in HARMLESS | EXPECTED]
        assert (values, told) == (values, [])
        compile_definition(made.definition, registry.catalogue)
        assert made.checked.sentences


def test_every_parameter_is_used_and_every_use_is_declared(starter):
    assert {use.name for use in uses(starter.definition)} == set(starter.parameters.properties)


def test_free_text_never_stands_where_it_would_be_read_as_an_expression(starter):
    free = {name for name, parameter in starter.parameters.properties.items() if parameter.free_text}
    assert [use for use in uses(starter.definition) if use.as_code and use.name in free] == []


def test_a_row_that_need_not_be_chosen_is_null(starter):
    for name, parameter in starter.parameters.properties.items():
        if parameter.format in ROW_FORMATS:
            assert (name, parameter.default) == (name, None)


def test_a_value_of_the_definition_is_what_was_chosen(starter):
    usual = defaults(starter)
    assert "$param" not in repr(filled(starter.definition, usual))


def test_it_is_found_by_its_name_and_by_each_of_its_synonyms(starter):
    for words in (starter.name, *starter.synonyms):
        found = [other.slug for other in search(words)]
        assert starter.slug in found[:5], (words, found)


def test_in_an_empty_community_a_dry_run_does_nothing_and_fails_at_nothing(starter, scope, principal):
    definition = definition_of(principal, starter.slug)
    tried = dry_run(principal, definition)
    assert tried.outcome is None or tried.outcome.status in {"succeeded", "skipped"}, tried.outcome


def test_on_the_imported_community_a_rehearsal_tells_what_it_would_do(starter, imported_community):
    """As the gallery does it: with the latest event that would start it, or else the catalogue's sample."""
    tenant_id = imported_community.tenant.pk
    with tenant_scope(tenant_id):
        tried = rehearse(system_principal(tenant_id, "the test"), starter.slug).tried
    assert tried.outcome is None or tried.outcome.error is None, tried.outcome
    assert tried.would_run or tried.clause


def test_it_plays_in_a_scenario(starter):
    scenarios = (path.read_text() for path in REPOSITORY.glob("tests/*/test_*.py") if path != Path(__file__))
    assert any(f'"{starter.slug}"' in scenario for scenario in scenarios)


def test_it_says_what_it_does_in_one_sentence(starter):
    assert starter.summary.endswith(".")
    assert ". " not in starter.summary
