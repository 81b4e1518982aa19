"""The state machine of a superpower."""

from __future__ import annotations

from apps_engine.language.sugar.keys import renamed
from apps_engine.language.sugar.source import Made, Node, Source

_MACHINE_NAMES = {"initial_state": "initial"}
_STATE_NAMES = {"actions": "flows", "allowed_actions": "flows", "auto_transitions": "transitions"}
_TRANSITION_NAMES = {"target": "to", "condition": "when"}


def states(source: Source) -> Node:
    """`{"initial", "states": {name: {"flows", "transitions": [{"to", "when"}]}}}` under its canonical names."""
    if not source.is_object:
        return source
    machine = renamed(source.members(), _MACHINE_NAMES)
    named = machine.get("states")
    if isinstance(named, Source) and named.is_object:
        made = {name: _state(state) for name, state in named.members().items()}
        machine["states"] = Made(made, named.pointer)
    return Made(machine, source.pointer)


def _state(source: Source) -> Node:
    if not source.is_object:
        return source
    state = renamed(source.members(), _STATE_NAMES)
    transitions = state.get("transitions")
    if isinstance(transitions, Source) and transitions.is_list:
        made = [_transition(transition) for transition in transitions.elements()]
        state["transitions"] = Made(made, transitions.pointer)
    return Made(state, source.pointer)


def _transition(source: Source) -> Node:
    return Made(renamed(source.members(), _TRANSITION_NAMES), source.pointer) if source.is_object else source
