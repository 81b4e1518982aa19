"""What may be written at a place of a definition: what its schema, its scope and the catalogue know of it. Pure."""

from apps_engine.language.completion.complete import complete
from apps_engine.language.completion.option import Completion, Option

__all__ = ["Completion", "Option", "complete"]
