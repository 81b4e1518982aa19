"""What holds for every action, from its declaration alone."""

from __future__ import annotations

import pytest

from actions.table import ACTIONS
from apps_engine.contracts import Action, ExternalAction, LocalAction
from apps_engine.registry import registry
from decommerce.community.event_catalogue import EVENTS

pytestmark = pytest.mark.requirement("ACT-01")

EACH = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)


# What the specification names (ACT-01), besides the webhook of ACT-02.
NAMED = {
    "send_email",
    "create_post",
    "create_comment",
    "send_notification",
    "update_user",
    "create_mission",
    "create_reward",
    "award_xp",
    "flag_content",
    "update_post_status",
    "archive_room",
    "webhook",
}


def test_every_action_of_the_specification_is_registered():
    assert {action.name for action in ACTIONS} >= NAMED
    assert registry.catalogue.actions.keys() >= NAMED


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
    assert set(action.targets) <= set(action.spec().params["properties"])


@EACH
def test_every_row_that_a_parameter_names_is_a_target(action):
    rows = {
        name for name in action.spec().params["properties"] if name.endswith("_id") or (name == "to" and action.sends)
    }
    assert rows <= set(action.targets)


@EACH
def test_every_parameter_says_what_it_is(action):
    schemas = action.spec().params["properties"]
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []


@EACH
@pytest.mark.requirement("RUN-16")
def test_it_says_that_it_can_be_undone_exactly_where_it_knows_how(action):
    assert action.undoable is (type(action).undo is not Action.undo)
    assert action.spec().undoable is action.undoable


@EACH
def test_what_it_changes_is_named(action):
    assert action.writes or not action.local


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
