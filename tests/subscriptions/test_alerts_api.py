"""`/api/business/alerts/` and `/preferences/`."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Membership
from subscriptions.models import Alert, AlertPreferences, BusinessAICredits
from subscriptions.services.alerts import raise_alert
from tests.factories import client_for, make_business, make_member
from tests.subscriptions.shop import Shop

ALERTS, PREFERENCES = "/api/business/alerts/", "/api/business/preferences/"
KINDS = ("low_credit", "budget", "expiry", "unusual_spend", "renewal", "lapsed", "licence")
EVERYTHING = dict.fromkeys(KINDS, True)


@pytest.fixture
def owner(db: None) -> Membership:
    return make_business()


@pytest.fixture
def client(owner: Membership) -> APIClient:
    return client_for(owner)


def tell(member: Membership, key: str, kind: str = "low_credit", minutes: int = 0) -> int:
    alert = raise_alert(
        business_id=member.business_id,
        kind=kind,
        key=key,
        severity="warning",
        title=key,
        text="x",
        now=timezone.now() + timedelta(minutes=minutes),
    )
    assert alert is not None
    return alert.pk


def listed(client: APIClient, **query: Any) -> list[str]:
    return [alert["title"] for alert in client.get(ALERTS, query).json()["results"]]


def test_alerts_are_listed_newest_first_and_filtered(owner: Membership, client: APIClient) -> None:
    tell(make_business(), "another's")
    raise_alert(
        business_id=None, kind="fx_stale", key="o", severity="info", title="ops", text="x", now=timezone.now()
    )
    first = tell(owner, "first")
    tell(owner, "second", kind="expiry", minutes=1)
    tell(owner, "third", minutes=2)
    assert listed(client) == ["third", "second", "first"]
    assert listed(client, kind="low_credit") == ["third", "first"]
    assert client.post(f"{ALERTS}{first}/read/").status_code == 200
    assert listed(client, unread="true") == ["third", "second"]
    assert listed(client, unread="false") == ["first"]
    assert listed(client, unread="true", kind="expiry") == ["second"]
    page = client.get(ALERTS, {"page_size": 2}).json()
    assert [alert["title"] for alert in page["results"]] == ["third", "second"]
    assert [alert["title"] for alert in client.get(page["next"]).json()["results"]] == ["first"]


def test_a_filter_that_is_none_is_an_error(client: APIClient) -> None:
    reply = client.get(ALERTS, {"kind": "fx_stale"})
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert client.get(ALERTS, {"unread": "maybe"}).status_code == 400


def test_read_is_remembered_from_the_first_time(owner: Membership, client: APIClient) -> None:
    alert_id = tell(owner, "x")
    first = client.post(f"{ALERTS}{alert_id}/read/").json()
    again = client.post(f"{ALERTS}{alert_id}/read/").json()
    assert first["is_read"] is True
    assert again == first


def test_read_all_reads_ones_own(owner: Membership, client: APIClient) -> None:
    stranger = make_business()
    tell(stranger, "another's")
    tell(owner, "one")
    tell(owner, "two")
    assert client.post(f"{ALERTS}read-all/").json() == {"marked": 2}
    assert client.post(f"{ALERTS}read-all/").json() == {"marked": 0}
    assert Alert.objects.filter(read_at=None).get().business_id == stranger.business_id


def test_a_cashier_sees_alerts_and_changes_nothing(owner: Membership) -> None:
    alert_id = tell(owner, "x")
    till = client_for(make_member(business=owner.business, role="cashier"))
    assert listed(till) == ["x"]
    for reply in (
        till.post(f"{ALERTS}{alert_id}/read/"),
        till.post(f"{ALERTS}read-all/"),
        till.patch(PREFERENCES, {"email_managers": True}),
    ):
        assert (reply.status_code, reply.json()["code"]) == (403, "role_not_allowed")
    assert Alert.objects.get().read_at is None
    assert not AlertPreferences.objects.exists()


def test_a_key_reads_and_changes_nothing(owner: Membership) -> None:
    key = Shop(owner).with_key("read", "billing")
    assert (key.get(ALERTS).status_code, key.get(PREFERENCES).status_code) == (200, 200)
    assert key.patch(PREFERENCES, {"email_managers": True}).status_code == 403
    assert key.post(f"{ALERTS}read-all/").status_code == 403


def test_preferences_without_a_row_are_the_defaults(client: APIClient) -> None:
    assert client.get(PREFERENCES).json() == {
        "low_credit_threshold": 10,
        "emails": EVERYTHING,
        "email_managers": False,
        "webhook_is_set": False,
        "webhook_host": None,
    }
    assert not AlertPreferences.objects.exists()


def test_what_is_left_out_stays(client: APIClient) -> None:
    url = "https://hooks.slack.com/services/T0/B0/secret"
    reply = client.patch(
        PREFERENCES,
        {"low_credit_threshold": 20.5, "emails": {"expiry": False, "lapsed": False}, "webhook_url": url},
    )
    assert reply.status_code == 200, reply.content
    assert client.patch(PREFERENCES, {"emails": {"lapsed": True}}).status_code == 200
    shown = client.patch(PREFERENCES, {}).json()
    assert shown == client.get(PREFERENCES).json()
    assert shown == {
        "low_credit_threshold": 20.5,
        "emails": {**EVERYTHING, "expiry": False},
        "email_managers": False,
        "webhook_is_set": True,
        "webhook_host": "hooks.slack.com",
    }
    assert "secret" not in AlertPreferences.objects.get().sealed_webhook_url
    assert client.patch(PREFERENCES, {"webhook_url": ""}).json()["webhook_is_set"] is False
    assert AlertPreferences.objects.get().sealed_webhook_url == ""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"low_credit_threshold": -0.01}, "validation_error"),
        ({"low_credit_threshold": 100000.01}, "validation_error"),
        ({"low_credit_threshold": 1.001}, "validation_error"),
        ({"low_credit_threshold": "NaN"}, "validation_error"),
        ({"emails": {"expiry": "sometimes"}}, "validation_error"),
        ({"webhook_url": "http://hooks.slack.com/x"}, "address_not_allowed"),
        ({"webhook_url": "https://169.254.169.254/latest"}, "address_not_allowed"),
        ({"webhook_url": "https://a.example/" + "x" * 500}, "validation_error"),
    ],
)
def test_bad_preferences_change_nothing(client: APIClient, body: dict[str, Any], code: str) -> None:
    reply = client.patch(PREFERENCES, {"email_managers": True, **body})
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert not AlertPreferences.objects.exists()
    assert not BusinessAICredits.objects.exists()


def test_a_lower_threshold_arms_again(owner: Membership, client: APIClient) -> None:
    client.patch(PREFERENCES, {"low_credit_threshold": 5})
    assert not BusinessAICredits.objects.get().low_credit_armed  # a new account has nothing to lose
    client.patch(PREFERENCES, {"low_credit_threshold": 0})
    assert BusinessAICredits.objects.get().low_credit_armed
