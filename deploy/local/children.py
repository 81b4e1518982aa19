"""The processes of a running system, as one table."""

import http.client
import sys

from deploy.local.choices import Choices
from deploy.local.environment import FLOWER_USER
from deploy.local.folder import DemoFolder
from deploy.local.ports import LOOPBACK, accepts
from deploy.local.secret_values import SecretValues
from deploy.local.supervisor import Child

MODULE = (sys.executable, "-m")
# The checks of Django are for developers; here they would cost each process two seconds of its start.
CELERY = (*MODULE, "celery", "--skip-checks", "-A", "decommerce")
# Nothing stands in front of this web process, so nobody may say whose address a request comes from.
WEB = ("uvicorn", "decommerce.asgi:application", "--no-proxy-headers", "--timeout-graceful-shutdown", "5")
# First those that make work, then those that do it, then those that only look on and receive.
SOURCES, INTAKE, WORK, BYSTANDERS = 1, 2, 3, 4


def demo_children(choices: Choices, folder: DemoFolder, values: SecretValues) -> tuple[Child, ...]:
    """Web, worker, event consumer, beat, Flower and the mail sink."""
    bind = ("--host", LOOPBACK, "--port", str(choices.web_port))
    beat = ("--pidfile=", "--loglevel", "INFO")
    # Flower counts for itself.
    counts = {"PROMETHEUS_MULTIPROC_DIR": str(folder.metrics)}
    sink = ("--port", str(choices.mail_port), "--folder", str(folder.mail))
    return (
        Child(
            "web",
            (*MODULE, *WEB, *bind),
            stage=SOURCES,
            ready=lambda: web_answers(choices.web_port),
            extra={"DECOMMERCE_DATABASE_POOL": "8", **counts},
        ),
        Child("beat", (*CELERY, "beat", *beat), stage=SOURCES),
        Child("consumer", (sys.executable, "manage.py", "consume_events"), stage=INTAKE, extra=counts),
        Child(
            "worker", (*CELERY, "worker", "-c", "2", "--loglevel", "INFO", "--without-mingle"), stage=WORK, extra=counts
        ),
        Child(
            "flower",
            (*CELERY, "flower"),
            stage=BYSTANDERS,
            ready=lambda: accepts(choices.flower_port),
            # In the environment, because everybody on the machine can read a command line.
            extra={
                "FLOWER_ADDRESS": LOOPBACK,
                "FLOWER_PORT": str(choices.flower_port),
                "FLOWER_BASIC_AUTH": f"{FLOWER_USER}:{values.flower_password}",
            },
        ),
        Child(
            "mail",
            (*MODULE, "deploy.local.smtp_sink", *sink),
            stage=BYSTANDERS,
            ready=lambda: accepts(choices.mail_port),
        ),
    )


def web_answers(port: int) -> bool:
    """Whether /healthz answers 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False  # not listening yet
    finally:
        connection.close()
