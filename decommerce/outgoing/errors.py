"""What can go wrong on the way out.

`sent` says whether any byte of a request left, so that the first try may have had its effect; the door fills it in.
`retryable` says whether the very same call may succeed later. A caller that repeats an effect looks at both.
"""

from __future__ import annotations

from decommerce.outgoing.record import CallRecord
from decommerce.tenancy.errors import PlatformError


class OutgoingError(PlatformError):
    """A call to the outside that did not end with a complete answer.

    `record` is its entry for the audit log, `response_status` the HTTP status where that much of an answer was read.
    """

    code = "outgoing_failed"
    status = 502
    record: CallRecord | None = None
    response_status: int | None = None


class OutgoingRequestInvalid(OutgoingError):
    """A method, header or size that the door does not send."""

    code = "outgoing_request_invalid"
    status = 400


class DestinationRefused(OutgoingError):
    """The family of refusals that look at where a call goes."""

    status = 422


class OutgoingUrlRefused(DestinationRefused):
    """Not a plain https URL of a named host."""

    code = "outgoing_url_refused"


class OutgoingDomainRefused(DestinationRefused):
    """The host is not on the tenant's list."""

    code = "outgoing_domain_refused"


class OutgoingQuotaReached(OutgoingError):
    """The tenant's apps made all the calls of this hour."""

    code = "outgoing_quota_reached"
    status = 429
    retryable = True


class OutgoingAddressRefused(DestinationRefused):
    """The host resolves to an address that is not on the public Internet."""

    code = "outgoing_address_refused"


class OutgoingRedirectRefused(OutgoingError):
    """The answer points elsewhere and the door does not go there."""

    code = "outgoing_redirect_refused"


class OutgoingDnsFailed(OutgoingError):
    """The host's name has no address, or nobody could be asked."""

    code = "outgoing_dns_failed"


class OutgoingConnectionFailed(OutgoingError):
    """No connection, or one that broke before the answer was complete."""

    code = "outgoing_connection_failed"
    retryable = True


class OutgoingTlsFailed(OutgoingError):
    """The server's certificate or its TLS is not acceptable."""

    code = "outgoing_tls_failed"


class OutgoingTimeout(OutgoingError):
    """The call was not over at its deadline."""

    code = "outgoing_timeout"
    status = 504
    retryable = True


class OutgoingTooLarge(OutgoingError):
    """The answer is larger than the caller allows."""

    code = "outgoing_too_large"


class OutgoingResponseInvalid(OutgoingError):
    """The answer cannot be decoded."""

    code = "outgoing_response_invalid"
