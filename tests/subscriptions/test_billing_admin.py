"""Staff see the books; nobody changes them there."""

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from subscriptions import admin as billing
from tests.factories import make_business

from .test_ledger import capture, give, hold

PAGES = [model for model, page in site._registry.items() if isinstance(page, billing.ReadOnlyAdmin)]
OURS = [model for model in PAGES if model._meta.app_label == "subscriptions"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    client = Client()
    client.force_login(User.objects.create_superuser("admin@sika.test", "x"))
    return client


def url(model, what="changelist"):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/" + ("add/" if what == "add" else "")


def use(times):
    for _ in range(times):
        member = make_business()
        give(member, "5")
        capture(hold(member, "1"))


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_lists_open_for_staff_only_and_nothing_can_be_added(model, staff):
    assert staff.get(url(model)).status_code == 200
    assert staff.get(url(model, "add")).status_code == 403
    assert Client().get(url(model)).status_code == 302


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_more_rows_take_no_more_queries(model, staff):
    use(1)
    staff.get(url(model))
    with CaptureQueriesContext(connection) as one:
        staff.get(url(model))
    use(5)
    with CaptureQueriesContext(connection) as many:
        staff.get(url(model))
    assert len(many) == len(one)


def test_an_entry_shows_its_slices_and_refuses_changes(staff):
    use(1)
    entry = billing.CreditEntry.objects.get(kind="capture")
    page = f"{url(billing.CreditEntry)}{entry.pk}/change/"
    shown = staff.get(page)
    assert shown.status_code == 200
    assert f"hold:{entry.hold_id}:capture" in shown.content.decode()
    assert staff.post(page, {"amount": "1"}).status_code == 403
    assert staff.post(f"{url(billing.CreditEntry)}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": entry.pk}
    staff.post(url(billing.CreditEntry), chosen)
    assert billing.CreditEntry.objects.filter(pk=entry.pk, amount=-1).exists()
