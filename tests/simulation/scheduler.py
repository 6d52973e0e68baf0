"""Everything that happens by itself, once, as of a moment. In the order of config/settings/schedule.py."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from config.core.errors import DomainError
from payments.services import charges, dispute_answers, disputes, schedule, webhooks
from payments.services import refunds as payment_refunds
from subscriptions.models import AIMonthlyAddon
from subscriptions.services import addons, storefronts, sweeps


def run(now: datetime, *, before_charge: Callable[[UUID | None], None]) -> None:
    """Scheduler and worker together: what is due is claimed, then done.

    `before_charge` is called with the id of the business whose card may be charged next for its
    add-on, and with None before those for plans.
    """
    _all(webhooks.claim_due, lambda id: webhooks.process(event_id=id, now=now), now)
    sweeps.release_stale_holds(now=now)
    addons.finish_roll_overs(now=now)
    before_charge(None)
    for plan_id in storefronts.due(now=now):
        with suppress(DomainError):
            storefronts.advance(plan_id=plan_id, now=now)
    for addon_id in addons.due(now=now):
        before_charge(AIMonthlyAddon.objects.values_list("business_id", flat=True).get(pk=addon_id))
        with suppress(DomainError):
            addons.advance(addon_id=addon_id, now=now)
    sweeps.expire_credits(now=now)
    _all(schedule.claim_due, lambda id: charges.check(payment_id=id, now=now), now)
    _all(payment_refunds.claim_due, lambda id: payment_refunds.check(refund_id=id, now=now), now)
    disputes.warn_due(now=now)
    _all(disputes.claim_due, lambda id: dispute_answers.proceed(dispute_id=id, now=now), now)


def _all(claim: Callable[..., list[Any]], do: Callable[[Any], Any], now: datetime) -> None:
    while due := claim(now=now):
        for row_id in due:
            with suppress(DomainError):  # the row is due again
                do(row_id)
