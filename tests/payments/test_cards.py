"""Saved cards: kept sealed, shown without their code, removed at once and forgotten at the gateway."""

from dataclasses import replace
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Business
from config.core import secret_text
from config.core.errors import NotFound
from payments.errors import CardUnusable
from payments.models import Payment, SavedCard
from payments.providers.base import Card
from payments.services import cards
from tests.concurrency.together import together
from tests.factories import client_for, make_business, make_member
from tests.sandboxes import PaystackSandbox

from .conftest import NOON, open_payment

CODE = "AUTH_6k3n1mp9s2"
VISA = Card(
    code=CODE,
    signature="SIG_visa",
    brand="visa",
    bank="TEST BANK",
    last4="4081",
    exp_month=12,
    exp_year=2034,
)


def keep(payment: Payment, card: Card = VISA) -> None:
    cards.keep(payment=payment, card=card, now=NOON)


@pytest.fixture
def saved(business: Business) -> SavedCard:
    keep(open_payment(business, email="ama@example.com"))
    return SavedCard.objects.get()


def test_a_card_is_kept_sealed(saved: SavedCard, business: Business) -> None:
    assert CODE not in saved.sealed_code
    assert secret_text.unseal(saved.sealed_code) == CODE
    assert (saved.business_id, saved.email, saved.created_at) == (business.pk, "ama@example.com", NOON)
    assert (saved.brand, saved.bank, saved.last4) == ("visa", "TEST BANK", "4081")
    assert CODE not in repr(saved) + str(saved) + repr(VISA)


def test_the_same_card_again_renews_what_is_saved(saved: SavedCard, business: Business) -> None:
    keep(open_payment(business, email="new@example.com"), replace(VISA, code="AUTH_new", exp_year=2036))
    again = SavedCard.objects.get()
    assert (again.pk, again.email, again.exp_year) == (saved.pk, "new@example.com", 2036)
    assert secret_text.unseal(again.sealed_code) == "AUTH_new"
    assert again.created_at == NOON


def test_another_business_saves_the_same_card_for_itself(saved: SavedCard) -> None:
    keep(open_payment(Business.objects.create(name="Kofi's")))
    assert SavedCard.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_card_at_once_is_saved_once(business: Business) -> None:
    several = [open_payment(business) for _ in range(6)]
    assert together([partial(keep, one) for one in several]) == [None] * 6
    assert SavedCard.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"exp_month": 13}, {"last4": "40811"}, {"signature": ""}])
def test_a_card_that_can_not_be_kept_does_no_harm(business: Business, wrong: dict[str, Any]) -> None:
    keep(open_payment(business), replace(VISA, **wrong))
    assert SavedCard.objects.count() == 0


def test_a_key_that_is_none_keeps_no_card_and_leaves_the_payment(
    business: Business, settings: Settings
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["no key"]
    keep(open_payment(business))
    assert SavedCard.objects.count() == 0


def test_keys_are_rotated_by_command(saved: SavedCard, settings: Settings) -> None:
    new, old = "bmV3ZXItb25seS1ub3QtYS1zZWNyZXQtMDAwMDAwMDA=", settings.FIELD_ENCRYPTION_KEYS[0]
    removed = SavedCard.objects.create(
        business=saved.business,
        gateway="paystack",
        signature="SIG_gone",
        email=saved.email,
        last4="4081",
        exp_month=1,
        exp_year=2030,
        created_at=NOON,
        removed_at=NOON,
        forgotten_at=NOON,
    )
    before = cards.code(saved)
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    for _ in range(2):
        out = StringIO()
        call_command("rotate_keys", stdout=out, stderr=StringIO())
        assert out.getvalue() == (
            "1 cards are encrypted with the newest key.\n0 webhooks of the chat are, too.\n"
            "0 webhook addresses are, too.\n"
        )
    settings.FIELD_ENCRYPTION_KEYS = [new]
    saved.refresh_from_db()
    removed.refresh_from_db()
    assert (cards.code(saved), removed.sealed_code) == (before, "")


def test_a_code_that_no_key_reads_is_left(saved: SavedCard, settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["bmV3ZXItb25seS1ub3QtYS1zZWNyZXQtMDAwMDAwMDA="]
    sealed = saved.sealed_code
    assert cards.reseal(after=0, limit=10) == [saved.pk]
    saved.refresh_from_db()
    assert saved.sealed_code == sealed


@pytest.mark.parametrize(
    ("year", "month", "good"), [(2027, 1, True), (2026, 12, False), (2027, 2, True), (9999, 12, True)]
)
def test_a_card_is_good_until_its_month_ends(saved: SavedCard, year: int, month: int, good: bool) -> None:
    SavedCard.objects.update(exp_year=year, exp_month=month)
    use = partial(cards.usable, card_id=saved.pk, business_id=saved.business_id, gateway="paystack", now=NOON)
    if good:
        assert use().pk == saved.pk
    else:
        with pytest.raises(CardUnusable):
            use()


def test_a_code_sealed_with_a_lost_key_makes_the_card_unusable(saved: SavedCard) -> None:
    saved.sealed_code = "gAAAAABnot-a-token"
    with pytest.raises(CardUnusable):
        cards.code(saved)


@pytest.fixture
def owner(saved: SavedCard, business: Business) -> APIClient:
    return client_for(make_member(business=business, role="owner"))


def test_the_list_shows_no_secret(owner: APIClient, saved: SavedCard) -> None:
    reply = owner.get("/api/payments/cards/")
    assert reply.status_code == 200
    assert reply.json() == {
        "results": [
            {
                "id": saved.pk,
                "brand": "visa",
                "last4": "4081",
                "exp_month": 12,
                "exp_year": 2034,
                "bank": "TEST BANK",
                "created_at": "2027-01-31T12:00:00Z",
            }
        ],
        "next": None,
        "previous": None,
    }


def test_a_removed_card_is_gone_at_once(owner: APIClient, saved: SavedCard) -> None:
    path = f"/api/payments/cards/{saved.pk}/"
    assert owner.delete(path).status_code == 204
    assert owner.delete(path).status_code == 404
    assert owner.get("/api/payments/cards/").json()["results"] == []
    with pytest.raises(NotFound):
        open_payment(saved.business, card_id=saved.pk)
    assert Payment.objects.filter(card=saved).count() == 0


def test_who_may_see_and_remove_cards(saved: SavedCard, business: Business) -> None:
    cashier = client_for(make_member(business=business, role="cashier"))
    assert cashier.get("/api/payments/cards/").status_code == 403
    assert cashier.delete(f"/api/payments/cards/{saved.pk}/").status_code == 403
    assert SavedCard.objects.get().removed_at is None


def test_anothers_card_is_as_unknown_as_none(saved: SavedCard, sandbox: PaystackSandbox) -> None:
    stranger = client_for(make_business())
    order = {"pack_type": "VALUE", "payment_method": "PAYSTACK"}
    foreign = stranger.post("/api/subscriptions/ai/purchase/", {**order, "card_id": saved.pk})
    unknown = stranger.post("/api/subscriptions/ai/purchase/", {**order, "card_id": saved.pk + 1})
    absurd = stranger.post("/api/subscriptions/ai/purchase/", {**order, "card_id": 10**30})
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert absurd.content == unknown.content
    assert stranger.delete(f"/api/payments/cards/{10**30}/").status_code == 404
    assert stranger.get("/api/payments/cards/").json()["results"] == []
    assert (Payment.objects.count(), sandbox.requests()) == (1, [])
