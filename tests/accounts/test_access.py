"""Who may act for which business: the header, the only one, several, another's, an inactive one."""

import uuid

import pytest
from django.urls import path
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.access import BusinessView
from accounts.models import Business, Membership, Role, User
from accounts.services import api_keys
from tests.factories import access_token, client_for, make_business, make_member, make_user

NOT_FOUND = {"code": "not_found", "detail": "Not found."}


class Probe(BusinessView):
    capabilities = {"POST": "buy"}

    def get(self, request):
        return Response({"business": self.business.pk, "role": self.membership.role})

    post = get
    patch = get


urlpatterns = [path("api/probe/", Probe.as_view())]
pytestmark = pytest.mark.urls(__name__)


def signed_in(user, business=None):
    client = APIClient()
    headers = {"HTTP_AUTHORIZATION": f"Bearer {access_token(user)}"}
    if business is not None:
        headers["HTTP_X_BUSINESS_ID"] = str(business)
    client.credentials(**headers)
    return client


def with_key(membership, *scopes, business=None):
    _, secret = api_keys.create(
        membership=membership, name="k", scopes=list(scopes), expires_at=None, now=timezone.now()
    )
    client = APIClient()
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    if business is not None:
        headers["HTTP_X_BUSINESS_ID"] = str(business)
    client.credentials(**headers)
    return client


def test_the_only_business_needs_no_header():
    ama = make_business()

    response = signed_in(ama.user).get("/api/probe/")

    assert response.status_code == 200
    assert response.data == {"business": ama.business_id, "role": "owner"}


def test_the_header_chooses_among_several():
    ama = make_business()
    second = Membership.objects.create(
        business=Business.objects.create(name="Kofi Mart"), user=ama.user, role="cashier"
    )

    unchosen = signed_in(ama.user).get("/api/probe/")
    chosen = signed_in(ama.user, second.business_id).get("/api/probe/")

    assert unchosen.status_code == 400
    assert unchosen.data["code"] == "business_required"
    assert chosen.data == {"business": second.business_id, "role": "cashier"}


def test_another_business_looks_exactly_like_an_unknown_one():
    ama, kofi = make_business(), make_business(name="Kofi Mart")

    answers = [
        signed_in(ama.user, wanted).get("/api/probe/") for wanted in (kofi.business_id, uuid.uuid4(), "me")
    ]

    assert [(answer.status_code, answer.data) for answer in answers] == [(404, NOT_FOUND)] * 3


def test_a_person_without_a_business_is_told_how_to_get_one():
    response = signed_in(make_user()).get("/api/probe/")

    assert response.status_code == 404
    assert response.data["code"] == "no_business"
    assert "POST /api/business/" in response.data["detail"]


def test_an_inactive_business_is_refused_to_people_and_keys():
    ama = make_business()
    key = with_key(ama, "read")
    Business.objects.update(is_active=False)

    for client in (client_for(ama), key):
        response = client.get("/api/probe/")
        assert response.status_code == 403
        assert response.data["code"] == "business_inactive"


def test_a_deactivated_member_loses_access_with_session_and_key():
    ama = make_business()
    till = make_member(business=ama.business)
    session, key = client_for(till), with_key(till, "read")
    assert session.get("/api/probe/").status_code == key.get("/api/probe/").status_code == 200

    Membership.objects.filter(pk=till.pk).update(is_active=False)

    refused = session.get("/api/probe/")
    assert (refused.status_code, refused.data) == (404, NOT_FOUND)
    assert key.get("/api/probe/").status_code == 401
    assert client_for(ama).get("/api/probe/").status_code == 200


def test_a_key_dies_with_its_makers_account():
    ama = make_business()
    key = with_key(ama, "read")
    User.objects.filter(pk=ama.user_id).update(is_active=False)

    assert key.get("/api/probe/").status_code == 401


def test_a_role_without_the_capability_is_refused():
    ama = make_business()
    cashier = make_member(business=ama.business, role="cashier")

    response = client_for(cashier).post("/api/probe/")

    assert response.status_code == 403
    assert response.data["code"] == "role_not_allowed"
    assert response.data["needs"] == "buy"
    assert client_for(ama).post("/api/probe/").status_code == 200


def test_a_withdrawn_role_may_read_and_nothing_else():
    ama = make_business()
    client = client_for(ama)
    Role.objects.create(slug="owner", name="Owner", daily_ai_cost_usd="1", is_active=False)

    assert client.get("/api/probe/").status_code == 200
    assert client.post("/api/probe/").status_code == 403


def test_a_key_needs_the_scope_of_the_method_and_its_makers_role():
    ama = make_business()
    cashier = make_member(business=ama.business, role="cashier")

    assert with_key(ama, "read").get("/api/probe/").status_code == 200
    refused = with_key(ama, "read", "ai").post("/api/probe/")
    assert refused.status_code == 403
    assert (refused.data["code"], refused.data["needs"]) == ("scope_not_allowed", "billing")
    assert with_key(ama, "billing").post("/api/probe/").status_code == 200
    assert with_key(cashier, "billing").post("/api/probe/").data["code"] == "role_not_allowed"


def test_a_key_belongs_to_one_business():
    ama, kofi = make_business(), make_business(name="Kofi Mart")

    assert with_key(ama, "read", business=ama.business_id).get("/api/probe/").status_code == 200
    assert with_key(ama, "read", business=str(ama.business_id).upper()).get("/api/probe/").status_code == 200
    for wanted in (kofi.business_id, uuid.uuid4(), "me"):
        refused = with_key(ama, "read", business=wanted).get("/api/probe/")
        assert (refused.status_code, refused.data) == (404, NOT_FOUND)


def test_without_signing_in_there_is_only_401():
    response = APIClient().get("/api/probe/")

    assert response.status_code == 401
    assert response.data["code"] == "not_authenticated"
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_method_the_view_lacks_is_405_before_any_role():
    response = client_for(make_member(business=make_business().business)).delete("/api/probe/")

    assert response.status_code == 405
    assert response.data["code"] == "method_not_allowed"


def test_a_call_costs_two_queries_and_one_with_a_key(django_assert_num_queries):
    ama = make_business()
    person, key = client_for(ama), with_key(ama, "read")
    person.get("/api/probe/")
    key.get("/api/probe/")

    with django_assert_num_queries(2):
        person.get("/api/probe/")
    with django_assert_num_queries(1):
        key.get("/api/probe/")


def test_callers_are_limited_one_by_one(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "user": "2/minute", "anonymous": "1/minute"}
    ama, kofi = make_business(), make_business(name="Kofi Mart")
    client = client_for(ama)

    first, second, third = (client.get("/api/probe/") for _ in range(3))

    assert first.headers["RateLimit-Limit"] == "2"
    assert first.headers["RateLimit-Remaining"] == "1"
    assert second.headers["RateLimit-Remaining"] == "0"
    assert third.status_code == 429
    assert third.data["code"] == "rate_limited"
    assert third.data["limit"] == "2/minute"
    assert 1 <= third.data["retry_after"] <= 60
    assert third.headers["Retry-After"] == str(third.data["retry_after"])
    assert third.headers["RateLimit-Remaining"] == "0"
    assert client_for(kofi).get("/api/probe/").status_code == 200
