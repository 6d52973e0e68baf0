"""What signing up asks for besides e-mail and password."""

from django import forms
from django.http import HttpRequest

from config.core.phone import to_e164

from .models import User


class SignUpForm(forms.Form):
    """Joined by allauth to its own fields."""

    name = forms.CharField(max_length=120, required=False)
    phone = forms.CharField(max_length=40, required=False)

    def clean_phone(self) -> str:
        text = str(self.cleaned_data["phone"])
        if not text:
            return ""
        try:
            return to_e164(text)
        except ValueError:
            raise forms.ValidationError(
                "Enter a phone number such as 0551234987 or +233551234987.", code="invalid_phone"
            ) from None

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.phone = self.cleaned_data["phone"]
        user.save(update_fields=["name", "phone"])
