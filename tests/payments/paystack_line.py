"""A loopback server in Paystack's place that notes what it is asked, and every call that can be made."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from config.core.loopback import App, Drop, Request, Response, Server, json_response
from payments.providers.base import Evidence
from payments.providers.paystack import Paystack
from payments.types import PaymentMethod

KEY = "sk_test_of_nobody"
REFERENCE = "sika-0b6c1f0e6c0d4b6f8f1f0c5f2a7d9e31"
OTP = "864209"
CARD_CODE = "AUTH_of_nobody"
NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)
LATER = datetime(2027, 2, 1, 12, tzinfo=UTC)
MONEY: dict[str, Any] = {
    "reference": REFERENCE,
    "amount_ghs": Decimal("19.99"),
    "email": "ama@example.com",
    "purpose": "credit_purchase",
}

Answer = Callable[[Request], Response]


class Line:
    """Answers everything with `answer`, and remembers what was asked."""

    def __init__(self) -> None:
        self.reset()
        app = App()
        for verb in ("GET", "POST", "PUT"):
            for depth in range(1, 5):
                app.route(verb, "".join(f"/{{p{part}}}" for part in range(depth)))(self._note)
        self.server = Server({"/paystack": app})

    def reset(self) -> None:
        self.asked: list[Request] = []
        self.answer: Answer = lambda request: ok({})

    @property
    def url(self) -> str:
        return f"{self.server.url}/paystack"

    def says(self, *answers: Answer) -> None:
        """One after the other; the last one for ever."""
        waiting = list(answers)
        self.answer = lambda request: (waiting.pop(0) if len(waiting) > 1 else waiting[0])(request)

    def _note(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answer(request)


@contextmanager
def open_line() -> Iterator[tuple[Line, Paystack]]:
    line = Line()
    with line.server:
        gateway = Paystack(base_url=line.url, secret_key=KEY, read_seconds=10)
        yield line, gateway
        gateway.close()


def ok(data: Any, meta: Any = None) -> Response:
    return json_response({"status": True, "message": "Done", "data": data, "meta": meta})


def saying(data: Any, meta: Any = None) -> Answer:
    return lambda request: ok(data, meta)


def refusing(status: int, message: str, code: str = "", headers: dict[str, str] | None = None) -> Answer:
    body = {"status": False, "message": message, "code": code}
    return lambda request: json_response(body, status, headers)


def drop(request: Request) -> Response:
    raise Drop


def hang(request: Request) -> Response:
    time.sleep(0.7)
    raise Drop


def drip(request: Request) -> Response:
    def slowly() -> Iterator[bytes]:
        for _ in range(40):
            yield b" "
            time.sleep(0.05)

    return Response(slowly())


# Method of the provider → how it is called, and what it sends: verb and path in the document's words.
CALLS: dict[str, tuple[Callable[[Paystack], Any], str, str]] = {
    "initialize": (
        lambda gateway: gateway.initialize(
            **MONEY, method=PaymentMethod.PAYSTACK, callback_url="https://shop.example/", save_card=True
        ),
        "post",
        "/transaction/initialize",
    ),
    "verify": (lambda gateway: gateway.verify(reference=REFERENCE), "get", "/transaction/verify/{reference}"),
    "transactions": (
        lambda gateway: list(gateway.transactions(since=NOON, until=LATER)),
        "get",
        "/transaction",
    ),
    "charge_mobile_money": (
        lambda gateway: gateway.charge_mobile_money(**MONEY, phone="0551234987", network="mtn"),
        "post",
        "/charge",
    ),
    "submit_otp": (
        lambda gateway: gateway.submit_otp(reference=REFERENCE, otp=OTP),
        "post",
        "/charge/submit_otp",
    ),
    "check_charge": (lambda gateway: gateway.check_charge(reference=REFERENCE), "get", "/charge/{reference}"),
    "charge_card": (
        lambda gateway: gateway.charge_card(
            **MONEY, card_code=CARD_CODE, callback_url="https://shop.example/"
        ),
        "post",
        "/transaction/charge_authorization",
    ),
    "forget_card": (
        lambda gateway: gateway.forget_card(card_code=CARD_CODE),
        "post",
        "/customer/authorization/deactivate",
    ),
    "refund": (
        lambda gateway: gateway.refund(
            transaction_id="41", amount_ghs=Decimal("7.50"), refund_id="r-1", reason="he was rude"
        ),
        "post",
        "/refund",
    ),
    "refunds": (lambda gateway: gateway.refunds(transaction_id="41"), "get", "/refund"),
    "retry_refund": (
        lambda gateway: gateway.retry_refund(refund_id="7", account_number="0011223344", bank_id="9"),
        "post",
        "/refund/retry_with_customer_details/{id}",
    ),
    "disputes": (lambda gateway: list(gateway.disputes(since=NOON, until=LATER)), "get", "/dispute"),
    "dispute": (lambda gateway: gateway.dispute(dispute_id="7"), "get", "/dispute/{id}"),
    "add_evidence": (
        lambda gateway: gateway.add_evidence(
            dispute_id="7", evidence=Evidence("ama@example.com", "Ama", "0551234987", "100 credits")
        ),
        "post",
        "/dispute/{id}/evidence",
    ),
    "upload": (
        lambda gateway: gateway.upload(dispute_id="7", filename="used.pdf", content=b"%PDF"),
        "get",
        "/dispute/{id}/upload_url",
    ),
    "resolve_dispute": (
        lambda gateway: gateway.resolve_dispute(
            dispute_id="7",
            accept=False,
            message="The credits were used",
            refund_ghs=Decimal(0),
            uploaded_filename="used.pdf",
            evidence_id="3",
        ),
        "put",
        "/dispute/{id}/resolve",
    ),
    "settlements": (lambda gateway: list(gateway.settlements(since=NOON, until=LATER)), "get", "/settlement"),
}
WRITES = sorted(name for name, (_, verb, _) in CALLS.items() if verb != "get")
READS = sorted(set(CALLS) - set(WRITES))
