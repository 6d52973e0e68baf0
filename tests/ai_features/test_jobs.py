"""Many items in the background: each is delivered once or free, whatever becomes of the worker."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership
from ai_features.models import AIJob, AIRequest
from ai_features.services import jobs
from config.core import secret_text
from subscriptions.services import sweeps
from tests.ai_features.conftest import Shop
from tests.concurrency.together import together
from tests.patience import impatient

D = Decimal
ITEMS = [{"name": f"Soap {number}"} for number in range(1, 26)]  # three parts: 10, 10, 5


def start(shop, items=ITEMS, **headers):
    body = {"feature": "product_description", "items": items}
    return shop.client.post("/api/ai/jobs/", body, headers=headers)


def started(shop, items=ITEMS):
    reply = start(shop, items)
    assert reply.status_code == 201, reply.content
    return reply.json()["id"]


def run(job_id, **later):
    return jobs.run(job_id=job_id, now=timezone.now() + timedelta(**later))


def look(shop, job_id):
    return shop.get(f"jobs/{job_id}/").json()


@pytest.mark.django_db
def test_a_job_from_order_to_answer(shop, sandbox):
    job_id = started(shop)
    before = look(shop, job_id)
    assert (before["status"], before["percent"], before["credits_charged"]) == ("queued", 0, 0)
    assert {item["status"] for item in before["items"]} == {"waiting"}
    assert shop.account == (D("5.00"), D("0.00"))

    run(job_id)

    after = look(shop, job_id)
    assert (after["status"], after["total"], after["done"], after["failed"]) == ("done", 25, 25, 0)
    assert (after["percent"], after["credits_charged"]) == (100, 2.5)
    assert [item["index"] for item in after["items"]] == list(range(25))
    assert [item["result"]["title"] for item in after["items"]] == [one["name"] for one in ITEMS]
    assert shop.account == (D("2.50"), D("0.00"))
    assert [len(call["messages"]) for call in sandbox.calls()] == [2, 2, 2]  # three calls for 25 items
    assert AIJob.objects.get().sealed_items == ""
    assert shop.get("jobs/").json()["results"][0]["percent"] == 100


@pytest.mark.django_db
def test_a_price_with_a_fraction_arrives_as_it_was_written(shop, sandbox):
    priced = {"name": "Shea butter", "price": D("45.50"), "attributes": {"weight_kg": D("0.25")}}
    job_id = started(shop, [priced])

    run(job_id)

    assert (look(shop, job_id)["status"], look(shop, job_id)["credits_charged"]) == ("done", 0.1)
    [call] = sandbox.calls()
    product = json.loads(call["messages"][1]["content"])["product"]
    assert (product["price"], product["attributes"]) == ("GHS 45.50", {"weight_kg": "0.25"})


@pytest.mark.django_db
def test_what_is_kept_until_then_is_encrypted(shop):
    started(shop, [{"name": "Soap for Ama Mensah 0244123456"}])

    sealed = AIJob.objects.get().sealed_items
    assert "Mensah" not in sealed
    assert "Mensah" in secret_text.unseal(sealed)


@pytest.mark.django_db
def test_the_same_key_makes_one_job(shop):
    first, again = (start(shop, **{"Idempotency-Key": "order-of-today"}) for _ in range(2))

    assert first.json() == again.json()
    assert AIJob.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"feature": "product_description", "items": []}, 400, "validation_error"),
        ({"feature": "product_description", "items": [{"name": "x"}] * 51}, 400, "validation_error"),
        (
            {"feature": "product_description", "items": [{"name": "x"}, {"brand": "y"}]},
            400,
            "validation_error",
        ),
        ({"feature": "fortune_telling", "items": [{"name": "x"}]}, 404, "unknown_feature"),
        ({"items": [{"name": "x"}]}, 400, "validation_error"),
    ],
)
def test_what_is_no_job(shop, body, status, code):
    reply = shop.client.post("/api/ai/jobs/", body)

    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert AIJob.objects.count() == 0


@pytest.mark.django_db
def test_the_wrong_item_is_named(shop):
    reply = start(shop, [{"name": "Soap"}, {"brand": "Ama"}])

    assert [error["field"] for error in reply.json()["errors"]] == ["items.1.name"]


@pytest.mark.django_db
def test_a_job_that_nobody_could_pay_for_is_refused_at_once(sandbox):
    reply = start(Shop(credits="2.40"))

    assert (reply.status_code, reply.json()["code"], reply.json()["shortfall"]) == (
        402,
        "insufficient_credits",
        0.1,
    )
    assert AIJob.objects.count() == 0


@pytest.mark.django_db
def test_credits_that_run_out_midway_end_the_job_with_what_is_delivered(shop, sandbox):
    job_id = started(shop)
    assert shop.describe({"items": [{"name": f"Till {n}"} for n in range(10)]}).status_code == 200
    assert shop.describe({"items": [{"name": f"Bag {n}"} for n in range(10)]}).status_code == 200
    assert shop.describe({"items": [{"name": f"Cup {n}"} for n in range(10)]}).status_code == 200

    run(job_id)

    job = look(shop, job_id)
    assert (job["status"], job["done"], job["failed"], job["credits_charged"]) == ("done", 20, 5, 2.0)
    assert {item["error"] for item in job["items"][20:]} == {"insufficient_credits"}
    assert shop.account == (D("0.00"), D("0.00"))


@pytest.mark.django_db
def test_some_items_of_a_part(shop, sandbox):
    job_id = started(shop, ITEMS[:2])
    sandbox.fail("half")
    sandbox.fail("invented")

    run(job_id)

    job = look(shop, job_id)
    assert [(item["status"], item["error"]) for item in job["items"]] == [
        ("done", None),
        ("failed", "answer_unusable"),
    ]
    assert (job["done"], job["failed"], job["credits_charged"]) == (1, 1, 0.1)


@pytest.mark.django_db
def test_a_provider_that_is_down_is_asked_again_later(shop, sandbox):
    job_id = started(shop, ITEMS[:3])
    sandbox.fail("500", times=2)

    run(job_id)
    waiting = AIJob.objects.get()
    assert waiting.status == "queued"
    assert waiting.next_attempt_at is not None
    assert timedelta(seconds=8) < waiting.next_attempt_at - timezone.now() <= timedelta(seconds=10)
    assert jobs.claim_due(now=timezone.now()) == []
    assert jobs.claim_due(now=timezone.now() + timedelta(seconds=11)) == [waiting.pk]

    run(job_id, seconds=11)
    assert look(shop, job_id)["credits_charged"] == 0.3


@pytest.mark.django_db
def test_a_provider_that_stays_down_fails_the_part_free(shop, sandbox):
    job_id = started(shop, ITEMS[:1])
    sandbox.fail("500", times=2 * jobs.MAX_ATTEMPTS)

    for attempt in range(jobs.MAX_ATTEMPTS):
        run(job_id, hours=attempt)

    job = look(shop, job_id)
    assert (job["status"], job["failed"], job["credits_charged"]) == ("done", 1, 0)
    assert job["items"][0]["error"] == "provider_unavailable"
    assert shop.account == (D("5.00"), D("0.00"))


@pytest.mark.django_db
def test_whoever_lost_the_role_gets_no_more_answers(shop, sandbox):
    job_id = started(shop)
    Membership.objects.update(is_active=False)

    run(job_id)

    assert set(AIJob.objects.get().parts.values_list("status", "error_code")) == {
        ("failed", "role_not_allowed")
    }
    assert sandbox.calls() == []


@pytest.mark.django_db
def test_cancel_before_it_begins_and_after_it_ended(shop, sandbox):
    job_id = started(shop)

    reply = shop.client.post(f"/api/ai/jobs/{job_id}/cancel/")
    assert (reply.json()["status"], reply.json()["percent"]) == ("cancelled", 100)
    assert run(job_id).status == "cancelled"
    assert shop.client.post(f"/api/ai/jobs/{job_id}/cancel/").status_code == 404
    assert sandbox.calls() == []
    assert shop.account == (D("5.00"), D("0.00"))


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_job(shop, sandbox):
    job_id = started(shop)

    together([lambda: run(job_id)] * 4)

    assert look(shop, job_id)["done"] == 25
    assert shop.account == (D("2.50"), D("0.00"))
    assert len(sandbox.calls()) == 3


@pytest.mark.django_db(transaction=True)
def test_a_cancel_while_a_part_runs(shop, sandbox):
    job_id = started(shop)
    sandbox.fail("slow-0.6")

    def cancel_midway():
        while not sandbox.calls():
            time.sleep(0.02)
        return shop.client.post(f"/api/ai/jobs/{job_id}/cancel/").json()["status"]

    assert together([lambda: run(job_id), cancel_midway])[1] == "running"
    job = look(shop, job_id)
    assert (job["status"], job["done"], job["credits_charged"]) == ("cancelled", 10, 1.0)
    assert [item["status"] for item in job["items"][10:]] == ["cancelled"] * 15


@pytest.mark.django_db(transaction=True)
def test_fifty_items_and_a_worker_killed_midway(shop, sandbox):
    """The third of five calls runs when the worker dies. Its hold ends with its lease, then it is redone."""
    job_id = started(shop, [{"name": f"Soap {number}"} for number in range(1, 51)])
    sandbox.fail("none", times=2)
    sandbox.fail("slow-20")
    worker = worker_process(job_id)
    while len(sandbox.calls()) < 3:
        assert worker.poll() is None
        time.sleep(0.05)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert shop.account == (D("3.00"), D("1.00"))
    assert look(shop, job_id)["done"] == 20

    assert run(job_id).status == "running"  # the dead worker still has it
    assert run(job_id, minutes=4).status == "queued"  # the call may still be running, as far as anybody knows
    assert sweeps.release_stale_holds(now=timezone.now() + timedelta(minutes=16)) == 1
    assert run(job_id, minutes=17).status == "done"

    job = look(shop, job_id)
    assert (job["done"], job["failed"], job["credits_charged"]) == (50, 0, 5.0)
    assert shop.account == (D("0.00"), D("0.00"))
    statuses = AIRequest.objects.values_list("status", flat=True)
    assert sorted(statuses) == ["succeeded"] * 5
    assert [row[0] for row in shop.transactions()].count("abandoned") == 1


@pytest.mark.django_db
def test_a_worker_that_dies_after_the_answer_delivers_it_without_a_second_charge(shop, sandbox):
    job_id = started(shop, ITEMS[:10])
    run(job_id)
    # As if it had died before it noted the end of the part.
    AIJob.objects.get().parts.update(status="waiting", request=None)
    AIJob.objects.update(
        status="running",
        next_attempt_at=timezone.now(),
        finished_at=None,
        sealed_items=secret_text.seal("[" + ",".join('{"name": "Soap"}' for _ in range(10)) + "]"),
    )

    run(job_id)

    assert look(shop, job_id)["credits_charged"] == 1.0
    assert shop.account == (D("4.00"), D("0.00"))
    assert len(sandbox.calls()) == 1


def worker_process(job_id):
    url = urlsplit(os.environ["DATABASE_URL"])
    database = url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    code = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from ai_features.services import jobs\n"
        f"jobs.run(job_id='{job_id}', now=timezone.now())"
    )
    environment = {**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    environment["AI_TIMEOUT_SECONDS"] = "30"
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


@pytest.mark.django_db(transaction=True)
def test_a_part_that_meets_a_lock_waits_instead_of_failing(shop, sandbox):
    job_id = started(shop, ITEMS[:1])
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT 1 FROM subscriptions_businessaicredits FOR UPDATE")
        with impatient():
            assert run(job_id).status == "queued"

    run(job_id, minutes=1)

    assert look(shop, job_id)["credits_charged"] == 0.1
    assert shop.account == (D("4.90"), D("0.00"))
