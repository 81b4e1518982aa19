"""What can go wrong between asking a model and using its answer. The codes are keys of escalation rules (RUN-11)."""

from __future__ import annotations

from decommerce.tenancy.errors import PlatformError


class ModelError(PlatformError):
    """No usable answer; what was spent on it all the same is in `spent`."""

    code = "model_broken"
    status = 502
    sent = True


class ModelRefused(ModelError):
    """The model declined to answer."""

    code = "model_refused"


class ModelAnswerCut(ModelError):
    """The answer did not end within the tokens it was given, twice."""

    code = "model_answer_cut"


class ModelWindowFull(ModelError):
    """The material does not fit into what the model can read at once."""

    code = "model_window_full"


class ModelAnswerInvalid(ModelError):
    """The answer does not fit the schema, and neither did the second one."""

    code = "model_answer_invalid"


class ModelRequestRefused(ModelError):
    """The provider does not take the request: too large, a schema or a picture that it cannot read."""

    code = "model_request_refused"


class ModelTimedOut(ModelError):
    """No complete answer within the deadline."""

    code = "model_timed_out"
    status = 504
    retryable = True


class ModelBusy(ModelError):
    """Too many calls of this platform are under way."""

    code = "model_busy"
    status = 503
    retryable = True
    sent = False


class SchemaRefused(PlatformError):
    """The schema of an answer is none, or asks for more than an answer's schema may."""

    code = "output_schema_invalid"


class ImageRefused(PlatformError):
    """Not a picture that can be looked at, or a larger one than may be."""

    code = "image_refused"
