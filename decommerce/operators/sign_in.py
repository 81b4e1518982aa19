"""Signing in to the operators' pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from chat.throttle import count_sign_in
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.operators import is_operator

LONGEST_PASSWORD = 1024
REFUSED = "The e-mail address and the password do not match an account of an operator."


class SignIn(AuthenticationForm):
    """One answer for every way to be wrong, and as many attempts as on the sign-in page, counted together."""

    error_messages = {"invalid_login": REFUSED, "inactive": REFUSED}

    def clean(self) -> dict[str, Any]:
        """The person in `user_cache`; raises ValidationError."""
        email = self.cleaned_data.get("username", "").strip().lower()
        try:
            count_sign_in(self.request.META.get("REMOTE_ADDR", ""), email)
        except PlatformError as error:
            raise ValidationError(f"{error.message} {error.hint}") from error
        # A hash takes as long as its password: a huge one is no password.
        if len(self.cleaned_data.get("password", "")) > LONGEST_PASSWORD:
            raise self.get_invalid_login_error()
        self.cleaned_data["username"] = email
        return super().clean()

    def confirm_login_allowed(self, user: Any) -> None:
        """Raises the same as for a wrong password."""
        if not is_operator(user):
            raise self.get_invalid_login_error()
