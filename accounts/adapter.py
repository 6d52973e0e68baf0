"""Where allauth's mails differ from its own."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError

_LONGEST_EMAIL = 254


class AccountAdapter(DefaultAccountAdapter):
    """Takes addresses that a mail can be sent to.

    Signs mails with the product's name, not with the Host header of whoever asked for them.
    """

    def clean_email(self, email: str) -> str:
        """Raises ValidationError for what no column holds and for a domain that DNS can't be asked for."""
        domain = email.rpartition("@")[2]
        try:
            domain.encode("idna")
        except UnicodeError:
            raise ValidationError("Enter a valid email address.", code="invalid") from None
        if len(email) > _LONGEST_EMAIL:
            raise ValidationError(
                f"An email address has at most {_LONGEST_EMAIL} characters.", code="max_length"
            )
        return email

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = SimpleNamespace(name=settings.SITE_NAME, domain=urlsplit(settings.PUBLIC_URL).netloc)
        super().send_mail(template_prefix, email, {**context, "current_site": site})
