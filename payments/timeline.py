"""Everything that happened to one payment, in order, for the people who look into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse

from .models import Dispute, Payment, Refund, WebhookEvent, WebhookOutcome
from .types import DisputeStatus, NextAction, PaymentStatus, RefundStatus


class Tone(Enum):
    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WAITING = "waiting"


@dataclass(frozen=True)
class Moment:
    at: datetime
    title: str
    text: str = ""
    tone: Tone = Tone.PLAIN
    kind: str = "payment"
    url: str = ""
    who: str = ""


_REFUND_TONES = {RefundStatus.PROCESSED: Tone.GOOD, RefundStatus.FAILED: Tone.BAD}
_DISPUTE_TONES = {DisputeStatus.WON: Tone.GOOD, DisputeStatus.ANSWERED: Tone.WAITING}


def timeline(*, payment: Payment, now: datetime) -> list[Moment]:
    """Oldest first; what is still to come is last. A fixed number of queries."""
    names = _names(payment)
    moments = [
        *_attempt(payment, names),
        *_retries(payment),
        *_events(payment),
        *_refunds(payment, names),
        *_disputes(payment, names),
        *_actions(payment, names),
        *_to_come(payment, now),
    ]
    # A decision comes before what it led to in the same moment.
    return sorted(moments, key=lambda moment: (moment.at, moment.kind != "action"))


def _names(payment: Payment) -> dict[int, str]:
    """E-mail addresses of everybody who did something about it."""
    ids = [
        payment.started_by_id,
        *payment.actions.values_list("actor_id", flat=True),
        *payment.refunds.values_list("requested_by", flat=True),
        *payment.disputes.values_list("answered_by", flat=True),
    ]
    known = {pk for pk in ids if pk is not None}
    return dict(get_user_model().objects.filter(pk__in=known).values_list("pk", "email"))


def _attempt(payment: Payment, names: dict[int, str]) -> Iterator[Moment]:
    who = names.get(payment.started_by_id or 0, "")
    how = f"{payment.amount_ghs} cedis for {payment.purpose}, {payment.get_method_display()}"
    yield Moment(payment.created_at, "Opened", how, who=who)
    if payment.sent_at:
        to = f"to {payment.phone} ({payment.get_network_display()})" if payment.phone else "to the saved card"
        yield Moment(payment.sent_at, "Charge sent", to)
    if payment.settled_at:
        text = f"{payment.paid_ghs} cedis by {payment.channel or payment.gateway}; {payment.gateway_response}"
        yield Moment(payment.settled_at, "Settled", text, Tone.GOOD)
    if payment.settled_at and payment.unapplied:
        text = "Nothing was given for it. It waits for a refund."
        yield Moment(payment.settled_at, "Kept as unapplied", text, Tone.BAD)


def _retries(payment: Payment) -> Iterator[Moment]:
    same = Q(first_attempt_id=payment.order_id) | Q(pk=payment.order_id)
    for other in Payment.objects.filter(same).exclude(pk=payment.pk):
        which = "First attempt" if other.pk == payment.order_id else "Another attempt"
        text = f"{other.reference}, {other.get_status_display().lower()}"
        yield Moment(other.created_at, which, text, kind="retry", url=_page(other))


def _events(payment: Payment) -> Iterator[Moment]:
    for event in WebhookEvent.objects.filter(gateway=payment.gateway, reference=payment.reference):
        url = _page(event)
        what = event.event or "unreadable"
        yield Moment(event.received_at, f"Webhook {what}", _signed(event), kind="webhook", url=url)
        if event.processed_at:
            done = event.outcome in (WebhookOutcome.APPLIED, WebhookOutcome.KEPT)
            text = " ".join([event.get_outcome_display() + ".", event.last_error]).strip()
            tone = Tone.PLAIN if done else Tone.BAD
            yield Moment(event.processed_at, f"Processed {what}", text, tone, "webhook", url)


def _signed(event: WebhookEvent) -> str:
    tries = f"; {event.attempts} tries, {event.last_error}" if event.last_error else ""
    return f"Signed with the {event.signed_with} key{tries}"


def _refunds(payment: Payment, names: dict[int, str]) -> Iterator[Moment]:
    for refund in payment.refunds.all():
        who = names.get(refund.requested_by or 0, "")
        yield from _history(
            refund, f"Refund of {refund.amount_ghs}", "refund", _REFUND_TONES, refund.reason, who
        )
        if refund.sent_at:
            again = f", for the {refund.attempts}. time" if refund.attempts > 1 else ""
            yield Moment(
                refund.sent_at, "Refund sent to the gateway" + again, kind="refund", url=_page(refund)
            )


def _disputes(payment: Payment, names: dict[int, str]) -> Iterator[Moment]:
    for dispute in payment.disputes.all():
        what = f"Dispute over {dispute.amount_ghs}"
        about = ": ".join(part for part in (dispute.category, dispute.message) if part)
        yield from _history(dispute, what, "dispute", _DISPUTE_TONES, about, "")
        if dispute.answered_at:
            who = names.get(dispute.answered_by or 0, "")
            text = f"{dispute.get_answer_display()}: {dispute.answer_message}"
            yield Moment(
                dispute.answered_at, "Dispute answered", text, kind="dispute", url=_page(dispute), who=who
            )


def _history(
    row: Refund | Dispute, what: str, kind: str, tones: dict[Any, Tone], about: str, who: str
) -> Iterator[Moment]:
    for number, (at, state, message) in enumerate(row.history):
        text = ". ".join(part for part in (message, "" if number else about) if part)
        title = f"{what}: {state.replace('_', ' ').lower()}"
        tone = tones.get(state, Tone.BAD if kind == "dispute" else Tone.WAITING)
        yield Moment(datetime.fromisoformat(at), title, text, tone, kind, _page(row), "" if number else who)


def _actions(payment: Payment, names: dict[int, str]) -> Iterator[Moment]:
    for action in payment.actions.exclude(action="refund"):  # told by the refund itself
        title = action.action.replace("_", " ").capitalize()
        who = names.get(action.actor_id, f"user {action.actor_id}")
        yield Moment(action.created_at, title, action.reason, kind="action", who=who)


def _to_come(payment: Payment, now: datetime) -> Iterator[Moment]:
    if payment.status == PaymentStatus.REVIEW:
        yield Moment(now, "Waits for a person", payment.review_reason, Tone.BAD)
    if payment.status == PaymentStatus.FAILED:
        yield Moment(now, "Failed so far", payment.gateway_response, Tone.BAD)
    if payment.prompt_open and payment.prompt_expires_at:
        action = NextAction(payment.next_action).label if payment.next_action else "Prompt"
        yield Moment(payment.prompt_expires_at, f"{action}: ends", payment.display_text, Tone.WAITING)
    if payment.next_check_at:
        yield Moment(payment.next_check_at, "The gateway is asked again", tone=Tone.WAITING, kind="check")
    for refund in payment.refunds.all():
        if refund.next_check_at:
            yield Moment(
                refund.next_check_at,
                "The refund is asked about",
                tone=Tone.WAITING,
                kind="check",
                url=_page(refund),
            )
    for dispute in payment.disputes.all():
        if dispute.status == DisputeStatus.OPEN:
            yield Moment(
                dispute.due_at,
                "The dispute is lost unless answered",
                tone=Tone.BAD,
                kind="dispute",
                url=_page(dispute),
            )


def _page(row: Any) -> str:
    return reverse(f"admin:payments_{row._meta.model_name}_change", args=[row.pk])
