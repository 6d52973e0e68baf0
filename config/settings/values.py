"""Variables that can't be just any text: read strictly, so that a slip is found at the start."""

from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def share(name: str, value: str) -> Decimal:
    """A share from 0 up to, but not, 1. Raises ImproperlyConfigured."""
    try:
        found = Decimal(value)
    except InvalidOperation:
        found = Decimal("NaN")
    if not (found.is_finite() and 0 <= found < 1):
        raise ImproperlyConfigured(f"{name} is a share such as 0.40 for 40%, from 0 to below 1; not {value}")
    return found


def at_least(least: int, name: str, value: str) -> int:
    """A whole number that is not too small. Raises ImproperlyConfigured."""
    if not (value.isascii() and value.isdecimal() and int(value) >= least):
        raise ImproperlyConfigured(f"{name} is a whole number of at least {least}; not {value}")
    return int(value)


def source(name: str, value: str) -> str:
    """An address to read from, or nothing. Who answers over HTTP can't be told, so only this machine may."""
    url = urlsplit(value)
    if value and url.scheme != "https" and (url.scheme, url.hostname) != ("http", "127.0.0.1"):
        raise ImproperlyConfigured(f"{name} must be an https:// address")
    return value


def pairs(name: str, value: str) -> dict[str, str]:
    """`a=x,b=y`, or nothing. Raises ImproperlyConfigured."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        key, equals, chosen = (piece.strip() for piece in part.partition("="))
        if not (key and equals and chosen) or key in found:
            raise ImproperlyConfigured(f"{name} is a list such as act_as=block,french=flag; not {value}")
        found[key] = chosen
    return found
