"""Connections, addresses, phone numbers, time zones, slashes."""

import pytest
from django.db import connection, transaction
from django.test import RequestFactory
from rest_framework.test import APIClient

from config.core import time_zones
from config.core.client_ip import client_ip
from config.core.db import release_connection
from config.core.phone import masked, to_e164, to_local


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_given_back_before_the_network():
    connection.ensure_connection()

    release_connection()

    assert connection.connection is None


@pytest.mark.django_db(transaction=True)
def test_no_network_inside_a_transaction():
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a database transaction"):
        release_connection()


@pytest.mark.django_db
def test_the_transaction_around_a_test_does_not_count_but_one_inside_does():
    release_connection()
    with transaction.atomic(), pytest.raises(RuntimeError):
        release_connection()


def test_a_known_time_zone_is_looked_up_without_reading_files(monkeypatch):
    assert time_zones.is_known("Africa/Accra")
    monkeypatch.setattr("builtins.open", lambda *_, **__: pytest.fail("a file was read"))
    assert time_zones.is_known("Africa/Lagos")
    assert not time_zones.is_known("Accra")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "1.2.3.4", "10.0.0.1"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 5.6.7.8", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
        (1, "", "unknown"),
        (1, "<script>", "unknown"),
        (1, "2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_ip(request) == expected


def test_without_proxies_the_peer_is_the_caller():
    assert client_ip(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1")) == "10.0.0.1"
    assert client_ip(RequestFactory().get("/", REMOTE_ADDR="")) == "unknown"


@pytest.mark.parametrize(
    "text",
    ["0551234987", "055 123 4987", "+233 55 123 4987", "+233551234987", "00233551234987", "(055) 123-4987"],
)
def test_a_phone_number_has_one_form(text):
    assert to_e164(text) == "+233551234987"


def test_a_foreign_number_keeps_its_country():
    assert to_e164("+44 20 7946 0018") == "+442079460018"


@pytest.mark.parametrize("text", ["", "12", "abc", "+999123456789", "0" * 15])
def test_no_phone_number(text):
    with pytest.raises(ValueError, match="phone number"):
        to_e164(text)


@pytest.mark.parametrize(
    "text",
    [
        "0551234987",
        " 055 123 4987 ",
        "+233551234987",
        "+233 55 123 4987",
        "233551234987",
        "233 55 123 4987",
        "00233551234987",
        "+233 (0) 55 123 4987",
        "551234987",
        "055-123-4987",
    ],
)
def test_a_wallet_has_one_number(text):
    assert to_local(text) == "0551234987"


@pytest.mark.parametrize("number", ["0241234567", "0201234567", "0271234567", "0501234567", "0591234567"])
def test_wallets_of_every_network(number):
    assert to_local(f"+233{number[1:]}") == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "055123498",
        "05512349870",
        "0302123456",  # a fixed line in Accra
        "+447911123456",
        "+2348031234567",
        "055ABCDEFG",
        "0551234987 ext 5",
        "0551234987\x00",
        "٠٥٥١٢٣٤٩٨٧",
        "0551234987;0241234567",
        "+" * 10,
    ],
)
def test_no_wallet(text):
    with pytest.raises(ValueError, match="number"):
        to_local(text)


def test_a_masked_number_is_known_to_its_owner_alone():
    assert (masked("0551234987"), masked("")) == ("055•••4987", "")


@pytest.mark.parametrize("path", ["/api/schema", "/api/schema/", "/api/docs", "/api/docs/"])
def test_api_paths_answer_either_way_without_a_redirect(path):
    assert APIClient().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/api/schema//", "/api/nothing", "/api/nothing/", "/api/"])
def test_paths_that_are_none_are_not_found(path):
    response = APIClient().get(path)

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
