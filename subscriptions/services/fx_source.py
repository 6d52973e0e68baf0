"""The exchange rate from a source on the web, once a day; and what is told when it is old.

The source (`FX_SOURCE_URL`) answers GET with JSON in the common shape of such services, one unit of `base` in
other currencies: `{"base": "USD", "rates": {"GHS": 15.9}}`. `base_code` is as good as `base`. Its own date is
heeded where it tells one: `date` (ISO 8601), or `timestamp` or `time_last_update_unix` (seconds).
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from config.core import money
from config.core.db import release_connection
from config.core.errors import DomainError
from config.core.http import JsonClient
from subscriptions.errors import FxJump, FxSourceFailed, NoFxSource
from subscriptions.models import FxRate

from . import alerts, fx

CURRENCY = "USD"
STALE_AFTER = timedelta(days=7)
MAX_JUMP = Decimal("0.20")
_READ_SECONDS = 10

_log = structlog.get_logger("sika.fx")


def keep_fresh(*, now: datetime) -> None:
    """Fetches the rate where a source is configured, and warns of every rate that is old all the same."""
    if settings.FX_SOURCE_URL:
        try:
            refresh(now=now)
        except DomainError as error:
            _log.error("fx_rate_not_fetched", code=error.code, detail=error.detail)
    warn_of_stale(now=now)


def refresh(*, now: datetime, dry_run: bool = False) -> Decimal:
    """Puts the source's rate in force from `now` on; returns it. The same on the same day adds no row.

    Raises NoFxSource, ServiceUnavailable, FxSourceFailed (no answer that can be used), InvalidRate, and
    FxJump when the rate is more than a fifth away from the one in force: then the operators are told, and
    nothing else changes. No network inside a transaction.
    """
    release_connection()
    ghs = fetch(now=now)
    fx.check(currency=CURRENCY, ghs=ghs)
    before = FxRate.find(CURRENCY, now)
    if before is not None and abs(ghs - before.ghs) > before.ghs * MAX_JUMP:
        if not dry_run:
            _tell_of_jump(before, ghs, now)
        raise FxJump(
            f"The source says {_plain(ghs)} GHS, more than {MAX_JUMP:.0%} away from {_plain(before.ghs)}, "
            f"which stays in force. If it is right: manage.py set_fx_rate {CURRENCY} {_plain(ghs)}"
        )
    source = source_name()
    known = before is not None and (before.ghs, before.source, before.effective_from.date()) == (
        ghs,
        source,
        now.date(),
    )
    if not dry_run and not known:
        fx.set_rate(currency=CURRENCY, ghs=ghs, effective_from=now, source=source)
    return ghs


def fetch(*, now: datetime) -> Decimal:
    """Cedis for one dollar as the source tells it, six decimals. Raises NoFxSource, FxSourceFailed."""
    if not settings.FX_SOURCE_URL:
        raise NoFxSource
    url = urlsplit(settings.FX_SOURCE_URL)
    client = JsonClient(base_url=f"{url.scheme}://{url.netloc}", headers={}, read_seconds=_READ_SECONDS)
    try:
        reply = client.get(f"{url.path}?{url.query}" if url.query else url.path)
    finally:
        client.close()
    if reply.status != 200:
        raise FxSourceFailed(f"The exchange rate source answered with status {reply.status}.")
    return _read(reply.body, now)


def source_name() -> str:
    """The host alone: the rest of the address may hold a key."""
    return (urlsplit(settings.FX_SOURCE_URL).hostname or "")[:80]


def warn_of_stale(*, now: datetime) -> int:
    """An alert for each rate in force older than 7 days, once per rate and week; returns how many are new."""
    stale = [rate for rate in FxRate.in_force(now) if now - rate.effective_from > STALE_AFTER]
    return sum(_tell_of_stale(rate, now) for rate in stale)


def _read(body: Any, now: datetime) -> Decimal:
    base = body.get("base", body.get("base_code")) if isinstance(body, dict) else None
    rates = body.get("rates") if isinstance(body, dict) else None
    ghs = rates.get("GHS") if isinstance(rates, dict) else None
    if base != CURRENCY or isinstance(ghs, bool) or not isinstance(ghs, int | Decimal):
        raise FxSourceFailed(
            'The exchange rate source did not answer {"base": "USD", "rates": {"GHS": 15.9}}.'
        )
    told = _told_on(body)
    if told is not None and now.date() - told > STALE_AFTER:
        raise FxSourceFailed(f"The exchange rate source only has a rate of {told}.")
    return money.fx_rate(Decimal(ghs))


def _told_on(body: dict[str, Any]) -> date | None:
    """The day of the source's rate; None when it does not say."""
    seconds = body.get("timestamp", body.get("time_last_update_unix"))
    try:
        if isinstance(body.get("date"), str):
            return date.fromisoformat(body["date"][:10])
        return datetime.fromtimestamp(seconds, UTC).date() if isinstance(seconds, int) else None
    except (ValueError, OverflowError, OSError):
        raise FxSourceFailed("The exchange rate source tells a date that is none.") from None


def _tell_of_jump(before: FxRate, ghs: Decimal, now: datetime) -> None:
    alerts.raise_alert(
        business_id=None,
        kind="fx_stale",
        key=f"fx_jump:{before.currency}:{before.pk}:{now.date()}",
        severity="critical",
        title=f"An exchange rate was not taken over: {_plain(ghs)} GHS for 1 {before.currency}",
        text=(
            f"It is more than {MAX_JUMP:.0%} away from {_plain(before.ghs)}, which stays in force. If it is "
            f"right, run `manage.py set_fx_rate {before.currency} {_plain(ghs)}`."
        ),
        data={"currency": before.currency, "in_force": str(before.ghs), "refused": str(ghs)},
        now=now,
    )


def _tell_of_stale(rate: FxRate, now: datetime) -> bool:
    days = (now - rate.effective_from).days
    alert = alerts.raise_alert(
        business_id=None,
        kind="fx_stale",
        key=f"fx_stale:{rate.currency}:{rate.pk}:{days // 7}",
        severity="warning",
        title=f"The exchange rate of {rate.currency} is {days} days old",
        text=(
            f"1 {rate.currency} = {_plain(rate.ghs)} GHS since {rate.effective_from:%Y-%m-%d}. Costs and "
            f"margins are reckoned with it. Run `manage.py set_fx_rate {rate.currency} <cedis>`, or set "
            "FX_SOURCE_URL."
        ),
        data={"currency": rate.currency, "ghs": str(rate.ghs), "days": days},
        now=now,
    )
    return alert is not None


def _plain(ghs: Decimal) -> str:
    return f"{ghs.normalize():f}"
