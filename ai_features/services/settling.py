"""Confirms charges whose process died, or whose database was away, between the answer and its charge."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from ai_features import costs
from ai_features.models import AIRequest
from subscriptions.ai_billing import AIBillingService
from subscriptions.errors import HoldReleased, KeyAlreadyCharged

log = structlog.get_logger("sika.ai")

# Longer than a charge takes, much shorter than the lease of its hold.
_GRACE = timedelta(minutes=1)
_BATCH = 500


def finish_answered(*, now: datetime) -> int:
    """Charges every stored answer whose charge is not confirmed; returns how many were settled.

    Safe to run twice and beside a call that settles itself: a capture happens once, whoever asks for it.
    """
    waiting = AIRequest.objects.filter(
        status=AIRequest.Status.ANSWERED, finished_at__lte=now - _GRACE
    ).order_by("finished_at")
    return sum(_finish_or_leave(request, now) for request in waiting[:_BATCH])


def finish_request(*, request_id: UUID, now: datetime) -> bool:
    """Charges this stored answer if its charge is not confirmed; True when it was settled here."""
    waiting = AIRequest.objects.filter(pk=request_id, status=AIRequest.Status.ANSWERED).first()
    return waiting is not None and _finish(waiting, now)


def _finish_or_leave(request: AIRequest, now: datetime) -> bool:
    try:
        return _finish(request, now)
    except Exception:  # whatever is wrong with one must not keep the others uncharged
        log.exception("answer left for the next run", request_id=str(request.pk))
        return False


def _finish(request: AIRequest, now: datetime) -> bool:
    assert request.hold_id is not None
    assert request.usage is not None
    try:
        charge = AIBillingService.capture(
            hold_id=request.hold_id,
            usage=costs.from_json(request.usage),
            response_time_ms=request.response_time_ms,
            credits=request.credits_charged,
            now=now,
        )
    except (HoldReleased, KeyAlreadyCharged) as error:
        # The credits went back, or the same key was charged for a newer answer: this one stays free.
        log.warning("answer left uncharged", request_id=str(request.pk), reason=error.code)
        changes = {"status": AIRequest.Status.FAILED, "error_code": error.code, "credits_charged": 0}
    else:
        changes = {"status": AIRequest.Status.SUCCEEDED, "transaction_id": charge.transaction_id}
        changes["credits_charged"] = charge.credits_charged
    waiting = AIRequest.objects.filter(pk=request.pk, status=AIRequest.Status.ANSWERED)
    return waiting.update(**changes) > 0
