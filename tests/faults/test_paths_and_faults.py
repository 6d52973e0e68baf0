"""Every way in which we learn of a payment, with everything that can be wrong: credited once, or not at all.

Each cell is an order of its own, bought through the API from the gateway's look-alike over HTTP. It is looked
at by one path while the fault lasts, and again by all that runs by itself once the fault is gone. The paths
share the credit rule and the client: where only those decide, one path stands for all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop

from . import report
from .buying import PACK_PESEWAS, PATHS, Order, Path, run_sweeps
from .cells import STATUS, enter, said, times_credited


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
    return lambda order: order.sandbox.script(fail_next=fault, fail_calls=3, rate_limit_reset=0)


def another_ones_reference(order: Order) -> None:
    other = Order(order.shop, order.sandbox)
    order.sandbox.script(tamper={"reference": other.reference})


FAULTS = [
    Fault("nothing wrong", "paid", "paid"),
    Fault("amount too small", "review", "review", tampered(amount=PACK_PESEWAS - 1)),
    Fault("amount too large", "review", "review", tampered(amount=PACK_PESEWAS + 1)),
    Fault("currency another", "review", "review", tampered(currency="NGN")),
    Fault("domain live", "review", "review", tampered(domain="live")),
    Fault("reference of another", "review", "review", another_ones_reference),
    Fault("status failed, then paid", "failed", "paid", tampered(status="failed")),
    Fault("status abandoned, then paid", "open", "paid", tampered(status="abandoned")),
    Fault("status unknown word, then paid", "open", "paid", tampered(status="settled-maybe")),
    Fault("status reversed", "review", "review", tampered(status="reversed")),
    Fault("announced, never paid", "open", "open", paid=False),
    Fault("HTTP 401, then well", "no answer", "paid", failing("401")),
    Fault("HTTP 429, then well", "no answer", "paid", failing("429")),
    Fault("garbage, then well", "no answer", "paid", failing("garbage")),
]
OF_THE_RULE = {
    "amount too small, as asked": ("review", "review", tampered(amount=10, requested_amount=10)),
    "amount unreadable": ("review", "review", tampered(amount="80.00")),
    "requested amount differs": ("review", "review", tampered(requested_amount=PACK_PESEWAS - 1)),
    "currency missing": ("review", "review", tampered(currency=None)),
    "metadata names another shop": ("paid", "paid", tampered(metadata={"business_id": "x"})),
    "status ongoing, then paid": ("open", "paid", tampered(status="ongoing")),
    "status missing, then paid": ("open", "paid", tampered(status=None)),
}
OF_THE_CLIENT = {
    "HTTP 500, then well": ("no answer", "paid", failing("500")),
    "timeout, then well": ("no answer", "paid", failing("timeout")),
    "answer lost, then well": ("no answer", "paid", failing("landed")),
}
CELLS = [(fault, path) for fault in FAULTS for path in PATHS]
CELLS += [(Fault(name, *rest), PATHS[1]) for name, rest in {**OF_THE_RULE, **OF_THE_CLIENT}.items()]


@pytest.mark.parametrize(("fault", "path"), CELLS, ids=lambda one: one.name)
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
    enter(record_property, fault.name, path, during, order)
