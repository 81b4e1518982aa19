"""Definitions that are not stored: check one, try one; and what they are made of (LNG-05, RUN-12)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.building_blocks import building_blocks
from apps_engine.api.documentation import operation
from apps_engine.api.serializers import DefinitionBody, DefinitionDryRun
from apps_engine.api.views.base import ApiView
from apps_engine.language.schema import definition_schema
from apps_engine.registry import registry
from apps_engine.services.definitions import check
from apps_engine.services.dry_run import dry_run


class ValidationView(ApiView):
    """Checking a definition."""

    @operation("Validate a definition", body=DefinitionBody, result="Check")
    def post(self, request: Request) -> Response:
        """Every problem at once, and what the app would do in plain words. Stores nothing; a bad one is no error."""
        return Response(check(self.principal, self.body(DefinitionBody)["definition"]).as_dict())


class DefinitionDryRunView(ApiView):
    """Trying a definition."""

    @operation("Dry-run a definition", body=DefinitionDryRun, result="DryRun")
    def post(self, request: Request) -> Response:
        """What a run would read, change and send, on real data and without any effect."""
        self.principal.require("data:read")
        body = self.body(DefinitionDryRun)
        tried = dry_run(self.principal, body["definition"], inputs=body["inputs"], event=body["event"])
        return Response(tried.as_dict())


class CatalogueView(ApiView):
    """The building blocks."""

    @operation("List building blocks", result="Catalogue")
    def get(self, request: Request) -> Response:
        """Connectors, actions, events, transforms and filters, with their fields and parameters."""
        return Response(building_blocks())


class SchemaView(ApiView):
    """The shape of a definition."""

    @operation("Get the schema of definitions", result="Schema")
    def get(self, request: Request) -> Response:
        """The JSON Schema, built from the building blocks that exist here."""
        return Response(definition_schema(registry.catalogue))
