"""The platform admin's door: staff only, tries are counted, and a second step where it is required.

Named in INSTALLED_APPS in place of django.contrib.admin, so nothing here may import a model on loading.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

from config.core.client_ip import client_ip
from config.core.rate_limit import RateLimited, check

NO_SECOND_STEP = (
    "Staff must use an authenticator app. Ask an operator to run `manage.py enrol_totp` with your address."
)
_ABOUT_PEOPLE = {"account", "mfa", "usersessions"}


class AdminConfig(DjangoAdminConfig):
    default_site = "accounts.admin_site.AdminSite"


class AdminSite(UnfoldAdminSite):
    login_template = "accounts/admin_login.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.login_form = sign_in_form()

    def has_permission(self, request: HttpRequest) -> bool:
        # Also refuses a staff session that came about elsewhere, with a password alone.
        return super().has_permission(request) and (
            not settings.ADMIN_REQUIRE_MFA or bool(second_steps(request.user))
        )

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Allauth's tables about people stand with ours, under one heading."""
        apps = super().get_app_list(request, app_label)
        ours = next((app for app in apps if app["app_label"] == "accounts"), None)
        theirs = [app for app in apps if app["app_label"] in _ABOUT_PEOPLE]
        if ours is None:
            return apps
        ours["models"] = sorted(
            [*ours["models"], *(model for app in theirs for model in app["models"])],
            key=lambda model: model["name"].lower(),
        )
        return [app for app in apps if app not in theirs]


def second_steps(user: Any) -> list[Any]:
    """The user's authenticators that take a typed code."""
    from allauth.mfa.models import Authenticator

    kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    return list(Authenticator.objects.filter(user=user.pk, type__in=kinds))


def sign_in_form() -> type[forms.Form]:
    from unfold.forms import AuthenticationForm
    from unfold.widgets import UnfoldAdminTextInputWidget

    class SignInForm(AuthenticationForm):
        """E-mail, password, and the code of whoever has an authenticator."""

        code = forms.CharField(
            required=False,
            max_length=20,
            label="Code from your authenticator app",
            widget=UnfoldAdminTextInputWidget(
                attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}
            ),
        )

        def clean(self) -> Any:
            try:
                for identity in (client_ip(self.request), self.cleaned_data.get("username", "").lower()):
                    check(
                        scope="admin_sign_in", identity=identity, limit=settings.RATE_LIMITS["admin_sign_in"]
                    )
            except RateLimited as error:
                raise forms.ValidationError(error.detail, code=error.code) from None
            return super().clean()

        def confirm_login_allowed(self, user: Any) -> None:
            super().confirm_login_allowed(user)
            steps = second_steps(user)
            if not steps:
                if settings.ADMIN_REQUIRE_MFA:
                    raise forms.ValidationError(NO_SECOND_STEP, code="mfa_required")
                return
            code = self.cleaned_data.get("code", "")
            used = next((step for step in steps if code and step.wrap().validate_code(code)), None)
            if used is None:
                raise forms.ValidationError(
                    "Enter a current code of your authenticator app.", code="mfa_code"
                )
            used.record_usage()

    return SignInForm
