"""`licences/` and `tier/`, who sees what, the sweep's warnings, and the admin."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from payments.models import Payment, Refund
from subscriptions.models import Alert, Licence, LicenceMonth
from subscriptions.services import licence_sweeps, licences
from subscriptions.tasks import expire_licences
from tests.factories import make_business, make_user
from tests.sandboxes import PaystackSandbox

from .licences import DAY, NOW, at, bought, ordered
from .shop import Shop, exact

D = Decimal
PRO = {"kind": "api_tier", "plan": "pro", "payment_method": "MOMO"}
LICENCES = "/api/subscriptions/licences/"


def order(shop: Shop, **body: Any) -> Any:
    return shop.client.post(LICENCES, {**PRO, **body})


def listed(shop: Shop) -> list[Any]:
    reply = shop.client.get(LICENCES)
    assert reply.status_code == 200
    return list(exact(reply)["results"])


def tier(shop: Shop) -> Any:
    reply = shop.client.get("/api/subscriptions/tier/")
    assert reply.status_code == 200
    return exact(reply)


def test_order_pay_use(shop: Shop, sandbox: PaystackSandbox) -> None:
    reply = order(shop)
    month, payment = LicenceMonth.objects.get(), Payment.objects.get()
    price = {"usd": D("9.99"), "fx_rate": D("16.000000"), "ghs": D("159.84")}
    assert (reply.status_code, exact(reply)) == (
        201,
        {
            "licence_id": str(month.pk),
            "kind": "api_tier",
            "plan": "pro",
            "plan_name": "Pro",
            "user": shop.membership.user.email,
            "price": price,
            "payment_reference": payment.reference,
            "payment_status": "PENDING",
            "payment_url": payment.payment_url,
            "next_action": "open_url",
            "display_text": "",
            "expires_at": None,
        },
    )
    assert [one["status"] for one in listed(shop)] == ["pending"]
    assert (tier(shop)["tier"], tier(shop)["reason"]) == ("free", "free")
    sandbox.pay(payment.reference)
    verified = shop.verify(payment.reference)
    assert shop.verify(payment.reference).content == verified.content
    month.refresh_from_db()
    assert month.ends_at is not None
    assert exact(verified) == {
        "success": True,
        "credits_added": D("0.00"),
        "new_balance": D("0.00"),
        "message": f"API tier Pro is paid until {month.ends_at:%-d %B %Y}.",
    }
    (row,) = listed(shop)
    assert {name: row[name] for name in ("id", "status", "price", "user", "payment_reference")} == {
        "id": str(month.pk),
        "status": "active",
        "price": price,
        "user": shop.membership.user.email,
        "payment_reference": payment.reference,
    }
    assert Licence.objects.get().expires_at == month.ends_at
    found = tier(shop)
    plans = found.pop("tiers")
    assert found == {
        "tier": "pro",
        "name": "Pro",
        "reason": "licence",
        "because": f"Pro, by your licence until {month.ends_at:%-d %B %Y}.",
        "requests_per_day": 100,
        "requests_per_month": 3000,
        "expires_at": row["expires_at"],
        "suspended": False,
    }
    assert [(one["slug"], one["price_usd"], one["price_ghs"]) for one in plans] == [
        ("free", D("0.00"), D("0.00")),
        ("pro", D("9.99"), D("159.84")),
        ("enterprise", D("99.99"), D("1599.84")),
    ]
    (receipt,) = shop.get("receipts/").json()["results"]
    assert (receipt["total"], receipt["credits"]) == (159.84, 0)
    assert shop.get(f"receipts/{receipt['number']}/receipt.pdf").content[:5] == b"%PDF-"


def test_why_a_tier(shop: Shop, sandbox: PaystackSandbox) -> None:
    shop.buy(sandbox)
    found = tier(shop)
    assert (found["tier"], found["reason"], found["because"]) == (
        "pro",
        "paid_credits",
        "Pro, because your business holds paid credits.",
    )
    addon = Shop()
    reference = addon.post("addon/subscribe/", {"payment_method": "PAYSTACK"}).json()["payment_reference"]
    sandbox.pay(reference)
    addon.verify(reference)
    month = bought(shop.membership, sandbox, "enterprise", now=timezone.now())
    licences.suspend(licence_id=month.licence_id, reason="x", by_id=1, now=timezone.now())
    found = tier(shop)
    assert (found["tier"], found["suspended"], found["expires_at"]) == ("pro", True, None)
    assert listed(shop)[0]["status"] == "suspended"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "gym"}, 400, "validation_error"),
        ({"plan": "gold"}, 400, "unknown_plan"),
        ({"plan": "free"}, 400, "free_plan"),
        ({"plan": None}, 400, "validation_error"),
        ({"user": 0}, 400, "validation_error"),
        ({"user": "me"}, 400, "validation_error"),
        ({"user": 10**12}, 404, "not_found"),
        ({"phone": "0551234987"}, 400, "validation_error"),
    ],
)
def test_refusals(shop: Shop, sandbox: PaystackSandbox, body: Any, status: int, code: str) -> None:
    reply = order(shop, **body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert Payment.objects.count() == LicenceMonth.objects.count() == 0


def test_the_same_key_orders_once(shop: Shop, sandbox: PaystackSandbox) -> None:
    replies = [shop.client.post(LICENCES, PRO, headers={"Idempotency-Key": "licence-0001"}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [201, 201]
    assert (replies[0].content, Payment.objects.count()) == (replies[1].content, 1)


def test_for_a_member(shop: Shop, sandbox: PaystackSandbox) -> None:
    cashier, manager = shop.colleague("cashier"), shop.colleague("manager")
    assert (order(cashier).status_code, order(cashier).json()["code"]) == (403, "role_not_allowed")
    reply = order(manager, user=cashier.membership.pk)
    assert (reply.status_code, reply.json()["user"]) == (201, cashier.membership.user.email)
    order(shop)
    # Who may subscribe sees all, the others what is theirs.
    assert [len(listed(one)) for one in (shop, manager, cashier)] == [2, 2, 1]
    assert listed(cashier)[0]["user"] == cashier.membership.user.email
    cashier.membership.is_active = False
    cashier.membership.save()
    gone = order(shop, user=cashier.membership.pk)
    assert (gone.status_code, gone.json()) == (
        404,
        {"code": "not_found", "detail": "There is no such member. GET /api/business/members/ lists them."},
    )


def test_one_shop_never_sees_anothers(shop: Shop, sandbox: PaystackSandbox) -> None:
    other = Shop()
    both = Membership.objects.create(
        business=other.membership.business, user=shop.membership.user, role="owner"
    )
    here, there = shop, Shop(both)
    assert order(other, user=shop.membership.pk).status_code == 404  # a member of the other shop only
    bought(shop.membership, sandbox, "enterprise", now=timezone.now())
    assert [len(listed(one)) for one in (here, there, other)] == [1, 0, 0]
    # It is the user's in both shops; the other owner does not learn who paid.
    assert [tier(one)["tier"] for one in (here, there, other)] == ["enterprise", "enterprise", "free"]
    # The second shop extends it for the same user: each sees the month it paid.
    bought(both, sandbox, "enterprise", now=timezone.now())
    assert [[one["status"] for one in listed(one)] for one in (here, there, other)] == [
        ["active"],
        ["waiting"],
        ["waiting"],
    ]


# --- the sweep ----------------------------------------------------------------------------------------------
def alerts() -> list[Any]:
    return list(Alert.objects.order_by("pk").values_list("kind", "severity", "title", "business"))


def test_warned_7_and_1_days_before_and_expired_after(sandbox: PaystackSandbox, db: None) -> None:
    payer, member = make_business(), make_user(name="Kofi Mensah")
    month = bought(payer, sandbox, user_id=member.pk)
    end = at("2127-02-28T10:00")
    second = timedelta(seconds=1)
    found = [
        licence_sweeps.expire_licences(now=now)
        for now in (
            NOW,
            end - 7 * DAY - second,
            end - 7 * DAY,
            end - 6 * DAY,
            end - DAY,
            end - second,
            end,
            end + DAY,
        )
    ]
    assert found == [(0, 0), (0, 0), (1, 0), (0, 0), (1, 0), (0, 0), (0, 1), (0, 0)]
    title = "API tier Pro of Kofi Mensah ends on 28 February 2127"
    assert alerts() == [
        ("licence", "info", title, payer.business_id),
        ("licence", "warning", title, payer.business_id),
    ]
    assert Alert.objects.latest("pk").text == (
        "API tier Pro of Kofi Mensah ends on 28 February 2127 at 10:00 UTC; then it is Free. Buy the next"
        " month before, and it goes on without a gap."
    )
    assert Licence.objects.get(pk=month.licence_id).status == "expired"


def test_a_long_outage_warns_once_and_a_follower_not_at_all(sandbox: PaystackSandbox, db: None) -> None:
    late, renewed, suspended = make_business(), make_business(), make_business()
    bought(late, sandbox)
    bought(renewed, sandbox)
    bought(renewed, sandbox, now=NOW + DAY)
    stopped = bought(suspended, sandbox)
    licences.suspend(licence_id=stopped.licence_id, reason="x", by_id=1, now=NOW)
    end = at("2127-02-28T10:00")
    assert [licence_sweeps.expire_licences(now=now) for now in (end - DAY, end - DAY)] == [(1, 0), (0, 0)]
    assert [business for *_, business in alerts()] == [late.business_id]
    assert licence_sweeps.expire_licences(now=end + DAY) == (0, 1)  # the suspended one stays suspended
    assert Licence.objects.get(pk=stopped.licence_id).status == "suspended"


def test_the_end_of_an_upgrade_says_what_follows(sandbox: PaystackSandbox, db: None) -> None:
    member = make_business()
    bought(member, sandbox)
    bought(member, sandbox, "enterprise", now=NOW)
    licence_sweeps.expire_licences(now=at("2127-02-28T09:00"))
    assert [("then it is Pro" in alert.text) for alert in Alert.objects.all()] == [True]


def test_the_task(db: None) -> None:
    expire_licences()


# --- the admin ----------------------------------------------------------------------------------------------
@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin@sika.test", "x"))
    return client


def test_staff_suspend_with_a_reason(staff: Client, sandbox: PaystackSandbox) -> None:
    licence = bought(make_business(), sandbox).licence
    page = f"/admin/subscriptions/licence/{licence.pk}"
    assert "/suspend" in staff.get(f"{page}/change/").content.decode()
    assert staff.post(f"{page}/suspend/", {"reason": ""}).status_code == 422
    for _ in range(2):
        staff.post(f"{page}/suspend/", {"reason": "Shares the account."})
    assert staff.post(f"{page}/unsuspend/", {"reason": "Sorted out."}).status_code == 302
    licence.refresh_from_db()
    actions = licence.actions.order_by("pk").values_list("action", "reason", "by_id")
    admin_id = User.objects.get(email="admin@sika.test").pk
    assert (licence.status, list(actions)) == (
        "active",
        [("suspended", "Shares the account.", admin_id), ("unsuspended", "Sorted out.", admin_id)],
    )


def test_staff_refund_the_days_left(staff: Client, sandbox: PaystackSandbox) -> None:
    month = bought(make_business(), sandbox, now=timezone.now() - timedelta(days=3, hours=1))
    page = f"/admin/subscriptions/licencemonth/{month.pk}"
    shown = staff.get(f"{page}/refund/")
    days = (month.length - timedelta(days=3, hours=1)).days + 1
    amount = (days * D("159.84") / month.length.days).quantize(D("0.01"), "ROUND_DOWN")
    assert f"GHS {amount} of 159.84 paid" in shown.content.decode()
    seal = shown.context["form"].initial["seal"]
    for _ in range(2):
        staff.post(f"{page}/refund/", {"reason": "Wrong plan.", "seal": seal})
    refund = Refund.objects.get()
    month.refresh_from_db()
    assert (refund.amount_ghs, month.status) == (amount, "taken_back")
    assert ordered(make_business(), now=NOW).status == "pending"
