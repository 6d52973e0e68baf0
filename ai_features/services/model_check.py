"""Looks at every model that a route names: its price, its last day, and whether its provider still has it."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ai_features import costs, providers
from ai_features.providers.base import ProviderFailed
from ai_features.services import margin, ops_alerts
from config.core.db import release_connection
from subscriptions.errors import PriceUnknown
from subscriptions.selectors import catalogue

WARN_BEFORE = timedelta(days=30)
_LISTING_SECONDS = 15


@dataclass
class Checked:
    """A model in a route. `price` is its row in force, None when it has none.

    `problem` keeps it from being used; `kind` is that of the alert for it.
    """

    slug: str
    routes: list[str]
    price: Any = None
    ends_soon: bool = False
    problem: str = ""
    kind: str = field(default="", repr=False)

    @property
    def state(self) -> str:
        return "error" if self.problem else "warning" if self.ends_soon else "ok"

    @property
    def shutdown_on(self) -> date | None:
        return self.price.shutdown_on if self.price is not None else None


def check(*, now: datetime, reach: bool) -> list[Checked]:
    """Every model of every route in force, in the routes' order. Writes nothing.

    `reach` asks each provider once for its list of models: that is free. No network inside a transaction.
    """
    found: dict[str, Checked] = {}
    for route in catalogue.model_routes(now=now):
        for slug in route.models_in_order:
            found.setdefault(slug, Checked(slug, [])).routes.append(route.slug)
    for model in found.values():
        _look_up(model, now)
    if reach:
        release_connection()
        _ask_providers(list(found.values()))
    return list(found.values())


def tell(models: list[Checked], *, now: datetime) -> int:
    """Alerts for what is wrong or ends soon, each once; returns how many are new."""
    new = 0
    for model in models:
        if model.shutdown_on is not None and (model.ends_soon or margin.has_ended(model.price, now)):
            new += ops_alerts.model_ends(
                slug=model.slug, shutdown_on=model.shutdown_on, routes=model.routes, now=now
            )
        elif model.problem:
            # A provider that is away is one cause, however many models it has.
            about = model.price.provider if model.kind == "provider_down" else model.slug
            new += ops_alerts.unusable(about=about, kind=model.kind, problem=model.problem, now=now)
    return new


def check_and_tell(*, now: datetime) -> int:
    """All of it, for the daily run."""
    return tell(check(now=now, reach=True), now=now)


def _look_up(model: Checked, now: datetime) -> None:
    try:
        model.price = catalogue.ai_model(slug=model.slug, now=now)
        costs.require_positive(model.price)
    except PriceUnknown:
        model.kind = "margin_floor"
        model.problem = "it has no price" if model.price is None else "its price is not above zero"
        return
    if model.shutdown_on is None:
        return
    if margin.has_ended(model.price, now):
        model.kind, model.problem = "model_shutdown", f"it ended on {model.shutdown_on}"
    else:
        model.ends_soon = model.shutdown_on <= (now + WARN_BEFORE).date()


def _ask_providers(models: list[Checked]) -> None:
    listings: dict[str, set[str] | str] = {}
    for model in models:
        if model.problem:
            continue
        name = model.price.provider
        if name not in listings:
            listings[name] = _listing(name)
        listing = listings[name]
        if isinstance(listing, str):
            model.kind, model.problem = "provider_down", f"its provider can't be asked ({listing})"
        elif model.price.name not in listing:
            model.kind, model.problem = "model_shutdown", "its provider does not list it"


def _listing(provider: str) -> set[str] | str:
    """The provider's models, or why there is no list."""
    try:
        return providers.find(provider).list_models(deadline=time.monotonic() + _LISTING_SECONDS)
    except ProviderFailed as failure:
        return failure.reason
