"""`/metrics`: who may read it, and that it tells what happened."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from payments.models import WebhookEvent
from subscriptions.services import ledger
from tests.factories import client_for, make_business

from .commands import ROOT

TOKEN = "a-token-for-prometheus"
Key = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def samples(text: str) -> dict[Key, float]:
    found = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return {(one.name, frozenset(one.labels.items())): one.value for one in found}


def read() -> dict[Key, float]:
    response = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (response.status_code, response.headers["Content-Type"]) == (
        200,
        "text/plain; version=1.0.0; charset=utf-8",
    )
    assert "no-store" in response.headers["Cache-Control"]
    return samples(response.content.decode())


def counted(method: str, route: str, status: int) -> Key:
    return "sika_request_seconds_count", frozenset(
        {"method": method, "route": route, "status": str(status)}.items()
    )


@pytest.mark.parametrize("header", ["", "Bearer ", f"Bearer {TOKEN}x", TOKEN, f"bearer {TOKEN}"])
def test_nobody_else_may_read_it(token: None, header: str) -> None:
    assert Client().get("/metrics", headers={"Authorization": header}).status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer None"])
def test_without_a_token_there_is_no_such_page(settings: Settings, header: str) -> None:
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": header}).status_code == 404


@pytest.mark.django_db
def test_each_answer_is_counted_by_its_route(token: None) -> None:
    client, before = client_for(make_business()), read()
    for _ in range(3):
        assert client.get(f"/api/ai/requests/{uuid4()}/").status_code == 404
    client.get("/api/made-up/path")
    client.generic("BREW", "/healthz")
    after = read()
    new = {key: after[key] - before.get(key, 0) for key in after if key[0].endswith("_count")}
    assert {key: value for key, value in new.items() if value} == {
        counted("GET", "/api/ai/requests/<uuid:request_id>/", 404): 3,
        counted("GET", "none", 404): 1,
        counted("other", "/healthz", 405): 1,
        counted("GET", "/metrics", 200): 1,
    }


@pytest.mark.django_db(transaction=True)
def test_what_waits_and_what_there_is(token: None) -> None:
    now = timezone.now()
    ledger.grant(
        business_id=make_business().business_id,
        credits=Decimal("12.50"),
        source="trial",
        key="test:metrics",
        unit_value_ghs=Decimal(0),
        now=now,
    )
    WebhookEvent.objects.create(
        gateway="paystack", body_sha256="x", body="{}", signed_with="current", next_attempt_at=now
    )
    found = read()
    told = {key[1]: value for key, value in found.items() if key[0] in ("sika_waiting", "sika_credits")}
    assert {dict(labels)["what"]: value for labels, value in told.items() if value} == {
        "webhooks": 1,
        "balance": 12.5,
    }


COUNT_ONE = """
import os
from config.core import metrics
metrics._seconds.labels("GET", "/healthz", 200).observe(0.1)
labels = {"method": "GET", "route": "/healthz", "status": "200"}
print(metrics.registry().get_sample_value("sika_request_seconds_count", labels))
"""


def test_without_a_folder_a_process_counts_for_itself(tmp_path: Path) -> None:
    """As `.env.example` leaves it: named, and empty."""
    environment = {"PROMETHEUS_MULTIPROC_DIR": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", COUNT_ONE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1.0\n", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_without_a_database_the_web_is_still_told(token: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    found = read()
    ready = {dict(labels)["part"]: value for (name, labels), value in found.items() if name == "sika_ready"}
    assert ready == {"database": 0, "migrations": 0, "redis": 1, "worker": 0}
    assert not [name for name, _ in found if name in ("sika_waiting", "sika_credits")]
