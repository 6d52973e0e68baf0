"""Licences: ordered, paid, used month by month, taken back with their money, suspended."""

import threading
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Membership
from payments.models import Dispute, Payment
from payments.services import locks as payment_locks
from payments.services import settlement
from payments.signals import payment_disputed, payment_refunded
from subscriptions.errors import (
    FreePlan,
    FxRateUnknown,
    LicenceNotSuspended,
    LicenceSuspended,
    NothingToRefund,
    UnknownPlan,
)
from subscriptions.models import ChatLicencePlan, FxRate, Licence, LicenceMonth, Receipt
from subscriptions.selectors import licences as reading
from subscriptions.selectors import refundable, tiers
from subscriptions.services import fx, licences, locks, refunds
from tests.concurrency.together import together
from tests.factories import make_business
from tests.sandboxes import PaystackSandbox

from .licences import DAY, NOW, at, bought, days, ordered, paid

D = Decimal
FEB, MARCH, APRIL = at("2127-02-28T10:00"), at("2127-03-31T10:00"), at("2127-04-30T10:00")


@pytest.fixture
def member(db: None) -> Membership:
    return make_business()


def tier(member: Membership, now: datetime) -> str:
    return tiers.tier_limits(user_id=member.user_id, business_id=member.business_id, now=now).slug


# --- ordered and paid ---------------------------------------------------------------------------------------
def test_a_month_begins_when_it_is_paid(member: Membership, sandbox: PaystackSandbox) -> None:
    month = ordered(member)
    assert (month.price_usd, month.fx_rate, month.price_ghs) == (D("9.99"), D("16.00"), D("159.84"))
    assert (month.payment.purpose, month.payment.amount_ghs) == ("licence", D("159.84"))
    assert tier(member, NOW) == "free"

    later = NOW + timedelta(hours=3)
    for _ in range(2):
        assert paid(sandbox, month.payment.reference, later).status == "SUCCESSFUL"
    month.refresh_from_db()
    assert month.ends_at is not None
    assert (month.status, month.paid_by_id, month.paid_at) == ("paid", month.payment_id, later)
    assert (month.starts_at, month.ends_at) == (later, at("2127-02-28T13:00"))
    licence = Licence.objects.get()
    assert (licence.status, licence.expires_at) == ("active", month.ends_at)
    assert [tier(member, now) for now in (NOW, later, FEB, month.ends_at)] == ["free", "pro", "pro", "free"]


@pytest.mark.parametrize(
    ("rate", "price_ghs"),
    [("16", "159.84"), ("15.805", "157.89"), ("16.0005", "159.84"), ("16.001", "159.85")],
)
def test_the_price_is_half_up_to_the_pesewa(
    member: Membership, sandbox: PaystackSandbox, rate: str, price_ghs: str
) -> None:
    fx.set_rate(currency="USD", ghs=D(rate), effective_from=NOW, source="test")
    month = ordered(member)
    assert (month.price_ghs, month.payment.amount_ghs) == (D(price_ghs), D(price_ghs))
    fx.set_rate(currency="USD", ghs=D(20), effective_from=NOW + DAY, source="test")
    ordered_again = LicenceMonth.objects.get(pk=month.pk)
    assert ordered_again.price_ghs == D(price_ghs)


def test_what_can_not_be_ordered(member: Membership, sandbox: PaystackSandbox) -> None:
    with pytest.raises(UnknownPlan) as unknown:
        ordered(member, "gold")
    assert unknown.value.data == {"plans": ["free", "pro", "enterprise"]}
    with pytest.raises(FreePlan):
        ordered(member, "free")
    for rate in FxRate.objects.all():
        rate.delete()
    with pytest.raises(FxRateUnknown):
        ordered(member)
    assert Payment.objects.count() == Licence.objects.count() == 0


def test_its_receipt(member: Membership, sandbox: PaystackSandbox) -> None:
    bought(member, sandbox)
    bought(member, sandbox, "enterprise", kind="support_chat", now=NOW + DAY)
    rows = Receipt.objects.order_by("pk").values_list("number", "description", "total_ghs", "base_ghs")
    assert list(rows) == [
        ("SK-2127-000001", "API tier Pro, 31 Jan 2127 to 28 Feb 2127", D("159.84"), D("133.20")),
        ("SK-2127-000002", "Support chat Enterprise, 1 Feb 2127 to 1 Mar 2127", D(1584), D(1320)),
    ]
    assert set(Receipt.objects.values_list("credits", "bonus_credits")) == {(D(0), D(0))}


# --- one after the other ------------------------------------------------------------------------------------
def test_the_same_plan_again_follows(member: Membership, sandbox: PaystackSandbox) -> None:
    for number in range(3):
        bought(member, sandbox, now=NOW + number * DAY)
    assert days(member) == [("pro", NOW, FEB), ("pro", FEB, MARCH), ("pro", MARCH, APRIL)]
    assert Licence.objects.get().expires_at == APRIL
    # Bought again when all is over: counted from that moment.
    bought(member, sandbox, now=APRIL)
    assert days(member)[-1] == ("pro", APRIL, at("2127-05-30T10:00"))


def test_an_upgrade_starts_now_and_the_rest_waits(member: Membership, sandbox: PaystackSandbox) -> None:
    bought(member, sandbox)
    bought(member, sandbox)
    now = NOW + 10 * DAY  # 10 February; 18 days of the first are left
    bought(member, sandbox, "enterprise", now=now)
    end = at("2127-03-10T10:00")
    assert days(member) == [
        ("enterprise", now, end),
        ("pro", end, end + 18 * DAY),
        ("pro", at("2127-03-28T10:00"), at("2127-04-28T10:00")),
    ]
    first = LicenceMonth.objects.earliest("created_at", "starts_at")
    assert (first.used, first.length) == (10 * DAY, 28 * DAY)
    assert [tier(member, one) for one in (now - DAY, now, end, at("2127-04-28T10:00"))] == [
        "free",  # that day of pro is told by nobody any more: it is past
        "enterprise",
        "pro",
        "free",
    ]
    # Enterprise again before its end goes before the rest of pro, too.
    bought(member, sandbox, "enterprise", now=now + DAY)
    assert [plan for plan, _, _ in days(member)] == ["enterprise", "enterprise", "pro", "pro"]
    assert days(member)[2][1:] == (at("2127-04-10T10:00"), at("2127-04-28T10:00"))


def test_a_lower_plan_waits_for_the_higher(member: Membership, sandbox: PaystackSandbox) -> None:
    bought(member, sandbox, "enterprise")
    bought(member, sandbox, now=NOW + DAY)
    assert days(member) == [("enterprise", NOW, FEB), ("pro", FEB, at("2127-03-28T10:00"))]


def test_the_kinds_do_not_meet(member: Membership, sandbox: PaystackSandbox) -> None:
    bought(member, sandbox, "enterprise")
    bought(member, sandbox, "pro", kind="support_chat")
    assert days(member) == [("enterprise", NOW, FEB)]
    assert days(member, "support_chat") == [("pro", NOW, FEB)]


def test_a_month_paid_twice_is_given_once(member: Membership, sandbox: PaystackSandbox) -> None:
    month = bought(member, sandbox)
    again = Payment(pk=month.payment_id + 1, first_attempt_id=month.payment_id)
    assert licences.complete(payment=month.payment, now=NOW) is True
    assert licences.complete(payment=again, now=NOW) is False
    assert days(member) == [("pro", NOW, FEB)]
    assert Receipt.objects.count() == 1


def _settled(reference: str) -> str:
    return str(settlement.verify(reference=reference, now=NOW).status)


@pytest.mark.django_db(transaction=True)
def test_orders_paid_at_once_are_a_month_each(sandbox: PaystackSandbox) -> None:
    member = make_business()
    references = [ordered(member, plan).payment.reference for plan in ("pro", "enterprise", "pro")]
    for reference in references:
        sandbox.pay(reference)
    assert together([partial(_settled, one) for one in references * 2]) == ["SUCCESSFUL"] * 6
    assert days(member) == [
        ("enterprise", NOW, FEB),
        ("pro", FEB, at("2127-03-28T10:00")),
        ("pro", at("2127-03-28T10:00"), at("2127-04-28T10:00")),
    ]
    assert Receipt.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would_collide(
    sandbox: PaystackSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the constraint refuses what the lock keeps from happening."""
    monkeypatch.setattr(locks, "lock_licence", lambda licence_id: Licence.objects.get(pk=licence_id))
    real = licences._live

    def slowly(licence: Licence, now: datetime) -> Any:
        found = real(licence, now)
        gate.wait(10)
        return found

    gate = threading.Barrier(2)
    monkeypatch.setattr(licences, "_live", slowly)
    member = make_business()
    references = [ordered(member).payment.reference for _ in range(2)]
    for reference in references:
        sandbox.pay(reference)
    outcomes = together([partial(_settled, one) for one in references])
    assert sorted(type(one).__name__ for one in outcomes) == ["IntegrityError", "str"]
    assert len(days(member)) == 1


# --- money that goes back -----------------------------------------------------------------------------------
def requested(month: LicenceMonth, now: datetime) -> refunds.Requested:
    assert month.paid_by_id is not None
    return refunds.request(payment_id=month.paid_by_id, reason="not needed", requested_by=1, now=now)


def ended(refund: Any, status: str, now: datetime) -> None:
    """The gateway says PROCESSED or FAILED."""
    with transaction.atomic():
        payment = payment_locks.payment(payment_id=refund.payment_id)
        if status == "PROCESSED":
            payment.refunded_ghs += refund.amount_ghs
            payment.status = "REFUNDED" if payment.refunded_ghs == payment.paid_ghs else payment.status
            payment.save()
        refund.status, refund.finished_at, refund.next_check_at = status, now, None
        refund.save()
        payment_refunded.send(Payment, payment=payment, refund=refund, now=now)


def test_a_refund_gives_the_days_left_and_ends_the_month(
    member: Membership, sandbox: PaystackSandbox
) -> None:
    month = bought(member, sandbox)
    now = NOW + 10 * DAY + timedelta(hours=1)
    done = requested(month, now)
    # 18 of 28 days: a day that has begun counts as left. 159.84 × 18 ÷ 28 = 102.754…
    assert (done.refund.amount_ghs, done.credits) == (D("102.75"), D(0))
    month.refresh_from_db()
    assert (month.status, month.taken_back_at, tier(member, now)) == ("taken_back", now, "free")
    licence = Licence.objects.get()
    assert (licence.status, licence.expires_at) == ("expired", now)
    ended(done.refund, "PROCESSED", now + DAY)
    assert days(member) == []
    note = Receipt.objects.get(kind="CN")
    assert (note.total_ghs, note.credits) == (D("102.75"), D(0))
    with pytest.raises(NothingToRefund):
        requested(month, now + DAY)


def test_a_refund_that_fails_gives_back_what_was_left(member: Membership, sandbox: PaystackSandbox) -> None:
    month = bought(member, sandbox)
    follows = bought(member, sandbox)
    now = NOW + 10 * DAY
    refund = requested(month, now).refund
    assert days(member) == [("pro", now, at("2127-03-10T10:00"))]
    then = now + 5 * DAY
    ended(refund, "FAILED", then)
    month.refresh_from_db()
    follows.refresh_from_db()
    assert (follows.starts_at, follows.ends_at) == (now, at("2127-03-10T10:00"))
    assert (month.starts_at, month.ends_at) == (follows.ends_at, at("2127-03-28T10:00"))
    assert (month.status, month.used, month.length) == ("paid", 10 * DAY, 28 * DAY)


def test_what_had_not_begun_goes_back_whole(member: Membership, sandbox: PaystackSandbox) -> None:
    bought(member, sandbox)
    second, third = bought(member, sandbox), bought(member, sandbox)
    refund = requested(second, NOW + DAY).refund
    assert refund.amount_ghs == D("159.84")
    third.refresh_from_db()
    assert (third.starts_at, third.ends_at) == (FEB, MARCH)
    ended(refund, "FAILED", NOW + 2 * DAY)
    assert [start for _, start, _ in days(member)] == [NOW, FEB, MARCH]


def test_nothing_is_left_of_a_month_that_is_over(member: Membership, sandbox: PaystackSandbox) -> None:
    month = bought(member, sandbox)
    assert month.paid_by_id is not None
    left = [refundable.quote(payment_id=month.paid_by_id, now=FEB - timedelta(seconds=1)).amount_ghs]
    assert left == [D("5.70")]  # one day of 28
    with pytest.raises(NothingToRefund, match="Nothing of this month is left"):
        refundable.quote(payment_id=month.paid_by_id, now=FEB)


def test_a_refunded_upgrade_lets_the_rest_go_on(member: Membership, sandbox: PaystackSandbox) -> None:
    bought(member, sandbox)
    upgrade = bought(member, sandbox, "enterprise", now=NOW + 10 * DAY)
    requested(upgrade, NOW + 12 * DAY)
    assert days(member) == [("pro", NOW + 12 * DAY, NOW + 30 * DAY)]
    assert tier(member, NOW + 29 * DAY) == "pro"


def disputed(month: LicenceMonth, status: str, now: datetime, dispute: Any = None) -> Any:
    with transaction.atomic():
        payment = payment_locks.payment(payment_id=month.payment_id)
        dispute = dispute or Dispute(
            payment=payment,
            gateway_dispute_id="1",
            amount_ghs=month.price_ghs,
            due_at=now,
            opened_at=now,
            next_check_at=now,
        )
        dispute.status = status
        if status in ("WON", "LOST"):
            dispute.closed_at, dispute.next_check_at = now, None
        dispute.save()
        payment_disputed.send(Payment, payment=payment, dispute=dispute, now=now)
    return dispute


@pytest.mark.parametrize(
    ("ends", "expected"), [("WON", [("pro", NOW + 9 * DAY, NOW + 33 * DAY)]), ("LOST", [])]
)
def test_a_dispute_pauses_it(
    member: Membership, sandbox: PaystackSandbox, ends: str, expected: list[Any]
) -> None:
    month = bought(member, sandbox)
    dispute = disputed(month, "OPEN", NOW + 4 * DAY)
    assert (days(member), tier(member, NOW + 4 * DAY)) == ([], "free")
    for _ in range(2):
        disputed(month, ends, NOW + 9 * DAY, dispute)
    assert days(member) == expected


# --- suspended ----------------------------------------------------------------------------------------------
def test_suspended_counts_as_free_and_time_runs_on(member: Membership, sandbox: PaystackSandbox) -> None:
    licence_id = bought(member, sandbox).licence_id
    licences.suspend(licence_id=licence_id, reason="abuse", by_id=7, now=NOW + DAY)
    assert tier(member, NOW + DAY) == "free"
    for _ in range(2):
        with pytest.raises(LicenceSuspended):
            licences.suspend(licence_id=licence_id, reason="abuse", by_id=7, now=NOW + DAY)
        with pytest.raises(LicenceSuspended):
            ordered(member, now=NOW + DAY)
    assert Payment.objects.count() == 1
    licences.unsuspend(licence_id=licence_id, reason="sorry", by_id=8, now=NOW + 2 * DAY)
    assert (days(member), tier(member, NOW + 2 * DAY)) == ([("pro", NOW, FEB)], "pro")
    with pytest.raises(LicenceNotSuspended):
        licences.unsuspend(licence_id=licence_id, reason="sorry", by_id=8, now=NOW + 2 * DAY)
    actions = (
        Licence.objects.get().actions.order_by("pk").values_list("action", "reason", "by_id", "created_at")
    )
    assert list(actions) == [
        ("suspended", "abuse", 7, NOW + DAY),
        ("unsuspended", "sorry", 8, NOW + 2 * DAY),
    ]


def test_unsuspended_after_its_end(member: Membership, sandbox: PaystackSandbox) -> None:
    licence_id = bought(member, sandbox).licence_id
    licences.suspend(licence_id=licence_id, reason="abuse", by_id=7, now=NOW)
    assert licences.unsuspend(licence_id=licence_id, reason="x", by_id=7, now=FEB).status == "expired"


def test_money_for_a_suspended_licence_waits_for_its_refund(
    member: Membership, sandbox: PaystackSandbox
) -> None:
    month = ordered(member)
    licences.suspend(licence_id=month.licence_id, reason="abuse", by_id=7, now=NOW)
    for _ in range(2):
        payment = paid(sandbox, month.payment.reference)
        assert (payment.status, payment.unapplied) == ("SUCCESSFUL", True)
    month.refresh_from_db()
    assert (month.status, month.paid_by_id, Receipt.objects.count()) == ("unapplied", None, 0)
    assert requested_amount(month) == D("159.84")


def requested_amount(month: LicenceMonth) -> Decimal:
    return refunds.request(
        payment_id=month.payment_id, reason="suspended", requested_by=1, now=NOW
    ).refund.amount_ghs


# --- support chat -------------------------------------------------------------------------------------------
def test_the_chat_licence_in_force(member: Membership, sandbox: PaystackSandbox) -> None:
    def plan(now: datetime) -> ChatLicencePlan:
        return reading.chat_licence(user_id=member.user_id, now=now)

    assert (plan(NOW).slug, plan(NOW).messages_per_day) == ("free", 20)
    bought(member, sandbox, "enterprise")  # an API tier is no chat licence
    assert plan(NOW).slug == "free"
    bought(member, sandbox, "pro", kind="support_chat")
    assert [plan(now).slug for now in (NOW, FEB - DAY, FEB)] == ["pro", "pro", "free"]
    withdrawn = ChatLicencePlan.objects.get(slug="pro")
    withdrawn.pk, withdrawn.is_active, withdrawn.effective_from = None, False, NOW + DAY
    withdrawn.messages_per_day = 1
    withdrawn.save()
    assert (plan(NOW + 2 * DAY).slug, plan(NOW + 2 * DAY).messages_per_day) == ("pro", 500)
