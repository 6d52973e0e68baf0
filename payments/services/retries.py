"""Another attempt at the same order: on another phone or network, or on the gateway's page."""

import contextlib
from datetime import datetime

from django.db import transaction

from payments import selectors
from payments.errors import GatewayUnavailable, PaymentClosed, TooManyAttempts
from payments.models import Payment
from payments.types import PaymentMethod, PaymentStatus

from . import locks, payments, settlement

MOST_ATTEMPTS = 10


def try_again(
    *,
    reference: str,
    method: str,
    phone: str = "",
    network: str = "",
    started_by_id: int | None,
    now: datetime,
) -> Payment:
    """Opens and starts a new attempt at what `reference` is for; the older ones still count if they are paid.

    Asks the gateway first, so that nobody pays again what has arrived. Network: call it outside any
    transaction; locks the first attempt. Raises NotFound, PaymentClosed when the order is paid or looked at,
    TooManyAttempts, PromptOpen and what `payments.start` raises.
    """
    with contextlib.suppress(GatewayUnavailable):  # then starting says so, too
        settlement.verify_order(reference=reference, now=now)
    again = _open(reference, method, phone, network, started_by_id, now)
    return payments.start(payment_id=again.pk, now=now)


@transaction.atomic(durable=True)
def _open(
    reference: str, method: str, phone: str, network: str, started_by_id: int | None, now: datetime
) -> Payment:
    first = locks.payment(payment_id=settlement.find(reference=reference).order_id)
    attempts = list(selectors.attempts(first))
    paid = (PaymentStatus.SUCCESSFUL, PaymentStatus.REFUNDED)
    if any(one.status in paid for one in attempts):
        raise PaymentClosed("This order is paid already. There is nothing more to pay.")
    if any(one.status == PaymentStatus.REVIEW for one in attempts):
        raise PaymentClosed("A payment for this order is being looked at. There is no need to pay again.")
    if len(attempts) >= MOST_ATTEMPTS:
        raise TooManyAttempts
    return payments.open_payment(
        business_id=first.business_id,
        purpose=first.purpose,
        amount_ghs=first.amount_ghs,
        email=first.email,
        started_by_id=started_by_id,
        callback_url=first.callback_url,
        method=method,
        phone=phone,
        network=network,
        save_card=first.save_card and method == PaymentMethod.PAYSTACK,
        first_attempt_id=first.pk,
        now=now,
    )
