"""What someone who loads a catalogue should know, though it stops nothing."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from config.core.dated import Row

SHUTDOWN_WARNING = timedelta(days=30)
_THEIR_NAMES = {
    "input_usd": "input_mtok",
    "cached_input_usd": "cache_read_mtok",
    "output_usd": "output_mtok",
}


def notes(sections: Mapping[str, Mapping[str, Row]], *, now: datetime) -> Iterator[str]:
    """Models in use that end soon, and prices that the genai-prices package knows otherwise. No network."""
    in_use = {model for row in sections["model_routes"].values() for model in row.values["models_in_order"]}
    for slug, row in sections["ai_models"].items():
        ends = row.values["shutdown_on"]
        if slug in in_use and ends is not None and ends <= (now + SHUTDOWN_WARNING).date():
            yield f"[ai_models.{slug}] is in a route and ends on {ends}"
        theirs = _published(row.values["provider"], row.values["name"], now)
        for ours, name in _THEIR_NAMES.items():
            price = _base(getattr(theirs, name, None))
            if price is not None and price != row.values[ours]:
                yield f"[ai_models.{slug}] {ours} is {row.values[ours]}, but genai-prices says {price}"


def _published(provider_id: str, model: str, now: datetime) -> Any:
    """The package's prices for a model, or None where it knows neither company nor model."""
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, found = get_snapshot().find_provider_model(model, None, provider_id, None)
    except LookupError:
        return None
    return found.get_prices(now)


def _base(price: Any) -> Decimal | None:
    """USD per million tokens; of a price in steps, the first."""
    return getattr(price, "base", price)
