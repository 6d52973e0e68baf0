"""The stand-in for Paystack: its lists, what is paid out, and what it only tells."""

from tests.sandboxes import PaystackSandbox

from .test_sandbox import call, initialize
from .test_sandbox_money import paid, refund


def test_the_cursor_neither_repeats_nor_skips(sandbox: PaystackSandbox) -> None:
    mine = [initialize(sandbox)["reference"] for _ in range(5)]
    query = {"use_cursor": "true", "perPage": 2}
    seen: list[str] = []
    for _ in range(2):
        reply = call(sandbox, "GET", "/transaction", params=query).json()
        seen += [one["reference"] for one in reply["data"]]
        query["next"] = reply["meta"]["next"]
        initialize(sandbox)  # one that comes in meanwhile
    assert seen == mine[:0:-1]
    assert call(sandbox, "GET", "/transaction", params={**query, "next": "?"}).status_code == 400


def test_the_list_is_filtered(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox, email="filtered@example.com", amount=4321)
    for name, value in (
        ("customer", one["customer"]["id"]),
        ("customer_code", one["customer"]["customer_code"]),
        ("amount", 4321),
    ):
        query = {name: value, "status": "success", "channel": "card", "from": one["created_at"]}
        found = call(sandbox, "GET", "/transaction", params=query).json()
        assert one["reference"] in [row["reference"] for row in found["data"]]
        assert {row["amount"] for row in found["data"]} == {4321}
    assert call(sandbox, "GET", "/transaction", params={"from": "yesterday"}).status_code == 400
    assert call(sandbox, "GET", "/transaction", params={"from": "2100-01-01"}).json()["data"] == []


def test_one_transaction_by_its_id(sandbox: PaystackSandbox) -> None:
    one = paid(sandbox)
    assert call(sandbox, "GET", f"/transaction/{one['id']}").json()["data"] == one
    for unknown in ("1", "x", "9" * 30):
        assert call(sandbox, "GET", f"/transaction/{unknown}").status_code == 404


def test_what_was_paid_is_settled_once(sandbox: PaystackSandbox) -> None:
    paid(sandbox)
    sandbox.settle()
    one = paid(sandbox)
    row = sandbox.settle()
    assert (row["total_processed"], row["total_fees"], row["effective_amount"]) == (5000, 98, 4902)
    listed = call(sandbox, "GET", "/settlement", params={"status": "success"}).json()["data"]
    assert listed[0] == row
    inside = call(sandbox, "GET", f"/settlement/{row['id']}/transactions").json()["data"]
    assert [found["reference"] for found in inside] == [one["reference"]]
    assert call(sandbox, "POST", "/_sandbox/settle").status_code == 404
    assert call(sandbox, "GET", "/settlement/1/transactions").status_code == 404


def test_the_balance_follows_the_money(sandbox: PaystackSandbox) -> None:
    def balance() -> int:
        [row] = call(sandbox, "GET", "/balance").json()["data"]
        return int(row["balance"])

    before = balance()
    one = paid(sandbox)
    assert balance() == before + 4902
    refund(sandbox, transaction=one["id"], amount=1000)
    assert balance() == before + 3902


def test_the_networks_and_a_customer(sandbox: PaystackSandbox) -> None:
    found = call(sandbox, "GET", "/bank", params={"currency": "GHS", "type": "mobile_money"}).json()["data"]
    assert [row["code"] for row in found] == ["ATL", "MTN", "VOD"]
    assert call(sandbox, "GET", "/bank", params={"currency": "NGN"}).json()["data"] == []
    one = paid(sandbox, email="known@example.com")
    shown = call(sandbox, "GET", "/customer/known@example.com").json()["data"]
    assert one["authorization"] in shown["authorizations"]
    assert call(sandbox, "GET", "/customer/nobody@example.com").status_code == 404
    assert call(sandbox, "GET", "/transaction/totals").json()["data"]["total_transactions"] > 0
