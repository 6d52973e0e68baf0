"""Catalogue rows follow one another by date. `Role` is one of the tables of that kind."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Role
from config.core.models import forget_dated

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    Role.objects.all().delete()
    forget_dated(Role)
    yield
    forget_dated(Role)


def add(slug, *, days=0, name="", is_active=True):
    return Role.objects.create(
        slug=slug,
        name=name or slug,
        daily_ai_cost_usd="1",
        effective_from=NOW + timedelta(days=days),
        is_active=is_active,
    )


def name_at(moment):
    row = Role.find("cashier", moment)
    return row and row.name


def test_the_latest_row_not_after_the_moment_is_in_force():
    add("cashier", days=-10, name="old")
    add("cashier", days=-1, name="current")
    add("cashier", days=1, name="next")

    assert name_at(NOW) == "current"
    assert name_at(NOW - timedelta(days=5)) == "old"
    assert Role.find("cashier", NOW - timedelta(days=11)) is None
    assert Role.find("nobody", NOW) is None


def test_a_scheduled_row_takes_effect_on_the_dot(django_assert_num_queries):
    add("cashier", days=-1, name="current")
    add("cashier", days=1, name="next")
    Role.find("cashier", NOW)

    with django_assert_num_queries(0):
        assert name_at(NOW + timedelta(days=1, microseconds=-1)) == "current"
        assert name_at(NOW + timedelta(days=1)) == "next"


def test_an_inactive_row_withdraws_the_key_and_a_later_one_brings_it_back():
    add("cashier", days=-10)
    add("cashier", days=-5, is_active=False)
    add("cashier", days=5, name="again")

    assert Role.find("cashier", NOW) is None
    assert Role.in_force(NOW) == []
    assert name_at(NOW + timedelta(days=6)) == "again"


def test_all_rows_in_force_come_in_order_of_entry():
    add("owner", days=-2)
    add("cashier", days=-2)
    add("owner", days=-1, name="newer")

    assert [row.name for row in Role.in_force(NOW)] == ["newer", "cashier"]


def test_the_rows_are_read_once_while_fresh_and_a_new_row_is_seen_at_once(
    django_assert_num_queries,
):
    add("cashier", days=-2)
    with django_assert_num_queries(1):
        for _ in range(3):
            Role.find("cashier", NOW)
            Role.in_force(NOW)

    add("cashier", days=-1, name="newer")

    assert name_at(NOW) == "newer"


def test_another_processes_row_is_seen_when_the_copy_has_aged(settings):
    settings.CATALOGUE_CACHE_SECONDS = 0
    add("cashier", days=-2)
    Role.find("cashier", NOW)

    Role.objects.filter(slug="cashier").update(name="changed elsewhere")

    assert name_at(NOW) == "changed elsewhere"
