"""Sessions: those of the operators' pages are apart from everybody's (SEC-07).

They have a cookie of their own, which goes to these pages only and never comes along from elsewhere. They end after
half an hour without a request, and after eight hours in any case. Signing in to a community opens nothing here.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from decommerce.operators.policy import POLICY

PATH = "/operators/"
COOKIE = "operators"
SINCE = "operators_since"
IDLE_SECONDS = 30 * 60
MOST_SECONDS = 8 * 3600
SERVER_ERROR = 500


def begin(request: HttpRequest) -> None:
    """The person has just signed in here."""
    request.session[SINCE] = time.time()
    request.session.set_expiry(IDLE_SECONDS)


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's, with a second kind of session below PATH."""

    def process_request(self, request: HttpRequest) -> None:
        """Sets `request.session`, and `request.for_operators` below PATH."""
        if not request.path.startswith(PATH):
            super().process_request(request)
            return
        request.for_operators = True
        session = self.SessionStore(request.COOKIES.get(COOKIE))
        began = session.get(SINCE)
        # A session that did not begin here is none here, whatever the cookie says.
        request.session = session if began and time.time() - began < MOST_SECONDS else self.SessionStore()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Writes the cookie; each request of the operators' pages prolongs the session."""
        if not getattr(request, "for_operators", False):
            return super().process_response(request, response)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
        patch_vary_headers(response, ("Cookie",))
        if request.session.is_empty():
            response.delete_cookie(COOKIE, path=PATH, samesite="Strict")
        elif response.status_code < SERVER_ERROR and self._saved(request):
            response.set_cookie(
                COOKIE,
                request.session.session_key,
                path=PATH,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Strict",
            )
        return response

    @staticmethod
    def _saved(request: HttpRequest) -> bool:
        """False where the session was ended by another request meanwhile."""
        try:
            request.session.save()
        except UpdateError:
            return False
        return True
