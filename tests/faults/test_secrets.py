"""Keys, card codes, one-time codes, passwords, tokens: none in a log, an answer, an admin page or a table."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from payments import providers, tasks
from payments.models import Payment, SavedCard, WebhookEvent
from tests.factories import PASSWORD
from tests.payments.test_admin import signed_in
from tests.payments.test_webhooks import deliver, sign, success
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop

from .buying import PHONE, let_time_pass, run_sweeps
from .cells import times_credited

OTP, WRONG_OTP = "Q7X9PK", "W4VVVZ"
PREVIOUS_KEY = "sk_test_the_key_before_this_one"
CARD_CODE = re.compile(r"AUTH_\w+")


class Everything(logging.Handler):
    """Every record of every logger, as it is formatted, with its arguments and its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        self.said.append(f"{record.name} {record.levelname} {text} {record.args!r} {record.__dict__!r}")


@contextmanager
def everything_logged() -> Iterator[Everything]:
    everything = Everything()
    names = [None, *logging.root.manager.loggerDict]
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    logging.root.addHandler(everything)
    try:
        yield everything
    finally:
        logging.root.removeHandler(everything)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


class Listener(APIClient):
    """Keeps every answer, with its headers."""

    answers: list[str]

    def request(self, **kwargs: Any) -> Any:
        reply = super().request(**kwargs)
        self.answers.append(f"{reply.status_code} {reply.headers} {reply.content.decode(errors='replace')}")
        return reply


@pytest.fixture
def listening(shop: Shop) -> Shop:
    listener = Listener(raise_request_exception=False)
    listener.answers = []
    listener._credentials = shop.client._credentials  # type: ignore[attr-defined]
    shop.client = listener
    return shop


def live_through_everything(shop: Shop, sandbox: PaystackSandbox) -> None:
    """A card that is saved, charged, refused and forgotten; codes; webhooks; every failure of the gateway."""
    first = shop.order("VALUE", payment_method="PAYSTACK", save_card=True)
    sandbox.pay(first, channel="card")
    take_deliveries(sandbox, first)
    shop.verify(first)
    shop.client.get(f"/payments/return/?reference={first}")
    shop.client.get("/api/payments/cards/")
    card = SavedCard.objects.get()
    with_card = {"pack_type": "VALUE", "payment_method": "PAYSTACK", "card_id": card.pk}
    for outcome in ("success", "failed", "pending", "challenge"):
        sandbox.script(card_charge=outcome)
        reply = shop.post("purchase/", with_card)
        shop.client.get(f"/payments/{reply.json().get('payment_reference')}/")
    for fault in ("400", "401", "429", "500", "timeout", "drop", "garbage", "landed"):
        plan = {"path": "/transaction/charge_authorization", "fault": fault, "times": 1}
        sandbox.script(card_charge="success", faults=[plan])
        shop.post("purchase/", with_card)
        plan["path"] = "/customer/authorization/deactivate"

    by_code = shop.order("VALUE", phone=PHONE, network="vod")
    for fault in ("401", "500", ""):
        for otp in (WRONG_OTP, OTP):
            sandbox.script(
                faults=[{"path": "/charge/submit_otp", "fault": fault, "times": 1}] if fault else []
            )
            shop.client.post(f"/api/payments/{by_code}/otp/", {"otp": otp})
            shop.client.post(f"/payments/{by_code}/otp/", {"otp": otp})
            Payment.objects.filter(reference=by_code).update(next_action="enter_otp")
    sandbox.phone(by_code, "late")
    take_deliveries(sandbox, by_code)

    body = success(first, authorization={"authorization_code": "AUTH_inawebhook1"})
    deliver(Client(), body, "0" * 128)
    deliver(Client(), body, sign(body, PREVIOUS_KEY))
    deliver(Client(), b"AUTH_inawebhook2 is not JSON")
    deliver(Client(), b'{"event": "never.heard.of", "data": ["AUTH_inawebhook3"]}')
    for event in WebhookEvent.objects.filter(processed_at=None):
        tasks.process_webhook(event.pk)
    let_time_pass(timedelta(seconds=20))
    waiting = shop.order("VALUE")
    sandbox.script(fail_next="500", fail_calls=3)
    shop.verify(waiting)
    run_sweeps(timedelta(minutes=10))

    sandbox.script(faults=[{"path": "/customer/authorization", "fault": "401", "times": 1}])
    shop.client.delete(f"/api/payments/cards/{card.pk}/")
    with pytest.raises(Exception, match="company"):
        tasks.forget_card(card.pk)
    tasks.forget_card(card.pk)


def take_deliveries(sandbox: PaystackSandbox, reference: str) -> None:
    for one in sandbox.deliveries(reference):
        deliver(Client(), one["body"].encode(), one["signature"])


def admin_pages() -> list[str]:
    """Every list of the admin, and pages of its rows: of all that deal with money, of one of the others."""
    boss = signed_in(User.objects.create_superuser("boss@sika.test", PASSWORD))
    pages = []
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls = [reverse(f"{name}_changelist")]
        rows = model._default_manager.all()[: 20 if model._meta.app_label == "payments" else 1]
        urls += [reverse(f"{name}_change", args=[one.pk]) for one in rows]
        pages += [boss.get(url).content.decode() for url in urls]
    return pages


def tables() -> list[str]:
    """Every row of every table, as text."""
    rows = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f"SELECT one::text FROM {model._meta.db_table} AS one")
            rows += [f"{model._meta.db_table}: {row[0]}" for row in cursor.fetchall()]
    return rows


def test_no_secret_is_ever_shown(listening: Shop, sandbox: PaystackSandbox, settings: Settings) -> None:
    settings.PAYSTACK_PREVIOUS_SECRET_KEY = PREVIOUS_KEY
    settings.PAYSTACK_KEY_ROTATED_AT = timezone.now()
    sandbox.script(otp=OTP)
    with everything_logged() as log:
        live_through_everything(listening, sandbox)
    assert times_credited() == 4
    token = listening.client._credentials["HTTP_AUTHORIZATION"].removeprefix("Bearer ")  # type: ignore[attr-defined]
    secrets = {
        "secret key": settings.PAYSTACK_SECRET_KEY,
        "previous key": PREVIOUS_KEY,
        "one-time code": OTP,
        "wrong one-time code": WRONG_OTP,
        "encryption key": settings.FIELD_ENCRYPTION_KEYS[0],
        "Django's key": settings.SECRET_KEY,
        "password": PASSWORD,
        "bearer token": token,
    }
    cards = sorted({code for one in sandbox.requests() for code in CARD_CODE.findall(str(one["body"]))})
    assert cards, "no card was charged"
    gateway = providers.gateway("paystack")
    places = {
        "log": log.said,
        "API answer": listening.client.answers,  # type: ignore[attr-defined]
        "admin page": admin_pages(),
        "table": tables(),
        "repr": [repr(gateway), repr(vars(gateway)["_client"]), *map(repr, SavedCard.objects.all())],
    }
    wanted = {what: re.escape(secret) for what, secret in secrets.items()}
    wanted["card code"] = CARD_CODE.pattern
    found = [
        f"{what} in {place}: …{text[max(match.start() - 200, 0) : match.end() + 20]}…"
        for place, texts in places.items()
        for text in texts
        for what, pattern in wanted.items()
        if (match := re.search(pattern, text))
    ]
    assert all(places.values())
    assert found == []
