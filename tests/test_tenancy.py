"""Every path of the OpenAPI document that names something, tried by a stranger.

A new path is covered by itself. One with a new parameter fails here until it is given a sample.
"""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey, Membership
from accounts.services import api_keys
from ai_features.models import AIRequest
from payments.models import SavedCard
from subscriptions.models import AICreditPurchase, Receipt
from subscriptions.services import budgets, ledger
from subscriptions.services.alerts import raise_alert
from tests.document import DOCUMENT, check
from tests.factories import access_token, client_for, make_business
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop
from tests.support_chat.talking import Chatter

METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (method, path)
    for path, operations in DOCUMENT["paths"].items()
    for method in METHODS
    if method in operations
]
# Needs a body to do anything: its owner is told what is missing, a stranger that there is nothing.
NEEDS_A_BODY = {
    ("post", "/api/payments/{reference}/otp/"),
    ("post", "/api/support/conversations/{conversation_id}/feedback"),
}
STAFF = [(method, path) for method, path in OPERATIONS if path.startswith("/api/admin/")]
# For everybody, and nobody's own.
HELP = [(method, path) for method, path in OPERATIONS if path.startswith("/api/support/articles/")]
WITH_ID = [one for one in OPERATIONS if "{" in one[1] and one not in STAFF and one not in HELP]
# These are nobody's: the sender is told by a signature, or any signed-in person may call.
WITHOUT_BUSINESS = {
    ("post", "/api/payments/webhooks/paystack/"),
    ("post", "/api/payments/webhooks/stripe/"),
    ("get", "/api/business/"),  # lists the caller's own, of which a stranger's is none
    ("post", "/api/business/"),
    ("get", "/api/subscriptions/ai/pricing/"),
    *HELP,
    ("post", "/api/support/guest/"),
}


@pytest.fixture(scope="module")
def member(shared_db: None) -> Membership:
    member = make_business(name="Ama's")
    now = timezone.now()
    ledger.grant(
        business_id=member.business_id,
        credits=Decimal(1),
        source="trial",
        key="t",
        unit_value_ghs=Decimal(0),
        now=now,
    )
    client = client_for(member)
    body = {"name": "Shea butter", "attributes": {"size": "250 g"}}
    assert client.post("/api/ai/product-description/", body).status_code == 200
    api_keys.create(membership=member, name="till", scopes=["read"], expires_at=None, now=now)
    return member


@pytest.fixture
def owner(member: Membership, db: None) -> Membership:
    """A business with one of everything."""
    return member


@pytest.fixture(scope="module")
def samples(member: Membership) -> dict[str, tuple[Any, Any]]:
    """For each path parameter: what belongs to `owner`, and what belongs to nobody."""
    owner, sandbox = member, PaystackSandbox()
    sandbox.reset()
    card = SavedCard.objects.create(
        business_id=owner.business_id,
        gateway="paystack",
        sealed_code="sealed",
        signature="SIG_1",
        email=owner.user.email,
        last4="4081",
        exp_month=12,
        exp_year=2134,
        created_at=timezone.now(),
    )
    order = {"pack_type": "VALUE", "payment_method": "MOMO"}
    reference = Shop(owner).buy(sandbox)
    receipt = Receipt.objects.get(reference=reference)
    ordered = client_for(owner).post("/api/subscriptions/ai/purchase/", order)
    alert = raise_alert(
        business_id=owner.business_id,
        kind="expiry",
        key="x",
        severity="info",
        title="x",
        text="x",
        now=timezone.now(),
    )
    assert alert is not None
    budget = budgets.create(
        business_id=owner.business_id, unit="usd", monthly_limit=Decimal(5), now=timezone.now()
    )
    return {
        "alert_id": (alert.pk, alert.pk + 1),
        "budget_id": (budget.pk, budget.pk + 1),
        "request_id": (AIRequest.objects.get(business_id=owner.business_id).pk, uuid4()),
        "user_id": (owner.user_id, 0),
        "job_id": (jobs_of(owner), uuid4()),
        "conversation_id": (conversation_of(owner), uuid4()),
        "attachment_id": (attachment_of(owner), uuid4()),
        "webhook_id": (webhook_of(owner), uuid4()),
        "card_id": (card.pk, card.pk + 1),
        "key_id": (ApiKey.objects.get(membership=owner).pk, uuid4()),
        "purchase_id": (AICreditPurchase.objects.get(paid_by=receipt.payment_id).pk, uuid4()),
        "number": (receipt.number, "SK-2026-999999"),
        "reference": (ordered.json()["payment_reference"], f"sika-{uuid4().hex}"),
    }


def conversation_of(owner: Membership) -> Any:
    chatter = Chatter(member=owner)
    chatter.buy("enterprise")  # which may do everything
    return chatter.send("How do I buy credits?").conversation.pk


def attachment_of(owner: Membership) -> Any:
    file = SimpleUploadedFile("notes.txt", b"Rice 45.50")
    reply = client_for(owner).post("/api/support/attachments/", {"file": file}, format="multipart")
    return reply.json()["id"]


def webhook_of(owner: Membership) -> Any:
    """Of a server that is not there."""
    body = {"url": "http://127.0.0.1:1/hook", "events": ["message.created"]}
    return client_for(owner).post("/api/support/webhooks/", body).json()["id"]


def jobs_of(owner: Membership) -> Any:
    body = {"feature": "product_description", "items": [{"name": "Shea butter"}]}
    return client_for(owner).post("/api/ai/jobs/", body, format="json").json()["id"]


def fill(path: str, samples: dict[str, tuple[Any, Any]], which: int) -> str:
    missing = set(re.findall(r"{(\w+)}", path)) - set(samples)
    assert missing == set(), f"give {path} a sample of {missing}"
    return path.format(**{name: pair[which] for name, pair in samples.items()})


def without_business(member: Membership) -> APIClient:
    """Signed in as this member; the business is the call's to name."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(member.user)}")
    return client


def call(client: APIClient, method: str, path: str, **headers: str) -> Any:
    return getattr(client, method)(path, **({} if method == "get" else {"data": {}}), headers=headers)


@pytest.mark.parametrize(("method", "path"), WITH_ID)
def test_what_belongs_to_another_is_as_unknown_as_what_does_not_exist(
    owner: Membership, samples: dict[str, tuple[Any, Any]], method: str, path: str
) -> None:
    stranger = make_business(name="Kofi's")
    _, token = api_keys.create(
        membership=stranger, name="x", scopes=["read", "ai", "billing"], expires_at=None, now=timezone.now()
    )
    theirs, nobodys = fill(path, samples, 0), fill(path, samples, 1)
    foreign = call(client_for(stranger), method, theirs)
    unknown = call(client_for(stranger), method, nobodys)
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content
    key = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
    by_key = call(key, method, theirs), call(key, method, nobodys)
    assert by_key[0].status_code in (403, 404)  # 403: no key may, whatever it names
    assert by_key[0].content == by_key[1].content
    # The control: its owner finds it, untouched.
    own = call(client_for(owner), method, theirs)
    assert own.status_code < 300 or ((method, path) in NEEDS_A_BODY and own.status_code == 400)
    if not getattr(own, "streaming", False):
        check(method, path, own)
    check(method, path, foreign)


@pytest.mark.parametrize(
    ("method", "path"), [one for one in OPERATIONS if one[0] == "get" and "{" not in one[1]]
)
def test_what_an_owner_reads_is_as_documented(owner: Membership, method: str, path: str) -> None:
    check(method, path, call(client_for(owner), method, path))


def test_another_business_does_not_exist(owner: Membership, samples: dict[str, tuple[Any, Any]]) -> None:
    stranger = without_business(make_business(name="Kofi's"))
    for method, path in [one for one in OPERATIONS if one not in WITHOUT_BUSINESS and one not in STAFF]:
        full = fill(path, samples, 0)
        foreign = call(stranger, method, full, **{"X-Business-ID": str(owner.business_id)})
        unknown = call(stranger, method, full, **{"X-Business-ID": str(uuid4())})
        assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found"), (method, path)
        assert foreign.content == unknown.content, (method, path)


def test_a_stranger_lists_no_business_of_another(owner: Membership) -> None:
    stranger = without_business(make_business(name="Kofi's"))
    reply = stranger.get("/api/business/", headers={"X-Business-ID": str(owner.business_id)})
    assert (reply.status_code, reply.json()["results"]) == (200, [])


def test_what_is_for_staff_is_for_no_owner(owner: Membership, samples: dict[str, tuple[Any, Any]]) -> None:
    assert len(STAFF) >= 2
    for method, path in STAFF:
        reply = call(client_for(owner), method, fill(path, samples, 0))
        assert (reply.status_code, reply.json()["code"]) == (403, "permission_denied"), (method, path)


def test_nobody_gets_in_without_signing_in(owner: Membership, samples: dict[str, tuple[Any, Any]]) -> None:
    everybody = ("/api/payments/webhooks/", "/api/support/guest/", "/api/support/articles/")
    for method, path in [one for one in OPERATIONS if not one[1].startswith(everybody)]:
        reply = call(APIClient(), method, fill(path, samples, 0))
        assert (reply.status_code, reply.json()["code"]) == (401, "not_authenticated"), (method, path)


def test_the_document_names_what_is_tried() -> None:
    assert {path for _, path in WITH_ID} >= {
        "/api/ai/requests/{request_id}/",
        "/api/business/api-keys/{key_id}/",
        "/api/business/budgets/{budget_id}/",
        "/api/payments/{reference}/",
        "/api/subscriptions/ai/purchases/{purchase_id}/refund/",
    }
