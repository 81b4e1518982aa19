"""The shapes of both specifications, normalised to the one canonical definition (docs/definitions.md)."""

from apps_engine.language.sugar.document import desugar
from apps_engine.language.sugar.source import SourceMap

__all__ = ["SourceMap", "desugar"]
