"""What a definition does, before it does anything (LNG-09)."""

from apps_engine.language.report.facts import Report
from apps_engine.language.report.report import report

__all__ = ["Report", "report"]
