"""The ready-made apps: one JSON file each, and how parameters turn one into a definition (APP-09). Pure."""

from apps_engine.starters.parameters import defaults, faults
from apps_engine.starters.search import Found, nearest, search, vocabulary
from apps_engine.starters.shelf import STARTERS
from apps_engine.starters.starter import CATEGORIES, Parameter, Starter
from apps_engine.starters.stems import EMPTY, content_stems, stem, words_of
from apps_engine.starters.substitution import filled

__all__ = [
    "CATEGORIES",
    "EMPTY",
    "STARTERS",
    "Found",
    "Parameter",
    "Starter",
    "content_stems",
    "defaults",
    "faults",
    "filled",
    "nearest",
    "search",
    "stem",
    "vocabulary",
    "words_of",
]
