"""Phone numbers in the two forms we store: E.164 for people, 0XXXXXXXXX for a wallet of ours."""

import re
from typing import Any

import phonenumbers
from rest_framework import serializers

HOME = "GH"
_TYPED = re.compile(r"\+?[0-9 ()./-]{9,24}")


def to_e164(text: str) -> str:
    """`0551234987` or `+233 55 123 4987` as `+233551234987`. Raises ValueError for anything else."""
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        raise ValueError(f"{text!r} is not a phone number") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"{text!r} is not a valid phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def to_local(text: str) -> str:
    """A mobile number of Ghana as `0551234987`, however it is written: 055…, +233…, 233…, with spaces.

    Raises ValueError for any other country's, for a fixed line and for what is no number.
    """
    typed = text.strip()
    if not _TYPED.fullmatch(typed):
        raise ValueError(f"{text!r} is not a phone number")
    e164 = to_e164(typed)
    number = phonenumbers.parse(e164, HOME)
    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not phonenumbers.is_valid_number_for_region(number, HOME) or (
        phonenumbers.number_type(number) not in mobile
    ):
        raise ValueError(f"{text!r} is not a mobile number of Ghana")
    return f"0{number.national_number}"


def masked(local: str) -> str:
    """`055•••4987`: enough for its owner to know it."""
    return f"{local[:3]}•••{local[-4:]}" if local else ""


class WalletPhoneField(serializers.CharField):
    """The number of a mobile-money wallet in Ghana; kept as 0XXXXXXXXX."""

    default_error_messages = {
        "phone": "Enter a mobile number of Ghana, such as 055 123 4987 or +233 55 123 4987."
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return to_local(text)
        except ValueError:
            self.fail("phone")
