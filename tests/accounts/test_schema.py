"""The document names whatever an operation may answer, and takes what the operation takes."""

import re
from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from config.core import idempotency
from tests.document import DOCUMENT, operation, parameter, statuses
from tests.factories import client_for, make_business


def named(method: str, path: str) -> set[str]:
    return {one["name"] for one in operation(method, path).get("parameters", [])}


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("get", "/api/subscriptions/ai/credits/", [200, 400, 401, 403, 404, 429, 503]),
        ("get", "/api/business/", [200, 401, 403, 404, 429, 503]),
        ("patch", "/api/business/", [200, 400, 401, 403, 404, 413, 415, 429, 503]),
        ("delete", "/api/business/api-keys/{key_id}/", [204, 400, 401, 403, 404, 429, 503]),
        ("post", "/api/subscriptions/ai/trial/", [201, 400, 401, 403, 404, 409, 422, 429, 503]),
        (
            "post",
            "/api/subscriptions/ai/purchase/",
            [201, 400, 401, 402, 403, 404, 409, 413, 415, 422, 429, 503],
        ),
        ("get", "/api/support/articles/", [200, 400, 401, 404, 429, 503]),
        ("post", "/api/business/storefronts/", [201, 400, 401, 403, 404, 409, 413, 415, 429, 503]),
        ("post", "/api/support/guest/", [201, 429, 503]),
        ("post", "/api/payments/webhooks/paystack/", [200, 401, 403, 413, 503]),
    ],
)
def test_an_operation_names_its_answers(method: str, path: str, expected: list[int]) -> None:
    assert statuses(method, path) == expected


def test_who_must_sign_in_is_told_so() -> None:
    open_to_all = {
        path
        for path, operations in DOCUMENT["paths"].items()
        for one in operations.values()
        if "401" not in one["responses"]
    }
    assert open_to_all == {"/api/support/guest/"}


def test_the_headers_and_pages_are_named() -> None:
    assert named("post", "/api/subscriptions/ai/purchase/") == {"X-Business-ID", "Idempotency-Key"}
    assert named("get", "/api/subscriptions/ai/credits/") == {"X-Business-ID"}
    assert named("get", "/api/business/members/") == {"X-Business-ID", "cursor", "page_size"}
    assert named("get", "/api/support/articles/") == {"q", "language", "cursor", "page_size"}
    assert named("get", "/api/admin/chatgpt-analytics/") == {"days"}


@pytest.mark.parametrize(
    ("key", "good"),
    [
        ("1234567", False),
        ("12345678", True),
        ("order of today", True),
        ("x" * 255, True),
        ("x" * 256, False),
        ("naïve-key", False),
        ("tab\there!", False),
        ("2f1c7a54-7f0e-4a36-9d0a-3b5f0c1d2e4f", True),
    ],
)
@pytest.mark.parametrize("path", ["/api/subscriptions/ai/purchase/", "/api/ai/ask/", "/api/support/chat"])
def test_a_key_is_valid_here_as_there(path: str, key: str, good: bool) -> None:
    schema = parameter("post", path, "Idempotency-Key")
    fits = schema["minLength"] <= len(key) <= schema["maxLength"] and re.search(schema["pattern"], key)
    assert bool(fits) is good

    request = Request(RequestFactory().post(path, headers={"Idempotency-Key": key}))
    if good:
        assert idempotency.read_key(request) == key
    else:
        with pytest.raises(idempotency.InvalidKey):
            idempotency.read_key(request)


def test_a_list_says_how_long_it_may_be() -> None:
    body: Any = DOCUMENT["components"]["schemas"]["CollectionAnalysisRequestRequest"]
    debtors = body["properties"]["debtors"]
    assert (debtors["minItems"], debtors["maxItems"]) == (1, 5000)
    assert DOCUMENT["components"]["schemas"]["WebhookCreateRequest"]["properties"]["events"]["minItems"] == 1


@pytest.mark.parametrize(
    ("path", "required"),
    [
        ("/api/ai/ask/", True),
        ("/api/ai/report-summary/", True),
        ("/api/subscriptions/ai/addon/cancel/", False),
    ],
)
def test_a_body_that_must_be_there_is_required(path: str, required: bool) -> None:
    assert operation("post", path)["requestBody"].get("required", False) is required


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "status"), [(0, 400), (1, 200), (366, 200), (367, 400)])
def test_days_are_as_many_as_the_document_says(days: int, status: int) -> None:
    schema = parameter("get", "/api/admin/chatgpt-analytics/", "days")
    assert (schema["minimum"] <= days <= schema["maximum"]) is (status == 200)

    member = make_business()
    member.user.is_staff = True
    member.user.save()
    reply = client_for(member).get("/api/admin/chatgpt-analytics/", {"days": days})
    assert reply.status_code == status


def test_no_operation_tells_what_is_for_who_writes_views() -> None:
    words = [
        one.get("description", "")
        for operations in DOCUMENT["paths"].values()
        for one in operations.values()
        if isinstance(one, dict)
    ]
    assert len(words) > 90
    assert not [one for one in words if "without_business" in one or "the method runs" in one]
