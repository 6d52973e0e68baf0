"""Every way in which we learn of a payment, with everything that can be wrong: credited once, or not at all.

Each cell is an order of its own, bought through the API from the gateway's look-alike over HTTP. It is looked
at by one path while the fault lasts, and again by all that runs by itself once the fault is gone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.core.loopback import Response
from payments.models import Payment, WebhookEvent
from tests.payments.test_webhooks import deliver, sign, success
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop

from . import report
from .buying import (
    PACK_CREDITS,
    PACK_PESEWAS,
    PATHS,
    Order,
    Path,
    announce,
    by_verify_endpoint,
    by_webhook,
    callback_answer,
    credits_given,
    let_time_pass,
    poll_answer,
    run_sweeps,
    verify_answer,
    work_inbox,
)
from .relay import Relay, standing

TABLE = "Paths and faults: how often it was credited while the fault lasted, and after it"

# What each path answers, in its own words, to what the product then knows.
SAID = {
    "paid": ("applied", "200 100.0 credits", "paid", "paid", "asked"),
    "open": ("unconfirmed so far", "202 pending", "waiting", "approve", "asked"),
    "failed": ("unconfirmed so far", "402 payment_failed", "failed", "failed", "asked"),
    "review": ("applied", "202 review", "waiting", "review", "asked"),
    "no answer": (
        "GatewayUnavailable",
        "503 gateway_unavailable",
        "waiting",
        "approve",
        "GatewayUnavailable",
    ),
}
STATUS = {
    "paid": "SUCCESSFUL",
    "open": "PENDING",
    "failed": "FAILED",
    "review": "REVIEW",
    "no answer": "PENDING",
}


@dataclass(frozen=True)
class Fault:
    """`spoil` comes after the payer has paid and before the path looks; `known` is what we then know.

    `after`: what we know once the fault is gone and the sweeps have run for an hour.
    """

    name: str
    known: str
    after: str
    spoil: Callable[[Order], None] = lambda order: None
    paid: bool = True


def tampered(**data: Any) -> Callable[[Order], None]:
    return lambda order: order.sandbox.script(tamper=data)


def failing(fault: str) -> Callable[[Order], None]:
    return lambda order: order.sandbox.script(fail_next=fault, fail_calls=3)


def another_ones_reference(order: Order) -> None:
    other = Order(order.shop, order.sandbox)
    order.sandbox.script(tamper={"reference": other.reference})


FAULTS = [
    Fault("nothing wrong", "paid", "paid"),
    Fault("amount too small", "review", "review", tampered(amount=PACK_PESEWAS - 1)),
    Fault("amount too small, as asked", "review", "review", tampered(amount=10, requested_amount=10)),
    Fault("amount too large", "review", "review", tampered(amount=PACK_PESEWAS + 1)),
    Fault("amount unreadable", "review", "review", tampered(amount="80.00")),
    Fault("requested amount differs", "review", "review", tampered(requested_amount=PACK_PESEWAS - 1)),
    Fault("currency another", "review", "review", tampered(currency="NGN")),
    Fault("currency missing", "review", "review", tampered(currency=None)),
    Fault("domain live", "review", "review", tampered(domain="live")),
    Fault("reference of another", "review", "review", another_ones_reference),
    Fault("metadata names another shop", "paid", "paid", tampered(metadata={"business_id": "x", "email": "x"})),
    Fault("status failed, then paid", "failed", "paid", tampered(status="failed")),
    Fault("status abandoned, then paid", "open", "paid", tampered(status="abandoned")),
    Fault("status ongoing, then paid", "open", "paid", tampered(status="ongoing")),
    Fault("status unknown word, then paid", "open", "paid", tampered(status="settled-maybe")),
    Fault("status missing, then paid", "open", "paid", tampered(status=None)),
    Fault("status reversed", "review", "review", tampered(status="reversed")),
    Fault("announced, never paid", "open", "open", paid=False),
    Fault("HTTP 500, then well", "no answer", "paid", failing("500")),
    Fault("HTTP 429, then well", "no answer", "paid", failing("429")),
    Fault("HTTP 401, then well", "no answer", "paid", failing("401")),
    Fault("timeout, then well", "no answer", "paid", failing("timeout")),
    Fault("answer lost, then well", "no answer", "paid", failing("landed")),
    Fault("garbage, then well", "no answer", "paid", failing("garbage")),
]


@pytest.fixture
def shop(db: None, settings: Settings) -> Shop:
    settings.PAYSTACK_READ_SECONDS = 0.3
    return Shop()


def tell(record_property: report.Record, fault: str, path: Path, during: int, order: Order) -> None:
    """Enters the cell: how often credited while the fault lasted, and in the end."""
    after = times_credited()
    end = "once" if after == 1 else f"never, {order.status}" if after == 0 else f"{after} TIMES"
    text = end if during == after else f"0, then {end}"
    report.cell(record_property, TABLE, fault, path.name, text)


def times_credited() -> int:
    times, rest = divmod(credits_given(), PACK_CREDITS)
    assert rest == 0
    return int(times)


def each_path(function: Any) -> Any:
    return pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[2:])(function)


def said(path: Path, known: str) -> str:
    return SAID[known][PATHS.index(path)]


@each_path
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_the_gateway_says(
    shop: Shop, sandbox: PaystackSandbox, path: Path, fault: Fault, record_property: report.Record
) -> None:
    order = Order(shop, sandbox, direct=path.direct)
    if fault.paid:
        order.pay()
    fault.spoil(order)
    assert (path.look(order), order.status) == (said(path, fault.known), STATUS[fault.known])
    during = times_credited()
    assert during == (fault.known == "paid")

    sandbox.script(tamper={}, fail_next="")
    run_sweeps()
    expected = "failed" if fault.after == "open" and path.direct else fault.after
    assert order.status == STATUS[expected]
    assert (times_credited(), shop.balance) == ((1, 100) if expected == "paid" else (0, 0))
    tell(record_property, fault.name, path, during, order)
