"""The same five paths when news comes twice, late, in the wrong order, forged or not at all."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.core.loopback import Response, json_response
from payments import tasks
from payments.models import WebhookEvent
from payments.services import reconciliation, schedule
from tests.payments.test_webhooks import deliver, sign, success
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop

from . import report
from .buying import (
    PACK_PESEWAS,
    PATHS,
    Order,
    Path,
    announce,
    by_verify_endpoint,
    callback_answer,
    let_time_pass,
    poll_answer,
    run_sweeps,
    verify_answer,
)
from .cells import STATUS, TABLE, each_path, enter, said, times_credited
from .relay import standing

BY_NAME = {path.name[2:]: path for path in PATHS}

# What a path can't suffer, and why.
NOT_APPLICABLE = {
    ("forged signature", "verify"): "we ask; nobody signs",
    ("forged signature", "callback"): "a browser comes; nobody signs",
    ("forged signature", "poll"): "we ask; nobody signs",
    ("forged signature", "sweep"): "we ask; nobody signs",
    ("forged reference", "sweep"): "it takes references from our own rows alone",
    ("another shop asks", "webhook"): "it knows no shops",
    ("another shop asks", "sweep"): "nobody asks",
}


@pytest.mark.parametrize(("fault", "name"), NOT_APPLICABLE)
def test_what_a_path_can_not_suffer(fault: str, name: str, record_property: report.Record) -> None:
    assert NOT_APPLICABLE[fault, name]
    report.cell(record_property, TABLE, fault, BY_NAME[name].name, "-")


@each_path
def test_duplicate(shop: Shop, sandbox: PaystackSandbox, path: Path, record_property: report.Record) -> None:
    sandbox.script(webhook_copies=3)
    order = Order(shop, sandbox, direct=path.direct)
    order.pay()
    answers = [path.look(order) for _ in range(3)]
    again = "not asked" if path.name.endswith("sweep") else said(path, "paid")
    assert answers == [said(path, "paid"), again, again]
    during = times_credited()
    run_sweeps()
    assert (order.status, times_credited(), shop.balance) == ("SUCCESSFUL", 1, 100)
    enter(record_property, "duplicate, three times", path, during, order)


@each_path
def test_older_news_after_newer(
    shop: Shop, sandbox: PaystackSandbox, path: Path, record_property: report.Record
) -> None:
    order = Order(shop, sandbox, direct=path.direct)
    order.pay()
    assert path.look(order) == said(path, "paid")
    for older in ("failed", "abandoned", "ongoing"):
        sandbox.script(tamper={"status": older})
        announce(order, "charge.failed")
        path.look(order)
    during = times_credited()
    run_sweeps()
    assert (order.status, during, times_credited(), shop.balance) == ("SUCCESSFUL", 1, 1, 100)
    enter(record_property, "reorder: failed, abandoned, ongoing after it", path, during, order)


@each_path
def test_paid_after_we_gave_up(
    shop: Shop, sandbox: PaystackSandbox, path: Path, record_property: report.Record
) -> None:
    """The sweep's last look is after 24 hours; later money is left to the comparison of lists."""
    order = Order(shop, sandbox, direct=path.direct)
    run_sweeps(timedelta(minutes=4))
    let_time_pass(timedelta(hours=24))
    run_sweeps(timedelta(minutes=3))
    assert (order.status, order.payment.next_check_at) == ("FAILED", None)
    order.pay()
    is_sweep = path.name.endswith("sweep")
    assert path.look(order) == ("not asked" if is_sweep else said(path, "paid"))
    during = times_credited()
    assert during == (not is_sweep)
    now = timezone.now()
    reconciliation.run(
        gateway="paystack", since=now - timedelta(minutes=1), until=now, dry_run=False, now=now
    )
    assert (order.status, times_credited(), shop.balance) == ("SUCCESSFUL", 1, 100)
    enter(record_property, "delay past our own expiry", path, during, order)


@each_path
def test_lost(shop: Shop, sandbox: PaystackSandbox, path: Path, record_property: report.Record) -> None:
    """The webhook is never sent, the browser never comes back, nobody asks, the sweep's worker dies."""
    sandbox.script(lose_webhooks=True)
    order = Order(shop, sandbox, direct=path.direct)
    order.pay()
    if path.name.endswith("sweep"):
        let_time_pass(timedelta(seconds=16))
        assert schedule.claim_due(now=timezone.now()) == [order.payment.pk]
    assert sandbox.deliveries(order.reference) == []
    during = times_credited()
    run_sweeps(timedelta(minutes=5))
    assert (order.status, during, times_credited(), shop.balance) == ("SUCCESSFUL", 0, 1, 100)
    enter(record_property, "loss", path, during, order)


def test_forged_signature(shop: Shop, sandbox: PaystackSandbox, record_property: report.Record) -> None:
    order = Order(shop, sandbox)
    body = success(order.reference, status="success", amount=PACK_PESEWAS, currency="GHS", domain="test")
    for signature in ("", "0" * 128, sign(body, "sk_test_other"), sign(body).upper(), sign(body + b" ")):
        assert deliver(Client(), body, signature).status_code == 401
    assert WebhookEvent.objects.count() == 0
    during = times_credited()
    run_sweeps()
    assert (order.status, during, times_credited()) == ("PENDING", 0, 0)
    enter(record_property, "forged signature", BY_NAME["webhook"], during, order)


UNKNOWN = {
    "webhook": "unknown_reference",
    "verify": "404 not_found",
    "callback": "waiting",
    "poll": "404",
}


def answer_to(name: str, forged: str, shop: Shop) -> str:
    if name == "verify":
        return verify_answer(shop, forged)
    if name == "callback":
        return callback_answer(forged)
    if name == "poll":
        return str(Client().get(f"/payments/{forged}/state/").status_code)
    assert deliver(Client(), success(forged, status="success", amount=PACK_PESEWAS)).status_code == 200
    event = WebhookEvent.objects.latest("pk")
    tasks.process_webhook(event.pk)
    event.refresh_from_db()
    return str(event.outcome)


@pytest.mark.parametrize("name", UNKNOWN)
def test_forged_reference(
    shop: Shop, sandbox: PaystackSandbox, name: str, record_property: report.Record
) -> None:
    """A paid order is there; nothing but its own reference finds it."""
    order = Order(shop, sandbox, direct=BY_NAME[name].direct)
    order.pay()
    asked = len(sandbox.requests())
    for forged in ("sika-" + "0" * 32, "sika-%", "' OR 1=1 --", "../../etc", "x" * 51):
        assert answer_to(name, forged, shop) == UNKNOWN[name]
    assert len(sandbox.requests()) == asked
    assert (order.status, times_credited()) == ("PENDING", 0)
    run_sweeps()
    assert (order.status, times_credited(), shop.balance) == ("SUCCESSFUL", 1, 100)
    enter(record_property, "forged reference", BY_NAME[name], 0, order)


@pytest.mark.parametrize("name", ["verify", "callback", "poll"])
def test_another_shop_asks(
    shop: Shop, sandbox: PaystackSandbox, name: str, record_property: report.Record
) -> None:
    """Through the API it does not exist for them; whoever is told of it, the credits are its owner's."""
    stranger = Shop()
    order = Order(shop, sandbox, direct=BY_NAME[name].direct)
    order.pay()
    if name == "verify":
        assert verify_answer(stranger, order.reference) == "404 not_found"
    elif name == "callback":
        assert callback_answer(order.reference) == "paid"
    else:
        let_time_pass(timedelta(seconds=11))
        assert poll_answer(order.reference) == "paid"
    during = times_credited()
    assert during == (name != "verify")
    run_sweeps()
    assert (order.status, times_credited(), shop.balance, stranger.balance) == ("SUCCESSFUL", 1, 100, 0)
    enter(record_property, "another shop asks", BY_NAME[name], during, order)


@each_path
def test_second_success_for_the_same_order(
    shop: Shop, sandbox: PaystackSandbox, path: Path, record_property: report.Record
) -> None:
    first = Order(shop, sandbox, direct=path.direct)
    second = first.another_attempt()
    first.pay()
    second.pay()
    assert by_verify_endpoint(first) == "200 100.0 credits"
    path.look(second)
    during = times_credited()
    run_sweeps()
    assert (first.status, second.status) == ("SUCCESSFUL", "SUCCESSFUL")
    assert (first.payment.unapplied, second.payment.unapplied) == (False, True)
    assert (during, times_credited(), shop.balance) == (1, 1, 100)
    assert by_verify_endpoint(second) == "200 0.0 credits"
    enter(record_property, "second success for one order", path, during, second)


@each_path
def test_transaction_of_another_payment(
    shop: Shop, sandbox: PaystackSandbox, path: Path, record_property: report.Record
) -> None:
    """One transaction at the gateway pays one payment, whatever reference it then comes with."""
    other = Order(shop, sandbox)
    other.pay()
    assert by_verify_endpoint(other) == "200 100.0 credits"
    order = Order(shop, sandbox, direct=path.direct)
    sandbox.script(
        tamper={
            "id": int(other.payment.gateway_transaction_id),
            "status": "success",
            "reference": order.reference,
        }
    )
    assert path.look(order) == said(path, "review")
    during = times_credited()
    assert (order.status, during, shop.balance) == ("REVIEW", 1, 100)
    run_sweeps()
    assert (order.status, times_credited()) == ("REVIEW", 1)
    report.cell(record_property, TABLE, "transaction id of another", path.name, "never, REVIEW")


ENVELOPES: dict[str, tuple[Response, str]] = {
    "envelope says success, data says failed": (
        json_response(
            {
                "status": True,
                "message": "Verification successful",
                "data": {"status": "failed", "gateway_response": "Approved", "amount": PACK_PESEWAS},
            }
        ),
        "failed",
    ),
    "envelope without data": (
        json_response({"status": True, "message": "Verification successful"}),
        "no answer",
    ),
    "envelope says false, data success": (
        json_response({"status": False, "message": "Verification successful", "data": {"status": "success"}}),
        "no answer",
    ),
    "envelope with a list": (
        json_response({"status": True, "message": "ok", "data": [{"status": "success"}]}),
        "no answer",
    ),
    "envelope with success and nothing else": (
        json_response({"status": True, "message": "ok", "data": {"status": "success"}}),
        "review",
    ),
    "rate limit told as HTTP 400": (
        json_response(
            {"status": False, "message": "Rate limit exceeded!", "code": "rate_limited"},
            400,
            {"x-ratelimit-reset": "30"},
        ),
        "no answer",
    ),
    "redirect elsewhere": (Response(b"", 302, {"Location": "http://127.0.0.1:1/"}), "no answer"),
    "six megabytes": (Response(b" " * 6_000_000, 200), "no answer"),
}


# The paths share the client, so one stands for all but for the classic mistake.
CELLS = [(fault, path) for fault in ENVELOPES for path in PATHS[: 5 if "data says failed" in fault else 1]]


@pytest.mark.parametrize(("fault", "path"), CELLS)
def test_wrong_envelope(
    shop: Shop,
    sandbox: PaystackSandbox,
    settings: Settings,
    path: Path,
    fault: str,
    record_property: report.Record,
) -> None:
    answer, known = ENVELOPES[fault]
    with standing() as (relay, url):
        settings.PAYSTACK_BASE_URL = url
        order = Order(shop, sandbox, direct=path.direct)
        order.pay()
        relay.answer = answer
        assert (path.look(order), order.status) == (said(path, known), STATUS[known])
        during = times_credited()
        assert during == 0
        relay.answer = None
        run_sweeps()
    after = "review" if known == "review" else "paid"
    assert (order.status, times_credited()) == (STATUS[after], after == "paid")
    enter(record_property, fault, path, during, order)
