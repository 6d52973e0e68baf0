"""What leaves, what is stored and what is logged, looked through for names, phones, e-mails and ids.

`_nothing_personal_leaves` in tests/conftest.py asks the sandbox after every test; here is the proof that the
sandbox would tell.
"""

import json
import re

import pytest
import requests
from django.db import connection

from ai_features.features import FEATURES
from ai_features.models import AIRequest
from tests import personal
from tests.faults.test_secrets import everything_logged, tables
from tests.sandboxes import allow, forbid, leaks

from .test_every_feature import path

LEAKS = [
    ("call 024 412 3456", {"kind": "phone", "text": "024 412 3456"}),
    ("call +233244123456", {"kind": "phone", "text": "+233244123456"}),
    ("to AMA@Shop.gh", {"kind": "e-mail", "text": "ama@shop.gh"}),
    ("is GHA-123456789-0", {"kind": "Ghana Card", "text": "gha-123456789-0"}),
    ("paid 4111 1111 1111 1111", {"kind": "card", "text": "4111 1111 1111 1111"}),
    ("\uff21ma\u200b SERWAA's debt", {"kind": "forbidden", "text": "Ama Serwaa"}),
]
PERSONAL = ["024 412 3456", "ama@shop.gh", "GHA-123456789-0", "hunter2secret"]
COLLECTION = FEATURES["collection_message"].example


@pytest.mark.parametrize(("text", "leak"), LEAKS)
@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "in the facts"])
@pytest.mark.parametrize("company", ["/openai/v1/chat/completions", "/anthropic/v1/messages"])
def test_the_sandbox_would_tell(model_provider, company, wrapped, text, leak):
    forbid("Ama Serwaa")
    content = json.dumps({"rows": [{"note": text}]}) if wrapped else text
    messages = [{"role": "user", "content": content}]

    requests.post(
        model_provider.url.removesuffix("/openai/v1") + company,
        json={"model": "any", "max_tokens": 9, "messages": messages},
        headers={"Authorization": "Bearer any"},
        timeout=5,
    ).raise_for_status()

    assert leaks() == [leak]
    allow()


def test_figures_and_other_words_are_no_leak(model_provider):
    forbid("Ama", "Al")
    content = "Amazing! GHS 1,250.00 on 2026-11-20, barcode 6033000123456, 250 g, al dente"

    requests.post(
        f"{model_provider.url}/chat/completions",
        json={"model": "any", "messages": [{"role": "user", "content": content}]},
        headers={"Authorization": "Bearer any"},
        timeout=5,
    ).raise_for_status()

    assert leaks() == []


def test_what_a_request_names_is_forbidden():
    assert {"Kofi Mensah"} <= personal.of_examples()
    body = json.dumps({"debtors": [{"name": "Yaa Asantewaa", "code": "KM-7"}]})
    assert personal.in_body("/api/ai/collection-analysis/", body) == {"Yaa Asantewaa", "KM-7"}
    job = json.dumps({"feature": "collection_message", "items": [{"customer": "Yaa"}]})
    assert personal.in_body("/api/ai/jobs/", job) == {"Yaa"}


@pytest.mark.django_db
def test_nothing_personal_is_stored_or_logged(shop, sandbox):
    """Results alone hold the tenant's own names: they are what was asked for."""
    shop.grant("50.00")
    shop.take_addon()
    told = "call 024 412 3456 or ama@shop.gh, GHA-123456789-0, password: hunter2secret"
    with everything_logged() as log:
        for feature in FEATURES.values():
            sandbox.fail("invented", times=1)
            shop.client.post(path(feature), feature.example)  # is repaired, where it can be
        sandbox.reset()
        sandbox.fail("500", times=9)
        shop.client.post(path(FEATURES["collection_message"]), {**COLLECTION, "fresh": True})
        sandbox.reset()
        assert shop.describe({"name": "Soap", "attributes": {"note": told}}).status_code == 200
        assert shop.client.post(path(FEATURES["collection_message"]), {"customer": told}).status_code == 400
    ids = AIRequest.objects.values_list("pk", flat=True)
    sent = [shop.get(f"requests/{pk}/sent/").content.decode() for pk in ids]

    words = {*personal.of_examples(), *PERSONAL, shop.membership.user.email}
    places = {"log": log.said, "sent": sent, "table": [*stored()]}
    wanted = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words if len(word) > 2))
    assert AIRequest.objects.exclude(sent=None).count() >= len(FEATURES)
    assert [
        (place, found.group(), text[:60])
        for place, texts in places.items()
        for text in texts
        if (found := wanted.search(text))
    ] == []


def stored() -> list[str]:
    """Every row of every table but of users and what they paid; of AI requests all but the results."""
    requests_table = AIRequest._meta.db_table
    others = [
        row
        for row in tables()
        if not row.startswith((f"{requests_table}:", "accounts_user:", "payments_", "subscriptions_receipt:"))
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT (to_jsonb(one) - 'result')::text FROM {requests_table} AS one")
        return [*others, *(row[0] for row in cursor.fetchall())]
