"""Free credits to begin with: once per business, per mailbox and per phone."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import connection

from accounts.models import Business, Membership
from subscriptions.models import CreditGrant, TrialClaim
from tests.concurrency.together import together
from tests.factories import make_business

from .shop import Shop, exact

D = Decimal
TAKEN = {"code": "trial_taken", "detail": "The free trial was used already. Buy a pack to continue."}


def shop_of(email: str, phone: str = "") -> Shop:
    """A person has one account, but may reach its mailbox under several addresses."""
    member = make_business(email=email)
    Business.objects.filter(pk=member.business_id).update(phone=phone)
    return Shop(Membership.objects.select_related("business", "user").get(pk=member.pk))


def claim(shop: Shop) -> int:
    return int(shop.post("trial/").status_code)


def test_five_free_credits_that_are_not_a_purchase(shop: Shop) -> None:
    reply = shop.post("trial/")
    assert reply.status_code == 201
    assert exact(reply) == {
        "credits_added": D("5.00"),
        "new_balance": D("5.00"),
        "message": "5.00 free credits are yours.",
    }
    grant = CreditGrant.objects.get()
    assert (grant.source, grant.key, grant.credits, grant.unit_value_ghs, grant.expires_at) == (
        "trial",
        f"trial:{shop.business_id}",
        D(5),
        D(0),
        None,
    )
    account = shop.account
    assert account is not None
    assert (account.balance, account.total_purchased) == (D(5), D(0))


def test_once_per_business(shop: Shop) -> None:
    assert shop.post("trial/").status_code == 201
    for one in (shop, shop.colleague("manager"), shop.colleague("owner")):
        again = one.post("trial/")
        assert (again.status_code, again.json()) == (409, TAKEN)
    assert shop.balance == D(5)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "second", ["Ama+two@shop.test", "ama+@shop.test", "AMA+x+y@SHOP.TEST", "ama+ama@Shop.test"]
)
def test_once_per_mailbox(second: str) -> None:
    assert shop_of("ama@shop.test").post("trial/").status_code == 201
    other = shop_of(second)
    assert (other.post("trial/").status_code, other.account) == (409, None)


@pytest.mark.django_db
@pytest.mark.parametrize("second", ["amas@shop.test", "ama@shop.example", "a+ma@shop.test"])
def test_another_mailbox_has_its_own(second: str) -> None:
    assert shop_of("ama@shop.test").post("trial/").status_code == 201
    assert shop_of(second).post("trial/").status_code == 201


@pytest.mark.django_db
def test_once_per_person_with_two_businesses() -> None:
    first = shop_of("ama@shop.test")
    assert first.post("trial/").status_code == 201
    second = make_business()
    Membership.objects.filter(pk=second.pk).update(user=first.membership.user)
    other = Shop(Membership.objects.select_related("business", "user").get(pk=second.pk))
    assert (other.post("trial/").status_code, other.account) == (409, None)


@pytest.mark.django_db
def test_once_per_phone() -> None:
    assert shop_of("ama@shop.test", "+233551234987").post("trial/").status_code == 201
    other = shop_of("kofi@shop.test", "+233551234987")
    assert (other.post("trial/").status_code, other.account) == (409, None)
    assert shop_of("efua@shop.test", "+233551234988").post("trial/").status_code == 201


@pytest.mark.django_db
def test_no_phone_is_nobodys_phone() -> None:
    assert shop_of("ama@shop.test").post("trial/").status_code == 201
    assert shop_of("kofi@shop.test").post("trial/").status_code == 201
    assert list(TrialClaim.objects.values_list("phone_hash", flat=True)) == [None, None]


@pytest.mark.django_db
def test_what_is_kept_names_nobody() -> None:
    shop_of("ama@shop.test", "+233551234987").post("trial/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT subscriptions_trialclaim::text FROM subscriptions_trialclaim")
        kept = cursor.fetchone()[0]
    assert "ama" not in kept
    assert "551234987" not in kept


@pytest.mark.parametrize(
    ("role", "status"), [("manager", 201), ("cashier", 403), ("accountant", 403)], ids=str
)
def test_who_may_ask_for_it(shop: Shop, role: str, status: int) -> None:
    assert shop.colleague(role).post("trial/").status_code == status
    assert TrialClaim.objects.count() == (status == 201)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_it_once() -> None:
    shop = Shop()
    shops = [Shop(shop.membership) for _ in range(8)]
    replies = together([partial(claim, one) for one in shops])
    assert sorted(map(str, replies)) == ["201"] + ["409"] * 7
    assert shop.balance == D(5)


@pytest.mark.django_db(transaction=True)
def test_eight_businesses_of_one_mailbox_at_once_get_it_once() -> None:
    shops = [shop_of(f"ama+{n}@shop.test") for n in range(8)]
    replies = together([partial(claim, one) for one in shops])
    assert sorted(map(str, replies)) == ["201"] + ["409"] * 7
    assert sum(shop.balance for shop in shops) == D(5)


def test_the_same_key_gives_the_same_answer(shop: Shop) -> None:
    first = shop.post("trial/", **{"Idempotency-Key": "trial-0001"})
    again = shop.post("trial/", **{"Idempotency-Key": "trial-0001"})
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    assert shop.balance == D(5)
