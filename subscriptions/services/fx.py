"""Exchange rates. Each AI transaction keeps the rate it used: a new rate changes nothing that was booked."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from subscriptions.errors import InvalidRate
from subscriptions.models import FxRate

PLACES = 6


def set_rate(*, currency: str, ghs: Decimal, effective_from: datetime, source: str) -> FxRate:
    """A new dated row: `ghs` cedis for one unit of `currency` from `effective_from` on.

    The same rate again is a new row too: it says that the rate was looked at. Raises InvalidRate for a rate
    that is not positive or has more than six decimals, and for a second rate from the same moment.
    """
    check(currency=currency, ghs=ghs)
    try:
        with transaction.atomic():
            return FxRate.objects.create(
                currency=currency, ghs=ghs, effective_from=effective_from, source=source
            )
    except IntegrityError:
        raise InvalidRate(
            f"There is a {currency} rate from {effective_from:%Y-%m-%d %H:%M:%S} already."
        ) from None


def check(*, currency: str, ghs: Decimal) -> None:
    """Raises InvalidRate for what `set_rate` would refuse."""
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise InvalidRate(f"'{currency}' is not a currency code such as USD.")
    if not ghs.is_finite() or not 0 < ghs < 1_000_000:
        raise InvalidRate("A rate is a number of cedis greater than 0 and below 1,000,000.")
    if ghs != round(ghs, PLACES):
        raise InvalidRate(f"A rate has at most {PLACES} decimals.")
