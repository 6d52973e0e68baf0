"""Who signed a delivery of Stripe's, and what it says."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payments.providers.base import Event, EventKind
from payments.providers.stripe import Stripe

from .stripe_server import WEBHOOK_SECRET, sign


@pytest.fixture
def stripe() -> Stripe:
    return Stripe(base_url="http://127.0.0.1:1", secret_key="sk_test_x", webhook_secret=WEBHOOK_SECRET)


NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)


def signed(body: bytes = b"{}", *, at: datetime = NOW, secret: str = WEBHOOK_SECRET) -> str:
    return sign(body, secret=secret, at=at.timestamp())


def test_signature_computed_by_hand_is_accepted(stripe: Stripe) -> None:
    # printf '1800000000.{}' | openssl dgst -sha256 -hmac whsec_not_a_real_secret
    by_hand = "5a73e0553a6631aedce1fa92cded089f9ce43b483ca2aa0fae0cc1ef17a645c9"
    moment = datetime.fromtimestamp(1_800_000_000, UTC)
    alone, rolled = f"t=1800000000,v1={by_hand}", f"t=1800000000,v1={'0' * 64},v1={by_hand},v0=old"
    assert stripe.signed_with(body=b"{}", signature=alone, now=moment) == "current"
    assert stripe.signed_with(body=b"{}", signature=rolled, now=moment) == "current"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "nonsense",
        "t=,v1=",
        f"v1={'0' * 64}",
        signed().partition(",")[2],
        f"t={int(NOW.timestamp())}",
        f"t={int(NOW.timestamp())},v1={'0' * 64}",
        f"t={int(NOW.timestamp())},v1=é\xff",
        f"t=²,{signed().partition(',')[2]}",
        f"t={'9' * 30},v1=0",
        signed().replace("v1=", "v0="),
        signed(b"{ }"),
        signed(secret="whsec_other"),
        f"t={int(NOW.timestamp()) + 1},{signed().partition(',')[2]}",
    ],
)
def test_wrong_signatures(stripe: Stripe, signature: str) -> None:
    assert stripe.signed_with(body=b"{}", signature=signature, now=NOW) is None


def test_body_that_is_not_utf8_is_not_theirs(stripe: Stripe) -> None:
    assert stripe.signed_with(body=b"\xff", signature=signed(b"\xff"), now=NOW) is None


def test_signature_is_good_for_five_minutes(stripe: Stripe) -> None:
    limit = timedelta(minutes=5)
    assert stripe.signed_with(body=b"{}", signature=signed(), now=NOW + limit) == "current"
    late = NOW + limit + timedelta(seconds=1)
    assert stripe.signed_with(body=b"{}", signature=signed(), now=late) is None


def test_previous_secret_counts_for_72_hours() -> None:
    stripe = Stripe(
        base_url="http://127.0.0.1:1",
        secret_key="sk_test_x",
        webhook_secret=WEBHOOK_SECRET,
        previous_secret="whsec_before",
        secret_rotated_at=NOW,
    )
    last = NOW + timedelta(hours=72) - timedelta(seconds=1)
    for moment, expected in ((NOW, "previous"), (last, "previous"), (NOW + timedelta(hours=72), None)):
        signature = signed(at=moment, secret="whsec_before")
        assert stripe.signed_with(body=b"{}", signature=signature, now=moment) == expected


@pytest.mark.parametrize(
    ("name", "about", "expected"),
    [
        (
            "checkout.session.completed",
            {"id": "cs_1", "client_reference_id": "sika-1", "payment_status": "paid"},
            Event("checkout.session.completed", "sika-1", EventKind.PAID, "cs_1"),
        ),
        (
            "checkout.session.completed",
            {"id": "cs_1", "client_reference_id": "sika-1", "payment_status": "unpaid"},
            Event("checkout.session.completed", "sika-1", EventKind.CHANGED, "cs_1"),
        ),
        (
            "checkout.session.async_payment_succeeded",
            {"id": "cs_1", "client_reference_id": "sika-1"},
            Event("checkout.session.async_payment_succeeded", "sika-1", EventKind.PAID, "cs_1"),
        ),
        (
            "checkout.session.async_payment_failed",
            {"id": "cs_1", "client_reference_id": "sika-1"},
            Event("checkout.session.async_payment_failed", "sika-1", EventKind.CHANGED, "cs_1"),
        ),
        (
            "checkout.session.expired",
            {"id": "c" * 101, "client_reference_id": None, "metadata": {"reference": "sika-1"}},
            Event("checkout.session.expired", "sika-1", EventKind.CHANGED, ""),
        ),
        (
            "charge.refunded",
            {"id": "ch_1", "metadata": {"reference": "sika-1"}},
            Event("charge.refunded", "sika-1", EventKind.REFUND),
        ),
        ("refund.failed", {"id": "re_1"}, Event("refund.failed", "", EventKind.REFUND)),
        (
            "charge.dispute.created",
            {"id": "du_1", "payment_intent": "pi_1"},
            Event("charge.dispute.created", "", EventKind.DISPUTE, "", "pi_1"),
        ),
        ("invoice.paid", [], Event("invoice.paid", "", EventKind.OTHER)),
    ],
)
def test_events(stripe: Stripe, name: str, about: Any, expected: Event) -> None:
    body = json.dumps({"type": name, "data": {"object": about}}).encode()
    assert stripe.read_event(body=body) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"type": 1}', b"\xff", b"[" * 100_000])
def test_other_bodies_are_unreadable(stripe: Stripe, body: bytes) -> None:
    assert stripe.read_event(body=body) is None
