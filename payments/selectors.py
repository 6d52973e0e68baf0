from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    CharField,
    Count,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Cast, Coalesce, JSONObject

from config.core.errors import NotFound
from payments.models import REFERENCE, Dispute, Payment, Refund, SavedCard, Settlement
from payments.types import DisputeStatus, MoneyBack, PaymentStatus

_GHS = DecimalField(max_digits=14, decimal_places=2)
_UNDECIDED = (DisputeStatus.OPEN, DisputeStatus.ANSWERED)


def get_payment(*, reference: str, business_id: UUID) -> Payment:
    """The business's own payment. Raises NotFound for an unknown and for another's alike."""
    if not REFERENCE.fullmatch(reference):
        raise NotFound
    payment = Payment.objects.filter(reference=reference, business_id=business_id).first()
    if payment is None:
        raise NotFound
    return payment


def settlements(*, since: date) -> list[Settlement]:
    """Payouts of that day and later, the latest first."""
    return list(Settlement.objects.filter(settled_on__gte=since).order_by("-settled_on", "-pk"))


def attempts(payment: Payment) -> QuerySet[Payment]:
    """Every attempt at the same thing, this one among them; newest first."""
    order_id = payment.order_id
    return Payment.objects.filter(Q(pk=order_id) | Q(first_attempt_id=order_id)).order_by("-pk")


def saved_cards(*, business_id: UUID) -> QuerySet[SavedCard]:
    return SavedCard.objects.filter(business_id=business_id, removed_at=None)


def order_history(*, order_id: int) -> list[Any]:
    """Every payment for one thing, the first first. One query.

    Each has `refund_rows`, oldest first: id (text), amount_ghs, status, created_at, finished_at.
    """
    refunds = Refund.objects.filter(payment=OuterRef("pk")).order_by("created_at", "pk")
    shown = JSONObject(
        id=Cast("pk", CharField()),
        amount_ghs=Cast("amount_ghs", CharField()),  # as a JSON number it would come back as a float
        status="status",
        created_at="created_at",
        finished_at="finished_at",
    )
    found = Payment.objects.filter(Q(pk=order_id) | Q(first_attempt=order_id)).order_by("pk")
    rows = list(found.annotate(refund_rows=ArraySubquery(refunds.values(json=shown))))
    for payment in rows:
        payment.refund_rows = [_refund(row) for row in payment.refund_rows]
    return rows


def money_back(*, payment_id: int) -> MoneyBack:
    """One query. True to the end of the transaction for whoever has locked the payment."""
    return read_money_back(_money_back(payment_id).get())


def money_back_of(payment: str) -> Subquery:
    """A column for a queryset with a key `payment` to a payment: its MoneyBack, for `read_money_back`."""
    return Subquery(_money_back(OuterRef(payment)))


def read_money_back(row: dict[str, Any]) -> MoneyBack:
    amounts = {name: Decimal(row[name]) for name in ("paid_ghs", "left_ghs")}
    return MoneyBack(**{**row, **amounts, "status": PaymentStatus(row["status"])})


def _money_back(payment_id: Any) -> QuerySet[Payment, dict[str, Any]]:
    refunds = Refund.objects.filter(payment=OuterRef("pk"))
    disputes = Dispute.objects.filter(payment=OuterRef("pk"))
    counted = refunds.order_by().values("payment").annotate(all=Count("pk")).values("all")
    lost = disputes.filter(status=DisputeStatus.LOST).order_by().values("payment")
    lost_ghs = Subquery(lost.annotate(sum=Sum("amount_ghs")).values("sum"), output_field=_GHS)
    paid_ghs = Coalesce(F("paid_ghs"), Decimal(0), output_field=_GHS)
    left_ghs = paid_ghs - F("refunded_ghs") - Coalesce(lost_ghs, Decimal(0), output_field=_GHS)
    shown = JSONObject(
        status="status",
        paid_ghs=Cast(paid_ghs, CharField()),  # as JSON numbers they would come back as floats
        left_ghs=Cast(left_ghs, CharField()),
        under_way=Exists(refunds.filter(status__in=Refund.OPEN)),
        disputed=Exists(disputes.filter(status__in=_UNDECIDED)),
        refunds=Coalesce(Subquery(counted), 0, output_field=IntegerField()),
    )
    return Payment.objects.filter(pk=payment_id).values_list(shown, flat=True)


def _refund(row: dict[str, Any]) -> dict[str, Any]:
    moments = {
        name: datetime.fromisoformat(row[name]) if row[name] else None
        for name in ("created_at", "finished_at")
    }
    return {**row, **moments, "amount_ghs": Decimal(row["amount_ghs"])}
