"""Status of a payment for its business, and the page a browser returns to."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Business, Membership, User
from payments.models import Payment
from tests.sandboxes import PaystackSandbox

from .conftest import open_payment


@pytest.fixture
def owner(business: Business) -> APIClient:
    return signed_in(business, "ama@example.com")


def signed_in(business: Business, email: str) -> APIClient:
    user = User.objects.create_user(email)
    Membership.objects.create(business=business, user=user, role="owner")
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_status_of_an_own_payment(owner: APIClient, started: Payment) -> None:
    reply = owner.get(f"/api/payments/{started.reference}/")
    assert reply.status_code == 200
    assert reply.json() == {
        "reference": started.reference,
        "status": "PENDING",
        "purpose": "test_order",
        "method": "PAYSTACK",
        "amount": 50.0,
        "currency": "GHS",
        "channel": "",
        "payment_url": started.payment_url,
        "next_action": "open_url",
        "display_text": "",
        "expires_at": None,
        "message": "",
        "created_at": reply.json()["created_at"],
        "settled_at": None,
        "attempts": [
            {
                "reference": started.reference,
                "status": "PENDING",
                "method": "PAYSTACK",
                "network": "",
                "created_at": reply.json()["created_at"],
            }
        ],
    }
    assert b'"amount":50.00,' in reply.content


def test_foreign_and_unknown_payments_look_the_same(owner: APIClient, started: Payment) -> None:
    stranger = signed_in(Business.objects.create(name="Kofi's shop"), "kofi@example.com")
    foreign = stranger.get(f"/api/payments/{started.reference}/")
    unknown = stranger.get("/api/payments/sika-unknown/")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content == b'{"code":"not_found","detail":"Not found."}'


@pytest.mark.parametrize("reference", ["%00", "x" * 60, "%F0%9F%92%B0", "a%27b"])
def test_what_can_not_be_a_reference_is_not_found(owner: APIClient, reference: str) -> None:
    reply = owner.get(f"/api/payments/{reference}/")
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


@pytest.mark.django_db
def test_status_needs_a_sign_in(client: Client) -> None:
    assert client.get("/api/payments/sika-unknown/").status_code == 401


def outcome(client: Client, **query: str) -> str:
    reply = client.get("/payments/return/", query)
    assert reply.status_code == 200
    assert "no-store" in reply["Cache-Control"]
    assert reply["Referrer-Policy"] == "no-referrer"
    return reply.content.decode().split('data-outcome="')[1].split('"')[0]


def test_return_page_asks_before_it_says_paid(
    client: Client, sandbox: PaystackSandbox, started: Payment, credited: list[str]
) -> None:
    assert outcome(client, reference=started.reference) == "waiting"
    sandbox.pay(started.reference)
    assert outcome(client, trxref=started.reference) == "paid"
    assert outcome(client, reference=started.reference, trxref=started.reference) == "paid"
    assert credited == [started.reference]


def test_return_page_says_failed(client: Client, sandbox: PaystackSandbox, started: Payment) -> None:
    sandbox.pay(started.reference, "decline")
    assert outcome(client, reference=started.reference) == "failed"


@pytest.mark.parametrize("fault", ["500", "garbage"])
def test_return_page_waits_when_the_gateway_is_away(
    client: Client, sandbox: PaystackSandbox, started: Payment, fault: str
) -> None:
    sandbox.script(fail_next=fault, fail_calls=3)
    assert outcome(client, reference=started.reference) == "waiting"


def test_return_page_does_not_tell_references_apart(
    client: Client, sandbox: PaystackSandbox, business: Business
) -> None:
    payment = open_payment(business)
    known = client.get("/payments/return/", {"reference": payment.reference})
    unknown = client.get("/payments/return/", {"reference": "sika-unknown"})
    assert known.content == unknown.content == client.get("/payments/return/").content
    assert client.get("/payments/return/", {"reference": "\x00<b>"}).content == unknown.content


def test_return_page_shows_mismatch_and_unclaimed_as_waiting(
    client: Client, sandbox: PaystackSandbox, started: Payment, business: Business
) -> None:
    sandbox.pay(started.reference)
    assert outcome(client, reference=started.reference) == "waiting"  # nobody claims it here
    sandbox.script(tamper={"amount": 1})
    assert outcome(client, reference=started.reference) == "waiting"
    started.refresh_from_db()
    assert started.status == "REVIEW"


@pytest.mark.django_db
def test_return_page_is_read_only(client: Client) -> None:
    assert client.post("/payments/return/").status_code == 405


def test_admin_shows_payments_and_events_but_changes_nothing(
    client: Client, started: Payment, django_assert_max_num_queries: object
) -> None:
    admin = User.objects.create_superuser("admin@example.com", "long-enough-password")
    client.force_login(admin)
    listing = client.get("/admin/payments/payment/")
    assert listing.status_code == 200
    assert started.reference in listing.content.decode()
    change = f"/admin/payments/payment/{started.pk}/change/"
    assert client.get(change).status_code == 200
    assert client.post(change, {"status": "SUCCESSFUL"}).status_code == 403
    assert client.get("/admin/payments/payment/add/").status_code == 403
    assert client.post(f"/admin/payments/payment/{started.pk}/delete/").status_code == 403
    assert client.get("/admin/payments/webhookevent/").status_code == 200


def test_sweeps_queue_what_is_due(started: Payment) -> None:
    from payments import tasks

    Payment.objects.filter(pk=started.pk).update(next_check_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep_payments()
    tasks.sweep_webhooks()
    started.refresh_from_db()
    assert started.next_check_at is not None
    assert started.next_check_at > timezone.now()
