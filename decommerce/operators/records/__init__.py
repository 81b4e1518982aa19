"""What operators see: each module registers the records of one field."""

from decommerce.operators.records import apps, letters, people, runs

__all__ = ["apps", "letters", "people", "runs"]
