"""The one place where money and credits are rounded. Decimal only; the unit is in every name."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CREDIT = Decimal("0.01")
GHS = Decimal("0.01")
UNIT_VALUE = Decimal("0.000001")
USD = Decimal("0.00000001")
FX_RATE = Decimal("0.000001")
ZERO = Decimal(0)


def credits(value: Decimal) -> Decimal:
    """Credits with two places, half up."""
    return value.quantize(CREDIT, ROUND_HALF_UP)


def credits_down(value: Decimal) -> Decimal:
    """Credits with two places, down: for what is taken from a customer."""
    return value.quantize(CREDIT, ROUND_DOWN)


def ghs(value: Decimal) -> Decimal:
    """Cedis with two places (to the pesewa), half up."""
    return value.quantize(GHS, ROUND_HALF_UP)


def ghs_down(value: Decimal) -> Decimal:
    """Cedis with two places, down: for what is given back."""
    return value.quantize(GHS, ROUND_DOWN)


def text(value: Decimal) -> str:
    """For people: 100, 104.9, 0.25."""
    return f"{value.normalize():f}"


def unit_value_ghs(price_ghs: Decimal, credit_count: Decimal) -> Decimal:
    """Cedis one credit of a grant is worth: price paid ÷ credits, six places."""
    return (price_ghs / credit_count).quantize(UNIT_VALUE, ROUND_HALF_UP)


def usd(value: Decimal) -> Decimal:
    """US dollars with eight places: a model call costs a fraction of a cent."""
    return value.quantize(USD, ROUND_HALF_UP)


def fx_rate(value: Decimal) -> Decimal:
    """Cedis for one unit of a currency, six places, half up."""
    return value.quantize(FX_RATE, ROUND_HALF_UP)


def to_pesewas(amount_ghs: Decimal) -> int:
    """Cedis to whole pesewas. Raises ValueError when the amount has a fraction of a pesewa."""
    pesewas = amount_ghs * 100
    if pesewas != pesewas.to_integral_value():
        raise ValueError(f"{amount_ghs} is not a whole number of pesewas")
    return int(pesewas)


def from_pesewas(pesewas: int) -> Decimal:
    return (Decimal(pesewas) / 100).quantize(GHS)
