"""Every error of the API has the one shape, whoever raises it."""

import threading
from contextlib import contextmanager

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection, transaction
from django.http import Http404
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts.models import User
from config.core.errors import DomainError


class OutOfStock(DomainError):
    code = "out_of_stock"
    status_code = 409
    detail = "There is not enough."


class Item(serializers.Serializer):
    price = serializers.DecimalField(max_digits=6, decimal_places=2)
    tags = serializers.ListField(child=serializers.IntegerField(), required=False)


class Message(serializers.Serializer):
    """Its field names are those of REST framework's own error details."""

    message = serializers.CharField()
    code = serializers.CharField()


class Order(serializers.Serializer):
    items = Item(many=True)
    note = Message(required=False)

    def validate(self, attrs):
        if len(attrs["items"]) > 2:
            raise serializers.ValidationError("At most two items.", code="too_many")
        return attrs


class Anyone(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)


class OrderView(Anyone):
    def post(self, request):
        body = Order(data=request.data)
        body.is_valid(raise_exception=True)
        return Response({"total": sum(item["price"] for item in body.validated_data["items"])})


class RaiseView(Anyone):
    errors = {
        "domain": OutOfStock(available=3, retry_after=7),
        "worded": OutOfStock("Only 3 left."),
        "django404": Http404("secret"),
        "django403": PermissionDenied("secret"),
        "empty": exceptions.ValidationError([]),
        "empty-dict": exceptions.ValidationError({}),
        "text": exceptions.ValidationError("No."),
        "bug": RuntimeError("secret"),
        "suspicious": SuspiciousOperation("secret"),
    }

    def get(self, request, which):
        raise self.errors[which]


class PersonView(APIView):
    permission_classes = (IsAuthenticated,)

    def get(self, request):
        return Response({})


class LockView(Anyone):
    def post(self, request):
        with transaction.atomic():
            User.objects.create_user("half@shop.test")
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
            User.objects.select_for_update().get(email="locked@shop.test")
        return Response({})


def page(request, which):
    raise {"404": Http404("secret"), "403": PermissionDenied("secret"), "500": RuntimeError("secret")}[which]


urlpatterns = [
    path("api/order/", OrderView.as_view()),
    path("api/raise/<str:which>/", RaiseView.as_view()),
    path("api/person/", PersonView.as_view()),
    path("api/lock/", LockView.as_view()),
    path("api/page/<str:which>/", page),
    path("page/<str:which>/", page),
]
handler400 = "config.core.error_views.bad_request"
handler403 = "config.core.error_views.forbidden"
handler404 = "config.core.error_views.not_found"
handler500 = "config.core.error_views.server_error"
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def client():
    return APIClient(raise_request_exception=False)


def test_validation_names_the_path_into_the_body(client):
    response = client.post(
        "/api/order/",
        {
            "items": [{"price": "x"}, {"price": "1.00"}, {"price": 1.234, "tags": [1, "b"]}],
            "note": {"message": "", "code": ""},
        },
    )

    assert response.status_code == 400
    body = response.json()
    assert set(body) == {"code", "detail", "errors"}
    assert body["code"] == "validation_error"
    assert body["detail"] == "items.0.price: A valid number is required."
    assert [(error["field"], error["code"]) for error in body["errors"]] == [
        ("items.0.price", "invalid"),
        ("items.2.price", "max_decimal_places"),
        ("items.2.tags.1", "invalid"),
        ("note.message", "blank"),
        ("note.code", "blank"),
    ]


def test_validation_of_the_whole_names_no_field(client):
    response = client.post("/api/order/", {"items": [{"price": 1}] * 3})

    assert response.json() == {
        "code": "validation_error",
        "detail": "At most two items.",
        "errors": [{"field": "", "code": "too_many", "detail": "At most two items."}],
    }


def test_a_list_where_an_object_belongs(client):
    response = client.post("/api/order/", [1, 2])

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == ""


def test_a_refusal_carries_its_data(client):
    response = client.get("/api/raise/domain/")

    assert response.status_code == 409
    assert response.json() == {
        "code": "out_of_stock",
        "detail": "There is not enough.",
        "available": 3,
        "retry_after": 7,
    }
    assert response.headers["Retry-After"] == "7"
    assert client.get("/api/raise/worded/").json() == {"code": "out_of_stock", "detail": "Only 3 left."}


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/api/raise/django404/", 404, "not_found"),
        ("/api/raise/django403/", 403, "permission_denied"),
        ("/api/raise/bug/", 500, "internal_error"),
        ("/api/raise/suspicious/", 400, "bad_request"),
        ("/api/page/404/", 404, "not_found"),
        ("/api/page/403/", 403, "permission_denied"),
        ("/api/page/500/", 500, "internal_error"),
        ("/api/no/such/path", 404, "not_found"),
    ],
)
def test_every_failure_under_api_has_the_shape_and_keeps_secrets(client, url, status, code):
    response = client.get(url)

    assert response.status_code == status
    assert response.json()["code"] == code
    assert set(response.json()) == {"code", "detail"}
    assert b"secret" not in response.content
    assert response.headers["X-Request-ID"]


@pytest.mark.parametrize("which", ["404", "403", "500"])
def test_outside_the_api_errors_are_pages(client, which):
    response = client.get(f"/page/{which}/")

    assert response.status_code == int(which)
    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("which", "errors"), [("empty", []), ("empty-dict", []), ("text", [""])])
def test_even_an_empty_validation_error_is_an_answer(client, which, errors):
    response = client.get(f"/api/raise/{which}/")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == errors


def test_not_signed_in(client):
    response = client.get("/api/person/")

    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_method(client):
    response = client.put("/api/order/", {})

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
    assert response.headers["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize(
    "text",
    ["{", "[" * 20, "NaN", '{"a": 1e9999999999999999999}', '{"a": "\\ud800"}', b"\xff", "9" * 5000],
)
def test_a_body_that_is_no_json(client, text):
    response = client.generic("POST", "/api/order/", text, content_type="application/json")

    assert response.status_code == 400
    assert response.json()["code"] == "parse_error"
    assert response.json()["detail"].startswith("The body is not valid JSON: ")


def test_a_body_of_another_type(client):
    response = client.generic("POST", "/api/order/", "<a/>", content_type="application/xml")

    assert response.status_code == 415
    assert response.json()["code"] == "unsupported_media_type"


def test_a_body_without_end_is_not_read(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = client.post("/api/order/", {"items": [{"price": "1" * 2000}]})

    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"
    assert response.json()["limit_bytes"] == 1000


def test_money_goes_in_and_out_exactly(client):
    response = client.generic(
        "POST",
        "/api/order/",
        '{"items": [{"price": 0.10}, {"price": 0.20}]}',
        content_type="application/json",
    )

    assert response.content == b'{"total":0.30}'


@contextmanager
def holding_the_row():
    """Another connection holds the lock on the one user."""
    locked, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            User.objects.select_for_update().get()
            locked.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(10)
    yield
    done.set()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_waiting_too_long_for_a_lock_is_busy_and_changes_nothing(client):
    User.objects.create_user("locked@shop.test", name="before")
    with holding_the_row():
        response = client.post("/api/lock/")

    assert response.status_code == 503
    assert response.json() == {
        "code": "busy",
        "detail": "The service is busy. Nothing was changed; try again in a moment.",
    }
    assert User.objects.get().name == "before"  # and the view's own insert is gone
    assert client.post("/api/lock/").status_code == 200
