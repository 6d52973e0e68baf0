"""Phone numbers in the one form we store: E.164."""

import phonenumbers

HOME = "GH"


def to_e164(text: str) -> str:
    """`0551234987` or `+233 55 123 4987` as `+233551234987`. Raises ValueError for anything else."""
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        raise ValueError(f"{text!r} is not a phone number") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"{text!r} is not a valid phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
