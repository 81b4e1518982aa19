"""Reading a request's head: what Django cannot read is the client's fault, and answered as such."""

from __future__ import annotations

import logging
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.http import JsonResponse

logger = logging.getLogger(__name__)


class RequestReader(ASGIHandler):
    """Django's handler. A content type in an encoding that does not exist (RFC 2231) is a 400, where it was a 500."""

    def create_request(self, scope: Any, body_file: Any) -> tuple[Any, Any]:
        """The request, or the answer to one that cannot be read."""
        try:
            return super().create_request(scope, body_file)
        except ValueError as error:
            logger.warning("a request's head cannot be read: %s", type(error).__name__)
            problem = {
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "detail": "The head of the request cannot be read.",
                "code": "bad_head",
                "hint": "Set a plain Content-Type, such as application/json.",
                "retryable": False,
            }
            return None, JsonResponse(problem, status=400, content_type="application/problem+json")
