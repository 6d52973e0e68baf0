"""Refunds and disputes all the way: our calls, the gateway's signed webhooks, our listeners."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from payments.models import Dispute, Payment, Refund
from payments.providers.base import Evidence
from payments.services import dispute_answers, refunds
from payments.types import DisputeAnswer
from tests.sandboxes import PaystackSandbox

from .conftest import shop_name
from .test_webhooks import deliver, process_all


def deliver_all(sandbox: PaystackSandbox, payment: Payment) -> None:
    for delivery in sandbox.deliveries(payment.reference):
        assert deliver(Client(), delivery["body"].encode(), delivery["signature"]).status_code == 200
    process_all()


def test_a_refund_is_made_and_told_by_webhook(
    paid: Payment, sandbox: PaystackSandbox, taken_back: list[tuple[str, str]]
) -> None:
    sandbox.script(refunds_end="pending")
    now = timezone.now()
    refund = refunds.open_refund(
        payment_id=paid.pk, amount_ghs=Decimal("20.00"), reason="Ordered twice", requested_by=7, now=now
    )
    sent = refunds.send(refund_id=refund.pk, now=now)
    assert sent.status in ("PENDING", "PROCESSING")
    sandbox.refund_to(sent.gateway_refund_id, "needs-attention")
    deliver_all(sandbox, paid)
    assert Refund.objects.get().status == "NEEDS_ATTENTION"
    refunds.give_bank_account(
        refund_id=refund.pk, account_number="0123456789", bank_id="28", by=7, reason="Told", now=now
    )
    sandbox.refund_to(sent.gateway_refund_id, "processed")
    deliver_all(sandbox, paid)
    deliver_all(sandbox, paid)
    assert Refund.objects.get().status == "PROCESSED"
    assert taken_back == [("refund", "PROCESSED")]
    assert shop_name(paid) == "Ama's shop +50.00 -20.00"


@pytest.mark.parametrize("resolution", ["auto-accepted", "declined"])
def test_a_dispute_that_nobody_answers_is_decided_by_the_bank(
    paid: Payment, sandbox: PaystackSandbox, taken_back: list[tuple[str, str]], resolution: str
) -> None:
    dispute_id = sandbox.open_dispute(paid.reference)
    deliver_all(sandbox, paid)
    assert Dispute.objects.get().status == "OPEN"
    sandbox.decide(dispute_id, resolution)
    deliver_all(sandbox, paid)
    deliver_all(sandbox, paid)
    ended = "WON" if resolution == "declined" else "LOST"
    assert taken_back == [("dispute", "OPEN"), ("dispute", ended)]
    assert not Refund.objects.exists()


def test_a_dispute_is_declined_with_evidence(
    paid: Payment, sandbox: PaystackSandbox, taken_back: list[tuple[str, str]]
) -> None:
    sandbox.open_dispute(paid.reference)
    deliver_all(sandbox, paid)
    done = dispute_answers.answer(
        dispute_id=Dispute.objects.get().pk,
        decision=DisputeAnswer.DECLINE,
        message="It was delivered",
        evidence=Evidence("ama@example.com", "Ama", "0551234987", "100 credits"),
        file=("evidence.pdf", b"%PDF-1.7"),
        by=7,
        reason="We have proof",
        now=timezone.now(),
    )
    deliver_all(sandbox, paid)
    done.refresh_from_db()
    assert done.status in ("ANSWERED", "WON")
    assert taken_back[0] == ("dispute", "OPEN")
    assert ("dispute", "LOST") not in taken_back


def test_a_dispute_is_accepted_with_a_letter_for_the_file_that_the_gateway_wants(
    paid: Payment, sandbox: PaystackSandbox, taken_back: list[tuple[str, str]]
) -> None:
    sandbox.open_dispute(paid.reference)
    deliver_all(sandbox, paid)
    done = dispute_answers.answer(
        dispute_id=Dispute.objects.get().pk,
        decision=DisputeAnswer.ACCEPT,
        message="They are right",
        refund_ghs=Decimal("20.00"),
        by=7,
        reason="Paid twice",
        now=timezone.now(),
    )
    deliver_all(sandbox, paid)
    assert (done.status, done.uploaded_filename != "") == ("LOST", True)
    assert taken_back == [("dispute", "OPEN"), ("dispute", "LOST")]
    (resolved,) = [one for one in sandbox.requests() if one["path"].endswith("/resolve")]
    assert resolved["body"]["uploaded_filename"] == done.uploaded_filename
