"""A cursor is read off the address: whatever stands there, the answer is a page or a refusal."""

from base64 import urlsafe_b64encode
from urllib.parse import urlencode

import pytest

from tests.factories import client_for, make_business


def refusal_or_rows(path, position):
    cursor = urlsafe_b64encode(urlencode({"p": position}).encode()).decode()
    reply = client_for(make_business()).get(path, {"cursor": cursor})
    return reply.status_code, reply.json().get("code")


@pytest.mark.django_db
@pytest.mark.parametrize("position", ["", "yesterday", "2026-13-45", "infinity", "2026-01-01\0"])
def test_a_position_that_is_no_time_is_refused(position):
    assert refusal_or_rows("/api/business/alerts/", position) == (404, "not_found")


@pytest.mark.django_db
def test_a_position_that_no_text_of_the_database_can_be_is_refused():
    assert refusal_or_rows("/api/support/articles/", "buying\0credits") == (404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize("position", ["", "x", "1.5", "1\0"])
def test_a_position_that_is_no_number_is_refused(position):
    assert refusal_or_rows("/api/subscriptions/ai/statement/", position) == (404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize("position", ["-1", "0", "9" * 40])
def test_a_position_that_is_a_number_is_a_page(position):
    assert refusal_or_rows("/api/subscriptions/ai/statement/", position) == (200, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "position", ["2026-01-01 00:00:00+00:00", "0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-14:00"]
)
def test_a_position_that_is_a_time_is_a_page(position):
    assert refusal_or_rows("/api/business/alerts/", position) == (200, None)
