from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Business, Membership, Storefront, User
from config.demo import ADMIN, CASHIER, MANAGER, OWNER, PEOPLE


@pytest.fixture(autouse=True)
def _catalogue(db):
    call_command("sync_catalogue", verbosity=0)


def seed(**options: object) -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (User, Business, Storefront, Membership))


def test_twice_is_as_good_as_once():
    first = seed()
    assert counts() == (4, 1, 1, 3)
    assert "business Ama's Provisions" in first
    second = seed()
    assert counts() == (4, 1, 1, 3)
    assert second.startswith("everything was there already\n")
    for person in PEOPLE:
        assert person.password in second


def test_roles_and_rights():
    seed()
    roles = dict(Membership.objects.values_list("user__email", "role"))
    assert roles == {OWNER.email: "owner", MANAGER.email: "manager", CASHIER.email: "cashier"}
    assert list(User.objects.filter(is_staff=True).values_list("email", flat=True)) == [ADMIN.email]


def test_a_chosen_password_is_kept():
    seed()
    owner = User.objects.get(email=OWNER.email)
    owner.set_password("another-password")
    owner.save()
    seed()
    owner.refresh_from_db()
    assert owner.check_password("another-password")


def test_a_dry_run_makes_nothing():
    assert "would make: owner" in seed(dry_run=True)
    assert counts() == (0, 0, 0, 0)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.what)
def test_each_can_sign_in(person):
    seed()
    response = Client().post(
        "/api/auth/app/v1/auth/login",
        {"email": person.email, "password": person.password},
        content_type="application/json",
    )
    assert response.status_code == 200, response.content
    assert response.json()["meta"]["is_authenticated"] is True


def test_refuses_production(settings):
    settings.SIKA_ENV = "production"
    with pytest.raises(CommandError, match="does not go into production"):
        seed()
    assert counts() == (0, 0, 0, 0)
