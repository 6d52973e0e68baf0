"""Payouts to our bank account, and every transaction for comparing."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog

from config.core import money
from config.core.http import JsonClient
from payments.providers.base import Report, SettlementReport

from . import listing
from .reading import cedis, day, report, text

_log = structlog.get_logger("sika.payments.paystack")


class Listings:
    _http: JsonClient

    def transactions(self, *, since: datetime, until: datetime) -> Iterator[Report]:
        return map(report, listing.cursor(self._http, "/transaction", _between(since, until)))

    def settlements(self, *, since: datetime, until: datetime) -> Iterator[SettlementReport]:
        for row in listing.pages(self._http, "/settlement", _between(since, until)):
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


def _between(since: datetime, until: datetime) -> dict[str, str]:
    return {"from": since.isoformat(), "to": until.isoformat()}
