from uuid import UUID

from celery import shared_task
from django.utils import timezone

from .services import sweeps, watching


@shared_task
def release_stale_holds() -> None:
    sweeps.release_stale_holds(now=timezone.now())


@shared_task
def expire_credits() -> None:
    sweeps.expire_credits(now=timezone.now())


@shared_task
def check_business(business_id: str) -> None:
    """Queued by what may have crossed a threshold. The sweep finds one that was lost."""
    watching.check_business(business_id=UUID(business_id), now=timezone.now())
