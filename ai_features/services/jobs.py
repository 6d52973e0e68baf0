"""Jobs: many items of one feature in the background. Each part is one call through the gateway.

A part's Idempotency-Key is made of its job and its place, so that however often a part is begun, by however
many workers, it is charged once. What a killed worker leaves is taken up by the sweep.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from rest_framework import serializers

from accounts import access
from accounts.errors import BusinessInactive, RoleNotAllowed
from ai_features import tasks
from ai_features.features import FEATURES
from ai_features.features.base import Feature
from ai_features.models import AIJob, AIJobPart, AIRequest
from ai_features.services import caller, gateway
from config.core import json, secret_text
from config.core.errors import DomainError, NotFound
from config.core.exception_handler import as_domain_error
from subscriptions.ai_billing import AIBillingService
from subscriptions.selectors import catalogue

MAX_ITEMS = 50
# How long whoever took a job up has it to themselves: longer than the longest call.
LEASE = timedelta(minutes=3)
# One task works at most this long and then queues the rest: tasks have a hard limit.
WORK = timedelta(seconds=60)
MAX_ATTEMPTS = 5
# These will be over in a while, so the part waits; those of the first line not for ever. Others end the part.
_TRIED_AGAIN = {"provider_unavailable", "privacy_check_failed"}
_WAITED_FOR = {"request_in_progress", "busy", "rate_limited"}
# These hold for every part that is left, so none of those is tried.
_FOR_ALL = {"insufficient_credits", "daily_limit", "monthly_limit", "budget_exceeded", "addon_required"}
_FOR_ALL |= {BusinessInactive.code, RoleNotAllowed.code}

_log = structlog.get_logger("sika.ai.jobs")

Status, PartStatus = AIJob.Status, AIJobPart.Status


def create(*, business_id: UUID, membership_id: int, feature: Feature, items: Any, now: datetime) -> AIJob:
    """Keeps a job and queues it. Nothing is charged yet; each part reserves its own credits.

    Raises ValidationError with the place of every wrong item, InsufficientCreditsError when the credits there
    are now would not pay for all of it.
    """
    checked: serializers.ListSerializer = serializers.ListSerializer(
        data=items, child=feature.input_serializer(), allow_empty=False, max_length=MAX_ITEMS
    )
    if not checked.is_valid():
        raise serializers.ValidationError({"items": checked.errors})
    price = catalogue.feature(slug=feature.slug, now=now).credits
    AIBillingService.require_credits(business_id=business_id, credits=price * len(items), now=now)
    with transaction.atomic():
        job = AIJob.objects.create(
            business_id=business_id,
            membership_id=membership_id,
            feature=feature.slug,
            total=len(items),
            sealed_items=secret_text.seal(json.dumps(items)),
            next_attempt_at=now,
            created_at=now,
        )
        sizes = [len(part) for part in _parts(items, feature.max_items)]
        AIJobPart.objects.bulk_create(
            [AIJobPart(job=job, number=number, size=size) for number, size in enumerate(sizes)]
        )
        transaction.on_commit(lambda: tasks.run_job.delay(str(job.pk)), robust=True)
    return job


def claim_due(*, now: datetime) -> list[UUID]:
    """Jobs that wait for somebody: never begun, postponed, or left by a worker that died."""
    due = AIJob.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at")
    return list(due.values_list("pk", flat=True)[:500])


def run(*, job_id: UUID, now: datetime) -> AIJob:
    """Works on a job for a minute at most, and queues the rest. Nothing happens while another worker has it.

    Network, and no transaction around it. Safe to repeat at any point.
    """
    taken = AIJob.objects.filter(pk=job_id, next_attempt_at__lte=now)
    if not taken.update(status=Status.RUNNING, next_attempt_at=now + LEASE):
        return AIJob.objects.get(pk=job_id)
    job = AIJob.objects.get(pk=job_id)
    feature = FEATURES[job.feature]
    parts = list(_parts(json.loads(secret_text.unseal(job.sealed_items)), feature.max_items))
    for part in job.parts.filter(status=PartStatus.WAITING).order_by("number"):
        moment = timezone.now()
        if moment > now + WORK:
            return _postpone(job, until=moment)
        AIJob.objects.filter(pk=job_id).update(next_attempt_at=moment + LEASE)
        if AIJob.objects.filter(pk=job_id, cancel_requested_at__isnull=False).exists():
            break
        items = parts[part.number]
        body = items[0] if len(items) == 1 else {"items": items}
        pause = _answer(job, part, feature, body, moment)
        if pause is not None:
            return _postpone(job, until=moment + pause)
    return _end(job, now=timezone.now())


def cancel(*, job: AIJob, now: datetime) -> AIJob:
    """Nothing new is begun; what runs is finished and charged. Raises NotFound for one that has ended."""
    asked = AIJob.objects.filter(pk=job.pk, finished_at__isnull=True)
    if not asked.update(cancel_requested_at=now):
        raise NotFound("This job has ended; there is nothing to cancel.")
    if asked.filter(status=Status.QUEUED).update(next_attempt_at=now):
        return run(job_id=job.pk, now=now)  # nobody works on it, so this only ends it
    job.refresh_from_db()
    return job


def _answer(job: AIJob, part: AIJobPart, feature: Feature, body: Any, now: datetime) -> timedelta | None:
    """Has one part answered and notes the end of it; returns how long to wait when it has none yet."""
    earlier = _answered(job, part)
    try:
        request_id = earlier or gateway.run(feature=feature, data=body, caller=_caller(job, part), now=now).id
    except Exception as broken:  # whatever is wrong with one part must not keep the others
        refusal = as_domain_error(broken) or _broke(job, part)
        return _refused(job, part, refusal)
    AIJobPart.objects.filter(pk=part.pk).update(status=PartStatus.DONE, request_id=request_id)
    return None


def _broke(job: AIJob, part: AIJobPart) -> DomainError:
    _log.exception("job_part_broke", job=str(job.pk), part=part.number)
    return DomainError("Something went wrong on our side. Nothing was charged.")


def _answered(job: AIJob, part: AIJobPart) -> UUID | None:
    """The answer that a worker got before it died."""
    same_key = AIRequest.objects.filter(business_id=job.business_id, idempotency_key=part.key)
    return same_key.exclude(status="failed").values_list("pk", flat=True).first()


def _caller(job: AIJob, part: AIJobPart) -> caller.Caller:
    """As of now: whoever lost the role meanwhile gets no more answers. Raises RoleNotAllowed."""
    membership, role = access.current(membership_id=job.membership_id, now=timezone.now())
    return caller.from_membership(membership, role, idempotency_key=part.key)


def _refused(job: AIJob, part: AIJobPart, refusal: DomainError) -> timedelta | None:
    if refusal.code in _WAITED_FOR:
        return timedelta(seconds=min(refusal.data.get("retry_after") or 30, 300))
    if refusal.code in _TRIED_AGAIN and part.attempts + 1 < MAX_ATTEMPTS:
        AIJobPart.objects.filter(pk=part.pk).update(attempts=F("attempts") + 1)
        return timedelta(seconds=10 * 2**part.attempts)
    ended = job.parts.filter(status=PartStatus.WAITING)
    if refusal.code not in _FOR_ALL:
        ended = ended.filter(pk=part.pk)
    ended.update(status=PartStatus.FAILED, error_code=refusal.code[:60], error_detail=refusal.detail[:300])
    return None


def _postpone(job: AIJob, *, until: datetime) -> AIJob:
    AIJob.objects.filter(pk=job.pk).update(next_attempt_at=until, status=Status.QUEUED)
    if until <= timezone.now():
        tasks.run_job.delay(str(job.pk))
    job.refresh_from_db()
    return job


@transaction.atomic
def _end(job: AIJob, *, now: datetime) -> AIJob:
    """Ends a job of which no part waits any more, or that was cancelled."""
    job = AIJob.objects.select_for_update(no_key=True, of=("self",)).get(pk=job.pk)
    cancelled = job.parts.filter(status=PartStatus.WAITING).update(status=PartStatus.CANCELLED)
    job.status = Status.CANCELLED if cancelled else Status.DONE
    job.finished_at, job.next_attempt_at, job.sealed_items = now, None, ""
    job.save()
    return job


def _parts(items: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
