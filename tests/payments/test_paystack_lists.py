"""Lists end, whole, each row once; or they say that they could not be read."""

from collections.abc import Callable
from typing import Any

import pytest

from config.core.loopback import Request, Response
from payments.errors import GatewayUnavailable
from payments.providers.paystack import Paystack, listing

from .paystack_line import LATER, NOON, Line, ok, refusing, saying

ROWS = [{"id": number, "reference": f"sika-{number}", "status": "success"} for number in range(250)]
Meta = Callable[[int, int, int], Any]


def by_page(meta: Meta, most: int = 100) -> Callable[[Request], Response]:
    """A server that knows no cursor; `most`: it gives no more rows than that, whatever is asked."""

    def answer(request: Request) -> Response:
        size, page = min(int(request.query["perPage"]), most), int(request.query.get("page", "1"))
        return ok(ROWS[(page - 1) * size : page * size], meta(page, size, len(ROWS)))

    return answer


def by_cursor(request: Request) -> Response:
    start = int(request.query.get("next", "0"))
    rest = start + 100 < len(ROWS)
    return ok(ROWS[start : start + 100], {"next": str(start + 100) if rest else None, "perPage": 100})


def listed(paystack: Paystack) -> list[str]:
    return [one.reference for one in paystack.transactions(since=NOON, until=LATER)]


ALL = [row["reference"] for row in ROWS]


def test_by_cursor(line: Line, paystack: Paystack) -> None:
    line.answer = by_cursor
    assert listed(paystack) == ALL
    assert [one.query.get("next") for one in line.asked] == [None, "100", "200"]
    assert {one.query["use_cursor"] for one in line.asked} == {"true"}


@pytest.mark.parametrize(
    ("meta", "most", "requests"),
    [
        (lambda page, size, total: {"page": page, "pageCount": -(-total // size)}, 100, 3),
        (lambda page, size, total: {"page": str(page), "pageCount": str(-(-total // size))}, 100, 3),
        (lambda page, size, total: {"total": total, "perPage": size}, 100, 3),
        (lambda page, size, total: {"total": total}, 50, 5),
        (lambda page, size, total: {"perPage": size}, 100, 3),
        (lambda page, size, total: {"perPage": size}, 30, 9),
        (lambda page, size, total: {}, 100, 4),  # only an empty page says that there is no more
        (lambda page, size, total: None, 100, 4),
        (lambda page, size, total: [], 30, 10),
        (lambda page, size, total: {"page": None, "total": "many", "pageCount": {}}, 100, 4),
    ],
)
def test_by_page_where_there_is_no_cursor(
    line: Line, paystack: Paystack, meta: Meta, most: int, requests: int
) -> None:
    line.answer = by_page(meta, most)
    assert listed(paystack) == ALL
    assert [one.query.get("page", "1") for one in line.asked] == [str(n) for n in range(1, requests + 1)]


@pytest.mark.parametrize(
    "meta",
    [{"next": "same"}, {}, {"page": 1, "pageCount": 9}, {"total": 9_000, "perPage": 2}],
    ids=["cursor", "nothing", "count", "total"],
)
def test_page_that_repeats_ends_the_list(
    line: Line, paystack: Paystack, meta: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    line.answer = saying(ROWS[:2], meta)
    assert listed(paystack) == ["sika-0", "sika-1"]
    assert len(line.asked) == 2
    assert "list_repeats_itself" in caplog.text


def test_cursor_that_does_not_move_ends_the_list(
    line: Line, paystack: Paystack, caplog: pytest.LogCaptureFixture
) -> None:
    line.says(*[saying([row], {"next": "same"}) for row in ROWS[:9]])
    assert listed(paystack) == ["sika-0", "sika-1"]
    assert len(line.asked) == 2
    assert "list_repeats_itself" in caplog.text


def test_cursors_that_go_round_end_the_list(line: Line, paystack: Paystack) -> None:
    names = iter("abcdefgh")
    line.answer = lambda request: ok(ROWS[:2], {"next": next(names)})
    assert listed(paystack) == ["sika-0", "sika-1"]
    assert len(line.asked) == 2


def test_rows_that_moved_to_the_next_page_count_once(line: Line, paystack: Paystack) -> None:
    line.says(saying(ROWS[:3], {"pageCount": 2}), saying(ROWS[2:5], {"pageCount": 2}))
    assert listed(paystack) == ALL[:5]


def test_list_without_an_end_is_no_list(
    line: Line, paystack: Paystack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_MOST_PAGES", 3)
    line.says(*[saying([row]) for row in ROWS[:9]])
    with pytest.raises(GatewayUnavailable):
        paystack.refunds(transaction_id="41")
    assert len(line.asked) == 3


def test_list_that_breaks_off_says_so(line: Line, paystack: Paystack) -> None:
    """What came before has been given; the caller knows that it is not all."""
    line.says(saying(ROWS[:2], {"next": "2"}), refusing(401, "Invalid key"))
    found = paystack.transactions(since=NOON, until=LATER)
    assert [next(found).reference, next(found).reference] == ["sika-0", "sika-1"]
    with pytest.raises(GatewayUnavailable):
        next(found)


@pytest.mark.parametrize("rows", [[], [None, 3, "x", []]])
def test_list_of_nothing(line: Line, paystack: Paystack, rows: list[Any]) -> None:
    line.answer = saying(rows)
    assert listed(paystack) == []
    assert list(paystack.disputes(since=NOON, until=LATER)) == []
    assert list(paystack.settlements(since=NOON, until=LATER)) == []
    assert paystack.refunds(transaction_id="41") == []
    assert len(line.asked) == 4


@pytest.mark.parametrize("data", [{}, None, "", 3])
def test_object_where_a_list_belongs(line: Line, paystack: Paystack, data: Any) -> None:
    line.answer = saying(data)
    with pytest.raises(GatewayUnavailable):
        listed(paystack)
