"""The gateway's refund and dispute desk on the wire, with a switch for every way an answer can be lost."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_django import Settings

from config.core.loopback import App, Drop, Request, Response, Server, json_response


def ok(data: Any) -> Response:
    return json_response({"status": True, "message": "ok", "data": data})


def refused(message: str, status: int = 400) -> Response:
    return json_response({"status": False, "message": message}, status)


@dataclass
class Desk:
    """`faults` are shown by the next writes, one each:

    `landed` does the work and loses the answer, `lost` loses the request, `garbage` does the work and answers
    nonsense, `429` asks for 90 s of patience, anything else is a refusal in these words.
    """

    url: str = ""
    refunds: list[dict[str, Any]] = field(default_factory=list)
    dispute: dict[str, Any] = field(default_factory=dict)
    writes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    reads_fail: bool = False
    keeps_notes: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, request: Request, work: Any) -> Response:
        with self.lock:
            values = json.loads(request.body) if request.body[:1] == b"{" else {}
            self.writes.append((request.path, values))
            fault = self.faults.pop(0) if self.faults else ""
            if fault == "lost":
                raise Drop
            if fault == "429":
                return json_response(
                    {"status": False, "message": "Rate limit exceeded!", "code": "rate_limited"},
                    429,
                    {"x-ratelimit-reset": "90"},
                )
            if fault not in ("", "landed", "garbage"):
                return refused(fault)
            done: Response = work(values)
            if fault == "landed":
                raise Drop
            return Response(b"<html>", 200) if fault == "garbage" else done

    def refund(self, values: dict[str, Any]) -> Response:
        if not isinstance(values["amount"], int):
            return refused("amount must be an integer")
        row = {
            "id": 900 + len(self.refunds),
            "transaction": int(values["transaction"]),
            "amount": values["amount"],
            "status": "pending",
            "merchant_note": values["merchant_note"] if self.keeps_notes else "",
            "dispute": None,
        }
        self.refunds.append(row)
        return ok(row)

    def resolve(self, values: dict[str, Any]) -> Response:
        if self.dispute["status"] == "resolved":
            return refused("Dispute is already resolved")
        self.dispute |= {
            "status": "resolved",
            "resolution": values["resolution"],
            "refund_amount": values["refund_amount"] or self.dispute["refund_amount"],
        }
        return ok(self.dispute)

    def sent(self, path: str) -> list[dict[str, Any]]:
        return [values for where, values in self.writes if re.search(path, where)]


def _app(desk: Desk) -> App:
    app = App()

    def read(answer: Any) -> Response:
        return refused("Invalid key", 401) if desk.reads_fail else ok(answer())

    app.post("/charge/submit_otp")(lambda request: desk.write(request, lambda values: refused("no")))
    app.post("/refund")(lambda request: desk.write(request, desk.refund))
    app.get("/refund")(lambda request: read(lambda: desk.refunds))

    @app.get("/transaction/verify/{reference}")
    def verify(request: Request) -> Response:
        return read(lambda: {"status": "reversed", "reference": request.params["reference"]})

    @app.post("/refund/retry_with_customer_details/{id}")
    def retry(request: Request) -> Response:
        row = next(one for one in desk.refunds if str(one["id"]) == request.params["id"])

        def work(values: dict[str, Any]) -> Response:
            if row["status"] != "needs-attention":
                return refused('Invalid Refund state, refund status should be "needs-attention"', 422)
            row["status"] = "processing"
            return ok(row)

        return desk.write(request, work)

    app.get("/dispute/{id}")(lambda request: read(lambda: desk.dispute))
    app.get("/dispute")(lambda request: read(lambda: [desk.dispute] if desk.dispute else []))
    app.route("PUT", "/dispute/{id}/resolve")(lambda request: desk.write(request, desk.resolve))
    app.post("/dispute/{id}/evidence")(lambda request: desk.write(request, lambda values: ok({"id": 21})))

    @app.get("/dispute/{id}/upload_url")
    def upload_url(request: Request) -> Response:
        number = 1 + len(desk.sent("files"))
        return ok({"signedUrl": f"{desk.url}/files/{number}", "fileName": f"kept-{number}"})

    app.route("PUT", "/files/{name}")(lambda request: desk.write(request, lambda values: Response(b"", 200)))
    return app


@pytest.fixture
def desk(settings: Settings, paid: Any) -> Iterator[Desk]:
    """Asked for refunds and disputes of `paid`, which was paid at the sandbox before."""
    desk = Desk()
    with Server({"": _app(desk)}) as server:
        desk.url = server.url
        settings.PAYSTACK_BASE_URL = server.url
        yield desk
