from uuid import UUID

from celery import shared_task
from django.utils import timezone

from .services import addons, storefronts, sweeps


@shared_task
def release_stale_holds() -> None:
    sweeps.release_stale_holds(now=timezone.now())


@shared_task
def expire_credits() -> None:
    sweeps.expire_credits(now=timezone.now())


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
