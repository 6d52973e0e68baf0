"""Payouts to our bank account."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog

from config.core import money
from payments.providers.base import SettlementReport

from . import listing
from .client import Client
from .reading import cedis, day, text

_log = structlog.get_logger("sika.payments.paystack")


class Settlements:
    _client: Client

    def settlements(self, *, since: datetime, until: datetime) -> Iterator[SettlementReport]:
        query = {"from": since.isoformat(), "to": until.isoformat()}
        for row in listing.by_page(self._client, "/settlement", query):
            found = read(row)
            if found is not None:
                yield found


def read(row: dict[str, Any]) -> SettlementReport | None:
    """None, and an error in the log, for a row that lacks its figures or is not in cedis."""
    settled_on, paid_out = day(row.get("settlement_date")), cedis(row.get("effective_amount"))
    total = cedis(row.get("total_processed"))
    if row.get("currency") != "GHS" or settled_on is None or paid_out is None or total is None:
        _log.error("settlement_unreadable", settlement=text(row.get("id"), 40))
        return None
    return SettlementReport(
        id=text(row.get("id"), 40),
        status=text(row.get("status"), 20),
        total_ghs=total,
        fees_ghs=cedis(row.get("total_fees")) or money.ZERO,
        deductions_ghs=cedis(row.get("deductions")) or money.ZERO,
        paid_out_ghs=paid_out,
        settled_on=settled_on,
    )
