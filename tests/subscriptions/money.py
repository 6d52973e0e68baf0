"""A purchase and the money that goes back for it: rows and signals, exactly as payments makes them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction

from accounts.models import Membership
from payments.models import Dispute, Payment, Refund
from payments.services import locks as payment_locks
from payments.signals import payment_disputed, payment_refunded, payment_succeeded
from subscriptions.models import AICreditPurchase, CreditGrant
from subscriptions.services import refunds

NOW = datetime(2126, 11, 21, 9, 0, tzinfo=UTC)  # in the future: the audit must not find leases that ended
D = Decimal


def pay(member: Membership, price: str = "80", *, unapplied: bool = False, now: datetime = NOW) -> Payment:
    return Payment.objects.create(
        business_id=member.business_id,
        purpose="credit_purchase",
        method="MOMO",
        gateway="paystack",
        gateway_domain="test",
        gateway_transaction_id=uuid4().hex,
        amount_ghs=D(price),
        paid_ghs=D(price),
        email="ama@shop.test",
        status="SUCCESSFUL",
        unapplied=unapplied,
        created_at=now,
        settled_at=now,
    )


class Sale:
    """A paid and granted purchase of `credits` for `price` cedis."""

    def __init__(
        self,
        member: Membership,
        credits: str = "100",
        price: str = "80",
        *,
        now: datetime = NOW,
        expires_at: datetime | None = None,
    ) -> None:
        self.member = member
        self.answers: Any = None  # what the receivers said to the last signal
        self.payment = pay(member, price, now=now)
        self.purchase = AICreditPurchase.objects.create(
            business_id=member.business_id,
            payment=self.payment,
            pack_type="VALUE",
            pack_name="Value",
            payment_method="MOMO",
            price_ghs=D(price),
            credits=D(credits),
            created_at=now,
        )
        with transaction.atomic():
            self.answers = payment_succeeded.send(Payment, payment=self.payment, now=now)
            self.purchase.refresh_from_db()
            # As an add-on's do.
            CreditGrant.objects.filter(key=f"purchase:{self.purchase.pk}").update(expires_at=expires_at)

    @property
    def grant(self) -> CreditGrant:
        assert self.purchase.grant_id is not None
        return CreditGrant.objects.get(pk=self.purchase.grant_id)

    @property
    def status(self) -> str:
        return AICreditPurchase.objects.get(pk=self.purchase.pk).status

    def request(self, *, now: datetime = NOW) -> refunds.Requested:
        return refunds.request(payment_id=self.payment.pk, reason="wrong pack", requested_by=1, now=now)

    def end(self, refund: Refund, status: str, *, now: datetime = NOW) -> None:
        """The gateway says PROCESSED or FAILED."""
        with transaction.atomic():
            payment = payment_locks.payment(payment_id=self.payment.pk)
            if status == "PROCESSED":
                payment.refunded_ghs += refund.amount_ghs
                if payment.refunded_ghs == payment.paid_ghs:
                    payment.status = "REFUNDED"
                payment.save()
            refund.status, refund.finished_at, refund.next_check_at = status, now, None
            refund.save()
            self.answers = payment_refunded.send(Payment, payment=payment, refund=refund, now=now)

    def refund_at_gateway(self, amount: str, *, now: datetime = NOW) -> Refund:
        """Made at its dashboard: nobody asked for it here."""
        made = Refund(
            payment=self.payment,
            amount_ghs=D(amount),
            reason="Made at the gateway.",
            gateway_refund_id=uuid4().hex,
            created_at=now,
        )
        self.end(made, "PROCESSED", now=now)
        return made

    def dispute(self, amount: str = "80", status: str = "OPEN", *, now: datetime = NOW) -> Dispute:
        """Opened; or, `status` being WON or LOST, the first that is heard of it is how it ended."""
        dispute = self.new_dispute(amount, now=now)
        self.decide(dispute, status, now=now)
        return dispute

    def new_dispute(self, amount: str, *, now: datetime = NOW) -> Dispute:
        """Not saved: nobody knows of it yet."""
        return Dispute(
            payment=self.payment,
            gateway_dispute_id=uuid4().hex,
            amount_ghs=D(amount),
            due_at=now,
            opened_at=now,
            next_check_at=now,
        )

    def decide(self, dispute: Dispute, status: str, *, now: datetime = NOW) -> None:
        with transaction.atomic():
            payment = payment_locks.payment(payment_id=self.payment.pk)
            dispute.status = status
            if status in ("WON", "LOST"):
                dispute.closed_at, dispute.next_check_at = now, None
            dispute.save()
            self.answers = payment_disputed.send(Payment, payment=payment, dispute=dispute, now=now)

    def tell_again(self, row: Dispute | Refund, *, now: datetime = NOW) -> None:
        """The same signal as when it happened."""
        with transaction.atomic():
            payment = payment_locks.payment(payment_id=self.payment.pk)
            if isinstance(row, Dispute):
                payment_disputed.send(Payment, payment=payment, dispute=row, now=now)
            else:
                payment_refunded.send(Payment, payment=payment, refund=row, now=now)
