"""A tenant: one community with its shop, its team and its apps."""

from __future__ import annotations

from django.db import models


class Tenant(models.Model):
    """One customer of the platform. The table is global: the runtime may read it, not write it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
