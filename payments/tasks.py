from celery import shared_task
from django.utils import timezone

from payments.services import cards, charges, schedule, webhooks


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
def forget_card(card_id: int) -> None:
    cards.forget(card_id=card_id, now=timezone.now())


@shared_task
def sweep_cards() -> None:
    for card_id in cards.to_forget(now=timezone.now()):
        forget_card.delay(card_id)
