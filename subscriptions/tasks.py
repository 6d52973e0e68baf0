from celery import shared_task
from django.utils import timezone

from .services import licence_sweeps, sweeps


@shared_task
def release_stale_holds() -> None:
    sweeps.release_stale_holds(now=timezone.now())


@shared_task
def expire_credits() -> None:
    sweeps.expire_credits(now=timezone.now())


@shared_task
def expire_licences() -> None:
    licence_sweeps.expire_licences(now=timezone.now())
