"""Settings, all from the environment; `deploy/local` sets it for the demo, `tests/conftest.py` for the tests."""

from __future__ import annotations

from pathlib import Path

from kombu import Queue

from decommerce import environment

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = environment.flag("DECOMMERCE_DEBUG")
DEMO = environment.flag("DECOMMERCE_DEMO")
SECRET_KEY = environment.text("DECOMMERCE_SECRET_KEY")
PUBLIC_URL = environment.text("DECOMMERCE_PUBLIC_URL", "http://127.0.0.1:8000")
ALLOWED_HOSTS = environment.words("DECOMMERCE_ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = environment.words("DECOMMERCE_TRUSTED_ORIGINS", PUBLIC_URL)

INSTALLED_APPS = [
    "decommerce.operators",
    # Without the sites and the search for models that these two would bring: the operators' site names what it shows.
    "unfold.apps.BasicAppConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "decommerce.operations",
    "decommerce.tenancy",
    "decommerce.outgoing",
    "decommerce.community",
    "decommerce.push",
    "decommerce.accounts",
    "decommerce.idempotency",
    "apps_engine.store",
    "connectors",
    "actions",
    "apps_engine.api",
    "workers",
    "mcp_gateway",
    "chat",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_celery_beat",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "decommerce.operations.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "decommerce.content_policy.ContentPolicyMiddleware",
    "decommerce.operators.sessions.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "decommerce.tenancy.middleware.TenantMiddleware",
    "chat.methods.MethodMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "decommerce.urls"
ASGI_APPLICATION = "decommerce.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "decommerce.tenancy.middleware.tenant_context",
            ],
        },
    },
]

# Web processes share a small pool; a prefork worker keeps one connection of its own.
_POOL = int(environment.text("DECOMMERCE_DATABASE_POOL", "0"))
_OPTIONS = {"pool": {"min_size": 1, "max_size": _POOL, "timeout": 10}} if _POOL else {}
DATABASES = {
    "default": environment.database("RUNTIME_DATABASE_URL", _OPTIONS),
    # Its statements are long and few: their values go beside them, so that each connection parses them once or twice.
    "scheduler": environment.database("SCHEDULER_DATABASE_URL", {"server_side_binding": True}),
}
if environment.text("DATABASE_URL", ""):
    DATABASES["owner"] = environment.database("DATABASE_URL")
if not _POOL:
    for _database in DATABASES.values():
        _database["CONN_MAX_AGE"] = 600
        _database["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "tenancy.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
# Where `collectstatic` puts what a web server in front may serve; without it the files come from their packages.
STATIC_ROOT = environment.text("DECOMMERCE_STATIC_ROOT", "") or None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

REDIS_URL = environment.text("REDIS_URL")
QUEUE_NAMESPACE = environment.text("DECOMMERCE_QUEUE_NAMESPACE", "decommerce")
# Hints and events go by Valkey or Redis, or by a virtual host of RabbitMQ (amqp://...); the rest stays on REDIS_URL.
CELERY_BROKER_URL = environment.text("BROKER_URL", REDIS_URL)
BROKER_IS_RABBITMQ = CELERY_BROKER_URL.startswith(("amqp://", "amqps://"))
# A hint is not worth waiting for: one more try at once, and the sweep does the rest.
_ONE_MORE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {**_ONE_MORE_TRY, "confirm_publish": True}
    if BROKER_IS_RABBITMQ
    else {
        **_ONE_MORE_TRY,
        "global_keyprefix": f"{QUEUE_NAMESPACE}:",
        "visibility_timeout": 3600,
        # One list a queue: whose turn it is the database says, and four of them take four questions each time.
        "priority_steps": [0],
        **environment.VALKEY_SOCKET,
    }
)
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY = False  # whoever sends decides: `decommerce.operations.broker`
# A worker waits for its queue as long as it takes; its sweep works meanwhile.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Also for one that is full and answers so; without this such an answer ends the worker.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# One worker takes all of them; `celery worker -Q calls` takes the named ones (deploy/README.md).
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("runs", "calls", "delivery", "maintenance")]
CELERY_TASK_DEFAULT_QUEUE = "runs"
CELERY_TASK_ROUTES = {
    "workers.run": {"queue": "runs"},
    "workers.call": {"queue": "calls"},
    "workers.deliver": {"queue": "delivery"},
    "workers.*": {"queue": "maintenance"},
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "workers.pool:TaskPool"
# A task keeps good connections for the next one (`workers.tasks`): two new ones cost 20 ms.
CELERY_DB_REUSE_MAX = 1000
CELERY_WORKER_SEND_TASK_EVENTS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "workers.beat:Scheduler"
# Beat starts the tick and nothing per app; a tick that waited for five seconds is superseded by the next one.
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "workers.tick", "schedule": 5.0, "options": {"expire_seconds": 5}},
    "retention": {"task": "workers.retention", "schedule": 900.0, "options": {"expire_seconds": 900}},
    "shadows": {"task": "workers.shadows", "schedule": 60.0, "options": {"expire_seconds": 60}},
    "deprecations": {"task": "workers.deprecations", "schedule": 86_400.0},
}
# How long a worker may be silent before its run is somebody else's (docs/execution.md 4); it renews at a third of that.
LEASE_SECONDS = float(environment.text("DECOMMERCE_LEASE_SECONDS", "30"))
# After so long in the middle of a transaction the database takes a worker for gone.
SILENT_SECONDS = float(environment.text("DECOMMERCE_SILENT_SECONDS", "30"))
# Keeps what is deprecated on through weeks 12 to 16 (apps_engine/language/deprecations.py).
DEPRECATED_FEATURES = environment.flag("DECOMMERCE_DEPRECATED_FEATURES")
# What platform services publish to and the event consumer reads; and where the platform's own bursts go beside it.
EVENTS_QUEUE, EVENT_BURSTS_QUEUE = "events", "events.bursts"

# How many days each kind of row is kept, "events=30,audit=0": the kinds are in docs/operations.md, 0 is for ever.
RETENTION_DAYS = environment.numbers("DECOMMERCE_RETENTION_DAYS")

# The health of all parts and the metrics, as the person `operator`; without a password there are none of these pages.
OPERATORS_PASSWORD = environment.text("DECOMMERCE_OPERATORS_PASSWORD", "")
# Where operators find Flower, linked from their pages; empty where there is none.
FLOWER_URL = environment.text("DECOMMERCE_FLOWER_URL", "")
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
UNFOLD = {
    "SITE_TITLE": "Operators · Decommerce",
    "SITE_HEADER": "Decommerce",
    "SITE_SUBHEADER": "For operators of the platform",
    "SITE_SYMBOL": "settings",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"show_search": False, "navigation": "decommerce.operators.navigation.navigation"},
}
# Where a worker or a consumer answers scrapes of what it counted; 0 is nowhere.
METRICS_PORT = int(environment.text("DECOMMERCE_METRICS_PORT", "0"))
METRICS_ADDRESS = environment.text("DECOMMERCE_METRICS_ADDRESS", "127.0.0.1")

_MAIL = environment.mail_server("EMAIL_URL", "smtp://127.0.0.1:8025")
EMAIL_HOST = _MAIL["host"]
EMAIL_PORT = _MAIL["port"]
EMAIL_HOST_USER = _MAIL["user"]
EMAIL_HOST_PASSWORD = _MAIL["password"]
EMAIL_USE_SSL = _MAIL["ssl"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("DECOMMERCE_MAIL_FROM", "community@decommerce.example")

ANTHROPIC_API_KEY = environment.text("ANTHROPIC_API_KEY", "")
ANTHROPIC_BASE_URL = environment.text("ANTHROPIC_BASE_URL", "")
ANTHROPIC_MODEL = environment.text("ANTHROPIC_MODEL", "claude-sonnet-5-5")
# The model that answers the steps of apps; another one may be cheaper for many small calls.
ANTHROPIC_STEP_MODEL = environment.text("ANTHROPIC_STEP_MODEL", ANTHROPIC_MODEL)
# How many steps may wait for a model at the same time: in the whole system, and of one community.
MODEL_CALLS_AT_ONCE = int(environment.text("DECOMMERCE_MODEL_CALLS_AT_ONCE", "16"))
MODEL_CALLS_AT_ONCE_PER_TENANT = int(environment.text("DECOMMERCE_MODEL_CALLS_AT_ONCE_PER_TENANT", "8"))

# Outgoing calls: further ports besides 443, hosts pinned to an address (which may be internal), authorities to trust,
# the key that signatures of webhooks derive from (else the secret key), and the calls in an hour of one tenant's apps.
OUTGOING_PORTS = [int(port) for port in environment.words("DECOMMERCE_OUTGOING_PORTS")]
OUTGOING_HOSTS = environment.words("DECOMMERCE_OUTGOING_HOSTS")
OUTGOING_CA_BUNDLE = environment.text("DECOMMERCE_OUTGOING_CA_BUNDLE", "")
OUTGOING_SIGNING_KEY = environment.text("DECOMMERCE_OUTGOING_SIGNING_KEY", "")
OUTGOING_CALLS_PER_HOUR = int(environment.text("DECOMMERCE_OUTGOING_CALLS_PER_HOUR", "2000"))

# Notifications on devices (RFC 8292): the platform's private key, 32 bytes as base64url; without one there are none.
# Browsers subscribe with its public half, so a new key means new subscriptions. The services are those that a browser
# may name to be pushed at.
VAPID_PRIVATE_KEY = environment.text("DECOMMERCE_VAPID_PRIVATE_KEY", "")
PUSH_SERVICES = environment.words(
    "DECOMMERCE_PUSH_SERVICES",
    "fcm.googleapis.com,updates.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com",
)

# Connected accounts: the platform as it is registered at Google, and where Google is.
GOOGLE_CLIENT_ID = environment.text("GOOGLE_CLIENT_ID", "")
GOOGLE_CLIENT_SECRET = environment.text("GOOGLE_CLIENT_SECRET", "")
GOOGLE_CONSENT_URL = environment.text("DECOMMERCE_GOOGLE_CONSENT_URL", "https://accounts.google.com/o/oauth2/v2/auth")
GOOGLE_OAUTH_URL = environment.text("DECOMMERCE_GOOGLE_OAUTH_URL", "https://oauth2.googleapis.com")
GMAIL_URL = environment.text("DECOMMERCE_GMAIL_URL", "https://gmail.googleapis.com")
GOOGLE_CALENDAR_URL = environment.text("DECOMMERCE_GOOGLE_CALENDAR_URL", "https://www.googleapis.com")

# Search of the web: brave with a key, or searxng with the address of one's own.
SEARCH_ENGINE = environment.text("DECOMMERCE_SEARCH_ENGINE", "brave")
SEARCH_KEY = environment.text("DECOMMERCE_SEARCH_KEY", "")
SEARCH_URL = environment.text("DECOMMERCE_SEARCH_URL", "")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps_engine.api.authentication.PrincipalAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps_engine.api.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Decommerce",
    "DESCRIPTION": "Apps: automations stored as JSON, validated, previewed and run.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # A PATCH needs its definition too: what is optional in it is inside.
    "COMPONENT_SPLIT_PATCH": False,
    "ENFORCE_NON_BLANK_FIELDS": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "decommerce.operations.log_format.TextLines"},
        "json": {"()": "decommerce.operations.log_format.JsonLines"},
    },
    "filters": {
        "secret_addresses": {"()": "decommerce.log_redaction.HideSecretAddresses"},
        "work_at_hand": {"()": "decommerce.tenancy.log_context.WorkAtHand"},
    },
    "handlers": {
        "console": {
            "class": "decommerce.console.Console",
            "formatter": environment.text("DECOMMERCE_LOG_FORMAT", "text" if DEMO or DEBUG else "json"),
            "filters": ["work_at_hand", "secret_addresses"],
        },
    },
    "loggers": {
        # One line for each call of an older client tells nobody anything.
        "mcp.server.streamable_http": {"level": "WARNING"},
        # At DEBUG it would write whole requests to a model, members' texts included.
        "anthropic": {"level": "INFO"},
        "uvicorn": {"handlers": ["console"], "propagate": False},
        "uvicorn.access": {"handlers": ["console"], "propagate": False},
    },
    "root": {"handlers": ["console"], "level": environment.text("DECOMMERCE_LOG_LEVEL", "INFO")},
}
