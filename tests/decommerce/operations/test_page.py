"""The page for operators tells of what there is, and of nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from prometheus_client import REGISTRY
from prometheus_client.registry import Collector

from decommerce.operations.exposition import SystemCollector
from decommerce.tenancy.isolation import RUNTIME, SCHEDULER
from decommerce.tenancy.retention import rules

pytestmark = pytest.mark.requirement("OPS-05")
BASE = Path(settings.BASE_DIR)
PAGE = (BASE / "docs" / "operations.md").read_text(encoding="utf-8")


def exposed(*collectors: Collector) -> set[str]:
    """The names under which Prometheus finds what is collected."""
    families = [family for collector in collectors for family in collector.collect()]
    ours = [family for family in families if family.name.startswith("decommerce_")]
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in ours}


def test_every_kind_that_is_kept_stands_there_with_its_days():
    kinds: dict[str, tuple[str, str]] = {}
    for names, days, least in re.findall(r"^\| (`[a-z_`, ]+`) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE):
        listed = re.findall(r"`(\w+)`", names)
        usual, at_least = (re.findall(r"\d+", text) for text in (days, least))
        for place, name in enumerate(listed):
            kinds[name] = (usual[min(place, len(usual) - 1)], at_least[min(place, len(at_least) - 1)])
    assert {name: kinds.get(name) for name in kinds} == {
        kept.rule.name: (str(kept.rule.usual), str(kept.rule.least)) for kept in rules()
    }


def test_every_setting_of_the_environment_stands_there_or_where_its_part_is_told_of():
    pages = PAGE + "".join((BASE / page).read_text("utf-8") for page in ("deploy/README.md", "docs/execution.md"))
    read: set[str] = set()
    for package in ("apps_engine", "chat", "decommerce", "mcp_gateway", "workers"):
        for source in (BASE / package).rglob("*.py"):
            read.update(re.findall(r'"(DECOMMERCE_[A-Z_]+)"', source.read_text("utf-8")))
    # What the demo sets for itself, and the second half of a name that is told in short.
    read -= {"DECOMMERCE_DEBUG", "DECOMMERCE_DEMO", "DECOMMERCE_MODEL_CALLS_AT_ONCE_PER_TENANT"}
    assert len(read) > 20
    assert {name for name in read if f"`{name}`" not in pages} == set()


def test_every_metric_stands_there_and_no_other():
    told = set(re.findall(r"decommerce_[a-z_]+", PAGE)) - {RUNTIME, SCHEDULER}
    assert exposed(REGISTRY, SystemCollector()) == told


def test_the_settings_for_prometheus_can_be_read():
    scrape, alerts = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
    assert scrape["scrape_configs"][0]["basic_auth"]["username"] == "operator"
    assert all(rule["alert"] and rule["expr"] for group in alerts["groups"] for rule in group["rules"])
