from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from payments import providers
from payments.services import (
    cards,
    charges,
    dispute_answers,
    disputes,
    reconciliation,
    refunds,
    schedule,
    settlements,
    webhooks,
)


@shared_task
def process_webhook(event_id: int) -> None:
    webhooks.process(event_id=event_id, now=timezone.now())


@shared_task
def sweep_webhooks() -> None:
    for event_id in webhooks.claim_due(now=timezone.now()):
        process_webhook.delay(event_id)


@shared_task
def check_payment(payment_id: int) -> None:
    charges.check(payment_id=payment_id, now=timezone.now())


@shared_task
def sweep_payments() -> None:
    for payment_id in schedule.claim_due(now=timezone.now()):
        check_payment.delay(payment_id)


@shared_task
def reconcile_payments() -> None:
    """The last three days, a task a day, so that each stays within a task's time."""
    until = timezone.now()
    for gateway in providers.configured():
        for days in (3, 2, 1):
            since = until - timedelta(days=days)
            reconcile_day.delay(gateway, since.isoformat())


@shared_task
def reconcile_day(gateway: str, since: str) -> None:
    start, now = datetime.fromisoformat(since), timezone.now()
    until = start + reconciliation.SLICE
    reconciliation.run(gateway=gateway, since=start, until=until, dry_run=False, now=now)


@shared_task
def sync_settlements() -> None:
    now = timezone.now()
    for gateway in providers.configured_direct():
        settlements.sync(gateway=gateway, since=now - settlements.LOOK_BACK, now=now)


@shared_task
def send_refund(refund_id: str) -> None:
    refunds.send(refund_id=UUID(refund_id), now=timezone.now())


@shared_task
def check_refund(refund_id: str) -> None:
    refunds.check(refund_id=UUID(refund_id), now=timezone.now())


@shared_task
def sweep_refunds() -> None:
    for refund_id in refunds.claim_due(now=timezone.now()):
        check_refund.delay(str(refund_id))


@shared_task
def check_dispute(dispute_id: int) -> None:
    dispute_answers.proceed(dispute_id=dispute_id, now=timezone.now())


@shared_task
def sweep_disputes() -> None:
    disputes.warn_due(now=timezone.now())
    for dispute_id in disputes.claim_due(now=timezone.now()):
        check_dispute.delay(dispute_id)


@shared_task
def forget_card(card_id: int) -> None:
    cards.forget(card_id=card_id, now=timezone.now())


@shared_task
def sweep_cards() -> None:
    for card_id in cards.to_forget(now=timezone.now()):
        forget_card.delay(card_id)
