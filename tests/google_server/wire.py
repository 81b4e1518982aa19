"""Google's errors, as its APIs write them."""

from __future__ import annotations

from tests.wire_server import Reply, answer


def failure(status: int, reason: str, message: str, domain: str = "global", **headers: str) -> Reply:
    """The errors of Gmail and Calendar."""
    error = {"message": message, "domain": domain, "reason": reason}
    return answer({"error": {"code": status, "message": message, "errors": [error]}}, status, **headers)


def unauthorised() -> Reply:
    """A token that is unknown, expired or revoked."""
    error = {
        "message": "Invalid Credentials",
        "domain": "global",
        "reason": "authError",
        "location": "Authorization",
        "locationType": "header",
    }
    details = {"code": 401, "message": "Invalid Credentials", "errors": [error], "status": "UNAUTHENTICATED"}
    return answer({"error": details}, 401, WWW_Authenticate='Bearer realm="https://accounts.google.com/"')


def insufficient() -> Reply:
    """A token that is good, for something else."""
    message = "Request had insufficient authentication scopes."
    return answer(
        {
            "error": {
                "code": 403,
                "message": message,
                "errors": [
                    {"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}
                ],
                "status": "PERMISSION_DENIED",
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                        "domain": "googleapis.com",
                    }
                ],
            }
        },
        403,
    )


def too_many(retry_after: str = "") -> Reply:
    """More calls at once than Gmail takes."""
    headers = {"Retry_After": retry_after} if retry_after else {}
    return failure(429, "rateLimitExceeded", "Resource has been exhausted (e.g. check quota).", **headers)


def over_quota() -> Reply:
    """More calls a minute than a person has; it comes with 403."""
    message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'."
    return failure(403, "rateLimitExceeded", message, "usageLimits")


def oauth_failure(status: int, error: str, description: str) -> Reply:
    """The errors of the token's endpoint (RFC 6749, section 5.2)."""
    return answer({"error": error, "error_description": description}, status)
