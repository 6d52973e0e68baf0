"""What a business bought: its orders, how each was paid, and the receipts."""

import re
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from config.core.errors import NotFound
from payments import selectors as payments
from subscriptions.errors import NotPaidYet
from subscriptions.models import AICreditPurchase, DocumentKind, Receipt

NUMBER = re.compile(r"(SK|CN)-[0-9]{4}-[0-9]{6,10}")


def purchases(*, business_id: UUID) -> QuerySet[AICreditPurchase]:
    """Each with `receipt_number` and its attempts; two queries a page."""
    receipt = Receipt.objects.filter(payment_id=OuterRef("paid_by_id"), kind=DocumentKind.RECEIPT)
    mine = AICreditPurchase.objects.filter(business_id=business_id)
    return (
        mine.annotate(receipt_number=Subquery(receipt.values("number")[:1]))
        .select_related("payment")
        .prefetch_related("payment__retries")
    )


def current_attempt(*, purchase: AICreditPurchase) -> Any:
    """The payment that paid, else the last one tried. No query on a row of `purchases`."""
    attempts = [purchase.payment, *purchase.payment.retries.all()]
    paid = [attempt for attempt in attempts if attempt.pk == purchase.paid_by_id]
    return paid[0] if paid else max(attempts, key=lambda attempt: attempt.pk)


def purchase(*, business_id: UUID, purchase_id: UUID) -> dict[str, Any]:
    """One order with every attempt to pay for it and what went back. Two queries. Raises NotFound."""
    documents = Receipt.objects.filter(payment_id=OuterRef("paid_by_id")).order_by("pk")
    shown = JSONObject(number="number", kind="kind", refund="refund_id")
    found = (
        AICreditPurchase.objects.filter(pk=purchase_id, business_id=business_id)
        .annotate(documents=ArraySubquery(documents.values(json=shown)))
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
    return {
        "purchase": found,
        "receipt": of_refund.get(None),
        "payment": paid[0] if paid else attempts[-1],
        "attempts": attempts,
        "refunds": refunds,
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
