"""Who runs the platform."""

from __future__ import annotations

from django.db import models


class Operator(models.Model):
    """A person who may sign in to the operators' pages, whatever they are in any tenant.

    The runtime may read the table and not write it: no fault of a page makes anybody an operator.
    """

    user = models.OneToOneField("tenancy.User", on_delete=models.CASCADE, related_name="operator")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.user)
