from uuid import UUID

from celery import shared_task
from django.utils import timezone

from .services import (
    addons,
    deliveries,
    fx_source,
    licence_sweeps,
    operations,
    rollups,
    storefronts,
    sweeps,
    watching,
)


@shared_task
def release_stale_holds() -> None:
    sweeps.release_stale_holds(now=timezone.now())


@shared_task
def expire_credits() -> None:
    sweeps.expire_credits(now=timezone.now())


@shared_task
def refresh_fx_rate() -> None:
    fx_source.keep_fresh(now=timezone.now())


@shared_task
def roll_up_usage() -> None:
    rollups.roll_up_all(now=timezone.now())


@shared_task
def check_business(business_id: str) -> None:
    """Queued by what may have crossed a threshold. `sweep_alerts` finds one that was lost."""
    watching.check_business(business_id=UUID(business_id), now=timezone.now())


@shared_task
def deliver_alert(delivery_id: int) -> None:
    deliveries.deliver(delivery_id=delivery_id, now=timezone.now())


@shared_task
def sweep_alerts() -> None:
    now = timezone.now()
    watching.sweep(now=now)
    for delivery_id in deliveries.due(now=now - deliveries.GRACE):
        deliver_alert.delay(delivery_id)


@shared_task
def watch_businesses() -> None:
    now = timezone.now()
    watching.warn_of_expiry(now=now)
    watching.warn_of_spending(now=now)


@shared_task
def watch_operations() -> None:
    operations.watch(now=timezone.now())


@shared_task
def renew_addons() -> None:
    now = timezone.now()
    addons.finish_roll_overs(now=now)
    for addon_id in addons.due(now=now):
        renew_addon.delay(str(addon_id))


@shared_task
def renew_addon(addon_id: str) -> None:
    addons.advance(addon_id=UUID(addon_id), now=timezone.now())


@shared_task
def renew_storefront_plans() -> None:
    for plan_id in storefronts.due(now=timezone.now()):
        renew_storefront_plan.delay(str(plan_id))


@shared_task
def renew_storefront_plan(plan_id: str) -> None:
    storefronts.advance(plan_id=UUID(plan_id), now=timezone.now())


@shared_task
def expire_licences() -> None:
    licence_sweeps.expire_licences(now=timezone.now())
