from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ai_features.services import jobs, model_check, settling


@shared_task
def finish_answered_requests() -> None:
    settling.finish_answered(now=timezone.now())


@shared_task
def check_models() -> None:
    model_check.check_and_tell(now=timezone.now())


@shared_task
def run_job(job_id: str) -> None:
    jobs.run(job_id=UUID(job_id), now=timezone.now())


@shared_task
def sweep_jobs() -> None:
    for job_id in jobs.claim_due(now=timezone.now()):
        run_job.delay(str(job_id))
