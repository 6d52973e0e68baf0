"""Staff refund what was sold: they see first what would happen, and it happens once."""

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from payments.models import Payment, PaymentAction, Refund
from payments.services import locks as payment_locks
from payments.signals import payment_succeeded
from subscriptions.models import AddonPeriod, AICreditPurchase, AIMonthlyAddon, BusinessAICredits, CreditEntry
from subscriptions.services import ledger
from tests.concurrency.together import together
from tests.factories import make_business, make_user
from tests.patience import impatient

from .money import Sale, pay
from .test_ledger import capture, hold

D = Decimal
WHY = "Wrong pack, ticket 81"
UNDER_WAY = "A refund of this payment is already under way."
CHANGED = "What would be refunded has changed since you looked. Check the figures, then confirm again."
NOTHING = "None of these credits can be refunded: they are spent, expired, refunded, or in use right now."
DISPUTED = "The payer's bank disputes this payment, so it can't be refunded as well."


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def with_rights(*codenames: str) -> Client:
    user = make_user()
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return signed_in(user)


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@sika.test", "x")


@pytest.fixture
def staff(boss: User) -> Client:
    return signed_in(boss)


@pytest.fixture
def sale(db: None) -> Sale:
    """100 credits for GHS 80."""
    return Sale(make_business(name="Kofi Mart"), now=timezone.now())


def spend(sale: Sale, credits: str) -> Any:
    now = timezone.now()
    held = hold(sale.member, credits, now=now)
    capture(held, now=now)
    return held


def period_of(member: Membership, now: datetime) -> AddonPeriod:
    """A paid month: 100 credits for GHS 50."""
    payment = pay(member, "50", now=now)
    Payment.objects.filter(pk=payment.pk).update(purpose="addon_period")
    addon = AIMonthlyAddon.objects.create(
        business_id=member.business_id,
        user_id=member.user_id,
        price_ghs=D(50),
        credits=D(100),
        created_at=now,
    )
    period = AddonPeriod.objects.create(addon=addon, number=0, payment=payment)
    payment.refresh_from_db()
    with transaction.atomic():
        payment_succeeded.send(Payment, payment=payment, now=now)
    period.refresh_from_db()
    return period


def page(row: Any, what: str = "refund/") -> str:
    return f"/admin/subscriptions/{row._meta.model_name}/{row.pk}/{what}"


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content
    return unescape(response.content.decode())


def facts(shown: str) -> dict[str, str]:
    found = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", shown)
    return dict(found)


def seal(shown: str) -> str:
    found = re.search(r'name="seal" value="([^"]+)"', shown)
    assert found is not None
    return found[1]


def confirm(client: Client, row: Any, seen: str, reason: str = WHY) -> Any:
    """Submits the form as the page `seen` has it."""
    return client.post(page(row), {"seal": seal(seen), "reason": reason})


def told(client: Client, response: Any) -> str:
    """What the row's page says, to which the answer leads back."""
    assert response.status_code == 302, response.content
    return text(client.get(response["Location"]))


def books(business_id: Any) -> tuple[Decimal, ...]:
    row = BusinessAICredits.objects.get(pk=business_id)
    return row.balance, row.held, row.debt, row.total_used


# Look first, then confirm.


def test_what_would_be_refunded_is_shown_and_nothing_moves(staff: Client, sale: Sale) -> None:
    spend(sale, "30")
    assert page(sale.purchase) in text(staff.get(page(sale.purchase, "change/")))
    before = CreditEntry.objects.count()
    shown = text(staff.get(page(sale.purchase)))
    assert facts(shown) == {
        "Sold": "Value pack, to Kofi Mart",
        "Goes back to the payer": "GHS 56.00 of 80.00 paid",
        "Credits taken back": "70.00 of 100.00 sold",
        "Stays used": "30.00 credits",
    }
    assert "Refund GHS 56.00" in shown
    assert (Refund.objects.count(), CreditEntry.objects.count(), LogEntry.objects.count()) == (0, before, 0)


def test_it_is_refunded_with_reason_and_name(staff: Client, boss: User, sale: Sale) -> None:
    spend(sale, "30")
    done = confirm(staff, sale.purchase, text(staff.get(page(sale.purchase))))
    assert (done.status_code, done["Location"]) == (302, page(sale.purchase, "change/"))
    assert "GHS 56.00 is on its way back. 70.00 credits were taken." in told(staff, done)
    refund = Refund.objects.get()
    assert (refund.payment_id, refund.amount_ghs, refund.status) == (sale.payment.pk, D(56), "REQUESTED")
    assert (refund.reason, refund.requested_by) == (WHY, boss.pk)
    entry = CreditEntry.objects.latest("pk")
    assert (entry.kind, entry.amount, entry.actor_id, entry.note) == ("withdrawal", D(-70), boss.pk, WHY)
    assert books(sale.member.business_id) == (D(0), D(0), D(0), D(30))
    action = PaymentAction.objects.get()
    assert (action.action, action.reason, action.actor_id) == ("refund", WHY, boss.pk)
    log = LogEntry.objects.get()
    assert (log.user_id, log.object_id, log.change_message) == (
        boss.pk,
        str(sale.purchase.pk),
        f"Refund: {WHY}",
    )


def test_a_month_of_the_add_on(staff: Client, boss: User) -> None:
    now = timezone.now()
    member = make_business(name="Kofi Mart")
    period = period_of(member, now)
    capture(hold(member, "25", now=now), now=now)
    addon = text(staff.get(page(period.addon, "change/")))
    assert page(period, "change/") in addon
    assert page(period) in text(staff.get(page(period, "change/")))
    shown = text(staff.get(page(period)))
    assert period.ends_at is not None
    days = f"{now:%-d %B %Y} to {period.ends_at:%-d %B %Y}"
    assert facts(shown) == {
        "Sold": f"Monthly add-on, {days}, to Kofi Mart",
        "Goes back to the payer": "GHS 37.50 of 50.00 paid",
        "Credits taken back": "75.00 of 100.00 sold",
        "Stays used": "25.00 credits",
    }
    done = confirm(staff, period, shown)
    assert "GHS 37.50 is on its way back. 75.00 credits were taken." in told(staff, done)
    refund = Refund.objects.get()
    assert (refund.payment_id, refund.amount_ghs, refund.requested_by) == (
        period.paid_by_id,
        D("37.50"),
        boss.pk,
    )
    assert books(member.business_id) == (D(0), D(0), D(0), D(25))
    log = LogEntry.objects.get()
    assert (log.object_id, log.change_message) == (str(period.pk), f"Refund: {WHY}")
    assert UNDER_WAY in told(staff, confirm(staff, period, shown))
    assert Refund.objects.count() == 1


def test_what_running_calls_need_is_named(staff: Client, sale: Sale) -> None:
    spend(sale, "10")
    hold(sale.member, "40", now=timezone.now())
    shown = text(staff.get(page(sale.purchase)))
    assert facts(shown) == {
        "Sold": "Value pack, to Kofi Mart",
        "Goes back to the payer": "GHS 40.00 of 80.00 paid",
        "Credits taken back": "50.00 of 100.00 sold",
        "Stays used": "10.00 credits",
        "Stays, as running calls need it": "40.00 credits",
    }
    confirm(staff, sale.purchase, shown)
    assert Refund.objects.get().amount_ghs == D(40)
    assert books(sale.member.business_id) == (D(40), D(40), D(0), D(10))


def test_thousands_are_grouped_and_a_second_refund_is_announced(staff: Client) -> None:
    now = timezone.now()
    sale = Sale(make_business(name="Kofi Mart"), "6250", "5000", now=now)
    held = hold(sale.member, "1250.50", now=now)
    sale.end(sale.request(now=now).refund, "PROCESSED", now=now)
    ledger.release(hold_id=held.id, error_code="x", now=now)
    shown = text(staff.get(page(sale.purchase)))
    assert facts(shown) == {
        "Sold": "Value pack, to Kofi Mart",
        "Goes back to the payer": "GHS 1,000.40 of 5,000.00 paid",
        "Credits taken back": "1,250.50 of 6,250.00 sold",
        "Stays used": "0.00 credits",
        "Refunds before this one": "1",
    }
    assert "GHS 1,000.40 is on its way back. 1,250.50 credits were taken." in told(
        staff, confirm(staff, sale.purchase, shown)
    )


# Twice is once.


def test_the_form_sent_twice_refunds_once(staff: Client, sale: Sale) -> None:
    seen = text(staff.get(page(sale.purchase)))
    first, second = confirm(staff, sale.purchase, seen), confirm(staff, sale.purchase, seen)
    assert second["Location"] == first["Location"] == page(sale.purchase, "change/")
    assert UNDER_WAY in told(staff, second)
    assert (Refund.objects.count(), LogEntry.objects.count(), PaymentAction.objects.count()) == (1, 1, 1)
    assert books(sale.member.business_id) == (D(0), D(0), D(0), D(0))


def test_sent_again_after_the_refund_has_failed(staff: Client, sale: Sale) -> None:
    """The credits are back, the figures the same: only the seal knows that this was confirmed before."""
    seen = text(staff.get(page(sale.purchase)))
    confirm(staff, sale.purchase, seen)
    sale.end(Refund.objects.get(), "FAILED", now=timezone.now())

    again = text(confirm(staff, sale.purchase, seen), 422)

    assert CHANGED in again
    assert WHY in again
    assert (Refund.objects.count(), LogEntry.objects.count()) == (1, 1)
    assert books(sale.member.business_id) == (D(100), D(0), D(0), D(0))
    assert facts(again)["Refunds before this one"] == "1"
    assert confirm(staff, sale.purchase, again).status_code == 302
    assert sorted(Refund.objects.values_list("status", "amount_ghs")) == [
        ("FAILED", D(80)),
        ("REQUESTED", D(80)),
    ]


def test_sent_again_after_a_call_gave_back_what_it_had_reserved(staff: Client, sale: Sale) -> None:
    now = timezone.now()
    held = hold(sale.member, "50", now=now)
    seen = text(staff.get(page(sale.purchase)))
    confirm(staff, sale.purchase, seen)
    sale.end(Refund.objects.get(), "PROCESSED", now=now)
    ledger.release(hold_id=held.id, error_code="x", now=now)
    assert CHANGED in text(confirm(staff, sale.purchase, seen), 422)
    assert Refund.objects.get().amount_ghs == D(40)
    assert books(sale.member.business_id) == (D(50), D(0), D(0), D(0))


def test_what_was_spent_while_the_page_was_open(staff: Client, sale: Sale) -> None:
    seen = text(staff.get(page(sale.purchase)))
    spend(sale, "10")
    again = text(confirm(staff, sale.purchase, seen), 422)
    assert CHANGED in again
    assert Refund.objects.count() == 0
    assert facts(again)["Goes back to the payer"] == "GHS 72.00 of 80.00 paid"
    assert confirm(staff, sale.purchase, again).status_code == 302
    assert Refund.objects.get().amount_ghs == D(72)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_refund_once() -> None:
    sale = Sale(make_business(), now=timezone.now())
    boss = User.objects.create_superuser("boss@sika.test", "x")
    seen = text(signed_in(boss).get(page(sale.purchase)))
    answers = together([partial(confirm, signed_in(boss), sale.purchase, seen) for _ in range(8)])
    assert {answer.status_code for answer in answers} <= {302, 422}
    assert Refund.objects.get().amount_ghs == D(80)
    assert LogEntry.objects.get().change_message == f"Refund: {WHY}"
    assert books(sale.member.business_id) == (D(0), D(0), D(0), D(0))


@pytest.mark.django_db(transaction=True)
def test_somebody_else_has_the_payment() -> None:
    sale = Sale(make_business(), now=timezone.now())
    client = signed_in(User.objects.create_superuser("boss@sika.test", "x"))
    seen = text(client.get(page(sale.purchase)))
    locked, finish = threading.Event(), threading.Event()

    def hold_the_lock() -> None:
        with transaction.atomic():
            payment_locks.payment(payment_id=sale.payment.pk)
            locked.set()
            finish.wait(30)
        connections.close_all()

    other = threading.Thread(target=hold_the_lock)
    other.start()
    assert locked.wait(30)
    try:
        with impatient():
            answer = confirm(client, sale.purchase, seen)
    finally:
        finish.set()
        other.join()
    assert "The service is busy. Nothing was changed; try again in a moment." in text(answer, 422)
    assert Refund.objects.count() == 0
    assert confirm(client, sale.purchase, seen).status_code == 302


# Refusals: said on the row's page, nothing moves.


def _request(sale: Sale) -> None:
    sale.request(now=timezone.now())


def _refunded(sale: Sale) -> None:
    sale.end(sale.request(now=timezone.now()).refund, "PROCESSED", now=timezone.now())


def _dispute(sale: Sale) -> None:
    sale.dispute(now=timezone.now())


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (partial(spend, credits="100"), NOTHING),
        (partial(spend, credits="99.99"), NOTHING),
        (lambda sale: hold(sale.member, "100", now=timezone.now()), NOTHING),
        (_refunded, NOTHING),
        (_request, UNDER_WAY),
        (_dispute, DISPUTED),
    ],
    ids=["spent", "less than a pesewa", "reserved", "refunded", "under way", "disputed"],
)
def test_what_can_not_be_refunded(
    staff: Client, sale: Sale, happens: Callable[[Sale], Any], says: str
) -> None:
    seen = text(staff.get(page(sale.purchase)))
    happens(sale)
    before = (books(sale.member.business_id), CreditEntry.objects.count(), Refund.objects.count())
    for ask in (partial(staff.get, page(sale.purchase)), partial(confirm, staff, sale.purchase, seen)):
        answer = ask()
        assert answer["Location"] == page(sale.purchase, "change/")
        assert says in told(staff, answer)
    after = (books(sale.member.business_id), CreditEntry.objects.count(), Refund.objects.count())
    assert after == before
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "a\x00b"])
def test_without_a_good_reason_nothing_happens(staff: Client, sale: Sale, reason: str) -> None:
    seen = text(staff.get(page(sale.purchase)))
    again = text(confirm(staff, sale.purchase, seen, reason), 422)
    assert facts(again) == facts(seen)
    assert Refund.objects.count() == 0


@pytest.mark.parametrize(
    "sealed", [{}, {"seal": ""}, {"seal": "70.00/56.00/30.00/0.00/0"}, {"seal": "x" * 9999}]
)
def test_what_was_not_shown_is_not_done(staff: Client, sale: Sale, sealed: dict[str, str]) -> None:
    again = text(staff.post(page(sale.purchase), {"reason": WHY, **sealed}), 422)
    assert CHANGED in again
    assert Refund.objects.count() == 0


# Who may.


@pytest.mark.parametrize(
    ("kind", "right"), [("purchase", "change_aicreditpurchase"), ("period", "change_addonperiod")]
)
def test_only_with_the_right(sale: Sale, kind: str, right: str) -> None:
    row: Any = sale.purchase if kind == "purchase" else period_of(make_business(), timezone.now())
    views = ["view_aicreditpurchase", "view_addonperiod"]
    other = {"change_aicreditpurchase", "change_addonperiod", "change_payment"} - {right}
    form = {"seal": "80.00/…", "reason": WHY}
    for stranger in (Client(), signed_in(make_user())):
        for answer in (stranger.get(page(row)), stranger.post(page(row), form)):
            assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={page(row)}")
    for reader in (with_rights(*views), with_rights(*views, *other)):
        assert page(row) not in text(reader.get(page(row, "change/")))
        assert reader.get(page(row)).status_code == 403
        assert reader.post(page(row), form).status_code == 403
    assert Refund.objects.count() == 0

    may = with_rights(*views, right)
    assert page(row) in text(may.get(page(row, "change/")))
    assert confirm(may, row, text(may.get(page(row)))).status_code == 302
    assert Refund.objects.count() == 1


def test_what_was_not_paid_or_is_not_there(staff: Client, sale: Sale) -> None:
    now = timezone.now()
    unpaid = AICreditPurchase.objects.create(
        business_id=sale.member.business_id,
        payment=pay(sale.member, unapplied=True, now=now),
        pack_type="VALUE",
        pack_name="Value",
        payment_method="MOMO",
        price_ghs=D(80),
        credits=D(100),
        created_at=now - timedelta(hours=1),
    )
    assert page(unpaid) not in text(staff.get(page(unpaid, "change/")))
    missing = [f"/admin/subscriptions/aicreditpurchase/{key}/refund/" for key in (uuid4(), "x", "1")]
    missing += [f"/admin/subscriptions/addonperiod/{key}/refund/" for key in ("999999", "x", uuid4())]
    for path in (page(unpaid), *missing):
        assert staff.get(path).status_code == 403
        assert staff.post(path, {"reason": WHY}).status_code == 403
    assert Refund.objects.count() == 0


def test_names_are_text(staff: Client) -> None:
    sale = Sale(make_business(name="<img src=x onerror=alert(1)>"), now=timezone.now())
    shown = staff.get(page(sale.purchase)).content.decode()
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown
