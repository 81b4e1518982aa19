"""What holds for every action, from its declaration alone."""

from __future__ import annotations

import pytest

from actions.table import ACTIONS
from apps_engine.contracts import ExternalAction, LocalAction
from apps_engine.registry import registry
from decommerce.community.event_catalogue import EVENTS

pytestmark = pytest.mark.requirement("ACT-01")

EACH = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)


def test_the_first_six_actions_are_registered():
    names = {"flag_content", "send_notification", "send_email", "award_xp", "create_post", "webhook"}
    assert names <= {action.name for action in ACTIONS}
    assert names <= registry.catalogue.actions.keys()


@EACH
def test_it_says_in_plain_words_what_it_does(action):
    assert action.summary[0].isupper()
    assert action.sentence[0].islower()
    assert not action.sentence.endswith(".")


@EACH
def test_every_result_field_says_what_it_is(action):
    names = [field.name for field in action.result]
    assert len(names) == len(set(names))
    assert all(field.summary for field in action.result)


@EACH
def test_what_it_calls_a_target_is_a_parameter(action):
    assert action.targets
    assert set(action.targets) <= set(action.spec().params["properties"])


@EACH
def test_it_refuses_parameters_that_it_does_not_know(action):
    assert action.spec().params["additionalProperties"] is False


@EACH
def test_what_it_emits_is_in_the_catalogue_of_events(action):
    assert set(action.emits) <= EVENTS.keys()


@EACH
def test_it_is_local_or_external(action):
    assert isinstance(action, LocalAction | ExternalAction)
    assert action.local is isinstance(action, LocalAction)
    assert action.spec().local is action.local
