"""The monthly add-on from its first renewal on: charged, asked for, reminded of, lapsed, caught up with."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from config.core.models import forget_dated
from payments.models import Dispute, Payment, Refund, SavedCard
from payments.services import charges, payments, settlement
from payments.services import locks as payment_locks
from payments.services import refunds as payment_refunds
from payments.signals import payment_disputed
from subscriptions.errors import ChargeRunning, NoAddon, NothingDue, PaymentFailed, RenewalDue
from subscriptions.models import (
    AddonCharge,
    AddonPeriod,
    AddonPlan,
    AIMonthlyAddon,
    Alert,
    CreditEntry,
    CreditGrant,
    Receipt,
)
from subscriptions.selectors import account
from subscriptions.services import addons, refunds, sweeps
from subscriptions.services.addons import renewing
from tests.sandboxes import PaystackSandbox

from .shop import Shop, exact
from .test_ledger import capture, hold

D = Decimal
CHARGE = "/transaction/charge_authorization"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


START = at("2027-01-31T10:00")
FIRST_END = at("2027-02-28T10:00")
DAY = timedelta(days=1)


def ordered(shop: Shop, now: datetime = START, **way: Any) -> AddonPeriod:
    return addons.subscribe(
        business_id=shop.business_id,
        user_id=shop.membership.user_id,
        email="ama@shop.test",
        callback_url="",
        now=now,
        **{"payment_method": "PAYSTACK", **way},
    )


def started(shop: Shop, sandbox: PaystackSandbox, now: datetime = START, *, card: bool = False) -> Any:
    """Paid at `now`: with a card that is kept, or with mobile money."""
    reference = ordered(shop, now, save_card=card).payment.reference
    sandbox.pay(reference, channel="card" if card else "mobile_money")
    assert settlement.verify(reference=reference, now=now).status == "SUCCESSFUL"
    return AIMonthlyAddon.objects.get(business_id=shop.business_id, status="ACTIVE")


def run(now: datetime) -> list[list[str]]:
    """What the worker does."""
    addons.finish_roll_overs(now=now)
    return [addons.advance(addon_id=addon_id, now=now) for addon_id in addons.due(now=now)]


def run_daily(since: datetime, until: datetime) -> None:
    """At every day's same hour, as a scheduler that never fails; the expiry job comes by now and then."""
    for day in range((until - since).days + 1):
        run(since + day * DAY)
        if day % 9 == 0:
            sweeps.expire_credits(now=since + day * DAY)


def months(addon: AIMonthlyAddon) -> list[tuple[int, str, str, Decimal | None]]:
    return [
        (one.number, f"{one.starts_at:%Y-%m-%d}", f"{one.ends_at:%Y-%m-%d}", one.rolled_over)
        for one in addon.periods.filter(grant__isnull=False).order_by("number")
    ]


def grants(shop: Shop) -> list[tuple[Decimal, str]]:
    """What is left, and until when, oldest first."""
    rows = CreditGrant.objects.filter(business_id=shop.business_id, remaining__gt=0).order_by("pk")
    return [(one.remaining, f"{one.expires_at:%Y-%m-%d}" if one.expires_at else "never") for one in rows]


def usable(shop: Shop, now: datetime) -> Decimal:
    return account.available(business_id=shop.business_id, now=now)


def told(kind: str = "renewal") -> list[str]:
    return [alert.key.rpartition("period:")[2] for alert in Alert.objects.filter(kind=kind).order_by("pk")]


def charged(sandbox: PaystackSandbox) -> int:
    return sum(1 for one in sandbox.requests() if one["path"] == CHARGE)


def test_a_saved_card_is_charged_on_the_renewal_day(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    assert addon.card == SavedCard.objects.get()
    assert run(FIRST_END - timedelta(seconds=1)) == []
    assert run(FIRST_END) == [["charge"]]
    assert run(FIRST_END) == []
    addon.refresh_from_db()
    assert (addon.status, addon.period_end, addon.next_step_at) == ("ACTIVE", *[at("2027-03-31T10:00")] * 2)
    assert months(addon) == [
        (0, "2027-01-31", "2027-02-28", D(0)),
        (1, "2027-02-28", "2027-03-31", D(50)),
    ]
    assert grants(shop) == [(D(50), "2027-03-31"), (D(100), "2027-03-31")]
    assert usable(shop, FIRST_END) == D(150)
    assert (charged(sandbox), told()) == (1, [])
    charge = AddonCharge.objects.get()
    assert (charge.day, charge.open, charge.payment.started_by) == (0, False, None)
    assert charge.payment == addon.periods.get(number=1).paid_by


def test_without_a_card_the_owner_is_asked_and_reminded_until_it_lapses(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    addon = started(shop, sandbox)
    found = []
    for hours in range(0, 9 * 24, 12):
        now = FIRST_END + timedelta(hours=hours)
        found += [(hours / 24, what) for done in run(now) for what in done]
        run(now)
        sweeps.expire_credits(now=now)
    assert found == [(0, "remind"), (1, "remind"), (3, "remind"), (7, "remind"), (8, "lapse")]
    assert told() == ["1:day:0", "1:day:1", "1:day:3", "1:day:7"]
    first = Alert.objects.filter(kind="renewal").earliest("pk")
    period = addon.periods.get(number=1)
    assert (first.business_id, first.severity) == (shop.business_id, "info")
    assert first.link == f"http://127.0.0.1:8000/payments/{period.payment.reference}/?retry"
    assert first.text == (
        "The next month of your add-on is due. Pay GHS 50.00 for 28 February 2027 to 31 March 2027 and get"
        " 100.00 credits; up to 50.00 unused ones roll over. Unpaid, the add-on lapses on 8 March 2027 at"
        " 10:00 UTC."
    )
    addon.refresh_from_db()
    assert (addon.status, addon.renews, addon.next_step_at) == ("LAPSED", False, None)
    assert told("lapsed") == [f"addon:{addon.pk}:lapsed"]
    assert (grants(shop), shop.balance) == ([], D(0))
    assert list(CreditEntry.objects.filter(kind="expiry").values_list("amount", flat=True)) == [D(-100)]


# --- months ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "zone", "ends"),
    [
        ("2027-01-31T10:00", "Africa/Accra", ["2027-02-28T10:00", "2027-03-31T10:00"]),
        ("2027-01-30T23:30", "Africa/Lagos", ["2027-02-28T23:30", "2027-03-30T23:30"]),
        ("2028-01-31T00:30", "America/New_York", ["2028-02-29T00:30"]),
        ("2028-02-29T12:00", "Pacific/Auckland", ["2028-03-29T12:00"]),
    ],
)
def test_months_are_counted_from_the_anchor_wherever_the_shop_is(
    shop: Shop, sandbox: PaystackSandbox, start: str, zone: str, ends: list[str]
) -> None:
    shop.membership.business.timezone = zone
    shop.membership.business.save()
    addon = started(shop, sandbox, at(start), card=True)
    for end in ends:
        addon.refresh_from_db()
        assert addon.period_end == at(end)
        run(addon.period_end - timedelta(microseconds=1))
        run(addon.period_end)
    assert addon.periods.count() == len(ends) + 1


def test_an_outage_of_three_months_leaves_what_daily_runs_leave(sandbox: PaystackSandbox, db: None) -> None:
    until = at("2027-05-01T10:00")
    shops = [Shop(), Shop(), Shop(), Shop()]
    ran = [started(shops[0], sandbox, card=True), started(shops[1], sandbox)]
    run_daily(FIRST_END, until)
    slept = [started(shops[2], sandbox, card=True), started(shops[3], sandbox)]
    sweeps.expire_credits(now=until)  # before, and again after: it makes no difference
    run(until)
    sweeps.expire_credits(now=until)
    for daily, once in zip(ran, slept, strict=True):
        daily.refresh_from_db()
        once.refresh_from_db()
        assert (daily.status, daily.period_end) == (once.status, once.period_end)
        assert months(daily) == months(once)
    assert months(slept[0]) == [
        (0, "2027-01-31", "2027-02-28", D(0)),
        (1, "2027-02-28", "2027-03-31", D(50)),
        (2, "2027-03-31", "2027-04-30", D(50)),
        (3, "2027-04-30", "2027-05-31", D(50)),
    ]
    left = [(D(50), "2027-05-31"), (D(100), "2027-05-31")]
    assert [grants(shop) for shop in shops] == [left, [], left, []]
    assert [shop.balance for shop in shops] == [D(150), D(0), D(150), D(0)]
    assert [addon.status for addon in slept] == ["ACTIVE", "LAPSED"]
    assert charged(sandbox) == 6
    assert run(until) == []


def test_credits_of_the_ended_month_wait_unusable(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox)
    now = FIRST_END + 7 * DAY
    run(FIRST_END)
    run(now)
    assert sweeps.expire_credits(now=now) == (0, D(0))
    assert sweeps.expire_credits(now=now, dry_run=True) == (0, D(0))
    assert (usable(shop, now), shop.balance) == (D(0), D(100))
    reference = addon.periods.get(number=1).payment.reference
    payments.start(payment_id=Payment.objects.get(reference=reference).pk, now=now)
    sandbox.pay(reference)
    assert settlement.verify(reference=reference, now=now).status == "SUCCESSFUL"
    # Late, but within the grace: the month starts where the last one ended.
    assert months(addon)[1:] == [(1, "2027-02-28", "2027-03-31", D(50))]
    assert (usable(shop, now), shop.balance) == (D(150), D(150))
    assert (run(now), run(FIRST_END + 9 * DAY)) == ([], [])


def test_a_new_price_is_for_new_orders(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox)
    plan = AddonPlan.in_force(START)[0]
    AddonPlan.objects.create(
        slug=plan.slug,
        name=plan.name,
        description=plan.description,
        price_ghs=D(60),
        credits=D(90),
        rollover_cap=D(10),
        effective_from=START + DAY,
    )
    forget_dated()
    assert ordered(Shop(), START + 2 * DAY).payment.amount_ghs == D(60)
    period = renew(shop, FIRST_END)
    assert period.payment.amount_ghs == D(50)
    sandbox.pay(period.payment.reference)
    settlement.verify(reference=period.payment.reference, now=FIRST_END)
    assert (months(addon)[1][3], usable(shop, FIRST_END)) == (D(50), D(150))


# --- cards ----------------------------------------------------------------------------------------------


def test_a_declined_card_is_tried_on_four_days(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    sandbox.script(card_charge="insufficient")
    found = [(day, done) for day in range(10) for done in run(FIRST_END + day * DAY)]
    assert found == [
        *((day, ["charge", "remind"]) for day in (0, 1, 3, 7)),
        (8, ["lapse"]),
    ]
    assert charged(sandbox) == 4
    assert told() == ["1:day:0", "1:day:1", "1:day:3", "1:day:7"]
    [card] = SavedCard.objects.all()
    failed = f"Your saved card ending in {card.last4} could not be charged."
    assert all(failed in alert.text for alert in Alert.objects.filter(kind="renewal"))
    addon.refresh_from_db()
    assert (addon.status, addon.periods.count()) == ("LAPSED", 2)


def test_a_card_that_pays_on_the_third_day_renews_from_the_anchor(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    addon = started(shop, sandbox, card=True)
    sandbox.script(card_charge="failed")
    run(FIRST_END)
    run(FIRST_END + DAY)
    sandbox.script(card_charge="success")
    assert run(FIRST_END + 3 * DAY) == [["charge"]]
    assert months(addon)[1:] == [(1, "2027-02-28", "2027-03-31", D(50))]
    assert run(FIRST_END + 7 * DAY) == []


@pytest.mark.parametrize("fault", ["timeout", "landed"])
def test_a_charge_whose_answer_is_lost_is_asked_about_not_repeated(
    shop: Shop, sandbox: PaystackSandbox, fault: str
) -> None:
    addon = started(shop, sandbox, card=True)
    sandbox.faults([{"path": CHARGE, "fault": fault}])
    assert run(FIRST_END) == [["charge", "wait"]]
    payment = AddonCharge.objects.get().payment
    assert run(FIRST_END + timedelta(minutes=6)) == [["wait"]]
    charges.check(payment_id=payment.pk, now=FIRST_END + timedelta(minutes=7))  # what the sweep does
    later = run(FIRST_END + timedelta(minutes=12))
    # It had come through; or it never got there, and does not count as this day's try.
    assert later == ([] if fault == "landed" else [["charge"]])
    assert months(addon)[1:] == [(1, "2027-02-28", "2027-03-31", D(50))]
    assert (charged(sandbox), told()) == (1 if fault == "landed" else 2, [])


def test_a_gateway_that_is_away_is_tried_again_in_an_hour(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    sandbox.faults([{"path": CHARGE, "fault": "429"}])
    assert run(FIRST_END) == [["charge"]]
    assert run(FIRST_END + timedelta(minutes=59)) == []
    assert run(FIRST_END + timedelta(minutes=60)) == [["charge"]]
    assert len(months(addon)) == 2
    assert told() == []


def test_a_worker_that_died_before_sending_is_followed_up(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    assert renewing._step(addon.pk, FIRST_END) == ("charge", AddonCharge.objects.get().payment_id)
    assert charged(sandbox) == 0
    assert run(FIRST_END + timedelta(minutes=4)) == []
    assert run(FIRST_END + timedelta(minutes=5)) == [["charge"]]
    assert (charged(sandbox), AddonCharge.objects.count(), len(months(addon))) == (1, 1, 2)


def test_a_bank_that_wants_to_see_the_payer(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    sandbox.script(card_charge="challenge")
    assert run(FIRST_END) == [["charge", "remind"]]
    payment = AddonCharge.objects.get().payment
    alert = Alert.objects.get()
    assert alert.link == f"http://127.0.0.1:8000/payments/{payment.reference}/"
    assert alert.text.startswith("Your bank wants to see you before it lets your saved card pay.")
    sandbox.pay(payment.reference, channel="card")
    charges.check(payment_id=payment.pk, now=FIRST_END + DAY)
    assert len(months(addon)) == 2


def test_a_card_that_is_gone_or_in_doubt_is_not_charged(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    paid = addon.periods.get().paid_by
    dispute = Dispute.objects.create(
        payment=paid,
        gateway_dispute_id="1",
        amount_ghs=D(50),
        due_at=FIRST_END,
        opened_at=START,
        next_check_at=FIRST_END,
    )
    assert run(FIRST_END) == [["remind"]]
    dispute.delete()
    SavedCard.objects.update(removed_at=FIRST_END)
    assert run(FIRST_END + DAY) == [["remind"]]
    SavedCard.objects.update(removed_at=None, exp_year=2026)
    assert run(FIRST_END + 3 * DAY) == [["remind"]]
    assert charged(sandbox) == 0


# --- ends -----------------------------------------------------------------------------------------------


def cancel(shop: Shop, now: datetime, *, immediate: bool = False) -> AIMonthlyAddon:
    return addons.cancel(business_id=shop.business_id, immediate=immediate, now=now)


def test_cancelled_at_the_end_of_the_period_it_ends_there(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    cancel(shop, START + DAY)
    assert usable(shop, FIRST_END - DAY) == D(100)
    assert run(FIRST_END) == [["cancel"]]
    addon.refresh_from_db()
    assert (addon.status, addon.next_step_at, charged(sandbox)) == ("CANCELLED", None, 0)
    assert sweeps.expire_credits(now=FIRST_END) == (1, D(100))


def test_cancelled_at_once_and_ordered_anew(shop: Shop, sandbox: PaystackSandbox) -> None:
    first = started(shop, sandbox, card=True)
    cancel(shop, START + DAY, immediate=True)
    second = started(shop, sandbox, START + 2 * DAY, card=True)
    assert (usable(shop, START + 3 * DAY), second.anchor_at) == (D(200), START + 2 * DAY)
    assert run(FIRST_END + 5 * DAY) == [["charge"]]
    # The cancelled one's credits end with their month; the new one's roll over.
    sweeps.expire_credits(now=FIRST_END + 5 * DAY)
    assert grants(shop) == [(D(50), "2027-04-02"), (D(100), "2027-04-02")]
    first.refresh_from_db()
    assert (first.status, months(first)) == ("CANCELLED", [(0, "2027-01-31", "2027-02-28", D(0))])


def test_money_for_a_month_that_was_cancelled_is_kept_for_a_refund(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    addon = started(shop, sandbox)
    run(FIRST_END)
    assert cancel(shop, FIRST_END + DAY).status == "CANCELLED"
    with pytest.raises(NoAddon):
        cancel(shop, FIRST_END + DAY)
    payment = tapped(addon, sandbox, FIRST_END + 2 * DAY)
    assert (payment.status, payment.unapplied) == ("SUCCESSFUL", True)
    assert (len(months(addon)), usable(shop, FIRST_END + 2 * DAY)) == (1, D(0))


def tapped(addon: AIMonthlyAddon, sandbox: PaystackSandbox, now: datetime) -> Payment:
    """The owner opens the reminder's link, presses, and pays."""
    link = Alert.objects.filter(kind="renewal").latest("pk").link.removeprefix("http://127.0.0.1:8000")
    page = Client().get(link)
    assert (page.status_code, b"How do you want to pay?" in page.content) == (200, True)
    pressed = Client().post(link.replace("?retry", "retry/"), {"method": "PAYSTACK"})
    assert pressed.status_code == 302
    reference = pressed["Location"].split("/")[2]
    sandbox.pay(reference)
    return settlement.verify(reference=reference, now=now)


def test_the_link_of_a_reminder_pays_the_month(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox)
    run(FIRST_END)
    payment = tapped(addon, sandbox, FIRST_END + 7 * DAY)
    assert payment == addon.periods.get(number=1).paid_by
    assert months(addon)[1] == (1, "2027-02-28", "2027-03-31", D(50))


@pytest.mark.parametrize("ran", [True, False], ids=["lapsed", "the scheduler was down"])
def test_money_after_the_lapse_starts_afresh(shop: Shop, sandbox: PaystackSandbox, ran: bool) -> None:
    addon = started(shop, sandbox)
    run(FIRST_END)
    now = FIRST_END + 8 * DAY
    assert not ran or run(now) == [["lapse"]]
    payment = tapped(addon, sandbox, now)
    addon.refresh_from_db()
    fresh = AIMonthlyAddon.objects.get(status="ACTIVE")
    assert (addon.status, months(addon)) == ("LAPSED", [(0, "2027-01-31", "2027-02-28", D(0))])
    assert (fresh.anchor_at, months(fresh)) == (now, [(0, "2027-03-08", "2027-04-08", D(0))])
    assert (payment.unapplied, usable(shop, now)) == (False, D(100))
    assert told("lapsed") == [f"addon:{addon.pk}:lapsed"]
    sweeps.expire_credits(now=now)
    assert shop.balance == D(100)
    # Paid again, while that one is active: for a refund.
    again = payments.open_payment(
        business_id=shop.business_id,
        purpose="addon_period",
        amount_ghs=D(50),
        email="ama@shop.test",
        started_by_id=None,
        first_attempt_id=payment.order_id,
        now=now,
    )
    payments.start(payment_id=again.pk, now=now)
    sandbox.pay(again.reference)
    assert settlement.verify(reference=again.reference, now=now).unapplied is True


def refund(shop: Shop, sandbox: PaystackSandbox, payment: Payment, now: datetime) -> None:
    made = refunds.request(
        payment_id=payment.pk, reason="asked", requested_by=shop.membership.user_id, now=now
    )
    payment_refunds.send(refund_id=made.refund.pk, now=now)
    gateway_id = Refund.objects.get(pk=made.refund.pk).gateway_refund_id
    sandbox.refund_to(gateway_id, "processed")
    payment_refunds.check(refund_id=made.refund.pk, now=now + timedelta(hours=1))


def test_a_refunded_current_month_is_the_last(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    run(FIRST_END)
    old, current = (one.paid_by for one in addon.periods.order_by("number"))
    refund(shop, sandbox, old, FIRST_END + DAY)  # an old month: nothing changes
    addon.refresh_from_db()
    assert (addon.status, addon.renews) == ("ACTIVE", True)
    refund(shop, sandbox, current, FIRST_END + 2 * DAY)
    addon.refresh_from_db()
    assert (addon.status, addon.renews, addon.next_step_at) == ("REFUNDED", False, None)
    assert (run(at("2027-03-31T10:00")), charged(sandbox), grants(shop)) == ([], 1, [])
    assert started(shop, sandbox, FIRST_END + 3 * DAY).pk != addon.pk


def test_a_lost_dispute_ends_it_and_one_that_is_won_does_not(shop: Shop, sandbox: PaystackSandbox) -> None:
    other = Shop()
    for one, status in ((shop, "LOST"), (other, "WON")):
        addon = started(one, sandbox, card=True)
        with transaction.atomic():
            payment = payment_locks.payment(payment_id=addon.periods.get().paid_by_id)
            dispute = Dispute.objects.create(
                payment=payment,
                gateway_dispute_id=status,
                amount_ghs=D(50),
                status=status,
                due_at=START,
                opened_at=START,
                closed_at=START + DAY,
                next_check_at=None,
            )
            payment_disputed.send(Payment, payment=payment, dispute=dispute, now=START + DAY)
        addon.refresh_from_db()
        assert addon.status == {"LOST": "REFUNDED", "WON": "ACTIVE"}[status]
    assert (shop.balance, other.balance) == (D(0), D(100))


# --- what the owner does --------------------------------------------------------------------------------


def renew(shop: Shop, now: datetime, **way: Any) -> AddonPeriod:
    return addons.renew(
        business_id=shop.business_id,
        user_id=shop.membership.user_id,
        email="ama@shop.test",
        callback_url="",
        now=now,
        **{"payment_method": "PAYSTACK", **way},
    )


def test_the_owner_pays_the_due_month_by_prompt(shop: Shop, sandbox: PaystackSandbox) -> None:
    with pytest.raises(NoAddon):
        renew(shop, START)
    addon = started(shop, sandbox)
    with pytest.raises(NothingDue) as early:
        renew(shop, FIRST_END - DAY)
    assert early.value.data == {"next_renewal": FIRST_END.isoformat()}
    with pytest.raises(RenewalDue):
        ordered(shop, FIRST_END)
    # Before the worker came by; then it waits for the prompt, and reminds when that is over.
    period = renew(shop, FIRST_END, payment_method="MOMO", phone="0551234987", network="mtn")
    assert (period.number, period.payment.next_action) == (1, "approve_on_phone")
    assert run(FIRST_END + timedelta(minutes=10)) == []
    assert run(FIRST_END + timedelta(minutes=15)) == [["remind"]]
    sandbox.phone(period.payment.reference)
    assert charges.check(payment_id=period.payment.pk, now=FIRST_END + DAY).status == "SUCCESSFUL"
    assert len(months(addon)) == 2
    with pytest.raises(NothingDue):
        renew(shop, FIRST_END + DAY)


def test_the_owner_pays_with_another_card_which_is_kept(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    sandbox.script(card_charge="failed")
    run(FIRST_END)
    first = addon.card
    with pytest.raises(PaymentFailed):
        renew(shop, FIRST_END, card_id=first.pk)
    period = renew(shop, FIRST_END, save_card=True)
    sandbox.pay(period.payment.reference, channel="card", card="5192602720584796")
    settlement.verify(reference=period.payment.reference, now=FIRST_END + DAY)
    addon.refresh_from_db()
    assert (len(months(addon)), addon.card != first) == (2, True)
    assert AddonCharge.objects.filter(open=True).count() == 0
    sandbox.script(card_charge="success")
    assert run(at("2027-03-31T10:00")) == [["charge"]]
    assert addon.periods.get(number=2).paid_by.card == addon.card


def test_no_second_way_while_the_card_is_being_charged(shop: Shop, sandbox: PaystackSandbox) -> None:
    started(shop, sandbox, card=True)
    sandbox.faults([{"path": CHARGE, "fault": "timeout"}])
    run(FIRST_END)
    with pytest.raises(ChargeRunning):
        renew(shop, FIRST_END + timedelta(seconds=1))


def test_what_the_api_shows_and_takes(shop: Shop, sandbox: PaystackSandbox) -> None:
    missing = shop.get("addon/")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_addon")
    start = timezone.now() - timedelta(days=32)
    addon = started(shop, sandbox, start)
    run(addon.period_end)
    period = addon.periods.get(number=1)
    paid = addon.periods.get(number=0)
    body = exact(shop.get("addon/"))
    moments = body["owed"].pop("starts_at"), body["owed"].pop("ends_at"), body["owed"].pop("pay_by")
    ends = addons.period_start(start, 2)
    due = addon.period_end
    assert [datetime.fromisoformat(one) for one in moments] == [due, ends, due + 8 * DAY]
    assert body["owed"] == {
        "amount": D("50.00"),
        "payment_reference": period.payment.reference,
        "payment_url": f"http://127.0.0.1:8000/payments/{period.payment.reference}/?retry",
    }
    assert (body["status"], body["next_renewal"], body["card"]) == ("DUE", None, None)
    [month] = body["periods"]
    assert (month["number"], month["price"], month["rolled_over"]) == (0, D("50.00"), D("0.00"))
    assert month["receipt_number"] == Receipt.objects.get(payment=paid.paid_by).number
    assert shop.post("addon/subscribe/").json()["code"] == "renewal_due"
    reply = shop.post("addon/renew/", {"payment_method": "MOMO"})
    assert (reply.status_code, reply.json()["monthly_price"]) == (201, 50)
    assert datetime.fromisoformat(reply.json()["next_renewal"]) == ends
    sandbox.pay(reply.json()["payment_reference"])
    assert shop.verify(reply.json()["payment_reference"]).json()["credits_added"] == 100
    body = exact(shop.get("addon/"))
    assert (body["status"], body["owed"], len(body["periods"])) == ("ACTIVE", None, 2)
    assert shop.post("addon/renew/").json()["code"] == "nothing_due"
    assert shop.colleague("cashier").post("addon/renew/").status_code == 403


# --- the command ----------------------------------------------------------------------------------------


def test_the_command(shop: Shop, sandbox: PaystackSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    started(shop, sandbox, card=True)
    started(Shop(), sandbox)
    call_command("renew_addons", "--as-of", "2027-02-28T10:00", "--dry-run")
    assert capsys.readouterr().out == "2 add-ons are due.\n"
    assert charged(sandbox) == 0
    call_command("renew_addons", "--as-of", "2027-02-28T10:00+00:00")
    assert capsys.readouterr().out.splitlines() == [
        "2 add-ons were due; 0 roll-overs that had waited are done.",
        "  charges of saved cards: 1",
        "  owners asked: 1",
        "  lapsed: 0",
        "  ended as cancelled: 0",
        "  waiting for a payment that runs: 0",
    ]
    with pytest.raises(CommandError) as wrong:
        call_command("renew_addons", "--as-of", "tomorrow")
    assert wrong.value.returncode == 2


def test_the_command_tells_what_it_could_not_do(shop: Shop, sandbox: PaystackSandbox) -> None:
    started(shop, sandbox)
    addon = started(Shop(), sandbox)
    Payment.objects.filter(business_id=shop.business_id).update(method="STRIPE")
    with pytest.raises(CommandError, match=r"^1 could not be renewed") as failed:
        call_command("renew_addons", "--as-of", "2027-02-28T10:00")
    assert failed.value.returncode == 1
    assert addon.periods.count() == 2  # the other one was not kept waiting


def test_a_call_over_the_end_delays_the_roll_over_alone(shop: Shop, sandbox: PaystackSandbox) -> None:
    addon = started(shop, sandbox, card=True)
    held = hold(shop.membership, "70", now=FIRST_END - timedelta(minutes=1))
    run(FIRST_END)
    assert (months(addon)[1][3], usable(shop, FIRST_END)) == (None, D(30))
    assert sweeps.expire_credits(now=FIRST_END) == (0, D(0))
    assert addons.finish_roll_overs(now=FIRST_END) == 0
    capture(held, now=FIRST_END)
    assert sweeps.expire_credits(now=FIRST_END) == (0, D(0))
    run(FIRST_END + timedelta(minutes=5))
    assert months(addon)[1][3] == D(30)
    assert grants(shop) == [(D(30), "2027-03-31"), (D(100), "2027-03-31")]
