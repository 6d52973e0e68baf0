"""What the operators have to know of by themselves: stored once per cause and period.

A rate needs enough calls to be one: below the least number nothing is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.conf import settings

from config.core import money
from subscriptions.models import Alert
from subscriptions.selectors import operations

from . import alerts

_REFUSED_SHARE = Decimal("0.05")
_COST_SHARE = Decimal("0.8")
_ERROR_SHARE = Decimal("0.01")
_SLOW_MS = 500
_LEAST_CALLS = 100
_LEAST_ANSWERS = 20


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong, and the cause or period for which it is told once."""

    kind: str
    cause: str
    severity: str
    title: str
    text: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.cause}"

    def tell(self, now: datetime) -> None:
        alerts.raise_alert(
            business_id=None,
            kind=self.kind,
            key=self.key,
            severity=self.severity,
            title=self.title,
            text=self.text,
            link=f"{settings.PUBLIC_URL}/admin/",
            now=now,
        )


def watch(*, now: datetime, dry_run: bool = False) -> int:
    """Measures everything and tells what is wrong; returns how many were told, or would be."""
    found = [finding for look in _LOOKS if (finding := look(now)) is not None]
    new = [one for one in found if not Alert.objects.filter(key=one.key).exists()]
    if not dry_run:
        for finding in new:
            finding.tell(now)
    return len(new)


def tell_broken(*, rule: str, rows: Sequence[str], now: datetime) -> None:
    """Once a day for each rule of the books that does not hold."""
    Finding(
        kind="ledger_broken",
        cause=f"{_day(now)}:{rule}"[:140],
        severity="critical",
        title=f"The books are broken: {rule}"[:160],
        text="These rows break it:\n" + "\n".join(rows) + "\n\nRun manage.py audit_ledger. Correct by a new"
        " entry; never change one.",
    ).tell(now)


def _outage(now: datetime) -> Finding | None:
    found = operations.outage(now=now)
    if found is None:
        return None
    return Finding(
        kind="provider_down",
        cause=str(found.first_id),
        severity="critical",
        title="The model providers do not answer",
        text=f"{found.calls} calls in a row got no answer, since {found.since:%Y-%m-%d %H:%M} UTC. Nobody was"
        " charged. Look at the provider's status page and at our keys and credit there.",
    )


def _errors(now: datetime) -> Finding | None:
    calls, failed = operations.errors(now=now)
    if calls < _LEAST_CALLS or failed <= calls * _ERROR_SHARE:
        return None
    return Finding(
        kind="error_rate",
        cause=f"{now.astimezone(UTC):%Y-%m-%dT%H}",
        severity="critical",
        title=f"{_percent(failed, calls)}% of the AI calls of the last hour failed",
        text=f"{failed} of {calls} calls failed by our or a provider's fault. Nobody was charged. The admin's"
        " list of AI uses, filter error code, says how.",
    )


def _refused(now: datetime) -> Finding | None:
    active, refused = operations.refused(now=now)
    if not refused or refused <= active * _REFUSED_SHARE:
        return None
    return Finding(
        kind="quota_refusals",
        cause=_day(now),
        severity="warning",
        title=f"{_percent(refused, active)}% of today's users were refused by a quota",
        text=f"{refused} of {active} people who used AI today met a daily limit, a monthly limit or a budget."
        " Either the limits are too small, or somebody could be sold a larger plan.",
    )


def _cost(now: datetime) -> Finding | None:
    budget = settings.PLATFORM_MONTHLY_COST_BUDGET_USD
    if budget <= 0:
        return None
    allowed, spent = budget / 30, operations.cost_usd(now=now)
    if spent <= allowed * _COST_SHARE:
        return None
    return Finding(
        kind="cost_budget",
        cause=_day(now),
        severity="warning",
        title=f"Model providers cost USD {spent:.2f} today, {spent / allowed:.0%} of a day's share",
        text=f"The month's budget is USD {budget:.2f}, a thirtieth of it USD {allowed:.2f}. The admin's list"
        " of AI uses shows which businesses and features it went to.",
    )


def _slow(now: datetime) -> Finding | None:
    answers, p95 = operations.own_time_ms(now=now)
    if answers < _LEAST_ANSWERS or p95 <= _SLOW_MS:
        return None
    return Finding(
        kind="slow_queries",
        cause=_day(now),
        severity="warning",
        title=f"Answers without a provider take {p95} ms (p95)",
        text=f"Of {answers} cached and local answers of the last hour, 5% took {p95} ms or longer; it should"
        f" be at most {_SLOW_MS} ms. Look at the database's load and at slow statements.",
    )


_LOOKS: list[Callable[[datetime], Finding | None]] = [_outage, _errors, _refused, _cost, _slow]


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _percent(part: int, whole: int) -> str:
    return money.text((Decimal(part) * 100 / whole).quantize(Decimal("0.1")))
