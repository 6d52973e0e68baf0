"""Rows of the CSV downloads. Times in the business's zone, amounts with two places, costs for staff alone."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from config.core.csv_text import text
from config.core.db import release_connection
from subscriptions.models import AITransaction
from subscriptions.selectors import catalogue, lines
from subscriptions.selectors.statement import Statement

BATCH = 1000
_LINE = (
    *("time", "what", "kind", "credits", "debt change", "balance"),
    *("request", "purchase", "refund", "entry"),
)
_USE = (
    *("time", "feature", "name", "status", "source", "error", "credits", "response ms"),
    *("member", "request"),
)
_COSTS = (
    *("model", "input tokens", "cached tokens", "output tokens", "reasoning tokens"),
    *("cost USD", "cost GHS", "revenue GHS"),
)


def statement_rows(statement: Statement) -> Iterator[list[Any]]:
    """Heading, opening balance, every entry oldest first, closing balance."""
    zone = ZoneInfo(statement.timezone)
    yield [f"{_LINE[0]} ({statement.timezone})", *_LINE[1:]]
    yield _balance_row(f"{statement.first} 00:00:00", "Opening balance", statement.opening_balance)
    after = statement.first_id - 1
    while batch := lines.lines(list(statement.entries().filter(pk__gt=after)[:BATCH])):
        release_connection()
        for line in batch:
            yield _entry_row(line, zone)
        after = batch[-1].entry.pk
    yield _balance_row(f"{statement.last} 23:59:59", "Closing balance", statement.closing_balance)


def _balance_row(moment: str, what: str, balance: Decimal) -> list[Any]:
    return [moment, what, "", "", "", _two(balance), *[""] * (len(_LINE) - 6)]


def _entry_row(line: lines.Line, zone: ZoneInfo) -> list[Any]:
    entry = line.entry
    return [
        f"{entry.created_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        text(line.description),
        entry.kind,
        _two(entry.amount),
        _two(entry.debt_change),
        _two(entry.balance_after),
        line.request_id or "",
        line.purchase_id or "",
        line.refund_id or "",
        entry.pk,
    ]


def use_rows(uses: Iterator[AITransaction], *, timezone: str, now: Any, costs: bool) -> Iterator[list[Any]]:
    """Heading, then each use. `costs`: what the provider took, for platform staff."""
    zone = ZoneInfo(timezone)
    names = {feature.slug: feature.name for feature in catalogue.features(now=now)}
    yield [f"{_USE[0]} ({timezone})", *_USE[1:], *(_COSTS if costs else ())]
    for use in uses:
        row: list[Any] = [
            f"{use.created_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            text(use.feature),
            text(names.get(use.feature, use.feature)),
            use.status,
            use.source,
            text(use.error_code),
            _two(use.credits_charged),
            use.response_time_ms,
            text(getattr(use, "email", None) or ""),
            use.request_id,
        ]
        if costs:
            row += [text(use.model), use.input_tokens, use.cached_tokens, use.output_tokens]
            row += [use.reasoning_tokens, f"{use.cost_usd:f}", f"{use.cost_ghs:f}", f"{use.revenue_ghs:f}"]
        yield row


def _two(amount: Decimal) -> str:
    return f"{amount:.2f}"
