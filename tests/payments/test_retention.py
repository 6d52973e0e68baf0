"""What gateways told us is forgotten after thirteen months, what it led to is not."""

from datetime import datetime

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Business
from payments.models import Payment, WebhookEvent
from payments.types import PaymentStatus
from tests.pruning import prune
from tests.sandboxes import PaystackSandbox

from .conftest import open_payment
from .test_webhooks import deliver, process_all, success

pytestmark = pytest.mark.django_db


def age(event: WebhookEvent, now: datetime, months: int, seconds: int = 0) -> None:
    received = now - relativedelta(months=months, seconds=seconds)
    WebhookEvent.objects.filter(pk=event.pk).update(received_at=received)


def test_after_thirteen_months_and_what_comes_again_is_not_credited_again(
    started: Payment, credited: list[str], sandbox: PaystackSandbox, client: Client, settings: Settings
) -> None:
    now, payment = timezone.now(), started
    sandbox.pay(payment.reference)
    body = success(payment.reference)
    assert deliver(client, body).status_code == 200
    assert process_all() == ["applied"]
    event = WebhookEvent.objects.get()
    age(event, now, 13)
    assert prune(now) == {}
    age(event, now, 13, seconds=1)
    assert prune(now) == {"messages of gateways": 1}
    assert not WebhookEvent.objects.exists()
    assert deliver(client, body).status_code == 200
    assert process_all() == ["applied"]
    assert credited == [payment.reference]
    assert Payment.objects.get().status == PaymentStatus.SUCCESSFUL
    age(WebhookEvent.objects.get(), now, 2)
    settings.WEBHOOK_RETENTION_MONTHS = 1
    assert prune(now) == {"messages of gateways": 1}


def test_what_was_never_processed_stays(business: Business, sandbox: object, client: Client) -> None:
    now = timezone.now()
    assert deliver(client, success(open_payment(business).reference)).status_code == 200
    age(WebhookEvent.objects.get(), now, 30)
    assert prune(now) == {}
    assert process_all() != []
