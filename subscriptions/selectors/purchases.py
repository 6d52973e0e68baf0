"""What a business bought: its orders, how each was paid, and the receipts."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from config.core.errors import NotFound
from payments import selectors as payments
from subscriptions.errors import NotPaidYet
from subscriptions.models import AICreditPurchase, DocumentKind, Receipt

from . import account, refundable

NUMBER = re.compile(r"(SK|CN)-[0-9]{4}-[0-9]{6,10}")


def purchases(*, business_id: UUID, now: datetime) -> QuerySet[AICreditPurchase]:
    """Each with `receipt_number`, its attempts, and what `refundable` needs; two queries a page."""
    receipt = Receipt.objects.filter(payment_id=OuterRef("paid_by_id"), kind=DocumentKind.RECEIPT)
    mine = AICreditPurchase.objects.filter(business_id=business_id)
    return (
        mine.annotate(
            receipt_number=Subquery(receipt.values("number")[:1]), **_refund_facts(business_id, now)
        )
        .select_related("payment", "grant")
        .prefetch_related("payment__retries")
    )


def current_attempt(*, purchase: AICreditPurchase) -> Any:
    """The payment that paid, else the last one tried. No query on a row of `purchases`."""
    attempts = [purchase.payment, *purchase.payment.retries.all()]
    paid = [attempt for attempt in attempts if attempt.pk == purchase.paid_by_id]
    return paid[0] if paid else max(attempts, key=lambda attempt: attempt.pk)


def purchase(*, business_id: UUID, purchase_id: UUID, now: datetime) -> dict[str, Any]:
    """One order with every attempt to pay for it and what went back. Two queries. Raises NotFound."""
    documents = Receipt.objects.filter(payment_id=OuterRef("paid_by_id")).order_by("pk")
    shown = JSONObject(number="number", kind="kind", refund="refund_id")
    found = (
        AICreditPurchase.objects.filter(pk=purchase_id, business_id=business_id)
        .annotate(documents=ArraySubquery(documents.values(json=shown)), **_refund_facts(business_id, now))
        .select_related("grant")
        .first()
    )
    if found is None:
        raise NotFound
    attempts = payments.order_history(order_id=found.payment_id)
    of_refund = {one["refund"]: one["number"] for one in found.documents}
    refunds = [
        {**refund, "reference": attempt.reference, "credit_note": of_refund.get(refund["id"])}
        for attempt in attempts
        for refund in attempt.refund_rows
    ]
    paid = [attempt for attempt in attempts if attempt.pk == found.paid_by_id]
    refundable_ghs = refundable.for_owner_ghs(purchase=found)
    return {
        "purchase": found,
        "refundable": refundable_ghs > 0,
        "refundable_amount": refundable_ghs,
        "receipt": of_refund.get(None),
        "payment": paid[0] if paid else attempts[-1],
        "attempts": attempts,
        "refunds": refunds,
    }


def _refund_facts(business_id: UUID, now: datetime) -> dict[str, Any]:
    """For `refundable.for_owner_ghs`."""
    return {
        "asked_at": Value(now, output_field=DateTimeField()),
        "free": Subquery(account.available_of(business_id=business_id, now=now)),
        "money_back": payments.money_back_of("paid_by_id"),
    }


def receipts(*, business_id: UUID) -> QuerySet[Receipt]:
    return Receipt.objects.filter(business_id=business_id).select_related("corrects")


def receipt(*, business_id: UUID, number: str) -> Receipt:
    """Raises NotFound for an unknown and for another's alike."""
    found = receipts(business_id=business_id).filter(number=number) if NUMBER.fullmatch(number) else None
    document = found.first() if found is not None else None
    if document is None:
        raise NotFound
    return document


def receipt_of(*, business_id: UUID, purchase_id: UUID) -> Receipt:
    """The receipt of a purchase. Raises NotFound, NotPaidYet."""
    mine = AICreditPurchase.objects.filter(pk=purchase_id, business_id=business_id)
    document = (
        receipts(business_id=business_id)
        .filter(kind=DocumentKind.RECEIPT, payment__in=mine.values("paid_by"))
        .first()
    )
    if document is None:
        raise NotPaidYet if mine.exists() else NotFound
    return document
