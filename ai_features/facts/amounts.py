"""How computed figures are rounded, so that what is shown, sent and said is the same."""

from decimal import ROUND_HALF_UP, Decimal

_GHS, _TENTH = Decimal("0.01"), Decimal("0.1")


def ghs(amount: Decimal) -> Decimal:
    """To the pesewa, half up."""
    return amount.quantize(_GHS, ROUND_HALF_UP)


def tenth(value: Decimal) -> Decimal:
    """One decimal, half up."""
    return value.quantize(_TENTH, ROUND_HALF_UP)


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """With one decimal; 0 of nothing."""
    return tenth(part * 100 / whole) if whole else Decimal(0)


def in_text(amount: Decimal) -> str:
    """For people: 1,910 and 84.50."""
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{ghs(amount):,}"
