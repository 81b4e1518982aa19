"""The words that the grammar reads. Another word in a sentence is one that it would pass over."""

from __future__ import annotations

import re

from apps_engine.starters import stem
from chat.composer.ground import Ground
from chat.composer.schedule import DAYS

_QUOTED = re.compile(r"\"[^\"]*\"|https?://\S+")
# What an item is to contain is looked for, and asks for nothing.
SEARCHED = re.compile(r"\b(?:contain|mention|include|say)(?:s|ing)?\b[^.,;]*", re.IGNORECASE)
_WORDS = """
    account add address admin administrator alert amount announce anybody anyone answer as at author award away bare
    below best bought call called celsius character chars check checkout comment commented community contain contributor
    created customer daily day dollar down edited else email engaged escalate euro even event ever evening everybody
    exceed exceeding experience fewer first flag flagged fulfilled give gone grant greet greater hand hello here hide
    high hour hourly inactive inform instead joined joins kind known larger last latest length less letter like liked
    low manual mark medium member mention know message midnight minute moderator mod monday month monthly more morning
    most name new newcomer newest night noon note notification notify number once order over owner paid part past people
    person ping post posted posting posts pound press publish purchase put question queue read receive refund refunded
    register remind reply report review reward room run saturday say score scored send sent severe share shipped short
    shorter longer start sum summary sunday team tell thank thread thursday time to top topic total tuesday under
    update upvote urgent value vote warn webhook wednesday week weekly weekday weekend welcome who word worth write
    writer wrote xp year yesterday active friday characters signs happens comes gets something staff whoever writes
"""
SPOKEN = frozenset([*_WORDS.split(), *(f"{day}s" for day in DAYS)])
READ = frozenset(map(stem, SPOKEN))


def without_names(sentence: str, ground: Ground) -> str:
    """The sentence without what it only names: quotations, addresses, words to look for, and rooms."""
    plain = SEARCHED.sub(" ", _QUOTED.sub(" ", sentence))
    for room in ground.rooms:
        plain = re.sub(rf"\b{re.escape(room.name)}\b", " ", plain, flags=re.IGNORECASE)
    return plain
