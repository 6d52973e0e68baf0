"""The same POST twice happens once. On real commits, since the claim is a committed row."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from config.core.errors import Conflict
from config.core.idempotency import RUN_LEASE, KeyReused, StillRunning, idempotent, run_once
from config.core.models import IdempotencyRecord

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
KEY = "0f9c2b1e-key"
AMA, KOFI = uuid.uuid4(), uuid.uuid4()


class Shop:
    """Stands for the business of a view."""

    def __init__(self, pk):
        self.pk = pk


class SellView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    sold: list[object] = []
    refuse: type[Exception] | None = None
    status = 201

    @idempotent
    def post(self, request):
        if SellView.refuse is not None:
            raise SellView.refuse
        SellView.sold.append(request.data)
        return Response(
            {"sale": len(SellView.sold), "price": Decimal("0.10"), "key": request.idempotency_key},
            status=SellView.status,
        )

    @property
    def business(self):
        return Shop(uuid.UUID(self.request.headers["X-Shop"]))


urlpatterns = [path("api/sell/", SellView.as_view())]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _nothing_sold():
    SellView.sold, SellView.refuse, SellView.status = [], None, 201


def sell(body, *, key: str | None = KEY, shop=AMA, client=None):
    headers = {"X-Shop": str(shop)} | ({"Idempotency-Key": key} if key is not None else {})
    client = client or APIClient(raise_request_exception=False)
    return client.post("/api/sell/", body, headers=headers)


def test_the_same_request_again_gets_the_first_answer():
    first = sell({"qty": 1})
    again = sell({"qty": 1})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content == b'{"sale":1,"price":0.10,"key":"0f9c2b1e-key"}'
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(SellView.sold) == 1


def test_another_body_under_the_same_key_is_422():
    sell({"qty": 1})

    response = sell({"qty": 2})

    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    assert len(SellView.sold) == 1


def test_numbers_written_differently_are_another_body():
    sell({"qty": 1})

    response = APIClient().generic(
        "POST",
        "/api/sell/",
        '{"qty":1.0}',
        content_type="application/json",
        headers={"X-Shop": str(AMA), "Idempotency-Key": KEY},
    )

    assert response.status_code == 422


def test_keys_belong_to_one_business():
    sell({"qty": 1})

    assert sell({"qty": 1}, shop=KOFI).json()["sale"] == 2


def test_without_a_key_every_request_counts():
    sell({"qty": 1}, key=None)
    response = sell({"qty": 1}, key=None)

    assert response.json() == {"sale": 2, "price": 0.1, "key": None}
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("key", ["", "short", "x" * 256, "tab\tinside", "ünïcode-key"])
def test_a_key_that_is_none_is_400(key):
    response = sell({"qty": 1}, key=key)

    assert response.status_code == 400
    assert response.json()["code"] == "invalid_idempotency_key"
    assert SellView.sold == []


@pytest.mark.parametrize("refusal", [Conflict, RuntimeError])
def test_after_a_refusal_the_key_is_free(refusal):
    SellView.refuse = refusal
    assert sell({"qty": 1}).status_code in (409, 500)
    assert not IdempotencyRecord.objects.exists()

    SellView.refuse = None
    assert sell({"qty": 2}).status_code == 201


def test_an_answer_that_is_no_success_is_not_kept():
    SellView.status = 402
    sell({"qty": 1})
    SellView.status = 201

    assert sell({"qty": 1}).json()["sale"] == 2


def test_while_the_first_runs_the_second_is_409_and_then_gets_its_answer():
    running, finish = threading.Event(), threading.Event()

    def slow():
        running.set()
        assert finish.wait(10)
        return Response({"sale": 1})

    def first():
        try:
            return run_once(business_id=AMA, key=KEY, request_hash="h", now=NOW, respond=slow)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(first)
        assert running.wait(10)
        with pytest.raises(StillRunning):
            run_once(business_id=AMA, key=KEY, request_hash="h", now=NOW, respond=never)
        with pytest.raises(KeyReused):
            run_once(business_id=AMA, key=KEY, request_hash="other", now=NOW, respond=never)
        finish.set()
        assert future.result(10).data == {"sale": 1}

    again = run_once(business_id=AMA, key=KEY, request_hash="h", now=NOW, respond=never)
    assert again.data == {"sale": 1}


def never():
    raise AssertionError("must not run")


def test_of_many_at_once_one_runs():
    barrier = threading.Barrier(8)

    def one(_):
        barrier.wait(10)
        try:
            return sell({"qty": 1}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(one, range(8)))

    assert len(SellView.sold) == 1
    assert set(codes) <= {201, 409}
    assert codes[0] == 201


def test_a_key_is_forgotten_after_a_day():
    first = run_once(
        business_id=AMA, key=KEY, request_hash="h", now=NOW, respond=lambda: Response({"sale": 1})
    )

    kept = run_once(business_id=AMA, key=KEY, request_hash="h", now=NOW + timedelta(hours=23), respond=never)
    fresh = run_once(
        business_id=AMA,
        key=KEY,
        request_hash="another",
        now=NOW + timedelta(hours=24),
        respond=lambda: Response({"sale": 2}),
    )

    assert (first.data, kept.data, fresh.data) == ({"sale": 1}, {"sale": 1}, {"sale": 2})


def test_a_run_that_died_is_taken_over_after_its_lease_by_the_same_request_only():
    IdempotencyRecord.objects.create(
        business_id=AMA,
        key=KEY,
        request_hash="h",
        locked_until=NOW + RUN_LEASE,
        expires_at=NOW + timedelta(hours=24),
    )

    def again(request_hash, after):
        return run_once(
            business_id=AMA,
            key=KEY,
            request_hash=request_hash,
            now=NOW + after,
            respond=lambda: Response({"sale": 2}),
        )

    with pytest.raises(StillRunning):
        again("h", RUN_LEASE - timedelta(microseconds=1))
    with pytest.raises(KeyReused):
        again("other", RUN_LEASE)
    assert again("h", RUN_LEASE).data == {"sale": 2}


def test_whoever_lost_the_lease_does_not_overwrite_the_answer():
    def late():
        run_once(
            business_id=AMA,
            key=KEY,
            request_hash="h",
            now=NOW + RUN_LEASE,
            respond=lambda: Response({"sale": "of the second"}),
        )
        return Response({"sale": "of the first"})

    run_once(business_id=AMA, key=KEY, request_hash="h", now=NOW, respond=late)

    again = run_once(business_id=AMA, key=KEY, request_hash="h", now=NOW + RUN_LEASE, respond=never)
    assert again.data == {"sale": "of the second"}
