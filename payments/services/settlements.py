"""Payouts of a gateway to our bank account, as it lists them. Nothing is booked from them."""

from datetime import datetime, timedelta

from config.core.db import release_connection
from payments import providers
from payments.models import Settlement
from payments.providers.base import SettlementReport

LOOK_BACK = timedelta(days=10)  # until a payout that was pending has surely ended
_PAGE = 100
_FROM_THE_GATEWAY = [
    "status",
    "total_ghs",
    "fees_ghs",
    "deductions_ghs",
    "paid_out_ghs",
    "settled_on",
    "seen_at",
]


def sync(*, gateway: str, since: datetime, now: datetime) -> int:
    """Keeps every payout since then as it stands now, and returns how many there are. Safe to repeat.

    There are none in Paystack's test mode. Network: call it outside any transaction. Raises
    GatewayUnavailable (full pages that were read stay kept), and PaymentMethodUnavailable for a gateway that
    lists none.
    """
    door = providers.direct(gateway)
    release_connection()
    count, page = 0, []
    for report in door.settlements(since=since, until=now):
        page.append(report)
        if len(page) == _PAGE:
            count += _keep(gateway, page, now)
            page = []
    return count + _keep(gateway, page, now)


def _keep(gateway: str, reports: list[SettlementReport], now: datetime) -> int:
    rows = {
        report.id: Settlement(
            gateway=gateway,
            gateway_settlement_id=report.id,
            status=report.status,
            total_ghs=report.total_ghs,
            fees_ghs=report.fees_ghs,
            deductions_ghs=report.deductions_ghs,
            paid_out_ghs=report.paid_out_ghs,
            settled_on=report.settled_on,
            seen_at=now,
        )
        for report in reports
        if report.id
    }
    Settlement.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["gateway", "gateway_settlement_id"],
        update_fields=_FROM_THE_GATEWAY,
    )
    release_connection()
    return len(rows)
