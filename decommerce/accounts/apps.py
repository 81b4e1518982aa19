"""Accounts at other services that people connected."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Connected accounts."""

    name = "decommerce.accounts"
    label = "accounts"
    verbose_name = "Connected accounts"
