"""What staff see of a payment, and what they may do about it: with permission and a reason, never without."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from payments.models import Dispute, Payment, PaymentAction, Refund, WebhookEvent
from payments.providers.base import DisputeReport, RefundReport
from payments.services import disputes, refund_reports, refunds, settlement, webhooks
from payments.types import RefundStatus
from tests.factories import make_user
from tests.sandboxes import PaystackSandbox

from .test_webhooks import deliver, process_all

WHY = "The payer called"


@pytest.fixture
def staff(db: None) -> Client:
    return signed_in(User.objects.create_superuser("boss@sika.test", "x"))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def reader() -> Client:
    """Staff who may look and not act."""
    user = make_user()
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return signed_in(user)


def page(row: Any, what: str = "change/") -> str:
    return f"/admin/payments/{row._meta.model_name}/{row.pk}/{what}"


def text(response: Any) -> str:
    assert response.status_code == 200, response.content
    return str(response.content.decode())


def refund_of(payment: Payment, state: RefundStatus, gateway_id: str = "901") -> Refund:
    refund = refunds.open_refund(
        payment_id=payment.pk, amount_ghs=Decimal(50), reason=WHY, requested_by=None, now=timezone.now()
    )
    told = RefundReport(id=gateway_id, status=state, amount_ghs=Decimal("50.00"), note=str(refund.pk))
    refund_reports.apply(payment_id=payment.pk, report=told, now=timezone.now())
    refund.refresh_from_db()
    return refund


def dispute_of(payment: Payment, hours: float = 40) -> Dispute:
    told = DisputeReport(
        id="358950",
        reference=payment.reference,
        amount_ghs=Decimal("50.00"),
        status="awaiting-merchant-feedback",
        resolution="",
        category="chargeback",
        message="Debit without value",
        due_at=timezone.now() + timedelta(hours=hours),
    )
    found = disputes.observe(report=told, now=timezone.now())
    assert found is not None
    return found


@pytest.fixture
def differs(sandbox: PaystackSandbox, started: Payment, taken_back: object) -> Payment:
    sandbox.pay(started.reference)
    sandbox.script(tamper={"amount": 5100})
    return settlement.verify(reference=started.reference, now=timezone.now())


def test_the_timeline_tells_everything_in_order(
    staff: Client, sandbox: PaystackSandbox, paid: Payment
) -> None:
    for delivery in sandbox.deliveries(paid.reference):
        deliver(Client(), delivery["body"].encode(), delivery["signature"])
    assert process_all() == ["applied"]
    refund = refund_of(paid, RefundStatus.NEEDS_ATTENTION)
    boss = User.objects.get(email="boss@sika.test")
    refunds.finish_by_hand(
        refund_id=refund.pk, outcome=RefundStatus.FAILED, reason=WHY, by=boss.pk, now=timezone.now()
    )
    dispute_of(paid)

    shown = text(staff.get(page(paid)))

    titles = [
        "Opened",
        "Settled",
        "Webhook charge.success",
        "Processed charge.success",
        "Refund of 50.00: requested",
        "Refund of 50.00: needs attention",
        "Refund failed by hand",
        "Refund of 50.00: failed",
        "Dispute over 50.00: open",
        "The dispute is lost unless answered",
    ]
    positions = [shown.index(f">{title}<") for title in titles]
    assert positions == sorted(positions)
    assert "Signed with the current key" in shown
    assert "by boss@sika.test" in shown
    assert page(refund) in shown
    assert "<script>" not in shown


def test_the_timeline_of_an_attempt_names_the_others(staff: Client, started: Payment) -> None:
    again = Payment.objects.create(
        business=started.business,
        purpose="test_order",
        first_attempt=started,
        method="MOMO",
        gateway="paystack",
        amount_ghs=50,
        email="a@b.test",
        next_check_at=timezone.now(),
    )
    assert again.reference in text(staff.get(page(started)))
    assert started.reference in text(staff.get(page(again)))


def test_what_payers_and_gateways_wrote_is_text(staff: Client, paid: Payment) -> None:
    refund = refund_of(paid, RefundStatus.PENDING)
    evil = "<img src=x onerror=alert(1)>"
    Refund.objects.filter(pk=refund.pk).update(history=[[timezone.now().isoformat(), "PENDING", evil]])
    shown = text(staff.get(page(paid)))
    assert evil not in shown
    assert "&lt;img src=x" in shown


@pytest.mark.parametrize("what", ["ask-again/", "decide/", "refund/"])
def test_strangers_and_readers_do_nothing(differs: Payment, what: str) -> None:
    path = page(differs, what)
    for client in (Client(), signed_in(make_user())):
        assert client.get(path).status_code == 302
        assert client.post(path, {"decision": "accept", "reason": WHY}).status_code == 302
    looking = reader()
    assert "Timeline" in text(looking.get(page(differs)))
    assert looking.get(path).status_code == 403
    assert looking.post(path, {"decision": "accept", "reason": WHY}).status_code == 403
    differs.refresh_from_db()
    assert differs.status == "REVIEW"


def test_staff_decide_with_a_reason(staff: Client, differs: Payment, credited: list[str]) -> None:
    path = page(differs, "decide/")
    assert path in text(staff.get(page(differs)))
    assert "amount: expected 50.00, gateway says 51.00" in text(staff.get(path))
    refused = staff.post(path, {"decision": "accept", "reason": " "})
    assert (refused.status_code, credited) == (422, [])

    done = staff.post(path, {"decision": "accept", "reason": WHY})

    assert (done.status_code, done["Location"]) == (302, page(differs))
    assert credited == [differs.reference]
    action = PaymentAction.objects.get()
    assert (action.action, action.reason) == ("review_accept", WHY)
    assert LogEntry.objects.get().change_message == f"Decide about this payment: {WHY}"
    assert path not in text(staff.get(page(differs)))
    assert staff.post(path, {"decision": "accept", "reason": WHY}).status_code == 403


def test_a_refusal_is_shown_and_the_form_keeps_its_words(
    staff: Client, sandbox: PaystackSandbox, differs: Payment
) -> None:
    sandbox.script(tamper={"amount": 4000})
    refused = staff.post(page(differs, "decide/"), {"decision": "accept", "reason": WHY})
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert "Less was paid than was asked for" in shown
    assert WHY in shown


def test_only_unapplied_money_is_refunded_here(staff: Client, paid: Payment) -> None:
    path = page(paid, "refund/")
    assert path not in text(staff.get(page(paid)))
    assert staff.post(path, {"amount_ghs": "50", "reason": WHY}).status_code == 403
    Payment.objects.filter(pk=paid.pk).update(unapplied=True)
    assert 'value="50.00"' in text(staff.get(path))
    for amount in ("", "0", "-1", "50.001", "x", "50.01"):
        assert staff.post(path, {"amount_ghs": amount, "reason": WHY}).status_code == 422
    assert not Refund.objects.exists()

    for _ in range(2):
        staff.post(path, {"amount_ghs": "50", "reason": WHY})

    refund = Refund.objects.get()
    assert (refund.amount_ghs, refund.reason, refund.status) == (Decimal(50), WHY, "REQUESTED")
    assert list(PaymentAction.objects.values_list("action", flat=True)) == ["refund"]


def test_asking_again_leaves_a_trace(staff: Client, sandbox: PaystackSandbox, started: Payment) -> None:
    done = staff.post(page(started, "ask-again/"), {"reason": WHY})
    assert done.status_code == 302
    assert list(started.actions.values_list("action", "reason")) == [("ask_again", WHY)]


def test_a_refund_is_finished_by_hand_once(
    staff: Client, paid: Payment, taken_back: list[tuple[str, str]]
) -> None:
    refund = refund_of(paid, RefundStatus.NEEDS_ATTENTION)
    path = page(refund, "by-hand/")
    assert path in text(staff.get(page(refund)))
    assert staff.post(path, {"outcome": "PENDING", "reason": WHY}).status_code == 422
    assert staff.post(path, {"outcome": "PROCESSED", "reason": WHY}).status_code == 302
    assert staff.post(path, {"outcome": "FAILED", "reason": WHY}).status_code == 403
    assert taken_back == [("refund", "PROCESSED")]
    assert list(paid.actions.values_list("action", flat=True)) == ["refund_processed_by_hand"]
    paid.refresh_from_db()
    assert paid.status == "REFUNDED"


@pytest.mark.parametrize(
    "values", [{"account_number": "12ab"}, {"account_number": "12345"}, {"bank_id": "x"}, {"reason": ""}]
)
def test_bank_details_are_checked(staff: Client, paid: Payment, values: dict[str, str]) -> None:
    refund = refund_of(paid, RefundStatus.NEEDS_ATTENTION)
    good = {"account_number": "0123456789", "bank_id": "28", "reason": WHY}
    assert staff.post(page(refund, "bank-account/"), {**good, **values}).status_code == 422
    assert not paid.actions.exists()


PDF = b"%PDF-1.7 x"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("evidence.pdf", b"MZ not a pdf", "not a PDF, PNG or JPEG"),
        ("evidence.svg", b"<svg onload=alert(1)>", "not a PDF, PNG or JPEG"),
        ("evidence.pdf", PDF + b"0" * (5 * 1024 * 1024), "larger than 5 MB"),
        ("evidence.pdf", b"", "empty"),
    ],
)
def test_evidence_is_a_small_pdf_or_picture(
    staff: Client, paid: Payment, name: str, content: bytes, says: str
) -> None:
    dispute = dispute_of(paid)
    values = {
        "message": "It was delivered",
        "customer_name": "Ama",
        "customer_email": "ama@example.com",
        "customer_phone": "0551234987",
        "service_details": "100 credits",
        "reason": WHY,
        "file": SimpleUploadedFile(name, content),
    }
    refused = staff.post(page(dispute, "decline/"), values)
    assert refused.status_code == 422
    assert says in refused.content.decode()
    assert not paid.actions.exists()


def test_disputes_to_answer_come_first(staff: Client, paid: Payment) -> None:
    now = timezone.now()
    for number, (state, hours) in enumerate([("WON", 1), ("OPEN", 30), ("OPEN", 3)]):
        is_decided = state == "WON"
        Dispute.objects.create(
            payment=paid,
            gateway_dispute_id=str(number),
            amount_ghs=number + 1,
            status=state,
            due_at=now + timedelta(hours=hours, minutes=1),
            opened_at=now,
            closed_at=now if is_decided else None,
            next_check_at=None if is_decided else now,
        )
    shown = text(staff.get("/admin/payments/dispute/"))
    assert shown.index("3 h 0 min") < shown.index("30 h 0 min") < shown.index(">1.00<")


@pytest.mark.parametrize("todo", ["review", "unapplied", "refund", "dispute"])
def test_what_is_to_do_is_found(staff: Client, paid: Payment, todo: str) -> None:
    path = f"/admin/payments/payment/?todo={todo}"
    assert paid.reference not in text(staff.get(path))
    if todo == "refund":
        refund_of(paid, RefundStatus.PENDING)
    if todo == "dispute":
        dispute_of(paid)
    if todo == "unapplied":
        Payment.objects.filter(pk=paid.pk).update(unapplied=True)
    if todo == "review":
        return
    assert paid.reference in text(staff.get(path))


def test_payments_in_review_are_found(staff: Client, differs: Payment) -> None:
    assert differs.reference in text(staff.get("/admin/payments/payment/?todo=review"))


def test_dead_letters_are_found_and_replayed(staff: Client, sandbox: PaystackSandbox) -> None:
    for body in (b"not json", b'{"event": "invoice.create", "data": {}}'):
        deliver(Client(), body)
    process_all()
    dead = WebhookEvent.objects.get(outcome="unreadable")
    shown = text(staff.get("/admin/payments/webhookevent/?dead=yes"))
    assert "1 result" in shown
    assert f"/admin/payments/webhookevent/{dead.pk}/change/" in shown
    chosen = {"action": "replay", "_selected_action": [str(pk) for pk in _ids()]}
    assert reader().post("/admin/payments/webhookevent/", chosen).status_code in (302, 200, 403)
    assert WebhookEvent.objects.filter(processed_at=None).count() == 0

    told = text(staff.post("/admin/payments/webhookevent/", chosen, follow=True))

    assert "Replayed: 1." in told
    assert "Nothing is left to replay" in told
    assert list(WebhookEvent.objects.filter(processed_at=None)) == [dead]
    assert LogEntry.objects.get().object_id == str(dead.pk)
    assert webhooks.process(event_id=dead.pk, now=timezone.now()).outcome == "unreadable"


def _ids() -> list[int]:
    return list(WebhookEvent.objects.values_list("pk", flat=True))
