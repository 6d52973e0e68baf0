"""A signed-in member of a business, and what they do through the API."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Membership
from accounts.services import api_keys
from config.core import json
from payments.services import webhooks
from subscriptions.models import BusinessAICredits
from tests.factories import client_for, make_business, make_member
from tests.sandboxes import PaystackSandbox

BASE = "/api/subscriptions/ai"
WEBHOOK = "/api/payments/webhooks/paystack/"


class Shop:
    def __init__(self, membership: Membership | None = None) -> None:
        self.membership = membership or make_business()
        self.business_id = self.membership.business_id
        self.client = client_for(self.membership)

    def colleague(self, role: str) -> "Shop":
        return Shop(make_member(business=self.membership.business, role=role))

    def with_key(self, *scopes: str) -> APIClient:
        _, token = api_keys.create(
            membership=self.membership, name="till", scopes=list(scopes), expires_at=None, now=timezone.now()
        )
        return APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")

    def get(self, path: str) -> Any:
        return self.client.get(f"{BASE}/{path}")

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(f"{BASE}/{path}", body, headers=headers)

    def order(self, pack_type: str = "VALUE", **body: Any) -> str:
        """The payment's reference."""
        reply = self.post("purchase/", {"pack_type": pack_type, "payment_method": "MOMO", **body})
        assert reply.status_code == 201, reply.content
        return str(reply.json()["payment_reference"])

    def verify(self, reference: str) -> Any:
        return self.post("verify-payment/", {"reference": reference})

    def buy(self, sandbox: PaystackSandbox, pack_type: str = "VALUE", **body: Any) -> str:
        reference = self.order(pack_type, **body)
        sandbox.pay(reference)
        assert self.verify(reference).status_code == 200
        return reference

    @property
    def account(self) -> BusinessAICredits | None:
        return BusinessAICredits.objects.filter(pk=self.business_id).first()

    @property
    def balance(self) -> Decimal:
        return self.account.balance if self.account else Decimal(0)


def deliveries(sandbox: PaystackSandbox, reference: str) -> list[Callable[[], int]]:
    """What posts each webhook the gateway made for this payment; each returns the status of our answer."""

    def post(one: dict[str, Any]) -> int:
        reply = APIClient().generic(
            "POST",
            WEBHOOK,
            one["body"].encode(),
            content_type="application/json",
            headers={"x-paystack-signature": one["signature"]},
        )
        return int(reply.status_code)

    return [partial(post, one) for one in sandbox.deliveries(reference)]


def process(event_id: int) -> str:
    return str(webhooks.process(event_id=event_id, now=timezone.now()).outcome)


def exact(reply: Any) -> Any:
    """The body with every number as the digits that were sent."""
    return json.loads(reply.content)
