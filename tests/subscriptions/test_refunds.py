"""Refunds that are asked for: what is taken, what is sent back, who may ask, and until when."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Membership
from payments.errors import NotRefundable, RefundInProgress
from payments.models import Payment, PaymentAction, Refund
from subscriptions.errors import NothingToRefund
from subscriptions.models import AICreditPurchase, BusinessAICredits, CreditEntry, CreditGrant
from subscriptions.services import ledger, refunds
from tests.factories import make_business, make_user
from tests.sandboxes import PaystackSandbox

from .money import NOW, Sale, pay
from .shop import Shop, exact
from .test_disputes import books, spend
from .test_ledger import capture, give, hold

D = Decimal
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def member(db: None) -> Membership:
    return make_business()


@pytest.fixture
def sale(member: Membership) -> Sale:
    """100 credits for GHS 80."""
    return Sale(member)


def nothing_moved(sale: Sale, before: tuple[str, ...]) -> bool:
    return books(sale) == before and Refund.objects.count() == 0


# What is taken and sent back.


def test_unspent_over_total_times_paid(sale: Sale) -> None:
    spend(sale, "30")
    done = sale.request()
    assert (done.credits, done.refund.amount_ghs, done.refund.status) == (D(70), D(56), "REQUESTED")
    assert books(sale) == ("0", "0", "0", "30", "0", "70")
    assert sale.status == "SUCCESSFUL"
    entry = CreditEntry.objects.latest("pk")
    assert (entry.kind, entry.amount, entry.debt_change) == ("withdrawal", D(-70), D(0))
    assert (entry.key, entry.actor_id, entry.note) == (f"refund:{done.refund.pk}", 1, "wrong pack")
    assert (done.refund.requested_by, done.refund.reason) == (1, "wrong pack")
    assert BusinessAICredits.objects.get().total_purchased == D(100)


@pytest.mark.parametrize(
    ("credits", "price", "spent", "amount"),
    [
        ("100", "80", "0", "80"),
        ("100", "80", "0.01", "79.99"),  # 79.992
        ("100", "30", "16.67", "24.99"),  # 24.999
        ("3", "10", "1", "6.66"),  # 6.666…
        ("7", "10", "0.01", "9.98"),  # 9.9857
        ("100", "80", "99.98", "0.01"),  # 0.016
    ],
)
def test_the_amount_is_rounded_down_to_the_pesewa(
    member: Membership, credits: str, price: str, spent: str, amount: str
) -> None:
    sale = Sale(member, credits, price)
    if spent != "0":
        spend(sale, spent)
    done = sale.request()
    assert (done.refund.amount_ghs, done.credits) == (D(amount), D(credits) - D(spent))
    sale.end(done.refund, "PROCESSED")
    assert books(sale)[4:] == ("0", f"{(D(credits) - D(spent)).normalize():f}")


def test_processed_makes_the_purchase_refunded_and_moves_no_credits(sale: Sale) -> None:
    spend(sale, "30")
    done, before = sale.request(), CreditEntry.objects.count()
    sale.end(done.refund, "PROCESSED")
    assert sale.status == "REFUNDED"
    assert books(sale) == ("0", "0", "0", "30", "0", "70")
    assert CreditEntry.objects.count() == before


def test_failed_gives_the_same_slices_back(sale: Sale) -> None:
    give(sale.member, "5", days=1)
    spend(sale, "10")
    done = sale.request()
    assert books(sale) == ("0", "0", "0", "10", "0", "95")
    sale.end(done.refund, "FAILED", now=LATER)
    assert books(sale) == ("95", "0", "0", "10", "95", "0")
    entry = CreditEntry.objects.latest("pk")
    assert (entry.kind, entry.amount, entry.key) == ("return", D(95), f"refund:{done.refund.pk}:failed")
    assert sale.status == "SUCCESSFUL"


def test_failed_pays_a_debt_that_came_up_meanwhile(sale: Sale) -> None:
    lost = hold(sale.member, "40", now=NOW)
    ledger.release(hold_id=lost.id, error_code="abandoned", now=NOW, expired=True)
    done = sale.request()
    capture(lost, now=LATER)
    assert books(sale) == ("0", "0", "40", "0", "0", "100")
    sale.end(done.refund, "FAILED", now=LATER)
    assert books(sale) == ("60", "0", "0", "40", "60", "0")
    kinds = CreditEntry.objects.order_by("-pk").values_list("kind", "amount", "debt_change", "key")[:2]
    key = f"refund:{done.refund.pk}:failed"
    assert list(kinds) == [("debt_payment", D(-40), D(-40), f"{key}:debt"), ("return", D(100), D(0), key)]


def test_what_running_calls_have_reserved_stays(sale: Sale) -> None:
    held = hold(sale.member, "40", now=NOW)
    done = sale.request()
    assert (done.credits, done.refund.amount_ghs) == (D(60), D(48))
    assert books(sale) == ("40", "40", "0", "0", "40", "60")
    assert capture(held, now=NOW).credits_charged == D(40)


def test_other_credits_cover_the_running_calls_first_but_dead_ones_do_not(sale: Sale) -> None:
    give(sale.member, "10", value="0")
    give(sale.member, "50", days=1)
    held = hold(sale.member, "60", now=NOW)
    tomorrow = NOW + timedelta(days=1)
    done = sale.request(now=tomorrow)
    assert done.credits == D(50)  # 160 - 60 held - 50 expired
    assert capture(held, now=tomorrow).credits_charged == D(60)


def test_of_a_released_call_the_rest_can_be_asked_for_later(sale: Sale) -> None:
    held = hold(sale.member, "40", now=NOW)
    sale.end(sale.request().refund, "PROCESSED")
    ledger.release(hold_id=held.id, error_code="x", now=NOW)
    again = sale.request()
    assert (again.credits, again.refund.amount_ghs) == (D(40), D(32))
    sale.end(again.refund, "PROCESSED")
    assert books(sale) == ("0", "0", "0", "0", "0", "100")
    assert Payment.objects.get().status == "REFUNDED"


def test_after_a_refund_at_the_gateway_only_the_rest_is_left(member: Membership) -> None:
    sale = Sale(member, "3", "10")
    sale.refund_at_gateway("5")  # 1.5 credits
    sale.refund_at_gateway("0.01")  # 1.503 in all, down to 1.50: 1.50 credits are left, GHS 4.99 of money
    assert books(sale)[4:] == ("1.5", "1.5")
    done = sale.request()
    assert (done.credits, done.refund.amount_ghs) == (D("1.5"), D("4.99"))
    sale.end(done.refund, "PROCESSED")
    assert books(sale)[4:] == ("0", "3")
    assert sale.status == "REFUNDED"


def test_a_charge_given_back_after_its_money_was_lost_is_not_refunded_as_well(sale: Sale) -> None:
    """Half was lost, that debt paid by other credits, then the charge given back: half is still paid for."""
    used = spend(sale, "100")
    sale.dispute("40", "LOST")
    give(sale.member, "50")
    ledger.reverse(hold_id=used, now=NOW)
    assert books(sale) == ("100", "0", "0", "0", "100", "50")
    done = sale.request()
    assert (done.credits, done.refund.amount_ghs) == (D(50), D(40))
    sale.end(done.refund, "PROCESSED")
    assert books(sale) == ("50", "0", "0", "0", "50", "100")


def test_a_payment_that_bought_nothing_is_refunded_in_full(sale: Sale) -> None:
    spare, before = pay(sale.member, unapplied=True), books(sale)
    done = refunds.request(payment_id=spare.pk, reason="paid twice", requested_by=1, now=NOW)
    assert (done.credits, done.refund.amount_ghs) == (D(0), D(80))
    assert books(sale) == before


def test_part_of_the_month_of_an_add_on(member: Membership) -> None:
    """Any grant that was sold; an expired one has nothing unspent."""
    sale = Sale(member, "100", "50", expires_at=LATER)
    with pytest.raises(NothingToRefund):
        sale.request(now=LATER)
    assert sale.request(now=NOW).refund.amount_ghs == D(50)


# What is refused; nothing moves.


@pytest.mark.parametrize("spent", ["100", "99.99"])
def test_nothing_or_less_than_a_pesewa_unspent(sale: Sale, spent: str) -> None:
    spend(sale, spent)
    before = books(sale)
    with pytest.raises(NothingToRefund):
        sale.request()
    assert nothing_moved(sale, before)


def test_everything_reserved(sale: Sale) -> None:
    hold(sale.member, "100", now=NOW)
    with pytest.raises(NothingToRefund):
        sale.request()
    assert nothing_moved(sale, ("100", "100", "0", "0", "100", "0"))


def test_asked_twice(sale: Sale) -> None:
    sale.request()
    before = books(sale)
    with pytest.raises(RefundInProgress):
        sale.request()
    assert books(sale) == before
    assert Refund.objects.count() == 1


def test_after_it_was_refunded(sale: Sale) -> None:
    sale.end(sale.request().refund, "PROCESSED")
    with pytest.raises(NothingToRefund):
        sale.request()


def test_while_it_is_disputed(sale: Sale) -> None:
    sale.dispute()
    with pytest.raises(NotRefundable, match="disputes this payment"):
        sale.request()
    assert nothing_moved(sale, ("100", "0", "0", "0", "100", "0"))


def test_a_payment_that_was_not_made(member: Membership) -> None:
    payment = pay(member)
    Payment.objects.filter(pk=payment.pk).update(status="FAILED", settled_at=None, paid_ghs=None)
    with pytest.raises(NotRefundable):
        refunds.request(payment_id=payment.pk, reason="x", requested_by=1, now=NOW)


# Through the API.


@pytest.fixture
def bought(shop: Shop, sandbox: PaystackSandbox) -> AICreditPurchase:
    shop.buy(sandbox)
    return AICreditPurchase.objects.get()


def refund(shop: Shop, purchase_id: Any, body: Any = None, **headers: str) -> Any:
    return shop.post(f"purchases/{purchase_id}/refund/", {} if body is None else body, **headers)


def test_the_owner_asks_and_is_told(shop: Shop, bought: AICreditPurchase) -> None:
    now = timezone.now()
    used = hold(shop.membership, "1", now=now)
    capture(used, now=now)
    reply = refund(shop, bought.pk, {"reason": "The wrong pack."})
    made = Refund.objects.get()
    assert reply.status_code == 202
    assert exact(reply) == {
        "refund_id": str(made.pk),
        "status": "REQUESTED",
        "refund_amount": D("79.20"),
        "credits_taken": D("99.00"),
        "message": "99.00 unspent credits were taken back. GHS 79.20 is on its way to whoever paid.",
    }
    assert (made.reason, made.requested_by) == ("The wrong pack.", shop.membership.user_id)
    assert PaymentAction.objects.get().action == "refund"
    assert shop.balance == D(0)


def test_the_same_key_is_one_refund(shop: Shop, bought: AICreditPurchase) -> None:
    key = {"Idempotency-Key": "refund-0001"}
    first, second = refund(shop, bought.pk, **key), refund(shop, bought.pk, **key)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.content == second.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Refund.objects.count() == 1
    other = refund(shop, bought.pk)
    assert (other.status_code, other.json()["code"]) == (409, "refund_in_progress")


def test_seven_days_and_not_a_moment_longer(shop: Shop, bought: AICreditPurchase) -> None:
    bought.completed_at = timezone.now() - timedelta(days=7)
    bought.save()
    reply = refund(shop, bought.pk)
    assert (reply.status_code, reply.json()) == (
        409,
        {
            "code": "refund_window_over",
            "detail": "A purchase can be refunded here for 7 days. Ask support: they still can.",
        },
    )
    assert (Refund.objects.count(), shop.balance) == (0, D(100))
    bought.completed_at = timezone.now() - timedelta(days=7) + timedelta(minutes=1)
    bought.save()
    assert refund(shop, bought.pk).status_code == 202


def test_another_business_finds_nothing(shop: Shop, bought: AICreditPurchase) -> None:
    stranger = Shop()
    foreign, unknown = refund(stranger, bought.pk), refund(stranger, uuid4())
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert shop.balance == D(100)


@pytest.mark.parametrize(("role", "status"), [("manager", 202), ("cashier", 403), ("accountant", 403)])
def test_who_may(shop: Shop, bought: AICreditPurchase, role: str, status: int) -> None:
    assert refund(shop.colleague(role), bought.pk).status_code == status
    assert shop.balance == (D(0) if status == 202 else D(100))


def test_spent_not_paid_and_bad_input(shop: Shop, bought: AICreditPurchase, sandbox: PaystackSandbox) -> None:
    for body in ({"reason": ""}, {"reason": "x" * 301}, {"reason": ["x"]}, {"reason": None}):
        reply = refund(shop, bought.pk, body)
        assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert refund(shop, "not-an-id").status_code == 404
    now = timezone.now()
    capture(hold(shop.membership, "100", now=now), now=now)
    reply = refund(shop, bought.pk)
    assert (reply.status_code, reply.json()["code"]) == (409, "nothing_to_refund")
    shop.order()
    reply = refund(shop, AICreditPurchase.objects.get(status="PENDING").pk)
    assert (reply.status_code, reply.json()["code"]) == (409, "not_refundable")
    assert Refund.objects.count() == 0


def test_the_credits_endpoint_shows_what_is_frozen(shop: Shop) -> None:
    now = timezone.now()
    sale = Sale(shop.membership, now=now)
    give(shop.membership, "5", value="0")
    dispute = sale.dispute(now=now)
    body = exact(shop.get("credits/"))
    assert (body["balance"], body["available"]) == (D("105.00"), D("5.00"))
    assert [(one["remaining"], one["frozen"]) for one in body["grants"]] == [
        (D("5.00"), False),
        (D("100.00"), True),
    ]
    assert body["runway"]["per_feature"]["product_description"] == 50
    sale.decide(dispute, "LOST", now=now)
    body = exact(shop.get("credits/"))
    assert (body["balance"], body["debt"], len(body["grants"])) == (D("5.00"), D("0.00"), 1)


# By command.


def run(purchase_id: Any, *options: str) -> None:
    staff = "support@sika.test"
    call_command("refund_purchase", str(purchase_id), "--reason", "ticket 81", "--by", staff, *options)


@pytest.fixture
def staff(db: None) -> Any:
    user = make_user(email="support@sika.test")
    user.is_staff = True
    user.save()
    return user


def test_support_sees_first_and_refunds_then(sale: Sale, staff: Any, capsys: Any) -> None:
    spend(sale, "30")
    AICreditPurchase.objects.update(completed_at=NOW - timedelta(days=900))
    before = books(sale)
    run(sale.purchase.pk, "--dry-run")
    assert capsys.readouterr().out == "70.00 credits would be taken, GHS 56.00 sent back.\n"
    assert nothing_moved(sale, before)
    run(sale.purchase.pk)
    made = Refund.objects.get()
    assert capsys.readouterr().out == (
        f"70.00 credits were taken; GHS 56.00 is on its way back (refund {made.pk}).\n"
    )
    assert (made.amount_ghs, made.requested_by, made.reason) == (D(56), staff.pk, "ticket 81")
    assert CreditGrant.objects.get().remaining == 0


def test_what_the_command_refuses(sale: Sale, staff: Any) -> None:
    with pytest.raises(CommandError, match="There is no purchase with this id"):
        run(uuid4())
    with pytest.raises(CommandError, match="'81' is not the id of a purchase"):
        run(81)
    spend(sale, "100")
    for options in ([], ["--dry-run"]):
        with pytest.raises(CommandError, match="None of these credits can be refunded"):
            run(sale.purchase.pk, *options)
    staff.is_staff = False
    staff.save()
    with pytest.raises(CommandError, match="is not a staff member's e-mail address"):
        run(sale.purchase.pk)
    assert Refund.objects.count() == 0
