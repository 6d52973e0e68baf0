"""Questions and answers are forgotten after ninety days; what they cost stays in the books."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from ai_features.models import AIJob, AIJobPart, AIRequest, FalsePositive, InjectionFinding
from config.core.models import IdempotencyRecord
from tests.pruning import prune

from .conftest import Shop

pytestmark = pytest.mark.django_db
DAYS_90, SECOND = timedelta(days=90), timedelta(seconds=1)


def age(at: datetime) -> None:
    AIRequest.objects.update(created_at=at, finished_at=at)


def test_ninety_days_after_the_answer(shop: Shop, settings: Settings) -> None:
    now = timezone.now()
    asked = shop.describe(key="order-0001").json()
    age(now - DAYS_90)
    assert prune(now) == {}
    assert shop.get(f"requests/{asked['id']}/").status_code == 200
    age(now - DAYS_90 - SECOND)
    assert prune(now, dry_run=True) == prune(now) == {"AI requests": 1}
    assert prune(now) == {}
    assert shop.get(f"requests/{asked['id']}/").status_code == 404
    assert shop.transactions() == [("success", "ai", "", Decimal("0.10"))]
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))
    settings.AI_RETENTION_DAYS = 2
    shop.describe({"name": "Soap"})
    age(now - timedelta(days=2) - SECOND)
    assert prune(now) == {"AI requests": 1}


def test_its_key_is_not_charged_again(shop: Shop) -> None:
    now = timezone.now()
    assert shop.describe(key="order-0001").status_code == 200
    age(now - DAYS_90 - SECOND)
    IdempotencyRecord.objects.update(expires_at=now - DAYS_90, locked_until=now - DAYS_90)
    assert prune(now) == {"expired Idempotency-Keys": 1, "AI requests": 1}
    again = shop.describe({"name": "Soap"}, key="order-0001")  # another question: this one is cached
    assert (again.status_code, again.json()["code"]) == (409, "request_in_progress")
    assert shop.account == (Decimal("4.90"), Decimal("0.00"))


def test_an_answer_that_waits_for_its_charge_stays(shop: Shop) -> None:
    now = timezone.now()
    shop.describe()
    AIRequest.objects.update(status="answered")
    age(now - 2 * DAYS_90)
    assert prune(now) == {}
    AIRequest.objects.update(status="succeeded")
    assert prune(now) == {"AI requests": 1}


def job(shop: Shop, **values: Any) -> AIJob:
    made = AIJob.objects.create(
        business_id=shop.business_id,
        membership=shop.membership,
        feature="product_description",
        total=1,
        created_at=timezone.now() - 2 * DAYS_90,
        **values,
    )
    AIJobPart.objects.create(
        job=made, number=0, size=1, status="done", request=AIRequest.objects.order_by("pk").first()
    )
    return made


def test_jobs_that_have_ended_go_with_their_parts(shop: Shop) -> None:
    now = timezone.now()
    shop.describe()
    young = job(shop, status="done", finished_at=now - DAYS_90)
    running = job(shop, status="running", sealed_items="x", next_attempt_at=now)
    for status in ("done", "cancelled"):
        job(shop, status=status, finished_at=now - DAYS_90 - SECOND)
    assert prune(now) == {"parts of AI jobs": 2, "AI jobs": 2}
    age(now - DAYS_90 - SECOND)
    assert prune(now) == {"AI requests": 1}
    assert set(AIJob.objects.values_list("pk", flat=True)) == {young.pk, running.pk}
    assert set(AIJobPart.objects.values_list("job", "request")) == {(young.pk, None), (running.pk, None)}
    assert shop.get(f"jobs/{young.pk}/").status_code == 200  # its answer is gone a moment before it is


def test_findings_go_and_what_a_person_decided_stays(shop: Shop) -> None:
    now = timezone.now()
    for at in (now - DAYS_90, now - DAYS_90 - SECOND):
        InjectionFinding.objects.create(
            business_id=shop.business_id,
            request_id=uuid4(),
            rule="act_as",
            mode="flag",
            text_hash="0" * 64,
            created_at=at,
        )
    FalsePositive.objects.create(
        business_id=shop.business_id,
        request_id=uuid4(),
        rule="act_as",
        text_hash="0" * 64,
        marked_by_id=1,
        note="honest",
        created_at=now - 2 * DAYS_90,
    )
    assert prune(now) == {"findings of suspicious texts": 1}
    assert [one.created_at for one in InjectionFinding.objects.all()] == [now - DAYS_90]
    assert FalsePositive.objects.count() == 1
