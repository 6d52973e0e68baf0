"""Nothing that Paystack may send makes reading it fail: each value in turn is spoiled."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.core.errors import DomainError
from payments.providers.base import Event, EventKind
from payments.providers.paystack import Paystack, charges, disputes, reading, refunds, settlements

from .paystack_line import CALLS, KEY, Line, saying
from .test_paystack_reading import PAID

ODD: list[Any] = [None, "", " ", "\x00\ud800", "-1", [], [None], {}, {"id": []}, 0, -1, 10**30, 1.5, True]
REFUND = {"id": 7, "transaction": {"id": 41, "reference": "x"}, "amount": "750", "status": "pending"}
DISPUTE = {
    "id": 7,
    "refund_amount": 5,
    "transaction": {"reference": "x"},
    "messages": [{"body": "x"}],
    "dueAt": "2027-01-31T12:00:00Z",
}
SETTLEMENT = {
    "id": 1,
    "currency": "GHS",
    "effective_amount": 1,
    "total_processed": 1,
    "total_fees": 0,
    "deductions": None,
    "settlement_date": "2027-01-31",
}
CHARGE = {"reference": "x", "status": "open_url", "url": "https://x", "display_text": "x", "message": "x"}
READERS: dict[str, tuple[Any, Any]] = {
    "transaction": (reading.report, PAID),
    "refund": (refunds.read, REFUND),
    "dispute": (disputes.read, DISPUTE),
    "settlement": (settlements.read, SETTLEMENT),
    "charge": (charges.read, CHARGE),
    "paused": (charges.read, {"authorization_url": "https://x", "paused": True, "reference": "x"}),
}


def spoiled(whole: Any) -> Iterator[Any]:
    """The same with each of its values, at any depth, gone or replaced by each odd one."""
    for path in list(_paths(whole)):
        for odd in [*ODD, ...]:
            changed = copy.deepcopy(whole)
            inner = changed
            for step in path[:-1]:
                inner = inner[step]
            if odd is ...:
                del inner[path[-1]]
            else:
                inner[path[-1]] = odd
            yield changed


def _paths(node: Any, *above: Any) -> Iterator[tuple[Any, ...]]:
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield (*above, key)
        yield from _paths(value, *above, key)


@pytest.mark.parametrize("name", READERS)
def test_no_shape_makes_reading_fail(name: str) -> None:
    read, whole = READERS[name]
    for one in spoiled(whole):
        found = read(one)
        assert name == "settlement" or found is not None
        repr(found).encode()  # nothing that can't be stored


@pytest.mark.parametrize("name", ["charge.success", "refund.processed", "charge.dispute.create"])
def test_no_shape_makes_a_webhook_fail(paystack: Paystack, name: str) -> None:
    data = {"refund.processed": REFUND, "charge.dispute.create": DISPUTE}.get(name, PAID)
    for one in spoiled({"event": name, "data": data}):
        body = json.dumps(one).encode()
        event = paystack.read_event(body=body)
        assert (event is None) == (not isinstance(one, dict) or not isinstance(one.get("event"), str))
        for report in (paystack.read_refund(body=body), paystack.read_dispute(body=body)):
            repr(report).encode()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff\xfe", b"[" * 100_000, b"\x00" * 9),
        *(b'{"event": 3}', b'{"event": null, "data": {}}', b'{"data": {}}'),
    ],
    ids=lambda body: repr(body[:20]),
)
def test_body_that_is_no_event(paystack: Paystack, body: bytes) -> None:
    assert paystack.read_event(body=body) is None
    assert paystack.read_refund(body=body) is None
    assert paystack.read_dispute(body=body) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("charge.success", EventKind.PAID),
        ("charge.failed", EventKind.CHANGED),
        ("charge.dispute.create", EventKind.DISPUTE),
        ("charge.dispute.remind", EventKind.DISPUTE),
        ("charge.dispute.resolve", EventKind.DISPUTE),
        ("refund.pending", EventKind.REFUND),
        ("refund.needs-attention", EventKind.REFUND),
        ("subscription.expiring_cards", EventKind.OTHER),
        ("transfer.success", EventKind.OTHER),
        ("", EventKind.OTHER),
    ],
)
def test_kind_of_an_event_whose_data_is_a_list(paystack: Paystack, name: str, kind: EventKind) -> None:
    body = json.dumps({"event": name, "data": [{"reference": "x"}]}).encode()
    assert paystack.read_event(body=body) == Event(name=name, reference="", kind=kind)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_list_where_an_object_belongs_and_the_other_way_round_is_an_error_we_know(
    line: Line, paystack: Paystack, name: str
) -> None:
    shapes: list[Any] = [[], {}, None, "", 0, [[]], [{}]]
    for data in shapes:
        line.answer = saying(data)
        try:
            CALLS[name][0](paystack)
        except DomainError as error:
            assert KEY not in f"{error!r}"
