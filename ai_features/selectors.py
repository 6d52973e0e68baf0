"""What may be read about AI requests, always within one business."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from ai_features.models import AIJob, AIJobPart, AIRequest, FalsePositive, InjectionFinding
from config.core.errors import NotFound


def get_request(
    *, request_id: UUID, business_id: UUID, membership_id: int, features: frozenset[str]
) -> AIRequest:
    """One's own request, or a colleague's when one's role may use that feature.

    Raises NotFound for everything else, another business's request included.
    """
    visible = Q(membership_id=membership_id) | Q(feature__in=features)
    found = AIRequest.objects.filter(visible, pk=request_id, business_id=business_id).first()
    if found is None:
        raise NotFound
    return found


def jobs(*, business_id: UUID, membership_id: int) -> QuerySet[AIJob]:
    """One's own, with their parts and answers."""
    # Only what is shown of an answer: the prompts beside it can be long.
    unread = ("request__sent", "request__request_data", "request__usage")
    parts = AIJobPart.objects.select_related("request").defer(*unread).order_by("number")
    mine = AIJob.objects.filter(business_id=business_id, membership_id=membership_id)
    return mine.prefetch_related(Prefetch("parts", queryset=parts))


def get_job(*, job_id: UUID, business_id: UUID, membership_id: int) -> AIJob:
    """Raises NotFound."""
    found = jobs(business_id=business_id, membership_id=membership_id).filter(pk=job_id).first()
    if found is None:
        raise NotFound
    return found


def job_items(job: AIJob) -> list[dict[str, Any]]:
    """Every item in the order it was sent: how it stands, its result, or why there is none."""
    items: list[dict[str, Any]] = []
    for part in job.parts.all():
        answers = _answers(part)
        for answer in answers:
            items.append({"index": len(items), "request_id": part.request_id, **answer})
    return items


def job_charge(job: AIJob) -> Decimal:
    """Credits charged so far."""
    return sum((part.request.credits_charged for part in job.parts.all() if part.request), Decimal(0))


def _answers(part: AIJobPart) -> list[dict[str, Any]]:
    if part.request is None or part.request.result is None:
        gone = "no_longer_kept" if part.status == "done" else part.error_code
        answer = {"status": part.status, "result": None, "error": gone or None, "detail": part.error_detail}
        return [answer] * part.size
    result = part.request.result
    found = result["items"] if part.size > 1 else [{"result": result, "error": None}]
    return [
        {
            "status": "done" if one["result"] is not None else "failed",
            "result": one["result"],
            "error": one["error"],
            "detail": "",
        }
        for one in found
    ]


def injection_rates(*, since: datetime) -> list[dict[str, Any]]:
    """Per rule that found something: in how many calls, what was done, in how many it was marked as wrong."""
    marked = FalsePositive.objects.filter(
        business_id=OuterRef("business_id"), rule=OuterRef("rule"), text_hash=OuterRef("text_hash")
    )
    calls = Count("request_id", distinct=True)
    found = InjectionFinding.objects.filter(created_at__gte=since).annotate(is_marked=Exists(marked))
    rows = found.values("rule").annotate(
        calls=calls,
        blocked=Count("request_id", distinct=True, filter=Q(mode="block")),
        redacted=Count("request_id", distinct=True, filter=Q(mode="redact")),
        flagged=Count("request_id", distinct=True, filter=Q(mode="flag")),
        businesses=Count("business_id", distinct=True),
        wrong=Count("request_id", distinct=True, filter=Q(is_marked=True)),
    )
    return [
        {**row, "wrong_percent": round(Decimal(100 * row["wrong"]) / row["calls"], 1)}
        for row in rows.order_by("-calls", "rule")
    ]
