"""Stripe Checkout, for cards from abroad. The one module that knows the `stripe` SDK.

A payment is a Checkout Session: our reference is its `client_reference_id` and its idempotency key, so asking
twice gives the same page. The session's id is the payment's `access_code`, its PaymentIntent the transaction.
Amounts are minor units of GHS. Cards are not kept here, so `save_card` changes nothing.
"""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
import stripe
import structlog

from config.core.http import CONNECT_SECONDS, READ_SECONDS, OutcomeUnknown, never_sent
from config.core.money import to_pesewas
from payments.errors import GatewayUnavailable, PaymentRejected
from payments.types import PaymentMethod

from . import stripe_objects as read
from .base import Checkout, DisputeReport, DuplicateReference, Event, GatewayState, RefundReport, Report

PREVIOUS_SECRET_LIFE = timedelta(hours=72)  # as long as Stripe repeats a delivery
TOLERANCE = timedelta(minutes=5)  # how old a signature may be
_READ_RETRIES = 2
_PAGE = 100
_DEFAULT_WAIT_SECONDS = 10  # after a 429 that names no time
_MAX_URL = 2000
_PARTS = ["payment_intent.latest_charge.balance_transaction"]
_DISPUTE_PARTS = ["payment_intent"]
_LISTED_PARTS = [f"data.{part}" for part in _PARTS]
_log = structlog.get_logger("sika.payments.stripe")

stripe.enable_telemetry = False  # it would tell them about this machine


class Stripe:
    name = "stripe"

    def __init__(
        self,
        *,
        base_url: str,
        secret_key: str,
        webhook_secret: str,
        previous_secret: str = "",
        secret_rotated_at: datetime | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.domain = "live" if secret_key.startswith(("sk_live_", "rk_live_")) else "test"
        self._webhook_secret = webhook_secret
        self._previous_secret = previous_secret
        self._secret_rotated_at = secret_rotated_at
        self._api = stripe.StripeClient(
            secret_key,
            base_addresses={"api": base_url.rstrip("/")},
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, read_seconds)),
            # Reads say otherwise. A write goes out once: its caller repeats it, with the same key.
            max_network_retries=0,
        ).v1

    def initialize(
        self,
        *,
        reference: str,
        amount_ghs: Decimal,
        email: str,
        method: PaymentMethod,
        purpose: str,
        callback_url: str,
        save_card: bool,
    ) -> Checkout:
        ours = {"reference": reference, "purpose": purpose}
        back = _with_reference(callback_url, reference)
        price: Any = {
            "currency": "ghs",
            "unit_amount": to_pesewas(amount_ghs),
            "product_data": {"name": purpose.replace("_", " ").capitalize()},
        }
        order: Any = {
            "mode": "payment",
            "client_reference_id": reference,
            "customer_email": email,
            "line_items": [{"quantity": 1, "price_data": price}],
            "metadata": ours,
            # Its charge carries these on, so that what happens to it can be led back to our payment.
            "payment_intent_data": {"metadata": ours},
            "allowed_payment_method_types": ["card"],
            "adaptive_pricing": {"enabled": False},  # cedis, whatever the card is kept in
            "success_url": back,
            "cancel_url": back,
        }
        with _translated(is_write=True):
            try:
                session = self._api.checkout.sessions.create(order, {"idempotency_key": reference})
            except stripe.IdempotencyError as error:
                raise DuplicateReference from error
        return _checkout(read.plain(session), reference)

    def verify(self, *, reference: str, access_code: str) -> Report:
        """Without a session id it is looked for by our reference, which is known there once it was paid."""
        session_id = access_code or self._find(reference)
        if not session_id:
            return Report(state=GatewayState.NOT_FOUND)
        with _translated(is_write=False):
            try:
                session = self._api.checkout.sessions.retrieve(session_id, {"expand": _PARTS}, _retried())
            except stripe.InvalidRequestError as error:
                if error.http_status != 404:
                    raise
                return Report(state=GatewayState.NOT_FOUND)
        return read.report(_readable(read.plain(session)))

    def _find(self, reference: str) -> str:
        """The id of the session with a payment of this reference, or ""."""
        query = f"metadata['reference']:'{reference}'"
        with _translated(is_write=False):
            found = self._api.payment_intents.search({"query": query, "limit": 1}, _retried())
            for intent in read.rows(found):
                by_intent: Any = {"payment_intent": read.text(intent.get("id"), 40), "limit": 1}
                for session in read.rows(self._api.checkout.sessions.list(by_intent, _retried())):
                    return read.identifier(session)
        return ""

    def signed_with(self, *, body: bytes, signature: str, now: datetime) -> str | None:
        """`Stripe-Signature`. The secret before the last one counts for 72 h after the change."""
        signed_at = _signed_at(signature)
        if signed_at is None or now - signed_at > TOLERANCE:
            return None
        if _signs(self._webhook_secret, body, signature):
            return "current"
        rotated_at = self._secret_rotated_at
        is_recent = rotated_at is not None and now < rotated_at + PREVIOUS_SECRET_LIFE
        if is_recent and self._previous_secret and _signs(self._previous_secret, body, signature):
            return "previous"
        return None

    def without_secrets(self, *, text: str) -> str:
        """Its ids are of no use without our key."""
        return text

    def read_event(self, *, body: bytes) -> Event | None:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return read.event(message)

    def refund(
        self, *, transaction_id: str, amount_ghs: Decimal, refund_id: str, reason: str
    ) -> RefundReport:
        """`refund_id` is the idempotency key: asking again can't give the money back twice."""
        with _translated(is_write=True):
            refund = self._api.refunds.create(
                {
                    "payment_intent": transaction_id,
                    "amount": to_pesewas(amount_ghs),
                    "metadata": {"refund_id": refund_id, "reason": reason[:500]},
                },
                {"idempotency_key": refund_id},
            )
        report = read.refund(read.plain(refund))
        if report is None:
            _log.error("refund_unreadable", refund_id=refund_id)
            raise OutcomeUnknown
        return report

    def refunds(self, *, transaction_id: str) -> list[RefundReport]:
        with _translated(is_write=False):
            page = self._api.refunds.list({"payment_intent": transaction_id, "limit": _PAGE}, _retried())
            found = [read.refund(read.plain(refund)) for refund in page.auto_paging_iter()]
        return [report for report in found if report is not None]

    def transactions(self, *, since: datetime, until: datetime) -> Iterator[Report]:
        with _translated(is_write=False):
            page = self._api.checkout.sessions.list(
                {"created": _created(since, until), "limit": _PAGE, "expand": _LISTED_PARTS}, _retried()
            )
            for session in page.auto_paging_iter():
                yield read.report(_readable(read.plain(session)))

    def disputes(self, *, since: datetime, until: datetime) -> Iterator[DisputeReport]:
        parts = [f"data.{part}" for part in _DISPUTE_PARTS]
        with _translated(is_write=False):
            page = self._api.disputes.list(
                {"created": _created(since, until), "limit": _PAGE, "expand": parts}, _retried()
            )
            for dispute in page.auto_paging_iter():
                yield read.dispute(_readable(read.plain(dispute)))

    def dispute(self, *, dispute_id: str) -> DisputeReport:
        with _translated(is_write=False):
            found = self._api.disputes.retrieve(dispute_id, {"expand": _DISPUTE_PARTS}, _retried())
        return read.dispute(_readable(read.plain(found)))

    def read_dispute(self, *, body: bytes) -> DisputeReport | None:
        """Without our reference: the PaymentIntent, which bears it, is in the body by its id alone."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return read.told_dispute(message)


def _created(since: datetime, until: datetime) -> Any:
    return {"gte": math.floor(since.timestamp()), "lt": math.floor(until.timestamp())}


def _retried() -> Any:
    return {"max_network_retries": _READ_RETRIES}


def _checkout(session: dict[str, Any] | None, reference: str) -> Checkout:
    """Raises GatewayUnavailable when the answer is none, or another payment's."""
    url = session.get("url") if session else None
    session_id = read.identifier(session) if session else ""
    readable = isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) <= _MAX_URL
    if not readable or not session_id or not session or session.get("client_reference_id") != reference:
        _log.error("initialize_unreadable", reference=reference)
        raise GatewayUnavailable
    return Checkout(payment_url=str(url), access_code=session_id)


def _with_reference(url: str, reference: str) -> str:
    """Where the browser comes back to, saying which payment it was, as Paystack does."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode({"reference": reference})) if part)
    return urlunsplit(parts._replace(query=query))


def _readable(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        _log.error("stripe_unreadable")
        raise GatewayUnavailable
    return found


def _signed_at(signature: str) -> datetime | None:
    """The first `t=` of the header: the one that is signed."""
    seconds = next((part[2:] for part in signature.split(",") if part.startswith("t=")), "")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def _signs(secret: str, body: bytes, signature: str) -> bool:
    try:
        # Its own look at the age would go by the machine's clock; `signed_with` did that with `now`.
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
        return False  # a body that is not UTF-8, or a header that is not ASCII, is no delivery of Stripe's
    return True


@contextmanager
def _translated(*, is_write: bool) -> Iterator[None]:
    try:
        yield
    except stripe.RateLimitError as error:
        told = str((error.headers or {}).get("retry-after", ""))
        seconds = int(told) if told.isascii() and told.isdigit() else _DEFAULT_WAIT_SECONDS
        raise GatewayUnavailable(retry_after=seconds) from error
    except stripe.IdempotencyError as error:
        raise OutcomeUnknown from error  # the key was used before, for something else: ask what came of it
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        if not is_write:
            _log.error("stripe_refused", status=error.http_status, code=error.code)
            raise GatewayUnavailable from error
        words = read.text(error.user_message, 200) or "no reason given"
        raise PaymentRejected(f"The payment company refused this payment: {words}") from error
    except stripe.APIConnectionError as error:
        cause = error.__cause__
        was_sent = not (isinstance(cause, requests.RequestException) and never_sent(cause))
        raise (OutcomeUnknown if is_write and was_sent else GatewayUnavailable) from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        # 2xx: done, but unreadable. 409: the first call with this key is still under way.
        if is_write and (status < 400 or status == 409 or status >= 500):
            raise OutcomeUnknown from error
        _log.error("stripe_refused", status=status, code=error.code)
        raise GatewayUnavailable from error
