"""The platform admin: every page opens, secrets stay hidden, and the door asks for what it must."""

import secrets
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import api_keys
from tests.factories import PASSWORD, client_for, make_business, make_user

PAGES = ["user", "business", "apikey", "role"]


@pytest.fixture
def staff():
    return User.objects.create_superuser(f"{secrets.token_hex(6)}@sika.test", PASSWORD)


@pytest.fixture
def browser(staff):
    client = Client(REMOTE_ADDR=f"10.9.{secrets.randbelow(255)}.{secrets.randbelow(255)}")
    client.force_login(staff)
    return client


@pytest.fixture
def ama():
    return make_business(email="ama@shop.test")


@pytest.fixture
def key(ama):
    return api_keys.create(
        membership=ama, name="Till 1", scopes=["read"], expires_at=None, now=timezone.now()
    )


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_every_list_and_every_row_opens(browser, staff, ama, key):
    call_command("enrol_totp", staff.email, stdout=StringIO())
    client_for(ama)
    request = browser.get("/admin/").wsgi_request
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert "unfold" in text(browser.get(reverse(f"{name}_changelist"), {"q": "a"})), model
        for row in model._default_manager.all()[:1]:
            text(browser.get(reverse(f"{name}_change", args=[row.pk])))
        if model_admin.has_add_permission(request):
            text(browser.get(reverse(f"{name}_add")))


def test_the_index_shows_what_is_of_use(browser):
    page = text(browser.get("/admin/"))

    assert "Sika" in page
    headings = [app["name"] for app in admin.site.get_app_list(browser.get("/admin/").wsgi_request)]
    assert headings.count("Accounts") == 1
    assert not {"MFA", "User Sessions"} & set(headings)
    for app, model in [("accounts", name) for name in PAGES] + [
        ("account", "emailaddress"),
        ("usersessions", "usersession"),
        ("mfa", "authenticator"),
    ]:
        assert reverse(f"admin:{app}_{model}_changelist") in page
    for model in ("auth.Group", "socialaccount.SocialToken", "socialaccount.SocialAccount"):
        assert not admin.site.is_registered(apps.get_model(model))


def test_a_person_gets_a_new_password(browser):
    user = make_user()
    url = reverse("admin:auth_user_password_change", args=[user.pk])

    text(browser.get(url))
    done = browser.post(url, {"password1": "another-long-secret", "password2": "another-long-secret"})

    assert done.status_code == 302
    user.refresh_from_db()
    assert user.check_password("another-long-secret")


def test_a_person_is_added_by_e_mail(browser):
    done = browser.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "New@Shop.test",
            "name": "New",
            "usable_password": "true",
            "password1": "another-long-secret",
            "password2": "another-long-secret",
        },
    )

    assert done.status_code == 302
    assert User.objects.filter(email__iexact="new@shop.test").count() == 1


def test_a_business_is_found_by_its_members_address(browser, ama):
    make_business(name="Kofi Mart")

    page = text(browser.get(reverse("admin:accounts_business_changelist"), {"q": "ama@shop"}))

    assert "Ama Stores" in page
    assert "Kofi Mart" not in page


def test_a_key_is_only_looked_at_and_revoked(browser, key):
    row, secret = key
    change = reverse("admin:accounts_apikey_change", args=[row.pk])

    page = text(browser.get(change))
    assert row.key_hash not in page
    assert secret not in page
    assert browser.post(change, {"name": "x"}).status_code == 403
    assert browser.get(reverse("admin:accounts_apikey_delete", args=[row.pk])).status_code == 403

    browser.post(
        reverse("admin:accounts_apikey_changelist"), {"action": "revoke", "_selected_action": [str(row.pk)]}
    )

    assert ApiKey.objects.get().revoked_at is not None
    assert api_keys.authenticate(token=secret, now=timezone.now()) is None
    assert LogEntry.objects.get().object_id == str(row.pk)


def test_what_the_books_name_is_not_deleted(browser, ama):
    url = reverse("admin:accounts_business_delete", args=[ama.business_id])

    assert browser.post(url, {"post": "yes"}).status_code == 403


# --- the door -------------------------------------------------------------------------------------------


def door(email, password=PASSWORD, code="", address=None):
    client = Client(REMOTE_ADDR=address or f"10.8.{secrets.randbelow(255)}.{secrets.randbelow(255)}")
    response = client.post(
        "/admin/login/?next=/admin/", {"username": email, "password": password, "code": code}
    )
    return client, response


def is_in(client):
    return client.get("/admin/").status_code == 200


def test_staff_come_in_with_a_password_where_that_is_enough(staff):
    client, response = door(staff.email)

    assert response.status_code == 302
    assert is_in(client)
    assert not is_in(door(staff.email, "not-the-password")[0])
    assert not is_in(door(make_user(email="esi@shop.test").email)[0])


def current_code(user):
    secret = Authenticator.objects.get(user=user, type="totp").wrap().instance.data["secret"]
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def door_by_code(user):
    """The client and its code; another one where the half minute of the first ended on the way."""
    while True:
        code = current_code(user)
        client, _ = door(user.email, code=code)
        if is_in(client) or code == current_code(user):
            return client, code


def test_whoever_has_an_authenticator_must_use_it_once_per_code(staff):
    printed = StringIO()
    call_command("enrol_totp", staff.email, stdout=printed)

    assert not is_in(door(staff.email)[0])
    assert not is_in(door(staff.email, code="000000")[0])
    client, code = door_by_code(staff)
    assert is_in(client)
    assert not is_in(door(staff.email, code=code)[0])
    recovery = printed.getvalue().splitlines()[2]
    assert is_in(door(staff.email, code=recovery)[0])
    assert not is_in(door(staff.email, code=recovery)[0])
    assert printed.getvalue().splitlines()[0].endswith("&issuer=Sika")


def test_where_it_is_required_nobody_comes_in_without(staff, browser, settings):
    settings.ADMIN_REQUIRE_MFA = True

    client, response = door(staff.email)

    assert "manage.py enrol_totp" in text(response)
    assert not is_in(client)
    assert not is_in(browser)  # a session from elsewhere, with a password alone
    call_command("enrol_totp", staff.email, stdout=StringIO())
    assert is_in(door_by_code(staff)[0])
    assert is_in(browser)


def test_tries_at_the_door_are_counted(staff, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "admin_sign_in": "3/minute"}
    for _ in range(3):
        door(staff.email, "not-the-password")

    client, response = door(staff.email)

    assert "Too many requests" in text(response)
    assert not is_in(client)


def test_enrolling_somebody_unknown_says_so():
    with pytest.raises(CommandError, match=r"Nobody signs in as nobody@shop\.test"):
        call_command("enrol_totp", "nobody@shop.test")
