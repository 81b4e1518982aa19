"""Apps: list, create, get, change, delete, pause, resume (APP-01 to APP-06)."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps_engine.api.cursors import cursor_page
from apps_engine.api.documentation import cursor_page_of, operation
from apps_engine.api.merge_patch import merged
from apps_engine.api.preconditions import etag, expected_version, honouring
from apps_engine.api.serializers import AppPage, AppPatch, AppUpdate, CursorPage, DefinitionBody, Pause
from apps_engine.api.views.base import ApiView
from apps_engine.services.apps import (
    create_app,
    current_version,
    delete_app,
    get_app,
    list_apps,
    list_versions,
    pause_app,
    resume_app,
    update_app,
)
from apps_engine.services.backlog import going_on
from apps_engine.services.presentation import app_as_dict, app_in_full, run_as_dict, version_as_dict
from apps_engine.services.runs import list_runs
from apps_engine.store.models import App

RECENT_RUNS = 10


class AppsView(ApiView):
    """The apps of a community."""

    @operation("List apps", query=AppPage, result=cursor_page_of("App"))
    def get(self, request: Request) -> Response:
        """Newest first, deleted ones only by `?status=deleted`; `next_cursor` is null on the last page."""
        wanted = self.parameters(AppPage)
        apps = list_apps(self.principal, status=wanted.get("status"), search=wanted["search"])
        return Response(cursor_page(apps, wanted, app_as_dict))

    @operation("Create an app", body=DefinitionBody, result="FullApp", status=201, tagged=True)
    def post(self, request: Request) -> Response:
        """Validates, stores and activates; every problem of a refused definition is listed and nothing is stored."""
        app = create_app(self.principal, self.body(DefinitionBody)["definition"])
        return _app_response(app, status=201)


class AppView(ApiView):
    """One app."""

    @operation("Get an app", result="AppWithRuns", tagged=True)
    def get(self, request: Request, app_id: int) -> Response:
        """The app with its definition and its latest runs; `ETag` is its version."""
        app = get_app(self.principal, app_id)
        runs = [
            run_as_dict(run, self.principal, steps=False)
            for run in list_runs(self.principal, app_id, limit=RECENT_RUNS)
        ]
        return _app_response(app, recent_runs=runs)

    @operation("Replace an app's definition", body=AppUpdate, result="FullApp", tagged=True, conditional=True)
    def put(self, request: Request, app_id: int) -> Response:
        """Makes a new version. With `If-Match` or `expected_version` only where nobody else was faster."""
        body = self.body(AppUpdate)
        expected = expected_version(request, body)
        with honouring(request):
            app = update_app(self.principal, app_id, body["definition"], expected_version=expected)
        return _app_response(app)

    @operation("Change a part of an app's definition", body=AppPatch, result="FullApp", tagged=True, conditional=True)
    def patch(self, request: Request, app_id: int) -> Response:
        """Merges the patch (RFC 7396) into the definition as its author wrote it, and makes a new version."""
        body = self.body(AppPatch)
        expected = expected_version(request, body)
        current = current_version(get_app(self.principal, app_id))
        definition = merged(current.source, body["definition"])
        with honouring(request):
            app = update_app(self.principal, app_id, definition, expected_version=expected or current.number)
        return _app_response(app)

    @operation("Delete an app", status=204, conditional=True)
    def delete(self, request: Request, app_id: int) -> Response:
        """Stops the app for ever; its runs stay readable by their numbers."""
        with honouring(request):
            delete_app(self.principal, app_id, expected_version=expected_version(request, {}))
        return Response(status=204)


class AppPauseView(ApiView):
    """Stopping an app for a while."""

    @operation("Pause an app", body=Pause, result="FullApp", tagged=True)
    def post(self, request: Request, app_id: int) -> Response:
        """No new step starts once this is answered; pausing twice changes nothing."""
        return _app_response(pause_app(self.principal, app_id, self.body(Pause)["reason"]))


class AppResumeView(ApiView):
    """Starting an app again."""

    @operation("Resume an app", result="FullApp", tagged=True)
    def post(self, request: Request, app_id: int) -> Response:
        """Its triggers are restored, and runs that waited go on."""
        app = resume_app(self.principal, app_id)
        return _app_response(app, backlog=going_on(app))


class AppVersionsView(ApiView):
    """The history of an app."""

    @operation("List an app's versions", query=CursorPage, result=cursor_page_of("Version"))
    def get(self, request: Request, app_id: int) -> Response:
        """Newest first, with who made each and when."""
        versions = list_versions(self.principal, app_id)
        return Response(cursor_page(versions, self.parameters(CursorPage), version_as_dict, by="number"))


def _app_response(app: App, *, status: int = 200, **more: Any) -> Response:
    return Response({**app_in_full(app), **more}, status, headers={"ETag": etag(app)})
