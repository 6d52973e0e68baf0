from celery import shared_task
from django.utils import timezone

from .services import fx_source, rollups, sweeps


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
