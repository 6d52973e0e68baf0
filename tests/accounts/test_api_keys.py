"""API keys: made by a person who manages, shown once, stored hashed, limited, revoked at once."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey
from accounts.services import api_keys
from tests.factories import client_for, make_business

URL = "/api/business/api-keys/"
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def made(client, **changes):
    response = client.post(URL, {"name": "Till 1", "scopes": ["read"], **changes})
    assert response.status_code == 201, response.json()
    return response.json()


def using(secret):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_a_key_is_shown_once_and_stored_hashed():
    ama = make_business(email="ama@shop.test")
    client = client_for(ama)

    key = made(client, scopes=["billing", "read", "read"])
    listed = client.get(URL).json()["results"]

    assert key["secret"].startswith("sika_live_")
    assert len(key["secret"]) == len("sika_live_") + 43
    assert key["scopes"] == ["read", "billing"]
    assert key["created_by"] == "ama@shop.test"
    assert key["prefix"] == key["secret"][:16]
    assert listed == [{name: value for name, value in key.items() if name != "secret"}]
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_apikey::text FROM accounts_apikey")
        assert key["secret"] not in cursor.fetchone()[0]


def test_a_key_opens_its_own_business():
    ama = make_business()
    make_business(name="Kofi Mart")
    secret = made(client_for(ama))["secret"]

    response = using(secret).get("/api/business/")

    assert [row["id"] for row in response.json()["results"]] == [str(ama.business_id)]
    assert client_for(ama).get(URL).json()["results"][0]["last_used_at"] is not None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes.0"),
        ({"scopes": "read"}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
    ],
)
def test_bad_input_is_named(change, field):
    response = client_for(make_business()).post(URL, {"name": "k", "scopes": ["read"], **change})

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not ApiKey.objects.exists()


def test_revoking_takes_effect_at_once_and_can_be_repeated():
    client = client_for(make_business())
    key, other = made(client), made(client, name="Till 2")
    assert using(key["secret"]).get("/api/business/").status_code == 200

    assert client.delete(f"{URL}{key['id']}/").status_code == 204
    revoked_at = ApiKey.objects.get(pk=key["id"]).revoked_at
    assert client.delete(f"{URL}{key['id']}/").status_code == 204

    refused = using(key["secret"]).get("/api/business/")
    assert refused.status_code == 401
    assert refused.json()["code"] == "authentication_failed"
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert ApiKey.objects.get(pk=key["id"]).revoked_at == revoked_at
    assert using(other["secret"]).get("/api/business/").status_code == 200


def test_another_businesss_key_can_neither_be_seen_nor_revoked():
    ama, kofi = make_business(), make_business(name="Kofi Mart")
    key = made(client_for(kofi))
    client = client_for(ama)

    foreign = client.delete(f"{URL}{key['id']}/")
    unknown = client.delete(f"{URL}{uuid.uuid4()}/")
    garbage = client.delete(f"{URL}1/")

    assert client.get(URL).json()["results"] == []
    assert foreign.status_code == unknown.status_code == garbage.status_code == 404
    assert foreign.json() == unknown.json() == garbage.json() == {"code": "not_found", "detail": "Not found."}
    assert using(key["secret"]).get("/api/business/").status_code == 200


def test_a_key_ends_when_it_expires():
    ama = make_business()
    _, secret = api_keys.create(
        membership=ama, name="k", scopes=["read"], expires_at=NOW + timedelta(hours=1), now=NOW
    )

    assert api_keys.authenticate(token=secret, now=NOW + timedelta(minutes=59)) is not None
    assert api_keys.authenticate(token=secret, now=NOW + timedelta(hours=1)) is None


def test_an_expired_key_is_401():
    past = timezone.now() - timedelta(days=1)
    _, secret = api_keys.create(
        membership=make_business(), name="k", scopes=["read"], expires_at=past, now=past
    )

    assert using(secret).get("/api/business/").status_code == 401


def test_an_unknown_key_is_401():
    assert using("sika_live_" + "x" * 43).get("/api/business/").status_code == 401


def test_when_a_key_was_last_used_is_not_written_on_every_call():
    key, secret = api_keys.create(
        membership=make_business(), name="k", scopes=["read"], expires_at=None, now=NOW
    )

    api_keys.authenticate(token=secret, now=NOW)
    api_keys.authenticate(token=secret, now=NOW + timedelta(minutes=4))
    key.refresh_from_db()
    assert key.last_used_at == NOW
    api_keys.authenticate(token=secret, now=NOW + timedelta(minutes=6))
    key.refresh_from_db()
    assert key.last_used_at == NOW + timedelta(minutes=6)


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("post", "/api/business/", {"name": "x", "storefront": "y"}),
        ("patch", "/api/business/", {"name": "x"}),
        ("post", "/api/business/storefronts/", {"name": "x"}),
        ("post", URL, {"name": "x", "scopes": ["billing"]}),
        ("delete", f"{URL}{uuid.UUID(int=7)}/", None),
    ],
)
def test_a_key_can_neither_manage_nor_multiply_itself(method, url, body):
    secret = made(client_for(make_business()), scopes=["read", "ai", "billing"])["secret"]

    response = getattr(using(secret), method)(url, body)

    assert response.status_code == 403
    assert response.json()["code"] == "person_required"
    assert ApiKey.objects.count() == 1


def test_a_key_without_read_reads_nothing():
    secret = made(client_for(make_business()), scopes=["ai"])["secret"]

    response = using(secret).get("/api/business/")

    assert response.status_code == 403
    assert response.json()["needs"] == "read"
