"""Receipts and credit notes: numbered without gaps, issued in the transaction that moves the money."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from config.core import money
from subscriptions.models import AddonPeriod, AICreditPurchase, DocumentKind, Receipt, StorefrontPeriod
from subscriptions.selectors import catalogue

# One statement: whoever comes second waits for the first to commit, or gets its number when it is undone.
_NEXT = """
INSERT INTO subscriptions_receiptcounter AS counter (kind, year, last) VALUES (%s, %s, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = counter.last + 1
RETURNING last
"""

# What a credit note repeats of its receipt: it speaks of the same sale between the same two.
_COPIED = (
    *("business_id", "payment_id", "seller_name", "seller_tin", "seller_address", "customer_name"),
    *("customer_email", "description", "credits", "bonus_credits", "payment_method", "channel", "reference"),
)


def issue_for_purchase(*, purchase: AICreditPurchase, now: datetime) -> Receipt:
    """The receipt of a paid pack. Belongs at the end of the settling transaction.

    Locks the year's counter, the last lock of the order. A second one for the same payment is an
    IntegrityError: the caller holds the purchase and has looked.
    """
    return _issue(
        payment=purchase.paid_by,
        description=f"AI credits, {purchase.pack_name} pack",
        credits=purchase.credits,
        bonus_credits=purchase.bonus_credits,
        now=now,
    )


def issue_for_period(*, period: AddonPeriod, now: datetime) -> Receipt:
    """The receipt of a paid month of the add-on; otherwise as `issue_for_purchase`."""
    return _issue(
        payment=period.paid_by,
        description=f"Monthly AI add-on, {_days(period)}",
        credits=period.addon.credits,
        bonus_credits=money.ZERO,
        now=now,
    )


def issue_for_storefronts(*, period: StorefrontPeriod, now: datetime) -> Receipt:
    """The receipt of a month of the storefront plan, or of more storefronts in it; no credits were sold."""
    storefronts = period.storefronts
    what = f"{storefronts} storefront{'' if storefronts == 1 else 's'}"
    if period.added:
        what = f"from {storefronts - period.added} to {storefronts} storefronts"
    return _issue(
        payment=period.paid_by,
        description=f"Storefront plan, {what}, {_days(period)}",
        credits=money.ZERO,
        bonus_credits=money.ZERO,
        now=now,
    )


def _days(period: AddonPeriod | StorefrontPeriod) -> str:
    assert period.starts_at is not None and period.ends_at is not None
    # The end is not part of the month: its last day is the day before.
    last = period.ends_at - timedelta(microseconds=1)
    return f"{period.starts_at:%-d %b %Y} to {last:%-d %b %Y}"


def split(*, total_ghs: Decimal, rates: Sequence[Decimal]) -> tuple[Decimal, list[Decimal]]:
    """What a tax-inclusive total is made of: the net base, and the amount of each tax.

    All taxes are on the same base, and everything is rounded half up to the pesewa:

        net   = total ÷ (1 + Σ rates)
        tax_i = net × rate_i
        base  = total - Σ tax_i

    so the base carries what rounding leaves over (it differs from `net` by a pesewa or two at most), and base
    and taxes add up to the total exactly. VAT, NHIL and GETFund have shared one base since 2026-01-01.
    """
    net = money.ghs(total_ghs / (1 + sum(rates, Decimal(0))))
    taxes = [money.ghs(net * rate) for rate in rates]
    return total_ghs - sum(taxes, money.ZERO), taxes


def issue_credit_note(*, payment: Any, refund: Any, now: datetime) -> Receipt | None:
    """The credit note of money that went back; once for a refund, however often it is asked for.

    None where nothing was sold for the payment. The taxes are those of the receipt, whatever they are by now,
    and each note is the split of all that went back so far less that of the notes before it: once everything
    is back, the notes add up to the receipt, line by line. The caller holds the payment; locks the counter.
    """
    receipt = Receipt.objects.filter(payment_id=payment.pk, kind=DocumentKind.RECEIPT).first()
    if receipt is None:
        return None
    notes = list(receipt.credit_notes.all())
    for note in notes:
        if note.refund_id == refund.pk:
            return note
    before = sum((note.total_ghs for note in notes), money.ZERO)
    rates = [Decimal(tax["rate"]) for tax in receipt.taxes]
    old_base, old = split(total_ghs=before, rates=rates)
    base, new = split(total_ghs=before + refund.amount_ghs, rates=rates)
    amounts = [after - earlier for after, earlier in zip(new, old, strict=True)]
    copied = {name: getattr(receipt, name) for name in _COPIED}
    return Receipt.objects.create(
        **_next_number(DocumentKind.CREDIT_NOTE, now),
        **copied,
        corrects=receipt,
        refund=refund,
        base_ghs=base - old_base,
        taxes=[
            {**tax, "amount_ghs": f"{amount:f}"} for tax, amount in zip(receipt.taxes, amounts, strict=True)
        ],
        total_ghs=refund.amount_ghs,
        created_at=now,
    )


def _issue(
    *, payment: Any, description: str, credits: Decimal, bonus_credits: Decimal, now: datetime
) -> Receipt:
    rates = catalogue.tax_rates(now=now)
    base, amounts = split(total_ghs=payment.paid_ghs, rates=[tax.rate for tax in rates])
    taxes = [
        {"name": tax.name, "rate": f"{tax.rate:f}", "amount_ghs": f"{amount:f}"}
        for tax, amount in zip(rates, amounts, strict=True)
    ]
    return Receipt.objects.create(
        **_next_number(DocumentKind.RECEIPT, now),
        business_id=payment.business_id,
        payment=payment,
        seller_name=settings.SELLER_NAME,
        seller_tin=settings.SELLER_TIN,
        seller_address=settings.SELLER_ADDRESS,
        customer_name=payment.business.name,
        customer_email=payment.email,
        description=description,
        credits=credits,
        bonus_credits=bonus_credits,
        payment_method=payment.method,
        channel=payment.channel,
        reference=payment.reference,
        base_ghs=base,
        taxes=taxes,
        total_ghs=payment.paid_ghs,
        created_at=now,
    )


def _next_number(kind: DocumentKind, now: datetime) -> dict[str, Any]:
    """The year is the platform's (TIME_ZONE), like every date on the document."""
    year = timezone.localtime(now, timezone.get_default_timezone()).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [kind.value, year])
        (sequence,) = cursor.fetchone()
    number = f"{kind.value}-{year}-{sequence:06d}"
    return {"number": number, "kind": kind, "year": year, "sequence": sequence}
