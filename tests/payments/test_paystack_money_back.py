"""Refunds, disputes and payouts, as calls and webhooks show them."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from config.core.http import OutcomeUnknown
from config.core.loopback import Request, Response
from payments.errors import GatewayUnavailable
from payments.providers.base import DisputeReport, EventKind, RefundReport, SettlementReport
from payments.providers.paystack import Paystack, refunds
from payments.types import RefundStatus

from .paystack_line import CALLS, LATER, NOON, Answer, Line, drop, hang, ok, refusing, saying

REFUND = {"id": 3018284, "transaction": 41, "amount": 750, "status": "pending", "merchant_note": "r-1"}
DISPUTE = {
    "id": 2867,
    "refund_amount": 5800,
    "status": "awaiting-merchant-feedback",
    "resolution": None,
    "transaction": {"reference": "sika-1"},
    "transaction_reference": None,
    "category": "chargeback",
    "messages": [{"body": "first"}, {"body": "I did not buy this"}],
    "dueAt": "2027-02-02T18:00:00.000Z",
    "createdAt": "2027-01-31T13:46:57+01:00",
}


@pytest.mark.parametrize("amount", [750, "750"])
@pytest.mark.parametrize("transaction", [41, "41", {"id": 41, "reference": "sika-1"}])
def test_refund_that_was_taken(line: Line, paystack: Paystack, amount: Any, transaction: Any) -> None:
    line.answer = saying({**REFUND, "amount": amount, "transaction": transaction})
    assert CALLS["refund"][0](paystack) == RefundReport(
        id="3018284",
        status=RefundStatus.PENDING,
        amount_ghs=Decimal("7.50"),
        transaction_id="41",
        reference="sika-1" if isinstance(transaction, dict) else "",
        note="r-1",
    )


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("pending", RefundStatus.PENDING),
        ("processing", RefundStatus.PROCESSING),
        ("processed", RefundStatus.PROCESSED),
        ("failed", RefundStatus.FAILED),
        ("needs-attention", RefundStatus.NEEDS_ATTENTION),
        ("needs_attention", RefundStatus.NEEDS_ATTENTION),
        ("Processed", RefundStatus.PROCESSED),
        ("reversed", RefundStatus.PENDING),
        (None, RefundStatus.PENDING),
    ],
)
def test_state_of_a_refund(said: Any, status: RefundStatus) -> None:
    assert refunds.read({"status": said}).status is status


def test_refund_taken_without_an_id_has_to_be_looked_for(line: Line, paystack: Paystack) -> None:
    line.answer = saying({**REFUND, "id": None})
    with pytest.raises(OutcomeUnknown):
        CALLS["refund"][0](paystack)
    assert len(line.asked) == 1


def test_refunds_of_another_transaction_do_not_count(line: Line, paystack: Paystack) -> None:
    rows = [REFUND, {**REFUND, "id": 2, "transaction": 42}, {**REFUND, "id": 3, "transaction": None}]
    line.answer = saying(rows, {"page": 1, "pageCount": 1})
    assert [one.id for one in paystack.refunds(transaction_id="41")] == ["3018284", "3"]


def test_refund_that_a_dispute_made(line: Line, paystack: Paystack) -> None:
    line.answer = saying([{**REFUND, "dispute": 20}], {"pageCount": 1})
    assert [one.dispute_id for one in paystack.refunds(transaction_id="41")] == ["20"]


@pytest.mark.parametrize(
    ("data", "refund"),
    [
        (
            {"status": "processed", "transaction_reference": "sika-1", "amount": "5000"},
            RefundReport("", RefundStatus.PROCESSED, Decimal("50.00"), reference="sika-1"),
        ),
        (
            {"status": "failed", "transaction_reference": "sika-1", "amount": 20000},
            RefundReport("", RefundStatus.FAILED, Decimal("200.00"), reference="sika-1"),
        ),
        (
            {
                "status": "needs-attention",
                "transaction_reference": "sika-1",
                "amount": 5306,
                "id": "123456",
                "customer_note": "Refund for transaction sika-1",
                "merchant_note": "r-1",
            },
            RefundReport(
                "123456", RefundStatus.NEEDS_ATTENTION, Decimal("53.06"), reference="sika-1", note="r-1"
            ),
        ),
    ],
)
def test_refund_webhook(paystack: Paystack, data: dict[str, Any], refund: RefundReport) -> None:
    body = json.dumps({"event": f"refund.{data['status']}", "data": data}).encode()
    event = paystack.read_event(body=body)
    assert event is not None
    assert (event.name, event.reference, event.kind) == (
        f"refund.{data['status']}",
        "sika-1",
        EventKind.REFUND,
    )
    assert paystack.read_refund(body=body) == refund


def test_dispute_webhook(paystack: Paystack) -> None:
    body = json.dumps({"event": "charge.dispute.create", "data": DISPUTE}).encode()
    event = paystack.read_event(body=body)
    assert event is not None
    assert (event.name, event.reference, event.kind) == (
        "charge.dispute.create",
        "sika-1",
        EventKind.DISPUTE,
    )
    assert paystack.read_dispute(body=body) == DisputeReport(
        id="2867",
        reference="sika-1",
        amount_ghs=Decimal("58.00"),
        status="awaiting-merchant-feedback",
        resolution="",
        category="chargeback",
        message="I did not buy this",
        due_at=datetime(2027, 2, 2, 18, tzinfo=UTC),
        created_at=datetime(2027, 1, 31, 12, 46, 57, tzinfo=UTC),
    )


def test_dispute_without_figures(line: Line, paystack: Paystack) -> None:
    line.answer = saying(
        {
            "id": 7,
            "refund_amount": None,
            "status": "archived",
            "dueAt": "soon",
            "created_at": "2027-01-31T12:00:00Z",
        }
    )
    assert paystack.dispute(dispute_id="7") == DisputeReport(
        id="7", reference="", amount_ghs=None, status="archived", resolution="", created_at=NOON
    )


def test_accepting_a_dispute(line: Line, paystack: Paystack) -> None:
    line.answer = saying({**DISPUTE, "status": "resolved", "resolution": "merchant-accepted"})
    report = paystack.resolve_dispute(
        dispute_id="7",
        accept=True,
        message="Sorry",
        refund_ghs=Decimal("58.00"),
        uploaded_filename="f",
        evidence_id="",
    )
    assert (report.status, report.resolution) == ("resolved", "merchant-accepted")
    assert line.asked[0].json() == {
        "resolution": "merchant-accepted",
        "message": "Sorry",
        "refund_amount": 5800,
        "uploaded_filename": "f",
    }


def place(line: Line, put: Answer, url: str = "/files/f") -> Answer:
    def answer(request: Request) -> Response:
        return put(request) if request.method == "PUT" else ok({"signedUrl": line.url + url, "fileName": "f"})

    return answer


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("a.pdf", "application/pdf"),
        ("a.PNG", "image/png"),
        ("a", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_file_is_put_without_our_key(line: Line, paystack: Paystack, filename: str, kind: str) -> None:
    line.answer = place(line, lambda request: Response(b"", 200))
    assert paystack.upload(dispute_id="7", filename=filename, content=b"%PDF\x00\xff") == "f"
    put = line.asked[1]
    assert (put.method, put.path, put.body) == ("PUT", "/files/f", b"%PDF\x00\xff")
    assert put.headers["content-type"] == kind
    assert "authorization" not in put.headers


@pytest.mark.parametrize(
    ("put", "words"),
    [
        (lambda _: Response(b"<Error>", 403), "could not be stored"),
        (refusing(500, "No"), "did not answer"),
        (drop, "did not answer"),
        (hang, "did not answer"),
    ],
)
def test_file_that_did_not_arrive_can_be_sent_again(
    line: Line, paystack: Paystack, put: Answer, words: str
) -> None:
    line.answer = place(line, put)
    with pytest.raises(GatewayUnavailable, match=words) as refused:
        CALLS["upload"][0](paystack)
    assert refused.value.detail.endswith("Nothing was decided; send it again.")
    assert [request.method for request in line.asked] == ["GET", "PUT"]


@pytest.mark.parametrize(
    "signed_url",
    [
        "http://files.example/x",
        "http://127.0.0.1.files.example/x",
        "http://user@files.example:80@127.0.0.1.example/",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[::1",
        "https:///x",
        "",
        None,
        7,
    ],
)
def test_file_goes_to_a_safe_place_only(line: Line, paystack: Paystack, signed_url: Any) -> None:
    line.answer = saying({"signedUrl": signed_url, "fileName": "f"})
    with pytest.raises(GatewayUnavailable, match="no safe place"):
        CALLS["upload"][0](paystack)
    assert [one.method for one in line.asked] == ["GET"]


def test_loopback_is_safe_for_the_sandbox_alone() -> None:
    from payments.providers.paystack.disputes import _is_safe

    assert _is_safe("http://localhost:8400/f", "http://127.0.0.1:8400/paystack")
    assert not _is_safe("http://127.0.0.1:8400/f", "https://api.paystack.co")
    assert _is_safe("https://s3.example/f?sig=1", "https://api.paystack.co")


def test_payouts_in_cedis_with_their_figures(
    line: Line, paystack: Paystack, caplog: pytest.LogCaptureFixture
) -> None:
    row = {
        "id": 3090024,
        "status": "success",
        "currency": "GHS",
        "effective_amount": 93_050,
        "total_fees": "1950",
        "total_processed": 100_000,
        "deductions": 5_000,
        "settlement_date": "2026-11-19T00:00:00.000Z",
    }
    bad = [
        {**row, "id": 2, "currency": "NGN"},
        {**row, "id": 3, "effective_amount": None},
        {**row, "id": 4, "settlement_date": None},
        {**row, "id": 5, "total_processed": "much"},
    ]
    line.answer = saying([row, *bad, {**row, "id": 6, "deductions": None}], {"pageCount": 1})
    found = list(paystack.settlements(since=NOON, until=LATER))
    first = SettlementReport(
        id="3090024",
        status="success",
        total_ghs=Decimal("1000.00"),
        fees_ghs=Decimal("19.50"),
        deductions_ghs=Decimal("50.00"),
        paid_out_ghs=Decimal("930.50"),
        settled_on=date(2026, 11, 19),
    )
    assert found[0] == first
    assert [(one.id, one.deductions_ghs) for one in found] == [("3090024", Decimal(50)), ("6", Decimal(0))]
    assert caplog.text.count("settlement_unreadable") == 4
