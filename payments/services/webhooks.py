"""The inbox. A delivery is checked, kept and answered at once; what it means is found out afterwards."""

import hashlib
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import F

from config.core.db import release_connection
from config.core.errors import Busy, NotFound
from config.core.json import BodyTooLarge
from payments import providers, tasks
from payments.errors import InvalidSignature, NotADeadLetter, SourceRefused
from payments.models import Dispute, Payment, WebhookEvent, WebhookOutcome
from payments.providers.base import Event, EventKind
from payments.types import PaymentStatus

from . import actions, alerts, disputes, refund_reports, settlement

MAX_BODY_BYTES = 1024 * 1024
GRACE = timedelta(minutes=1)  # what the task has before the sweep looks
MAX_WAIT = timedelta(hours=1)
MAX_UNCONFIRMED = 8
MAX_ATTEMPTS = 14  # about 8 hours of failing
DEAD = (
    WebhookOutcome.FAILED,
    WebhookOutcome.UNREADABLE,
    WebhookOutcome.UNKNOWN_REFERENCE,
    WebhookOutcome.UNCONFIRMED,
)

_log = structlog.get_logger("sika.payments.webhooks")


def receive(*, gateway_name: str, body: bytes, signature: str, now: datetime) -> bool:
    """Keeps a signed delivery and has it processed. False when this body was here before.

    Raises BodyTooLarge, or InvalidSignature; then nothing is stored.
    """
    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLarge
    gateway = providers.gateway(gateway_name)
    signed_with = gateway.signed_with(body=body, signature=signature, now=now)
    if signed_with is None:
        _log.warning("webhook_signature_refused", gateway=gateway_name, bytes=len(body))
        raise InvalidSignature
    event = gateway.read_event(body=body)
    # PostgreSQL's text holds no NUL; a body that is not UTF-8 keeps its odd bytes as escapes.
    text = body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
    return _store(
        {
            "gateway": gateway_name,
            "body_sha256": hashlib.sha256(body).hexdigest(),
            "event": event.name if event else "",
            "reference": event.reference if event else "",
            "body": gateway.without_secrets(text=text),
            "signed_with": signed_with,
            "received_at": now,
            "next_attempt_at": now + GRACE,
        }
    )


@transaction.atomic
def _store(values: dict[str, str | datetime]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_webhookevent (gateway, body_sha256, event, reference, body, signed_with,
                                               received_at, next_attempt_at, attempts, last_error, outcome)
            VALUES (%(gateway)s, %(body_sha256)s, %(event)s, %(reference)s, %(body)s, %(signed_with)s,
                    %(received_at)s, %(next_attempt_at)s, 0, '', '')
            ON CONFLICT (body_sha256) DO NOTHING
            RETURNING id
            """,
            values,
        )
        row = cursor.fetchone()
    if row is not None:
        # Robust: a queue that is down costs the sweep's minute, not the 200 that the gateway waits for.
        # And a lambda: Django's log of the failure can't name a partial.
        transaction.on_commit(lambda: tasks.process_webhook.delay(row[0]), robust=True)
    return row is not None


def refuse_strangers(*, source: str, allowed: list[str]) -> None:
    """Raises SourceRefused unless the address may deliver. An empty list lets everybody."""
    if allowed and source not in allowed:
        _log.warning("webhook_source_refused", source=source)
        raise SourceRefused


def process(*, event_id: int, now: datetime) -> WebhookEvent:
    """Acts on one event of the inbox, once; an event that is done is left alone.

    Network: call it outside any transaction. A failure is noted on the event, which is then due again later,
    and raised; the last of too many makes it a dead letter. A lock that could not be had does not count. The
    same event processed twice at once does no harm: settling is what happens once.
    """
    event = WebhookEvent.objects.get(pk=event_id)
    if event.processed_at is not None:
        return event
    try:
        outcome = _outcome(event, now)
    except Exception as error:
        _fail(event, error, now)
        raise
    if outcome is None and event.attempts + 1 < MAX_UNCONFIRMED:
        _postpone(event, "the gateway does not confirm it yet", now)
    else:
        _finish(event, outcome or WebhookOutcome.UNCONFIRMED, now)
    event.refresh_from_db()
    return event


@transaction.atomic
def replay(*, event_id: int, by: int, now: datetime) -> bool:
    """Has a dead letter processed again, from the start. False when it is under way already.

    Raises NotADeadLetter for an event that was acted upon or needs no action. Locks the event.
    """
    event = WebhookEvent.objects.select_for_update(no_key=True, of=("self",)).get(pk=event_id)
    if event.processed_at is None:
        return False
    if event.outcome not in DEAD:
        raise NotADeadLetter
    _log.info("webhook_replayed", event_id=event_id, outcome=event.outcome, by=by)
    payment = Payment.objects.filter(reference=event.reference).first()
    if payment is not None:
        reason = f"Webhook event {event_id} ({event.event}), which was {event.outcome}."
        actions.record(payment_id=payment.pk, by=by, action="replay_event", reason=reason, now=now)
    event.processed_at, event.outcome, event.attempts = None, "", 0
    event.next_attempt_at = now + GRACE
    event.save()
    transaction.on_commit(lambda: tasks.process_webhook.delay(event_id), robust=True)
    return True


def claim_due(*, now: datetime, limit: int = 200) -> list[int]:
    """Ids of events whose task was lost or failed; each is due again after a minute."""
    waiting = WebhookEvent.objects.filter(processed_at=None, next_attempt_at__lte=now)
    ids = list(waiting.order_by("next_attempt_at").values_list("pk", flat=True)[:limit])
    waiting.filter(pk__in=ids).update(next_attempt_at=now + GRACE)
    return ids


def _outcome(event: WebhookEvent, now: datetime) -> WebhookOutcome | None:
    """What became of it; None when the event says paid and the gateway, asked, does not say so yet."""
    parsed = providers.gateway(event.gateway).read_event(body=event.body.encode())
    if parsed is None:
        return WebhookOutcome.UNREADABLE
    if parsed.kind is EventKind.OTHER:
        return WebhookOutcome.KEPT
    if parsed.kind is EventKind.DISPUTE:
        return _dispute(event, parsed, now)
    reference = _reference(event, parsed)
    try:
        payment = settlement.verify(reference=reference, now=now)
    except NotFound:
        return WebhookOutcome.UNKNOWN_REFERENCE
    is_open = payment.status in (PaymentStatus.PENDING, PaymentStatus.FAILED)
    if parsed.kind is EventKind.REFUND:
        # The body names no refund, so all of the payment's are asked for. None yet: it came too early.
        known = not is_open and refund_reports.sync(payment_id=payment.pk, now=now)
        return WebhookOutcome.APPLIED if known else None
    return None if parsed.kind is EventKind.PAID and is_open else WebhookOutcome.APPLIED


def _reference(event: WebhookEvent, parsed: Event) -> str:
    """The payment's, which some events name only by the gateway's own id. Keeps what the event adds to it."""
    ours = Payment.objects.filter(gateway=event.gateway)
    if parsed.access_code:
        # Our call to open the page may have gone unanswered; verifying goes by the gateway's own id.
        ours.filter(reference=parsed.reference, access_code="").update(access_code=parsed.access_code)
    if parsed.reference or not parsed.transaction_id:
        return parsed.reference
    found = ours.filter(gateway_transaction_id=parsed.transaction_id).values_list("reference", flat=True)
    reference = found.first() or ""
    WebhookEvent.objects.filter(pk=event.pk).update(reference=reference)
    return reference


def _dispute(event: WebhookEvent, parsed: Event, now: datetime) -> WebhookOutcome:
    """The dispute as the gateway tells it when asked: the order in which its events come does not matter."""
    gateway = providers.gateway(event.gateway)
    told = gateway.read_dispute(body=event.body.encode())
    if told is None or not told.id:
        return WebhookOutcome.UNREADABLE
    reference, report = told.reference or _reference(event, parsed), None
    release_connection()
    if not reference and told.transaction_id:  # not settled yet: the gateway may know our reference
        report = gateway.dispute(dispute_id=told.id)
        reference = report.reference
        WebhookEvent.objects.filter(pk=event.pk).update(reference=reference)
    is_known = Dispute.objects.filter(gateway_dispute_id=told.id).exists()
    if not is_known:
        try:  # a payment that we still wait for is settled first
            settlement.verify(reference=reference, now=now)
        except NotFound:
            return WebhookOutcome.UNKNOWN_REFERENCE
    release_connection()
    report = report or gateway.dispute(dispute_id=told.id)
    if report.is_inquiry and not is_known:
        disputes.note_inquiry(report=report, reference=reference, gateway=event.gateway, now=now)
        return WebhookOutcome.KEPT
    found = disputes.observe(report=report, now=now)
    return WebhookOutcome.APPLIED if found else WebhookOutcome.UNKNOWN_REFERENCE


def _fail(event: WebhookEvent, error: Exception, now: datetime) -> None:
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, Busy | OperationalError):
        WebhookEvent.objects.filter(pk=event.pk, processed_at=None).update(
            last_error=words[:500], next_attempt_at=now + GRACE
        )
    elif event.attempts + 1 < MAX_ATTEMPTS:
        _postpone(event, words, now)
    else:
        _finish(event, WebhookOutcome.FAILED, now, words)


def _finish(event: WebhookEvent, outcome: WebhookOutcome, now: datetime, words: str = "") -> None:
    changed = WebhookEvent.objects.filter(pk=event.pk, processed_at=None).update(
        processed_at=now, outcome=outcome, attempts=F("attempts") + 1, last_error=words[:500]
    )
    if changed and outcome in DEAD:
        alerts.raise_alert(
            "webhook_needs_attention",
            subject=f"A webhook could not be acted upon: {outcome.label}",
            event_id=event.pk,
            outcome=outcome.value,
            reference=event.reference,
            now=now,
            again=now,
        )


def _postpone(event: WebhookEvent, error: str, now: datetime) -> None:
    wait = min(GRACE * 2 ** min(event.attempts, 10), MAX_WAIT)
    WebhookEvent.objects.filter(pk=event.pk, processed_at=None).update(
        attempts=F("attempts") + 1, last_error=error[:500], next_attempt_at=now + wait
    )
