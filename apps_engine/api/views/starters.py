"""Ready-made apps: find one, fill it in, make an app of it (APP-09)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.documentation import operation, page_of
from apps_engine.api.preconditions import etag
from apps_engine.api.serializers import StarterApp, StarterParameters, StarterSearch
from apps_engine.api.views.base import ApiView
from apps_engine.services.presentation import app_in_full
from apps_engine.services.starters import (
    create_app_from,
    get_starter,
    list_starters,
    preview,
    starter_as_dict,
    starter_in_full,
)


class StartersView(ApiView):
    """The ready-made apps."""

    @operation("List ready-made apps", query=StarterSearch, result=page_of("Starter"))
    def get(self, request: Request) -> Response:
        """All of them, or those that fit the words and the category, best first."""
        wanted = self.parameters(StarterSearch)
        found = list_starters(self.principal, words=wanted["search"], category=wanted.get("category"))
        return Response({"items": [starter_as_dict(starter) for starter in found]})


class StarterView(ApiView):
    """One ready-made app."""

    @operation("Get a ready-made app", result="FullStarter")
    def get(self, request: Request, slug: str) -> Response:
        """Its parameters with their defaults, and what it does with these."""
        return Response(starter_in_full(self.principal, get_starter(self.principal, slug)))


class StarterPreviewView(ApiView):
    """Filling in a ready-made app."""

    @operation("Preview a ready-made app", body=StarterParameters, result="StarterPreview")
    def post(self, request: Request, slug: str) -> Response:
        """The definition that these parameters make, its problems, and what it would do. Stores nothing."""
        return Response(preview(self.principal, slug, self.body(StarterParameters)["parameters"]).as_dict())


class StarterAppsView(ApiView):
    """Making an app of a ready-made one."""

    @operation("Create an app from a ready-made one", body=StarterApp, result="FullApp", status=201, tagged=True)
    def post(self, request: Request, slug: str) -> Response:
        """Fills in the parameters, then validates, stores and activates."""
        body = self.body(StarterApp)
        app = create_app_from(self.principal, slug, body["parameters"], name=body.get("name"))
        return Response(app_in_full(app), 201, headers={"ETag": etag(app)})
