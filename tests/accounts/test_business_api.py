"""`/api/business/`: create, read, change; storefronts and members; two tenants throughout."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Business, Membership, Role, Storefront
from config.core.models import forget_dated
from tests.factories import access_token, client_for, make_business, make_member, make_user

NEW = {"name": "Ama Stores", "storefront": "Makola"}


def signed_in(user):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    return client


def test_any_signed_in_person_creates_a_business_and_owns_it():
    user = make_user()

    response = signed_in(user).post(
        "/api/business/", {**NEW, "phone": "055 123 4987", "timezone": "Africa/Lagos"}
    )

    assert response.status_code == 201
    business = Business.objects.get()
    assert response.json() == {
        "id": str(business.pk),
        "name": "Ama Stores",
        "phone": "+233551234987",
        "timezone": "Africa/Lagos",
        "is_active": True,
        "role": "owner",
        "created_at": business.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert Membership.objects.get().user == user
    assert Storefront.objects.get().name == "Makola"


def test_phone_and_time_zone_may_be_left_out():
    response = signed_in(make_user()).post("/api/business/", NEW)

    assert response.status_code == 201
    assert (response.json()["phone"], response.json()["timezone"]) == ("", "Africa/Accra")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": "x" * 121}, "name", "max_length"),
        ({"name": "a\x00b"}, "name", "null_characters_not_allowed"),
        ({"name": None}, "name", "null"),
        ({"name": ["x"]}, "name", "invalid"),
        ({"storefront": " "}, "storefront", "blank"),
        ({"phone": "12"}, "phone", "invalid_phone"),
        ({"phone": "call me"}, "phone", "invalid_phone"),
        ({"phone": "0" * 30}, "phone", "invalid_phone"),
        ({"timezone": "Accra"}, "timezone", "invalid_timezone"),
        ({"timezone": "../etc/passwd"}, "timezone", "invalid_timezone"),
    ],
)
def test_bad_input_is_named_and_nothing_is_created(change, field, code):
    response = signed_in(make_user()).post("/api/business/", {**NEW, **change})

    assert response.status_code == 400
    assert response.json()["code"] == "validation_error"
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [(field, code)]
    assert not Business.objects.exists()


def test_without_a_catalogue_the_answer_says_whose_turn_it_is():
    Role.objects.all().delete()
    forget_dated(Role)

    response = signed_in(make_user()).post("/api/business/", NEW)

    assert response.status_code == 503
    assert response.json()["code"] == "catalogue_missing"
    assert not Business.objects.exists()


def test_nobody_creates_businesses_by_the_dozen(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "new_business": "2/day"}
    client = signed_in(make_user())

    codes = [client.post("/api/business/", NEW).status_code for _ in range(3)]

    assert codes == [201, 201, 429]
    assert Business.objects.count() == 2


def test_the_list_holds_my_businesses_and_my_role_in_each():
    ama, kofi = make_business(), make_business(name="Kofi Mart")
    Membership.objects.create(business=kofi.business, user=ama.user, role="cashier")
    gone = make_business(name="Left long ago")
    Membership.objects.create(business=gone.business, user=ama.user, role="owner", is_active=False)

    everything = signed_in(ama.user).get("/api/business/").json()
    chosen = client_for(ama).get("/api/business/").json()
    nobody = signed_in(make_user()).get("/api/business/").json()

    assert [(row["name"], row["role"]) for row in everything["results"]] == [
        ("Kofi Mart", "cashier"),
        ("Ama Stores", "owner"),
    ]
    assert (everything["next"], everything["previous"]) == (None, None)
    assert [row["id"] for row in chosen["results"]] == [str(ama.business_id)]
    assert nobody["results"] == []


def test_changing_a_business_changes_only_that_one():
    ama, kofi = make_business(), make_business(name="Kofi Mart")

    response = client_for(ama).patch("/api/business/", {"name": "Ama & Daughters", "phone": ""})

    assert response.status_code == 200
    assert response.json()["name"] == "Ama & Daughters"
    assert Business.objects.get(pk=ama.business_id).name == "Ama & Daughters"
    assert Business.objects.get(pk=kofi.business_id).name == "Kofi Mart"
    assert client_for(ama).patch("/api/business/", {}).status_code == 200


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("patch", "/api/business/", {"name": "Mine now"}),
        ("post", "/api/business/storefronts/", {"name": "Mine now"}),
        ("post", "/api/business/api-keys/", {"name": "k", "scopes": ["read"]}),
        ("get", "/api/business/api-keys/", None),
    ],
)
def test_only_who_manages_may_write(method, url, body):
    cashier = make_member(business=make_business().business, role="cashier")

    response = getattr(client_for(cashier), method)(url, body)

    assert response.status_code == 403
    assert response.json()["code"] == "role_not_allowed"
    assert response.json()["needs"] == "manage"
    assert not Business.objects.filter(name="Mine now").exists()


@pytest.mark.parametrize("url", ["", "storefronts/", "members/", "api-keys/"])
def test_another_business_is_not_found_anywhere(url):
    ama, kofi = make_business(), make_business(name="Kofi Mart")
    client = client_for(ama)
    client.credentials(
        HTTP_AUTHORIZATION=f"Bearer {access_token(ama.user)}", HTTP_X_BUSINESS_ID=str(kofi.business_id)
    )

    for response in (client.get(f"/api/business/{url}"), client.patch("/api/business/", {"name": "x"})):
        if url == "" and response.status_code == 200:
            assert response.json()["results"] == []
        else:
            assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert Business.objects.get(pk=kofi.business_id).name == "Kofi Mart"


def test_storefronts_are_added_and_listed_per_business():
    ama, kofi = make_business(), make_business(name="Kofi Mart")
    client = client_for(ama)

    added = client.post("/api/business/storefronts/", {"name": "Kaneshie", "location": "Accra"})
    again = client.post("/api/business/storefronts/", {"name": "Kaneshie"})
    same_elsewhere = client_for(kofi).post("/api/business/storefronts/", {"name": "Kaneshie"})

    assert added.status_code == 201
    assert added.json()["location"] == "Accra"
    assert again.status_code == 409
    assert again.json()["code"] == "already_exists"
    assert same_elsewhere.status_code == 201
    names = [row["name"] for row in client.get("/api/business/storefronts/").json()["results"]]
    assert names == ["Kaneshie", "Main shop"]


def test_members_are_listed_per_business():
    ama, kofi = make_business(email="ama@shop.test"), make_business(email="kofi@shop.test")
    make_member(business=ama.business, role="cashier", email="esi@shop.test")

    rows = client_for(ama).get("/api/business/members/").json()["results"]

    assert [(row["email"], row["role"]) for row in rows] == [
        ("esi@shop.test", "cashier"),
        ("ama@shop.test", "owner"),
    ]
    assert [row["email"] for row in client_for(kofi).get("/api/business/members/").json()["results"]] == [
        "kofi@shop.test"
    ]


def test_long_lists_come_in_pages():
    ama = make_business()
    client = client_for(ama)
    for number in range(4):
        client.post("/api/business/storefronts/", {"name": f"Branch {number}"})

    first = client.get("/api/business/storefronts/?page_size=3").json()
    second = client.get(first["next"]).json()

    assert [row["name"] for row in first["results"]] == ["Branch 3", "Branch 2", "Branch 1"]
    assert [row["name"] for row in second["results"]] == ["Branch 0", "Main shop"]
    assert second["next"] is None
    assert client.get("/api/business/storefronts/?cursor=%FF%00").status_code in (200, 404)
