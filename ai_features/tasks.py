from celery import shared_task
from django.utils import timezone

from ai_features.services import settling


@shared_task
def finish_answered_requests() -> None:
    settling.finish_answered(now=timezone.now())
