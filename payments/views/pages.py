"""Pages for the payer, who is not signed in: the reference, 122 random bits, is what lets them in.

They show an amount and a masked phone, never whose shop it is. They work without JavaScript.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from rest_framework.serializers import Serializer

from config.core import rate_limit
from config.core.errors import DomainError, NotFound
from config.core.phone import masked
from payments import selectors
from payments.errors import UnclaimedPayment
from payments.models import Payment
from payments.serializers import CodeRequestSerializer, RetryRequestSerializer
from payments.services import charges, prompts, retries, settlement
from payments.types import Network, NextAction, PaymentMethod, PaymentStatus

from .payments import CODES, RETRIES

LOOKS = "240/minute"
ASKS = "12/minute"
_NOT_YET = "We have not seen the payment arrive yet. If you have approved it, it will be here in a moment."
_ACTIONS: dict[str, str] = {
    NextAction.APPROVE: "approve",
    NextAction.OTP: "code",
    NextAction.OPEN_URL: "open",
}
_log = structlog.get_logger("sika.payments")


@require_safe
@never_cache
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    def act(payment: Payment) -> HttpResponse:
        now = timezone.now()
        _poll(payment, now)
        payment.refresh_from_db()
        return _page(request, payment, now, retrying="retry" in request.GET)

    return _answer(request, reference, LOOKS, act)


@require_safe
@never_cache
def state(request: HttpRequest, reference: str) -> HttpResponse:
    """What the page's script asks every few seconds."""
    try:
        rate_limit.check(scope="payment-page", identity=reference, limit=LOOKS)
        payment, now = settlement.find(reference=reference), timezone.now()
        _poll(payment, now)
    except DomainError as error:
        body = {"code": error.code, "detail": error.detail}
        return JsonResponse(body, status=error.status_code, headers=dict(error.headers))
    shown = _shown(settlement.find(reference=reference), now)
    return JsonResponse({name: shown[name] for name in ("outcome", "shown", "seconds_left")})


@require_POST
@never_cache
def code(request: HttpRequest, reference: str) -> HttpResponse:
    def act(payment: Payment) -> HttpResponse:
        body = _valid(CodeRequestSerializer(data=request.POST.dict()))
        charges.submit_code(payment_id=payment.pk, otp=body["otp"], now=timezone.now())
        return redirect("pay", reference=reference)

    return _answer(request, reference, CODES, act, scope="payment-code")


@require_POST
@never_cache
def paid(request: HttpRequest, reference: str) -> HttpResponse:
    """The payer says so; the gateway is asked about every attempt at this order."""

    def act(payment: Payment) -> HttpResponse:
        now = timezone.now()
        found = settlement.verify_order(reference=reference, now=now)
        if found.status in settlement.PAID:
            return redirect("pay", reference=reference)
        payment.refresh_from_db()
        return _page(request, payment, now, notice=_NOT_YET)

    return _answer(request, reference, ASKS, act, scope="payment-asked")


@require_POST
@never_cache
def retry(request: HttpRequest, reference: str) -> HttpResponse:
    def act(payment: Payment) -> HttpResponse:
        way = _valid(RetryRequestSerializer(data=request.POST.dict()))
        again = retries.try_again(reference=reference, started_by_id=None, now=timezone.now(), **way)
        return redirect("pay", reference=again.reference)

    return _answer(request, reference, RETRIES, act, scope="payment-retry", retrying=True)


@require_safe
@never_cache
def return_page(request: HttpRequest) -> HttpResponse:
    """Where the checkout sends the browser. Arriving proves nothing, so it asks the gateway.

    It says paid, failed or waiting, never for whom or how much. A reference that does not exist is waiting,
    too.
    """
    reference = request.GET.get("reference") or request.GET.get("trxref") or ""
    try:
        status = settlement.verify(reference=reference, now=timezone.now()).status
    except (DomainError, OperationalError):
        status = PaymentStatus.PENDING
    except UnclaimedPayment:
        _log.exception("unclaimed_payment", reference=reference)
        status = PaymentStatus.PENDING
    outcomes: dict[str, str] = {PaymentStatus.FAILED: "failed", **dict.fromkeys(settlement.PAID, "paid")}
    outcome = outcomes.get(status, "waiting")
    again = reference if outcome == "failed" else ""
    response = render(request, "payments/return.html", {"outcome": outcome, "reference": again})
    response["Referrer-Policy"] = "no-referrer"
    return response


def _answer(
    request: HttpRequest,
    reference: str,
    limit: str,
    act: Callable[[Payment], HttpResponse],
    *,
    scope: str = "payment-page",
    retrying: bool = False,
) -> HttpResponse:
    """What `act` answers; a refusal is told on the page, which stays where it was."""
    try:
        payment = settlement.find(reference=reference)
    except NotFound:
        return render(request, "payments/pay.html", {"outcome": "unknown"}, status=404)
    identity = str(payment.order_id) if scope == "payment-retry" else reference
    try:
        rate_limit.check(scope=scope, identity=identity, limit=limit)
        return act(payment)
    except UnclaimedPayment:
        _log.exception("unclaimed_payment", reference=reference)
        return _page(request, payment, timezone.now(), notice=_NOT_YET)
    except DomainError as error:
        payment.refresh_from_db()
        page = _page(request, payment, timezone.now(), problem=_words(error), retrying=retrying)
        page.status_code = error.status_code
        return page


class _Invalid(DomainError):
    code = "validation_error"


def _valid(body: Serializer[Any]) -> Any:
    if not body.is_valid():
        raise _Invalid(" ".join(str(text) for texts in body.errors.values() for text in texts))
    return body.validated_data


def _words(error: DomainError) -> str:
    if "expires_at" in error.data:
        seconds = (datetime.fromisoformat(error.data["expires_at"]) - timezone.now()).total_seconds()
        return f"{error.detail} It is over in {max(1, round(seconds))} seconds."
    return error.detail


def _poll(payment: Payment, now: datetime) -> None:
    """The page is shown whatever comes of it."""
    try:
        charges.poll(payment=payment, now=now)
    except (DomainError, OperationalError):
        pass
    except UnclaimedPayment:
        _log.exception("unclaimed_payment", reference=payment.reference)


def _page(request: HttpRequest, payment: Payment, now: datetime, **extra: Any) -> HttpResponse:
    values = _shown(payment, now) | {
        "payment": payment,
        "phone": masked(payment.phone),
        "back_url": _back_url(payment),
        "networks": sorted(Network.choices, key=lambda choice: choice[0] == payment.network),  # tried: last
        "page_offered": PaymentMethod.PAYSTACK in settings.PAYMENT_METHODS,
    }
    return render(request, "payments/pay.html", values | extra)


def _shown(payment: Payment, now: datetime) -> dict[str, Any]:
    """The state of the page; the script loads it again when `shown` is another."""
    outcome = _outcome(payment, now)
    left = 0.0
    if outcome in ("approve", "code", "wait") and payment.prompt_expires_at is not None:
        left = max(0.0, (payment.prompt_expires_at - now).total_seconds())
    return {
        "outcome": outcome,
        "shown": f"{outcome} {payment.display_text}",
        "seconds_left": round(left),
        "clock": f"{round(left) // 60}:{round(left) % 60:02}",
        "ring_gone": round(100 - 100 * left / prompts.LIFE.total_seconds()),
    }


def _outcome(payment: Payment, now: datetime) -> str:
    if payment.status in settlement.PAID:
        return "twice" if payment.unapplied else "paid"
    if any(one.status in settlement.PAID for one in selectors.attempts(payment)):
        return "paid"
    if payment.status == PaymentStatus.REVIEW:
        return "review"
    is_late = payment.prompt_expires_at is not None and now >= payment.prompt_expires_at
    if payment.status == PaymentStatus.FAILED:
        return "timed_out" if payment.gateway_response == settlement.UNANSWERED else "failed"
    if is_late:
        return "timed_out"
    return _ACTIONS.get(payment.next_action, "wait")


def _back_url(payment: Payment) -> str:
    """Where the shop wants its payer back; "" unless it is an ordinary web address."""
    parts = urlsplit(payment.callback_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("reference", payment.reference)]
    return parts._replace(query=urlencode(query)).geturl()
