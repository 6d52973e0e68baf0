"""Sign-ins that have ended are forgotten, with the addresses and devices they were made from."""

import secrets
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import PASSWORD
from tests.pruning import prune

pytestmark = pytest.mark.django_db
AUTH = "/api/auth/app/v1"


def test_ended_sign_ins_go_and_live_ones_stay() -> None:
    now, email = timezone.now(), f"{secrets.token_hex(6)}@shop.test"
    phone = APIClient(REMOTE_ADDR="10.1.2.3", HTTP_USER_AGENT="Till 1")
    assert phone.post(f"{AUTH}/auth/signup", {"email": email, "password": PASSWORD}).status_code == 200
    till = APIClient(REMOTE_ADDR="10.1.2.4", HTTP_USER_AGENT="Till 2")
    signed_in = till.post(f"{AUTH}/auth/login", {"email": email, "password": PASSWORD})
    devices = {one.user_agent: one.session_key for one in UserSession.objects.all()}
    assert set(devices) == {"Till 1", "Till 2"}
    assert prune(now) == {}
    Session.objects.filter(pk=devices["Till 1"]).update(expire_date=now - timedelta(seconds=1))
    assert prune(now) == {"sessions": 1}
    UserSession.objects.update(created_at=now - timedelta(days=1, seconds=1))
    assert prune(now) == {"devices that were signed in": 1}
    assert [one.user_agent for one in UserSession.objects.all()] == ["Till 2"]
    bearer = f"Bearer {signed_in.json()['meta']['access_token']}"
    assert till.get("/api/business/", HTTP_AUTHORIZATION=bearer).status_code == 200
    assert User.objects.filter(email=email).exists()
