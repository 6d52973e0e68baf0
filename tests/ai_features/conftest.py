import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from payments.services import settlement
from subscriptions.models import (
    AITransaction,
    BusinessAICredits,
)
from subscriptions.services import addons, ledger
from tests.factories import client_for, make_business
from tests.sandboxes import PaystackSandbox

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def sandbox(model_provider):
    return model_provider


@pytest.fixture
def shop(sandbox):
    """A signed-in owner of a business with 5 trial credits."""
    return Shop()


class Shop:
    def __init__(self, *, role: str = "owner", credits: str = "5.00") -> None:
        self.membership = make_business(role=role)
        self.business_id = self.membership.business_id
        self.client = client_for(self.membership)
        if Decimal(credits):
            self.grant(credits)

    def grant(self, credits: str, *, value: str = "0") -> None:
        ledger.grant(
            business_id=self.business_id,
            credits=Decimal(credits),
            source="trial",
            key=f"test:{uuid.uuid4()}",
            unit_value_ghs=Decimal(value),
            now=timezone.now(),
        )

    def take_addon(self) -> None:
        """Ordered and paid, as an owner does."""
        now = timezone.now()
        period = addons.subscribe(
            business_id=self.business_id,
            user_id=self.membership.user_id,
            email=self.membership.user.email,
            payment_method="PAYSTACK",
            callback_url="",
            now=now,
        )
        PaystackSandbox().pay(period.payment.reference)
        assert settlement.verify(reference=period.payment.reference, now=now).status == "SUCCESSFUL"

    def describe(self, body: dict | None = None, key: str | None = None, client: APIClient | None = None):
        headers = {"Idempotency-Key": key} if key else {}
        return (client or self.client).post("/api/ai/product-description/", body or PRODUCT, headers=headers)

    def get(self, path: str):
        return self.client.get(f"/api/ai/{path}")

    @property
    def account(self) -> tuple[Decimal, Decimal]:
        """Balance and held."""
        row = BusinessAICredits.objects.get(pk=self.business_id)
        return row.balance, row.held

    def transactions(self) -> list[tuple]:
        rows = AITransaction.objects.filter(business_id=self.business_id).order_by("pk")
        return list(rows.values_list("status", "source", "error_code", "credits_charged"))


PRODUCT = {
    "name": "Shea butter",
    "brand": "Ama Naturals",
    "category": "Skin care",
    "attributes": {"weight": "250 g"},
    "price": 45.50,
}
