"""How a call ends: answered and charged, answered for free, or failed and free. Each end is stored.

A paid answer is stored before it is charged. Should the charge then fail, or the process die, the answer and
the open hold are both there: `settling.finish_answered` charges it, once, within the hold's lease.
"""

from contextlib import suppress
from decimal import ROUND_DOWN, Decimal
from typing import Any

import structlog
from django.db import DatabaseError, transaction

from ai_features import cache, costs
from ai_features.models import AIRequest
from ai_features.privacy.sanitise import restore_tree
from ai_features.services import last_good, ops_alerts
from ai_features.services.asking import Draft
from ai_features.services.call import Answer, Call, shape
from ai_features.services.question import Question
from config.core import money
from config.core.errors import DomainError
from subscriptions.ai_billing import AIBillingService
from subscriptions.types import Hold

log = structlog.get_logger("sika.ai")

Status, Source = AIRequest.Status, AIRequest.Source
_NEARLY_USED = 80  # per cent of a budget, from which on answers say so
_UNCONFIRMED = "The charge is being confirmed; the balance follows in a minute."


def settle(call: Call, question: Question, hold: Hold, draft: Draft, flags: list[str], key: str) -> Answer:
    """Stores the answer, charges what was delivered, gives the rest back. Returns the envelope.

    When the charge breaks, the answer is delivered all the same and charged by the sweeper. When the answer
    can't be stored, that is raised, and nothing is charged. Raises HoldReleased and KeyAlreadyCharged.
    """
    request = _store_answer(call, question, hold, draft, flags, key)
    if not draft.missing:
        _remember(call, draft, key)
    return _charge(call, request, draft)


def _store_answer(
    call: Call, question: Question, hold: Hold, draft: Draft, flags: list[str], key: str
) -> AIRequest:
    assert draft.usage is not None
    request = _row(
        call,
        question,
        status=Status.ANSWERED,
        source=Source.AI,
        sent=draft.sent,
        result=restore_tree(shape(question, draft.results), question.tokens),
        notice=_notice(call, draft),
        flags=flags,
        question_key=None if draft.missing else last_good.question_key(key, question.tokens),
        credits_charged=call.price.credits * draft.delivered,
        hold_id=hold.id,
        model=draft.usage.model,
        usage=costs.to_json(draft.usage),
        response_time_ms=call.elapsed_ms,
    )
    _store_or_release(request, draft)
    return request


def _charge(call: Call, request: AIRequest, draft: Draft) -> Answer:
    assert draft.usage is not None
    assert request.hold_id is not None
    try:
        charge = AIBillingService.capture(
            hold_id=request.hold_id,
            usage=draft.usage,
            response_time_ms=request.response_time_ms,
            credits=request.credits_charged,
            now=call.now,
        )
        AIRequest.objects.filter(pk=request.pk).update(
            status=Status.SUCCEEDED, transaction_id=charge.transaction_id, finished_at=call.now
        )
    except DomainError:
        raise
    except Exception:  # the answer is stored and will be charged, so it must be delivered whatever this is
        log.exception("charge postponed", request_id=str(call.id), hold_id=request.hold_id)
        return _envelope(call, request, balance=None, warning=False, notice=_UNCONFIRMED)
    return _envelope(
        call,
        request,
        balance=charge.new_balance,
        warning=charge.low_credit_warning,
        notice=" ".join(filter(None, [request.notice, _budget_notice(charge.budget_percent)])) or None,
    )


def _store_or_release(request: AIRequest, draft: Draft) -> None:
    try:
        request.save(force_insert=True)
    except DatabaseError:
        assert request.hold_id is not None
        with suppress(DatabaseError):  # if this fails as well, the end of the lease gives the credits back
            AIBillingService.release(
                hold_id=request.hold_id,
                error_code="not_stored",
                usage=draft.usage,
                response_time_ms=request.response_time_ms,
                now=request.finished_at,
            )
        raise


def give_cached(call: Call, question: Question, entry: cache.Entry) -> Answer:
    """The stored answer again, with this question's own names in it; free."""
    result = restore_tree(shape(question, list(entry.results)), question.tokens)
    answered = entry.answered_at.strftime("%Y-%m-%d %H:%M UTC")
    notice = (
        f"Answered before, on {answered} (request {entry.request_id}); free. Send fresh: true to ask again."
    )
    return _free(
        call, question, source=Source.CACHED, result=result, notice=notice, entry=entry, model=entry.model
    )


def give_local(call: Call, question: Question, results: list[dict[str, Any]]) -> Answer:
    """An answer that was computed here; free."""
    result = restore_tree(shape(question, list(results)), question.tokens)
    return _free(call, question, source=Source.LOCAL, result=result, notice="")


def _free(
    call: Call,
    question: Question,
    *,
    source: str,
    result: dict[str, Any],
    notice: str,
    entry: cache.Entry | None = None,
    model: str = "",
) -> Answer:
    response_time_ms = call.elapsed_ms
    transaction_id, balance = AIBillingService.log_free_transaction(
        **_who(call),
        source=source,
        repeats_request_id=entry.request_id if entry else None,
        response_time_ms=response_time_ms,
        now=call.now,
    )
    request = _row(
        call,
        question,
        status=Status.SUCCEEDED,
        source=source,
        result=result,
        notice=notice,
        model=model,
        transaction_id=transaction_id,
        response_time_ms=response_time_ms,
        repeats_id=entry.request_id if entry else None,
    )
    request.save(force_insert=True)
    return _envelope(call, request, balance=balance, warning=False, notice=notice or None)


def give_back(call: Call, question: Question, hold: Hold, error_code: str, draft: Draft | None) -> None:
    """The end of a call that failed after its hold: the credits go back, what the provider cost is booked."""
    usage = draft.usage if draft else None
    AIBillingService.release(
        hold_id=hold.id,
        error_code=error_code,
        usage=usage,
        response_time_ms=call.elapsed_ms,
        now=call.now,
    )
    _row(
        call,
        question,
        status=Status.FAILED,
        source=Source.AI,
        error_code=error_code,
        sent=draft.sent if draft else None,
        hold_id=hold.id,
        model=usage.model if usage else "",
        usage=costs.to_json(usage) if usage else None,
        response_time_ms=call.elapsed_ms,
    ).save(force_insert=True)


def log_refused(call: Call, question: Question, error: DomainError, flags: list[str]) -> None:
    """A call that failed before any hold. Nothing was reserved, nothing left."""
    transaction_id = AIBillingService.log_failed_transaction(
        **_who(call), error_code=error.code, response_time_ms=call.elapsed_ms, now=call.now
    )
    _row(
        call,
        question,
        status=Status.FAILED,
        source=Source.AI,
        error_code=error.code,
        flags=flags,
        transaction_id=transaction_id,
        response_time_ms=call.elapsed_ms,
    ).save(force_insert=True)


@transaction.atomic
def refuse_and_tell(call: Call, question: Question, error: DomainError) -> None:
    """As `log_refused`, with the operators' alert in the same transaction: neither without the other."""
    log_refused(call, question, error, [])
    ops_alerts.offer_refused(feature=call.price, error=error, now=call.now)


def _who(call: Call) -> dict[str, Any]:
    return {
        "business_id": call.caller.business_id,
        "membership_id": call.caller.membership_id,
        "user_id": call.caller.user_id,
        "feature": call.feature.slug,
        "request_id": call.id,
    }


def _row(call: Call, question: Question, **values: Any) -> AIRequest:
    return AIRequest(
        id=call.id,
        business_id=call.caller.business_id,
        membership_id=call.caller.membership_id,
        feature=call.feature.slug,
        prompt_version=call.feature.version,
        request_data=question.clean_data,
        idempotency_key=call.caller.idempotency_key,
        created_at=call.started_at,
        finished_at=call.now,
        **values,
    )


def _remember(call: Call, draft: Draft, key: str) -> None:
    results = [result for result in draft.results if result is not None]
    assert draft.usage is not None
    cache.store(key, cache.Entry(call.id, results, draft.usage.model, call.now))


def _notice(call: Call, draft: Draft) -> str:
    if not draft.missing:
        return ""
    back = money.credits(call.price.credits * len(draft.missing))
    return (
        f"{draft.delivered} of {len(draft.results)} delivered. The others did not pass our checks: "
        f"{back} credits were returned."
    )


def _budget_notice(percent: Decimal | None) -> str:
    if percent is None or percent < _NEARLY_USED:
        return ""
    used = percent.quantize(Decimal(1), ROUND_DOWN)
    return f"{used}% of this month's AI budget is used. An owner can raise it before paid answers stop."


def _envelope(
    call: Call, request: AIRequest, *, balance: Decimal | None, warning: bool, notice: str | None
) -> Answer:
    return Answer(
        id=call.id,
        feature=call.feature.slug,
        source=request.source,
        result=request.result,
        credits_charged=request.credits_charged,
        new_balance=balance,
        low_credit_warning=warning,
        model=request.model or None,
        response_time_ms=request.response_time_ms,
        notice=notice,
    )
