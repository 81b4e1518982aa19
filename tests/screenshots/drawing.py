"""A demo community at work, and its pages as a browser draws them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Browser, Page, sync_playwright

from apps_engine.services.execute import execute
from apps_engine.services.runs import run_app
from apps_engine.services.starters import create_app_from
from apps_engine.store.claims import claim
from apps_engine.store.models import App, Execution
from decommerce.community.demo.credentials import TenantCredentials
from decommerce.community.demo.tenants import set_up_tenant
from decommerce.community.demo.trail_club import TRAIL_CLUB
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.middleware import principal_of
from decommerce.tenancy.models import Tenant, User
from tests.web_server import web_server

CHROMIUM = "/usr/bin/chromium"
STARTERS = ("weekly-digest", "low-quality-post-detector", "bill-split", "welcome-series", "auto-welcome")
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 360, "height": 740}


@dataclass(frozen=True)
class Shot:
    """A picture: its name, the page, and how it is looked at."""

    name: str
    address: str
    phone: bool = False
    dark: bool = False


@dataclass(frozen=True)
class World:
    """What is drawn: the login, the numbers of two apps, and a run of the digest."""

    login: TenantCredentials
    bill: int
    digest: int
    run: int


def draw(environment: Mapping[str, str], folder: Path, names: Sequence[str]) -> None:
    """Draw the pages of those names, or all, into the folder."""
    world = _community()
    shots = [shot for shot in _shots(world) if not names or shot.name in names]
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as logs,
        web_server(environment, Path(logs) / "web.log") as web,
        sync_playwright() as driver,
    ):
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for shot in shots:
            page = _page(browser, web.url, world.login, shot)
            page.goto(shot.address)
            page.screenshot(path=folder / f"{shot.name}.png", full_page=True)
            page.context.close()
            print(f"docs/screenshots/{shot.name}.png")
        browser.close()


def _shots(world: World) -> list[Shot]:
    return [
        Shot("home", "/home/"),
        Shot("home-dark-phone", "/home/", phone=True, dark=True),
        Shot("apps", "/apps/"),
        Shot("app", f"/apps/{world.digest}/"),
        Shot("app-dark-phone", f"/apps/{world.digest}/", phone=True, dark=True),
        Shot("run", f"/runs/{world.run}/"),
        Shot("run-by-hand", f"/apps/{world.bill}/run/"),
        Shot("editor", f"/apps/{world.digest}/edit/"),
        Shot("ready-made", "/starters/"),
        Shot("team", "/team/"),
        Shot("audit", "/audit/"),
        Shot("keys-phone", "/keys/", phone=True),
    ]


def _community() -> World:
    """A community whose apps have been running for two weeks."""
    login = set_up_tenant(TRAIL_CLUB, TenantCredentials(TRAIL_CLUB.slug, TRAIL_CLUB.name), lambda line: None)
    tenant = Tenant.objects.get(slug=TRAIL_CLUB.slug)
    person = principal_of(User.objects.get(email=login.admin_email), tenant.pk)
    with tenant_scope(tenant.pk):
        apps = {slug: create_app_from(person, slug).pk for slug in STARTERS}
    runs = [_run(person, tenant, apps["bill-split"]) for _ in range(12)]
    runs += [_run(person, tenant, apps["weekly-digest"]) for _ in range(3)]
    with tenant_scope(tenant.pk):
        for number, run in enumerate(runs):
            then = timezone.now() - timedelta(days=number % 9 * 1.5, minutes=7 * number)
            Execution.objects.filter(pk=run).update(created_at=then)
        lost = {"code": "model_busy", "message": "The AI model was busy.", "hint": "Retry it.", "path": "main/0"}
        Execution.objects.filter(pk__in=runs[3:5]).update(state="failed", error=lost)
        App.objects.filter(pk=apps["bill-split"]).update(runs=12, errors=2, last_run_at=timezone.now())
    return World(login, apps["bill-split"], apps["weekly-digest"], runs[-1])


def _run(person, tenant, app_id: int) -> int:
    with tenant_scope(tenant.pk):
        run = run_app(person, app_id)
    for claimed in claim("screenshots", 1, [run.pk]):
        execute(claimed)
    return run.pk


def _page(browser: Browser, url: str, login: TenantCredentials, shot: Shot) -> Page:
    context = browser.new_context(
        base_url=url, viewport=PHONE if shot.phone else WIDE, color_scheme="dark" if shot.dark else "light"
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("E-mail address").fill(login.admin_email)
    page.get_by_label("Password").fill(login.admin_password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/chat/")
    return page
