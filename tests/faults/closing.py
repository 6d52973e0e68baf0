"""Closing time: all that happens by itself, without another word from the gateway; then the account."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from payments.services import charges, dispute_answers, disputes, reconciliation, refunds, schedule, webhooks
from tests.books import audit

from . import accounts

if TYPE_CHECKING:
    from .market import Market


def close(day: "Market") -> None:
    """The sweeps run for a day and some hours; in between the banks decide; the lists are compared."""
    day.gateway.press("script", faults=[], tamper={}, lose_webhooks=True, refunds_end="processed")
    day.now += timedelta(hours=25)
    while due := schedule.claim_due(now=day.now):
        for payment_id in due:
            charges.check(payment_id=payment_id, now=day.now)
    while day.disputes:
        day.decide()
    for number, row in day.gateway.refunds(day.paid).items():
        if row["status"] not in ("processed", "failed"):
            end = day.random.choice(["processed", "processed", "failed"])
            day.gateway.press(f"refund/{number}", status=end)
    for _ in range(webhooks.MAX_UNCONFIRMED + 1):
        day.now += timedelta(hours=1)
        for event_id in webhooks.claim_due(now=day.now):
            webhooks.process(event_id=event_id, now=day.now)
        for refund_id in refunds.claim_due(now=day.now):
            refunds.check(refund_id=refund_id, now=day.now)
        for dispute_id in disputes.claim_due(now=day.now):
            dispute_answers.proceed(dispute_id=dispute_id, now=day.now)
    reconciliation.run(
        gateway="paystack",
        since=day.opened_at - timedelta(seconds=1),
        until=timezone.now() + timedelta(seconds=1),
        dry_run=False,
        now=day.now,
    )
    day.nothing_is_credited_that_was_not_paid()
    accounts.every_success_is_accounted_for(day)
    accounts.credits_have_followed_money(day)
    audit()
