"""Run as a process: waits for steps to do on its standard input, and does each in a child that may be killed.

A line in is `{"step": name, …arguments}`. A line out is `{"pid": …}` when its child has started, and
`{"done": pid, "answer": …}` once the step is over; the child then waits to be killed all the same.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.test import Client  # noqa: E402 — Django first
from django.utils import timezone  # noqa: E402

from accounts.models import Membership  # noqa: E402
from payments import tasks  # noqa: E402
from payments.models import Payment  # noqa: E402
from payments.services import charges  # noqa: E402
from subscriptions.services import purchases, refunds  # noqa: E402


def buy(*, membership_id: int, **how: Any) -> str:
    membership = Membership.objects.select_related("user").get(pk=membership_id)
    purchase = purchases.start(
        business_id=membership.business_id,
        user_id=membership.user_id,
        email=membership.user.email,
        pack_type="VALUE",
        amount_ghs=None,
        callback_url="",
        now=timezone.now(),
        **how,
    )
    return purchase.payment.reference


def verify(*, business_id: str, reference: str) -> str:
    found = purchases.verify(business_id=business_id, reference=reference, now=timezone.now())  # type: ignore[arg-type]
    return str(found.credits)


def enter_code(*, reference: str, otp: str) -> str:
    payment = Payment.objects.get(reference=reference)
    return charges.submit_code(payment_id=payment.pk, otp=otp, now=timezone.now()).status


def receive(*, body: str, signature: str) -> str:
    reply = Client().post(
        "/api/payments/webhooks/paystack/",
        body.encode(),
        content_type="application/json",
        headers={"x-paystack-signature": signature},
    )
    return str(reply.status_code)


def process(*, event_id: int) -> str:
    tasks.process_webhook(event_id)
    return "processed"


def check(*, payment_id: int) -> str:
    tasks.check_payment(payment_id)
    return "checked"


def ask_back(*, payment_id: int, requested_by: int) -> str:
    asked = refunds.request(
        payment_id=payment_id, reason="Wrong pack", requested_by=requested_by, now=timezone.now()
    )
    return str(asked.credits)


def refund(*, refund_id: str) -> str:
    tasks.send_refund(refund_id)
    return "sent"


def check_refund(*, refund_id: str) -> str:
    tasks.check_refund(refund_id)
    return "checked"


STEPS: dict[str, Callable[..., str]] = {
    "buy": buy,
    "verify": verify,
    "enter_code": enter_code,
    "receive": receive,
    "process": process,
    "check": check,
    "ask_back": ask_back,
    "refund": refund,
    "check_refund": check_refund,
}


def _tell(**line: Any) -> None:
    os.write(1, json.dumps(line, default=str).encode() + b"\n")


def _do(order: dict[str, Any]) -> None:
    try:
        answer = STEPS[order.pop("step")](**order)
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    _tell(done=os.getpid(), answer=answer)
    signal.pause()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    _tell(ready=True)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _do(order)
        _tell(pid=child)


if __name__ == "__main__":
    main()
