"""Signing up, in and out through `/api/auth/`, devices and their tokens, as the point of sale does it."""

import re
import secrets
from urllib.parse import unquote, urlencode

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import override_settings
from rest_framework.test import APIClient

from accounts.models import User
from config.settings import services
from tests.factories import PASSWORD

AUTH = "/api/auth/app/v1"


@pytest.fixture
def device():
    """A client with an address of its own, since attempts are counted by address."""

    def new(agent="Till 1"):
        address = ".".join(["10", *(str(secrets.randbelow(254) + 1) for _ in range(3))])
        return APIClient(REMOTE_ADDR=address, HTTP_USER_AGENT=agent)

    return new


@pytest.fixture
def email():
    return f"{secrets.token_hex(6)}@shop.test"


def sign_up(client, email, **more):
    return client.post(f"{AUTH}/auth/signup", {"email": email, "password": PASSWORD, **more})


def sign_in(client, email, password=PASSWORD):
    return client.post(f"{AUTH}/auth/login", {"email": email, "password": password})


def bearer(response):
    return {"HTTP_AUTHORIZATION": f"Bearer {response.json()['meta']['access_token']}"}


def key_in_mail(page):
    found = re.search(rf"/app/{page}/(\S+)", str(mail.outbox[0].body))
    assert found is not None
    return unquote(found.group(1))


def ask(client, **headers):
    """A call that needs a person and nothing else."""
    return client.get("/api/business/", **headers)


def test_signing_up_gives_tokens_that_open_the_api(device, email):
    client = device()

    response = sign_up(client, email, name="Ama Mensah", phone="0551234987")

    assert response.status_code == 200
    meta = response.json()["meta"]
    assert meta["is_authenticated"] is True
    assert {"access_token", "refresh_token", "session_token"} <= set(meta)
    assert response.json()["data"]["user"]["display"] == "Ama Mensah"
    user = User.objects.get(email=email)
    assert (user.name, user.phone, user.is_staff) == ("Ama Mensah", "+233551234987", False)
    assert ask(client, **bearer(response)).status_code == 200


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"email": "no address", "password": PASSWORD}, "email"),
        ({"email": "a@shop.test", "password": "short"}, "password"),
        ({"email": "a@shop.test", "password": "1234567890"}, "password"),
        ({"email": "a@shop.test"}, "password"),
        ({"email": "a@shop.test", "password": PASSWORD, "phone": "12"}, "phone"),
        ({"email": "a@shop.test", "password": PASSWORD, "name": "x" * 121}, "name"),
    ],
)
def test_signing_up_says_what_is_wrong(device, body, param):
    response = device().post(f"{AUTH}/auth/signup", body)

    assert response.status_code == 400
    assert param in {error["param"] for error in response.json()["errors"]}
    assert not User.objects.exists()


def test_one_person_per_address_in_any_case(device, email):
    sign_up(device(), email)

    again = sign_up(device(), email.upper())

    assert again.status_code in (400, 401)
    assert "access_token" not in again.json().get("meta", {})
    assert User.objects.count() == 1


def test_signing_in_in_any_case_and_a_wrong_password(device, email):
    sign_up(device(), email)

    assert sign_in(device(), email.upper()).status_code == 200
    wrong = sign_in(device(), email, "not-the-password")
    unknown = sign_in(device(), "nobody@shop.test", "not-the-password")

    assert wrong.status_code == unknown.status_code == 400
    assert wrong.json()["errors"] == unknown.json()["errors"]


def test_five_wrong_passwords_lock_the_account_out(device, email):
    sign_up(device(), email)
    for _ in range(5):
        sign_in(device(), email, "not-the-password")

    response = sign_in(device(), email)

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "too_many_login_attempts"


def test_refreshing_rotates_the_refresh_token(device, email):
    client = device()
    first = sign_up(client, email).json()["meta"]["refresh_token"]

    response = client.post(f"{AUTH}/tokens/refresh", {"refresh_token": first})
    again = client.post(f"{AUTH}/tokens/refresh", {"refresh_token": first})

    assert response.status_code == 200
    data = response.json()["data"]
    assert data["refresh_token"] != first
    assert ask(client, HTTP_AUTHORIZATION=f"Bearer {data['access_token']}").status_code == 200
    assert again.status_code == 400
    assert client.post(f"{AUTH}/tokens/refresh", {"refresh_token": "x"}).status_code == 400


def test_revoking_a_device_takes_effect_at_once(device, email):
    till, phone = device("Till 1"), device("Phone")
    at_till = sign_up(till, email)
    on_phone = sign_in(phone, email)
    assert ask(till, **bearer(at_till)).status_code == 200

    listed = phone.get(f"{AUTH}/auth/sessions", **bearer(on_phone)).json()["data"]
    lost = next(row["id"] for row in listed if row["user_agent"] == "Till 1")
    revoked = phone.delete(f"{AUTH}/auth/sessions", {"sessions": [lost]}, **bearer(on_phone))

    assert {row["user_agent"] for row in listed} == {"Till 1", "Phone"}
    assert [row["user_agent"] for row in revoked.json()["data"]] == ["Phone"]
    refused = ask(till, **bearer(at_till))
    assert refused.status_code == 401
    assert refused.json() == {"code": "authentication_failed", "detail": "Invalid token."}
    refresh = {"refresh_token": at_till.json()["meta"]["refresh_token"]}
    assert till.post(f"{AUTH}/tokens/refresh", refresh).status_code == 400
    assert ask(phone, **bearer(on_phone)).status_code == 200


def test_nobody_can_revoke_another_persons_device(device, email):
    ama, kofi = device(), device()
    at_ama = sign_up(ama, email)
    at_kofi = sign_up(kofi, f"kofi-{email}")
    hers = ama.get(f"{AUTH}/auth/sessions", **bearer(at_ama)).json()["data"][0]["id"]

    response = kofi.delete(f"{AUTH}/auth/sessions", {"sessions": [hers]}, **bearer(at_kofi))

    assert response.status_code == 400
    assert ask(ama, **bearer(at_ama)).status_code == 200


def test_signing_out_ends_the_token(device, email):
    client = device()
    signed_in = sign_up(client, email)

    response = client.delete(f"{AUTH}/auth/session", **bearer(signed_in))

    assert response.status_code == 401  # allauth's way to say: you are no longer signed in
    assert ask(client, **bearer(signed_in)).status_code == 401


def test_a_new_password_by_mail_ends_every_device(device, email):
    lost, fresh = device(), device()
    before = sign_up(lost, email)
    mail.outbox.clear()

    asked = fresh.post(f"{AUTH}/auth/password/request", {"email": email})
    key = key_in_mail("reset-password")
    reset = fresh.post(f"{AUTH}/auth/password/reset", {"key": key, "password": "another-long-secret"})

    assert asked.status_code == 200
    assert mail.outbox[0].to == [email]
    assert reset.status_code == 401  # reset, and now sign in
    assert ask(lost, **bearer(before)).status_code == 401
    assert sign_in(device(), email).status_code == 400
    assert sign_in(device(), email, "another-long-secret").status_code == 200
    again = fresh.post(f"{AUTH}/auth/password/reset", {"key": key, "password": "a-third-long-secret"})
    assert again.status_code == 400


def test_asking_for_a_reset_does_not_tell_who_has_an_account(device, email):
    sign_up(device(), email)

    known = device().post(f"{AUTH}/auth/password/request", {"email": email})
    unknown = device().post(f"{AUTH}/auth/password/request", {"email": "nobody@shop.test"})

    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())


def test_the_mail_to_confirm_an_address_leads_to_the_app(device, email, settings):
    sign_up(device(), email)

    assert f"{settings.PUBLIC_URL}/app/verify-email/" in mail.outbox[0].body
    assert mail.outbox[0].body.startswith("Hello from Sika!")
    assert "testserver" not in f"{mail.outbox[0].subject}{mail.outbox[0].body}"
    key = key_in_mail("verify-email")
    response = device().post(f"{AUTH}/auth/email/verify", {"key": key})
    assert response.status_code == 401  # confirmed, and now sign in
    assert EmailAddress.objects.get(email=email).verified is True


def test_where_confirming_is_mandatory_there_are_no_tokens_before(device, email, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client = device()

    response = sign_up(client, email)
    again = sign_up(device(), email)

    assert response.status_code == 401
    assert "access_token" not in response.json()["meta"]
    assert {"id": "verify_email", "is_pending": True} in response.json()["data"]["flows"]
    assert again.status_code == 401  # the same answer: nobody learns who has an account
    assert User.objects.count() == 1


def test_a_person_who_was_deactivated_is_out_at_once(device, email):
    client = device()
    signed_in = sign_up(client, email)
    User.objects.filter(email=email).update(is_active=False)

    assert ask(client, **bearer(signed_in)).status_code == 401
    assert sign_in(device(), email).status_code in (400, 401)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é" * 3])
def test_a_token_nobody_issued_is_refused(device, token):
    response = ask(device(), HTTP_AUTHORIZATION=f"Bearer {token}")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] in ("authentication_failed", "not_authenticated")


def test_a_refresh_token_is_no_access_token(device, email):
    client = device()
    refresh = sign_up(client, email).json()["meta"]["refresh_token"]

    assert ask(client, HTTP_AUTHORIZATION=f"Bearer {refresh}").status_code == 401


@pytest.mark.parametrize("slash", ["", "/"])
def test_auth_paths_answer_with_and_without_a_slash(device, email, slash):
    client = device()

    assert sign_up(client, email).status_code == 200
    again = client.post(f"{AUTH}/auth/login{slash}", {"email": email, "password": PASSWORD})
    assert again.status_code == 200
    assert client.get(f"{AUTH}/auth/sessions{slash}", **bearer(again)).status_code == 200
    assert client.get(f"/api/business{slash}", **bearer(again)).status_code == 200
    created = client.post(f"/api/business{slash}", {"name": ""}, **bearer(again))
    assert created.status_code == 400


def test_the_documents_say_where_signing_in_is_described(device):
    own = device().get("/api/schema/?format=json")
    auth = device().get("/api/auth/openapi.json")

    assert own.json()["externalDocs"]["url"] == "/api/auth/openapi.json"
    assert "/api/auth/{client}/v1/auth/signup" in auth.json()["paths"]
    assert auth.json()["components"]["schemas"]["BaseSignup"]["properties"]["name"]


def test_without_redis_people_still_sign_in_work_and_are_locked_out(device, email, tmp_path):
    nowhere = f"unix://{tmp_path}/nobody.sock"
    with override_settings(CACHES=services.caches(nowhere), REDIS_URL=nowhere):
        client = device()
        signed_in = sign_up(client, email)
        assert ask(client, **bearer(signed_in)).status_code == 200
        rows = client.get(f"{AUTH}/auth/sessions", **bearer(signed_in)).json()["data"]

        other = sign_in(device(), email)
        client.delete(f"{AUTH}/auth/sessions", {"sessions": [rows[0]["id"]]}, **bearer(other))
        assert ask(client, **bearer(signed_in)).status_code == 401

        for _ in range(5):
            sign_in(device(), email, "not-the-password")
        locked = sign_in(device(), email)
        assert locked.json()["errors"][0]["code"] == "too_many_login_attempts"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["auth/login", "auth/password/request", "auth/email/verify", "tokens/refresh"]
)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 5000, "nested_too_deep"),
        (b'{"email":' + b"9" * 5000 + b"}", "parse_error"),
        (
            b'{"email":"a@shop.test","password":"\\ud800","key":"\\ud800","refresh_token":"\\ud800"}',
            "parse_error",
        ),
        (b'{"email":NaN}', "parse_error"),
        (b"{", "parse_error"),
        (b"\xff", "parse_error"),
    ],
)
def test_a_body_that_is_no_json_of_ours_is_refused(device, path, body, code):
    reply = device().generic("POST", f"{AUTH}/{path}", body, content_type="application/json")

    assert (reply.status_code, reply.json()["code"]) == (400, code)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["ama@\u00ad.com", f"ama@{'a' * 64}.com", f"{'a' * 250}@shop.test"])
def test_an_address_that_no_mail_reaches_is_refused(device, email, address):
    assert sign_up(device(), address).status_code == 400
    assert device().post(f"{AUTH}/auth/password/request", {"email": address}).status_code == 400
    client = device()
    signed_in = bearer(sign_up(client, email))
    sent = len(mail.outbox)

    reply = client.post(f"{AUTH}/account/email", {"email": address}, **signed_in)

    assert (reply.status_code, [one["param"] for one in reply.json()["errors"]]) == (400, ["email"])
    assert len(mail.outbox) == sent
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [email]


@pytest.mark.django_db
def test_a_browser_goes_to_its_provider_with_a_form(device):
    """The one request here that is no JSON: a page submits it, so that the browser follows."""
    body = {"provider": "nobody", "process": "login", "callback_url": "/"}
    page = "/api/auth/browser/v1/auth/provider/redirect"

    reply = device().generic("POST", page, urlencode(body), content_type="application/x-www-form-urlencoded")

    assert (reply.status_code, "error=" in reply.headers["Location"]) == (302, True)


@pytest.mark.django_db
def test_a_body_without_end_is_refused(device, settings):
    body = b'{"email": "' + b"a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'

    reply = device().generic("POST", f"{AUTH}/auth/login", body, content_type="application/json")

    assert (reply.status_code, reply.json()["code"]) == (400, "bad_request")
