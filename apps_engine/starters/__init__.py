"""The ready-made apps: one JSON file each, and how parameters turn one into a definition (APP-09). Pure."""

from apps_engine.starters.parameters import defaults, faults
from apps_engine.starters.search import search
from apps_engine.starters.shelf import STARTERS
from apps_engine.starters.starter import CATEGORIES, Parameter, Starter
from apps_engine.starters.substitution import filled

__all__ = ["CATEGORIES", "STARTERS", "Parameter", "Starter", "defaults", "faults", "filled", "search"]
