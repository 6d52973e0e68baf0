from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, JSONObject

from config.core.errors import NotFound
from payments.models import REFERENCE, Payment, Refund, SavedCard, Settlement


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


def _refund(row: dict[str, Any]) -> dict[str, Any]:
    moments = {
        name: datetime.fromisoformat(row[name]) if row[name] else None
        for name in ("created_at", "finished_at")
    }
    return {**row, **moments, "amount_ghs": Decimal(row["amount_ghs"])}
