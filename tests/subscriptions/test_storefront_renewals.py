"""The storefront plan from its first renewal on: charged, asked for, reminded of, lapsed, caught up with."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from payments.models import Payment, SavedCard
from payments.services import payments, settlement
from subscriptions.models import Alert, BusinessAICredits, CreditGrant, StorefrontPeriod, StorefrontPlan
from subscriptions.selectors import account
from subscriptions.services import refunds, storefronts, sweeps
from subscriptions.services.storefronts import renewing
from tests.concurrency.together import together
from tests.sandboxes import PaystackSandbox

from .money import Sale
from .shop import Shop
from .test_ledger import capture, hold
from .test_storefront_plan import at, change, covers, get, post, subscribe

D = Decimal
DAY = timedelta(days=1)
START = at("2027-01-31T10:00")
FIRST_END = at("2027-02-28T10:00")
CHARGE = "/transaction/charge_authorization"


def started(shop: Shop, sandbox: PaystackSandbox, count: int = 2, *, card: bool = False) -> StorefrontPlan:
    """Paid at START: with a card that is kept, or with mobile money."""
    period = storefronts.subscribe(
        business_id=shop.business_id,
        user_id=shop.membership.user_id,
        email="ama@shop.test",
        storefronts=count,
        way_to_pay={"method": "PAYSTACK", "save_card": card},
        now=START,
    )
    sandbox.pay(period.payment.reference, channel="card" if card else "mobile_money")
    assert settlement.verify(reference=period.payment.reference, now=START).status == "SUCCESSFUL"
    return StorefrontPlan.objects.get(pk=period.plan_id)


def run(now: datetime) -> list[str]:
    """What the worker does."""
    return [step for one in storefronts.due(now=now) for step in storefronts.advance(plan_id=one, now=now)]


def owed(plan: StorefrontPlan) -> Payment:
    return Payment.objects.get(pk=plan.periods.get(paid_by=None, added=0).payment_id)


def pay(sandbox: PaystackSandbox, payment: Payment, now: datetime) -> Payment:
    """As somebody who opened the link and chose the page."""
    payments.start(payment_id=payment.pk, now=now)
    sandbox.pay(payment.reference)
    return settlement.verify(reference=payment.reference, now=now)


def months(plan: StorefrontPlan) -> list[tuple[int, str, str, int, Decimal]]:
    return [
        (
            one.number,
            f"{one.starts_at:%Y-%m-%d}",
            f"{one.ends_at:%Y-%m-%d}",
            one.storefronts,
            one.free_credits,
        )
        for one in plan.periods.filter(paid_by__isnull=False, added=0).order_by("number")
    ]


def told(kind: str = "renewal") -> list[str]:
    return [alert.key.rpartition(":period:")[2] for alert in Alert.objects.filter(kind=kind).order_by("pk")]


def charges(sandbox: PaystackSandbox) -> int:
    return sum(1 for one in sandbox.requests() if one["path"] == CHARGE)


def test_a_saved_card_is_charged_on_the_renewal_day(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = started(shop, sandbox, card=True)
    assert plan.card == SavedCard.objects.get()
    change(shop, 1, START + DAY)
    assert run(FIRST_END - timedelta(seconds=1)) == []
    assert run(FIRST_END) == ["charge"]
    assert run(FIRST_END) == []
    assert covers(plan) == (1, D(100), 1, D(100))
    assert (plan.status, plan.period_end, plan.next_step_at) == ("ACTIVE", *[at("2027-03-31T10:00")] * 2)
    assert months(plan) == [
        (0, "2027-01-31", "2027-02-28", 2, D(5)),
        (1, "2027-02-28", "2027-03-31", 1, D(5)),
    ]
    grants = CreditGrant.objects.filter(source="monthly_free").order_by("pk")
    assert [(one.key, one.expires_at) for one in grants] == [
        (f"storefront:{plan.pk}:period:0:free", FIRST_END),
        (f"storefront:{plan.pk}:period:1:free", at("2027-03-31T10:00")),
    ]
    assert sweeps.expire_credits(now=FIRST_END) == (1, D(5))
    assert (shop.balance, charges(sandbox), told()) == (D(5), 1, [])


def test_without_a_card_the_owner_is_asked_and_reminded_until_it_lapses(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    plan = started(shop, sandbox)
    found = []
    for hours in range(0, 9 * 24, 6):
        now = FIRST_END + timedelta(hours=hours)
        found += [(hours / 24, what) for what in run(now)]
        assert run(now) == []
    assert found == [(0, "remind"), (1, "remind"), (3, "remind"), (7, "remind"), (8, "lapse")]
    assert told() == ["1:day:0", "1:day:1", "1:day:3", "1:day:7"]
    first = Alert.objects.filter(kind="renewal").earliest("pk")
    assert (first.business_id, first.severity) == (shop.business_id, "info")
    assert first.link == f"http://127.0.0.1:8000/payments/{owed(plan).reference}/?retry"
    assert first.text == (
        "The next month of your plan is due. Pay GHS 150.00 for 2 storefronts from 28 February 2027 on."
        " Unpaid, the plan lapses on 8 March 2027 at 10:00 UTC."
    )
    plan.refresh_from_db()
    assert (plan.status, plan.renews, plan.next_step_at) == ("LAPSED", False, None)
    assert told("lapsed") == [f"storefront:{plan.pk}:lapsed"]


def test_paying_within_the_grace_renews_from_the_anchor(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = started(shop, sandbox)
    run(FIRST_END)
    late = FIRST_END + 7 * DAY
    for _ in range(2):
        assert pay(sandbox, owed(plan) if _ == 0 else Payment.objects.latest("pk"), late).unapplied is False
    assert months(plan)[1:] == [(1, "2027-02-28", "2027-03-31", 2, D(5))]
    assert CreditGrant.objects.latest("pk").expires_at == at("2027-03-31T10:00")
    assert run(late) == []


def test_after_it_lapsed_the_money_starts_a_plan_afresh(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = started(shop, sandbox)
    for day in (0, 8):
        run(FIRST_END + day * DAY)
    late = FIRST_END + 20 * DAY
    assert pay(sandbox, owed(plan), late).unapplied is False
    fresh = StorefrontPlan.objects.get(status="ACTIVE")
    assert (fresh.anchor_at, fresh.period_end, fresh.storefronts) == (late, at("2027-04-20T10:00"), 2)
    assert months(fresh) == [(0, "2027-03-20", "2027-04-20", 2, D(5))]
    assert CreditGrant.objects.latest("pk").key == f"storefront:{fresh.pk}:period:0:free"


def test_after_another_plan_was_paid_the_money_waits_for_a_refund(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    plan = started(shop, sandbox)
    for day in (0, 8):
        run(FIRST_END + day * DAY)
    now = FIRST_END + 9 * DAY
    assert pay(sandbox, subscribe(shop, 1, now).payment, now).unapplied is False
    assert pay(sandbox, owed(plan), now).unapplied is True
    assert StorefrontPlan.objects.filter(status="ACTIVE").count() == 1
    assert StorefrontPlan.objects.count() == 2


def test_a_card_that_is_declined_is_tried_on_each_day_and_the_owner_asked(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    plan = started(shop, sandbox, card=True)
    sandbox.script(card_charge="insufficient")
    assert run(FIRST_END) == ["charge", "remind"]
    assert run(FIRST_END + timedelta(hours=3)) == []
    assert run(FIRST_END + DAY) == ["charge", "remind"]
    assert Alert.objects.latest("pk").text.startswith(
        "Your saved card ending in 4081 could not be charged. Pay GHS 150.00 for 2 storefronts"
    )
    sandbox.script(card_charge="success")
    assert run(FIRST_END + 3 * DAY) == ["charge"]
    assert (charges(sandbox), told()) == (3, ["1:day:0", "1:day:1"])
    assert months(plan)[1] == (1, "2027-02-28", "2027-03-31", 2, D(5))
    assert Payment.objects.filter(unapplied=True).count() == 0


def test_a_bank_that_wants_to_see_the_payer(shop: Shop, sandbox: PaystackSandbox) -> None:
    started(shop, sandbox, card=True)
    sandbox.script(card_charge="challenge")
    assert run(FIRST_END) == ["charge", "remind"]
    alert = Alert.objects.get()
    assert alert.text.startswith("Your bank wants to see you before it lets your saved card pay.")
    assert alert.link == f"http://127.0.0.1:8000/payments/{Payment.objects.latest('pk').reference}/"


def test_a_gateway_that_is_away_is_tried_again(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = started(shop, sandbox, card=True)
    sandbox.faults([{"path": CHARGE, "fault": "429", "times": 9}])
    assert run(FIRST_END) == ["charge"]
    sandbox.reset()
    assert run(FIRST_END + timedelta(minutes=10)) == []
    assert run(FIRST_END + renewing.RETRY) == ["charge"]
    assert len(months(plan)) == 2


def test_who_died_before_sending_is_followed_up(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = started(shop, sandbox, card=True)
    step = renewing._step(plan.pk, FIRST_END)  # and the process dies
    assert step == ("charge", Payment.objects.latest("pk").pk)
    assert run(FIRST_END) == []
    assert run(FIRST_END + renewing.LEASE) == ["charge"]
    assert (len(months(plan)), charges(sandbox)) == (2, 1)


def test_an_outage_of_two_months_is_caught_up_with_month_by_month(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    plan = started(shop, sandbox, card=True)
    now = at("2027-05-02T00:00")
    assert run(now) == ["charge"] * 3
    assert run(now) == []
    assert months(plan) == [
        (0, "2027-01-31", "2027-02-28", 2, D(5)),
        (1, "2027-02-28", "2027-03-31", 2, D(5)),
        (2, "2027-03-31", "2027-04-30", 2, D(5)),
        (3, "2027-04-30", "2027-05-31", 2, D(5)),
    ]
    assert account.available(business_id=shop.business_id, now=now) == D(5)


@pytest.mark.parametrize("daily", [True, False])
def test_free_credits_pay_the_same_debt_however_late_the_scheduler_comes(
    shop: Shop, sandbox: PaystackSandbox, daily: bool
) -> None:
    plan = started(shop, sandbox, card=True)
    sale = Sale(shop.membership, now=START)
    capture(hold(shop.membership, "105", now=START), now=START)
    sale.dispute(status="LOST", now=START)
    for day in range(1 if daily else 70, 71):
        run(START + day * DAY)
        sweeps.expire_credits(now=START + day * DAY)
    assert [one[-1] for one in months(plan)] == [D(5)] * 3
    row = BusinessAICredits.objects.get(pk=shop.business_id)
    assert (row.balance, row.debt, row.total_used) == (D(0), D(90), D(15))


@pytest.mark.parametrize("days", [range(31), [20]], ids=["daily", "after an outage"])
def test_grace_counts_from_the_renewal_day_whenever_the_scheduler_ran(
    shop: Shop, sandbox: PaystackSandbox, days: Sequence[int]
) -> None:
    plan = started(shop, sandbox)
    done = [step for day in days for step in run(FIRST_END + day * DAY)]
    assert done[-1] == "lapse"
    plan.refresh_from_db()
    assert (plan.status, plan.period_end) == ("LAPSED", FIRST_END)
    assert Alert.objects.get(kind="lapsed").link.endswith(f"{owed(plan).reference}/?retry")


def test_a_cancelled_plan_ends_with_its_month(shop: Shop, sandbox: PaystackSandbox) -> None:
    plan = started(shop, sandbox, card=True)
    storefronts.cancel(business_id=shop.business_id, immediate=False, now=START + DAY)
    assert run(FIRST_END) == ["cancel"]
    plan.refresh_from_db()
    assert (plan.status, charges(sandbox)) == ("CANCELLED", 0)


def test_while_a_renewal_is_due(shop: Shop, sandbox: PaystackSandbox) -> None:
    """In the past, so that the API sees it."""
    plan = started(shop, sandbox)
    now = at("2026-11-01T10:00")
    StorefrontPeriod.objects.update(starts_at=at("2026-10-01T10:00"), ends_at=now)
    StorefrontPlan.objects.update(anchor_at=at("2026-10-01T10:00"), period_end=now, next_step_at=now)
    CreditGrant.objects.update(expires_at=now)
    assert get(shop).json()["owed"]["payment_reference"] == ""
    assert run(now) == ["remind"]
    body = get(shop).json()
    reference = owed(plan).reference
    assert {name: body["owed"][name] for name in ("amount", "storefronts", "payment_reference")} == {
        "amount": 150,
        "storefronts": 2,
        "payment_reference": reference,
    }
    assert body["owed"]["payment_url"] == f"http://127.0.0.1:8000/payments/{reference}/?retry"
    assert datetime.fromisoformat(body["owed"]["lapses_at"]) == at("2026-11-09T10:00")
    for path in ("subscribe", "change"):
        reply = post(shop, path, {"storefronts": 1})
        assert (reply.status_code, reply.json()["code"]) == (409, "renewal_due")
    assert get(shop, "quote/?storefronts=3").json()["change"] is None
    assert post(shop, "cancel").json()["cancelled_immediately"] is True
    assert pay(sandbox, owed(plan), now + DAY).unapplied is True


def test_no_card_is_charged_while_the_money_of_the_month_goes_back(
    shop: Shop, sandbox: PaystackSandbox
) -> None:
    plan = started(shop, sandbox, card=True)
    paid_by = plan.periods.get().paid_by_id
    assert paid_by is not None
    refunds.request(payment_id=paid_by, reason="x", requested_by=1, now=START + DAY)
    assert run(FIRST_END) == ["remind"]
    assert charges(sandbox) == 0


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_charge_once(sandbox: PaystackSandbox) -> None:
    shop = Shop()
    plan = started(shop, sandbox, card=True)
    together([partial(run, FIRST_END) for _ in range(4)])
    assert charges(sandbox) == 1
    assert months(plan)[1:] == [(1, "2027-02-28", "2027-03-31", 2, D(5))]
    assert CreditGrant.objects.count() == 2


def command(**options: Any) -> str:
    out = StringIO()
    call_command("renew_storefront_plans", stdout=out, **options)
    return out.getvalue()


def test_the_command(shop: Shop, sandbox: PaystackSandbox) -> None:
    started(shop, sandbox)
    as_of = FIRST_END.isoformat()
    assert command(as_of=as_of, dry_run=True) == "1 storefront plans are due.\n"
    assert "  owners asked: 1\n" in command(as_of=as_of)
    assert command(as_of=as_of).startswith("0 storefront plans were due.\n")
    assert command() == command()
    with pytest.raises(CommandError, match="is not a time") as refused:
        command(as_of="soon")
    assert refused.value.returncode == 2


def test_the_command_goes_on_after_one_that_fails(
    shop: Shop, sandbox: PaystackSandbox, settings: Any
) -> None:
    started(shop, sandbox)
    settings.PAYMENT_METHODS = []
    with pytest.raises(CommandError, match="1 could not be renewed") as failed:
        command(as_of=FIRST_END.isoformat())
    assert failed.value.returncode == 1
