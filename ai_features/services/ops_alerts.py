"""What the operators are told about models and prices: once a day and feature, or once for each date."""

from datetime import date, datetime
from typing import Any

from django.conf import settings

from ai_features.errors import MarginFloor, NoModel
from config.core.errors import DomainError
from subscriptions.errors import FxRateUnknown
from subscriptions.services import alerts


def offer_refused(*, feature: Any, error: DomainError, now: datetime) -> None:
    """A feature could not be offered at all. `feature` is its row of the catalogue. Joins the transaction."""
    kind, what, advice = _words(error, feature)
    alerts.raise_alert(
        business_id=None,
        kind=kind,
        key=f"{error.code}:{feature.slug}:{now.date()}",
        severity="critical",
        title=f"{feature.name} is refused: {what}",
        text=f"{advice} Until then calls get 503 {error.code}; nothing is charged.",
        data={"feature": feature.slug, "model_class": feature.model_class},
        now=now,
    )


def model_ends(*, slug: str, shutdown_on: date, routes: list[str], now: datetime) -> bool:
    """Once for each model and date before it ends, and once after it; True when it was not told before."""
    ended = now.date() > shutdown_on
    where = ", ".join(f"'{route}'" for route in routes)
    alert = alerts.raise_alert(
        business_id=None,
        kind="model_shutdown",
        key=f"model_{'ended' if ended else 'shutdown'}:{slug}:{shutdown_on}",
        severity="critical" if ended else "warning",
        title=f"{slug} {'ended' if ended else 'ends'} on {shutdown_on}",
        text=(
            f"It is in the route {where}, and skipped {'now' if ended else 'from the day after'}. "
            "Put another model there (admin or catalogue file)."
        ),
        data={"model": slug, "shutdown_on": str(shutdown_on), "routes": routes},
        now=now,
    )
    return alert is not None


def unusable(*, about: str, kind: str, problem: str, now: datetime) -> bool:
    """Once a day for each model or provider; True when it was not told before."""
    alert = alerts.raise_alert(
        business_id=None,
        kind=kind,
        key=f"{kind}:{about}:{now.date()}",
        severity="critical",
        title=f"{about} can't be used"[:160],
        text=f"It is in a route, but {problem}. Calls may fail, or cost more than they need to.",
        data={"about": about},
        now=now,
    )
    return alert is not None


def _words(error: DomainError, feature: Any) -> tuple[str, str, str]:
    """Kind, what is wrong, and what to do."""
    if isinstance(error, MarginFloor):
        return "margin_floor", "margin below the floor", _of_margin(error, feature)
    if isinstance(error, NoModel):
        return (
            "model_shutdown",
            "its models have ended",
            f"Put a model that is in service first in the route '{feature.model_class}' "
            "(admin or catalogue file).",
        )
    if isinstance(error, FxRateUnknown):
        return "fx_stale", "no exchange rate", "Run `manage.py set_fx_rate USD <cedis>`."
    return (
        "margin_floor",
        "no model with a known price",
        f"Give the models of the route '{feature.model_class}' a price (admin or catalogue file).",
    )


def _of_margin(error: MarginFloor, feature: Any) -> str:
    return (
        f"Even its cheapest model could cost GHS {error.lowest_cost_ghs:.4f} for a call that brings in "
        f"GHS {error.revenue_ghs:.4f}; {settings.MARGIN_FLOOR:.0%} must be left. `manage.py check_models "
        f"--margins` shows every feature. Add a cheaper model to the route '{feature.model_class}', lower "
        "the feature's output cap, or raise its price."
    )
