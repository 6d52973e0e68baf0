from celery import shared_task
from django.utils import timezone

from ai_features.services import model_check, settling


@shared_task
def finish_answered_requests() -> None:
    settling.finish_answered(now=timezone.now())


@shared_task
def check_models() -> None:
    model_check.check_and_tell(now=timezone.now())
