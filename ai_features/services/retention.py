"""What was asked of the AI and answered is forgotten after ninety days; the books keep what it cost.

An answer that waits for its charge stays, and so do a person's decisions about suspicious texts.
"""

from datetime import datetime, timedelta

from django.conf import settings

from ai_features.models import AIJob, AIJobPart, AIRequest, InjectionFinding
from config.core.retention import Kind


def kinds(*, now: datetime) -> list[Kind]:
    oldest = now - timedelta(days=settings.AI_RETENTION_DAYS)
    ended = AIRequest.objects.exclude(status=AIRequest.Status.ANSWERED)
    return [
        Kind(
            name="parts of AI jobs",
            rows=lambda: AIJobPart.objects.filter(job__status__in=AIJob.ENDED, job__finished_at__lt=oldest),
        ),
        Kind(
            name="AI jobs",
            rows=lambda: AIJob.objects.filter(status__in=AIJob.ENDED, finished_at__lt=oldest, parts=None),
        ),
        Kind(name="AI requests", rows=lambda: ended.filter(finished_at__lt=oldest)),
        Kind(
            name="findings of suspicious texts",
            rows=lambda: InjectionFinding.objects.filter(created_at__lt=oldest),
        ),
    ]
