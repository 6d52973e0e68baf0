"""Calls side by side, interrupted, and abandoned by their callers, with real commits."""

import json
import socket
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone

from ai_features.models import AIRequest
from ai_features.services import settling
from config.core.models import IdempotencyRecord
from subscriptions.ai_billing import AIBillingService
from subscriptions.models import AITransaction, BusinessAICredits, CreditHold
from subscriptions.services import ledger, sweeps
from tests.ai_features.conftest import PRODUCT, Shop
from tests.factories import access_token

pytestmark = pytest.mark.django_db(transaction=True)


def together(calls):
    """Runs the calls at once, each in a thread with a connection of its own; returns what they returned."""
    gate = threading.Barrier(len(calls))

    def run(call):
        gate.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_64_calls_with_credit_for_10(sandbox):
    shop = Shop(credits="1.00")

    responses = together([lambda n=n: shop.describe({"name": f"Soap {n}"}) for n in range(64)])

    assert sorted(r.status_code for r in responses) == [200] * 10 + [402] * 54
    refused = [r.json() for r in responses if r.status_code == 402]
    assert {(r["code"], r["required"]) for r in refused} == {("insufficient_credits", 0.1)}
    assert all({"available", "shortfall", "packs"} <= set(r) for r in refused)
    assert shop.account == (Decimal("0.00"), Decimal("0.00"))
    assert len(sandbox.calls()) == 10
    assert AITransaction.objects.filter(status="success", credits_charged="0.10").count() == 10
    assert AIRequest.objects.filter(status="succeeded").count() == 10


def test_identical_calls_run_once(shop, sandbox):
    sandbox.fail("slow-0.3")

    answers = [response.json() for response in together([shop.describe] * 8)]

    assert sorted(answer["source"] for answer in answers) == ["ai"] + ["cached"] * 7
    assert len(sandbox.calls()) == 1
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))


def test_identical_calls_do_not_wait_for_one_that_fails(shop, sandbox):
    sandbox.fail("500", times=2)

    responses = together([shop.describe] * 4)

    assert sorted(response.status_code for response in responses) == [200, 200, 200, 503]
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))


def test_one_key_at_once_is_one_charge(shop, sandbox):
    sandbox.fail("slow-0.5")

    responses = together([lambda: shop.describe(key="order-0001")] * 5)

    assert sorted(response.status_code for response in responses) == [200, 409, 409, 409, 409]
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    assert shop.describe(key="order-0001").headers["Idempotent-Replayed"] == "true"


def test_no_connection_is_held_while_the_provider_thinks(shop, sandbox, settings):
    """It answers none of them before it has heard all, who are twice as many as the pool has connections."""
    callers = 2 * settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    settings.AI_TIMEOUT_SECONDS = 60
    shop.grant("5.00", value="1")  # who pays, may ask more often
    sandbox.fail(f"crowd-{callers}", times=callers)

    responses = together([lambda n=n: shop.describe({"name": f"Soap {n}"}) for n in range(callers)])

    assert [response.status_code for response in responses] == [200] * callers


def test_at_most_14_queries(shop, django_assert_max_num_queries):
    shop.describe({"name": "warm up the catalogue"})

    with django_assert_max_num_queries(14):
        response = shop.describe(key="order-0001")

    assert response.json()["source"] == "ai"


def waiting_backends() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return [row[0] for row in cursor.fetchall()]


def until(found, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = found()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def interrupt_the_charge(shop, sandbox, key):
    """The answer's charge waits for a lock of ours, and its server process is ended there."""
    sandbox.fail("slow-0.3")

    def call():
        try:
            return shop.describe(key=key)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(call)
        until(lambda: CreditHold.objects.filter(state="open").exists())
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM subscriptions_businessaicredits FOR UPDATE")
            (pid,) = until(waiting_backends)
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            cursor.execute("ROLLBACK")
        return answer.result()


def test_an_answer_whose_charge_breaks_is_delivered_and_charged_once(shop, sandbox):
    response = interrupt_the_charge(shop, sandbox, key="order-0001")

    body = response.json()
    assert (response.status_code, body["source"], body["new_balance"]) == (200, "ai", None)
    assert body["notice"] == "The charge is being confirmed; the balance follows in a minute."
    assert shop.account == (Decimal("5.00"), Decimal("0.10"))
    assert shop.get(f"requests/{body['id']}/").json()["status"] == "answered"

    now = timezone.now()
    assert settling.finish_answered(now=now) == 0  # it may still be at it itself
    assert settling.finish_answered(now=now + timedelta(minutes=2)) == 1
    assert settling.finish_answered(now=now + timedelta(minutes=2)) == 0

    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    stored = AIRequest.objects.get(pk=body["id"])
    assert (stored.status, stored.transaction_id) == ("succeeded", AITransaction.objects.get().pk)


def test_the_sweeper_after_the_lease_charges_late(shop, sandbox):
    body = interrupt_the_charge(shop, sandbox, key="order-0001").json()
    later = timezone.now() + timedelta(minutes=16)
    hold = CreditHold.objects.get()
    ledger.release(hold_id=hold.pk, error_code="lease_ended", now=later, expired=True)
    assert shop.account == (Decimal("5.00"), Decimal("0.00"))

    assert settling.finish_answered(now=later) == 1

    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    used = AITransaction.objects.get(request_id=body["id"])
    assert (used.status, used.late, used.credits_charged) == ("success", True, Decimal("0.10"))


def test_the_sweep_of_stale_holds_charges_an_answer_that_is_stored(shop, sandbox):
    """Both sweeps start after an outage longer than the lease: whichever is first, the charge is whole."""
    body = interrupt_the_charge(shop, sandbox, key="order-0001").json()
    later = timezone.now() + timedelta(minutes=16)

    assert sweeps.release_stale_holds(now=later) == 0

    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    used = AITransaction.objects.get(request_id=body["id"])
    assert (used.status, used.credits_charged) == ("success", Decimal("0.10"))
    assert AIRequest.objects.get(pk=body["id"]).status == "succeeded"
    assert settling.finish_answered(now=later) == 0
    assert BusinessAICredits.objects.get(pk=shop.business_id).debt == 0


def test_both_sweeps_at_once_charge_a_stored_answer_once(shop, sandbox):
    body = interrupt_the_charge(shop, sandbox, key="order-0001").json()
    later = timezone.now() + timedelta(minutes=16)

    together([lambda: sweeps.release_stale_holds(now=later), lambda: settling.finish_answered(now=later)] * 3)

    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    assert AITransaction.objects.get(request_id=body["id"]).credits_charged == Decimal("0.10")
    assert AIRequest.objects.get(pk=body["id"]).status == "succeeded"


def test_one_answer_that_cannot_be_charged_does_not_keep_the_others_waiting(shop, sandbox):
    first = interrupt_the_charge(shop, sandbox, key="order-0001").json()
    later = timezone.now() + timedelta(minutes=2)
    lost = AIRequest.objects.get(pk=first["id"])
    lost.pk, lost.hold_id, lost.finished_at = uuid.uuid4(), 0, lost.finished_at - timedelta(minutes=1)
    lost.save(force_insert=True)

    assert settling.finish_answered(now=later) == 1

    assert AIRequest.objects.get(pk=first["id"]).status == "succeeded"
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    assert AIRequest.objects.get(pk=lost.pk).status == "answered"


def test_an_answer_whose_credits_went_back_stays_free(shop, sandbox):
    body = interrupt_the_charge(shop, sandbox, key="order-0001").json()
    AIBillingService.release(
        hold_id=CreditHold.objects.get().pk, error_code="given_back", response_time_ms=0, now=timezone.now()
    )

    assert settling.finish_answered(now=timezone.now() + timedelta(minutes=2)) == 1

    stored = AIRequest.objects.get(pk=body["id"])
    assert (stored.status, stored.error_code, stored.credits_charged) == (
        "failed",
        "hold_released",
        Decimal("0.00"),
    )
    assert shop.account == (Decimal("5.00"), Decimal("0.00"))


def test_a_key_whose_first_answer_was_never_told_gets_that_answer(shop, sandbox):
    """The process died after charging, before the key's first response was kept; its run lease has ended."""
    first = shop.describe(key="order-0001").json()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_idempotencyrecord SET response_status = NULL, response_body = '',"
            " locked_until = now() - interval '1 second'"
        )
    cache.clear()

    again = shop.describe(key="order-0001").json()

    same = ("id", "source", "result", "credits_charged", "model", "response_time_ms")
    assert {name: again[name] for name in same} == {name: first[name] for name in same}
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    assert len(sandbox.calls()) == 1


def test_a_charged_key_is_not_an_answer_to_another_question(shop, sandbox):
    """The key's record was forgotten after its day, but what was charged for it was not."""
    shop.describe(key="order-0001")
    IdempotencyRecord.objects.all().delete()

    response = shop.describe({"name": "Black soap"}, key="order-0001")

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    assert len(sandbox.calls()) == 1


def test_a_caller_who_hangs_up_finds_the_answer_under_the_key(shop, sandbox, live_server):
    sandbox.fail("slow-0.3")
    url = urlsplit(live_server.url)
    body = json.dumps(PRODUCT).encode()
    head = (
        f"POST /api/ai/product-description/ HTTP/1.1\r\nHost: {url.netloc}\r\n"
        f"Authorization: Bearer {access_token(shop.membership.user)}\r\nIdempotency-Key: order-0001\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((url.hostname, url.port)) as caller:
        caller.sendall(head.encode() + body)
        until(lambda: CreditHold.objects.filter(state="open").exists())

    until(lambda: AIRequest.objects.filter(status="succeeded").exists())
    until(lambda: shop.describe(key="order-0001").status_code == 200)

    again = shop.describe(key="order-0001")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json()["credits_charged"] == 0.1
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    assert BusinessAICredits.objects.get(pk=shop.business_id).total_used == Decimal("0.10")
    assert len(sandbox.calls()) == 1
