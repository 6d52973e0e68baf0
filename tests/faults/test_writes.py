"""A write whose answer is lost is found out by asking, not by doing it again; a 429 is waited for as told."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import requests
from django.utils import timezone

from payments import tasks
from payments.models import Payment, Refund, SavedCard
from payments.services import refunds
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop

from . import report
from .buying import PHONE, Order, run_sweeps
from .cells import times_credited

TABLE = "Writes: how often the gateway was told, after a lost answer, a second press and an hour of sweeps"
LOST = ["timeout", "landed", "drop", "500", "garbage"]


@dataclass(frozen=True)
class Write:
    """`prepare` makes what `press` needs; `press` is done twice."""

    path: str
    prepare: Callable[[Shop, PaystackSandbox], Any]
    press: Callable[[Shop, Any], None]


def order_again(shop: Shop, body: dict[str, Any]) -> None:
    """The same request with the same key, as an impatient till sends it."""
    reply = shop.post("purchase/", {"pack_type": "VALUE", **body}, idempotency_key="same-key-1")
    assert reply.status_code in (201, 402, 409, 503), reply.content


def page(shop: Shop, sandbox: PaystackSandbox) -> dict[str, Any]:
    return {"payment_method": "PAYSTACK"}


def phone(shop: Shop, sandbox: PaystackSandbox) -> dict[str, Any]:
    return {"payment_method": "MOMO", "phone": PHONE, "network": "mtn"}


def saved_card(shop: Shop, sandbox: PaystackSandbox) -> dict[str, Any]:
    reference = shop.order("VALUE", payment_method="PAYSTACK", save_card=True)
    sandbox.pay(reference, channel="card")
    assert shop.verify(reference).status_code == 200
    return {"payment_method": "PAYSTACK", "card_id": SavedCard.objects.get().pk}


def waiting_for_code(shop: Shop, sandbox: PaystackSandbox) -> str:
    return shop.order("VALUE", phone=PHONE, network="vod")


def enter_code(shop: Shop, reference: str) -> None:
    reply = shop.client.post(f"/api/payments/{reference}/otp/", {"otp": "123456"})
    assert reply.status_code in (200, 409, 503), reply.content


def paid_twice(shop: Shop, sandbox: PaystackSandbox) -> str:
    first = Order(shop, sandbox)
    second = first.another_attempt()
    for order in (first, second):
        order.pay()
        assert shop.verify(order.reference).status_code == 200
    refund = refunds.open_refund(
        payment_id=second.payment.pk,
        amount_ghs=second.payment.amount_ghs,
        reason="Paid twice",
        requested_by=shop.membership.user_id,
        now=timezone.now(),
    )
    return str(refund.pk)


def send_refund(shop: Shop, refund_id: str) -> None:
    tasks.send_refund(refund_id)


WRITES = {
    "initialize": Write("/transaction/initialize", page, order_again),
    "charge": Write("/charge", phone, order_again),
    "submit_otp": Write("/charge/submit_otp", waiting_for_code, enter_code),
    "charge_authorization": Write("/transaction/charge_authorization", saved_card, order_again),
    "refund": Write("/refund", paid_twice, send_refund),
}


def told(sandbox: PaystackSandbox, path: str) -> list[Any]:
    return [one["body"] for one in sandbox.requests() if (one["method"], one["path"]) == ("POST", path)]


# How often the gateway is told, all in all. Opening a page takes no money, and its reference lets it happen
# once: it alone is repeated at once, and where the page is lost, a second press orders anew. A refund is sent
# again after five minutes, if the gateway, asked, does not have it. Nothing that charges is ever sent again.
SENT = {
    "initialize": {"landed": 3, "garbage": 2, "else": 2},
    "charge": {"else": 1},
    "submit_otp": {"else": 1},
    "charge_authorization": {"else": 1},
    "refund": {"landed": 1, "else": 2},
}


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("name", WRITES)
def test_a_lost_answer(
    shop: Shop, sandbox: PaystackSandbox, name: str, fault: str, record_property: report.Record
) -> None:
    write = WRITES[name]
    what = write.prepare(shop, sandbox)
    had, credited = len(told(sandbox, write.path)), times_credited()
    sandbox.script(faults=[{"path": write.path, "method": "POST", "fault": fault, "times": 1}])
    write.press(shop, what)
    write.press(shop, what)
    run_sweeps(timedelta(minutes=1))
    if name == "charge" and fault == "landed":
        assert sandbox.phone(Payment.objects.latest("pk").reference) == "success"
    run_sweeps(timedelta(minutes=20))
    sent = told(sandbox, write.path)[had:]
    assert len(sent) == SENT[name].get(fault, SENT[name]["else"])
    if name == "refund":
        refund = Refund.objects.get()
        assert (refund.status, refund.payment.refunded_ghs) == ("PROCESSED", 80)
        assert refunds_there(sandbox, refund.payment) == ["processed"]
    elif name != "submit_otp":
        is_charged = fault == "landed" and name != "initialize"
        assert times_credited() == credited + is_charged
        assert Payment.objects.latest("pk").status == (
            "SUCCESSFUL" if is_charged else "PENDING" if name == "initialize" else "FAILED"
        )
    references = {body.get("reference") or body.get("transaction") for body in sent}
    text = f"{len(sent)} sent" + (f", {len(references)} orders" if len(references) > 1 else "")
    report.cell(record_property, TABLE, name, fault, text)


def refunds_there(sandbox: PaystackSandbox, payment: Payment) -> list[str]:
    reply = requests.get(
        f"{sandbox.url}/refund",
        params={"transaction": payment.gateway_transaction_id},
        headers={"Authorization": "Bearer sk_test_x"},
        timeout=5,
    )
    return [row["status"] for row in reply.json()["data"]]


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_was_refused_for_its_rate_is_not_repeated_by_itself(
    shop: Shop, sandbox: PaystackSandbox, name: str, record_property: report.Record
) -> None:
    """Nothing happened, so its caller may press again once the time is over; a refund waits by itself."""
    write = WRITES[name]
    what = write.prepare(shop, sandbox)
    had = len(told(sandbox, write.path))
    sandbox.script(
        faults=[{"path": write.path, "method": "POST", "fault": "429", "times": 1}], rate_limit_reset=50
    )
    started = time.monotonic()
    write.press(shop, what)
    assert time.monotonic() - started < 5
    assert len(told(sandbox, write.path)) == had + 1
    run_sweeps(timedelta(minutes=1))
    assert len(told(sandbox, write.path)) == had + 1 + (name == "refund")
    report.cell(record_property, TABLE, name, "429", "1 sent" if name != "refund" else "1, then 1")


def test_the_buyer_is_told_how_long_to_wait(shop: Shop, sandbox: PaystackSandbox) -> None:
    sandbox.script(fail_next="429", rate_limit_reset=50)
    reply = shop.post("purchase/", {"pack_type": "VALUE", "payment_method": "PAYSTACK"})
    assert (reply.status_code, reply.json()["code"]) == (503, "gateway_unavailable")
    assert (reply.json()["retry_after"], reply.headers["Retry-After"]) == (50, "50")


def test_a_refund_waits_as_told(shop: Shop, sandbox: PaystackSandbox) -> None:
    refund_id = paid_twice(shop, sandbox)
    plan = {"path": "/refund", "method": "POST", "fault": "429", "times": 1}
    sandbox.script(faults=[plan], rate_limit_reset=50)
    now = timezone.now()
    refunds.send(refund_id=UUID(refund_id), now=now)
    assert refunds.claim_due(now=now + timedelta(seconds=49)) == []
    assert refunds.claim_due(now=now + timedelta(seconds=50)) == [UUID(refund_id)]
    later = refunds.check(refund_id=UUID(refund_id), now=now + timedelta(seconds=50))
    assert (len(told(sandbox, "/refund")), later.gateway_refund_id != "") == (2, True)


@pytest.mark.parametrize(("reset", "asked", "at_least"), [(1, 2, 1.0), (60, 1, 0.0)])
def test_a_read_waits_as_told_or_comes_back_later(
    shop: Shop, sandbox: PaystackSandbox, reset: int, asked: int, at_least: float
) -> None:
    """Ten seconds of waiting at most: a person is waiting, too."""
    order = Order(shop, sandbox)
    order.pay()
    had = len(sandbox.requests())
    sandbox.script(fail_next="429", rate_limit_reset=reset)
    started = time.monotonic()
    reply = shop.verify(order.reference)
    waited = time.monotonic() - started
    assert len(sandbox.requests()) - had == asked
    assert at_least <= waited < at_least + 3
    assert reply.status_code == (200 if asked == 2 else 503)
    run_sweeps(timedelta(minutes=5))
    assert (order.status, times_credited()) == ("SUCCESSFUL", 1)
