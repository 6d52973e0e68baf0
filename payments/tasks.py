from celery import shared_task
from django.utils import timezone

from payments.services import schedule, settlement, webhooks


@shared_task
def process_webhook(event_id: int) -> None:
    webhooks.process(event_id=event_id, now=timezone.now())


@shared_task
def sweep_webhooks() -> None:
    for event_id in webhooks.claim_due(now=timezone.now()):
        process_webhook.delay(event_id)


@shared_task
def check_payment(payment_id: int) -> None:
    settlement.check(payment_id=payment_id, now=timezone.now())


@shared_task
def sweep_payments() -> None:
    for payment_id in schedule.claim_due(now=timezone.now()):
        check_payment.delay(payment_id)
