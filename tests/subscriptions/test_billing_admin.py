"""Staff see the books; nobody changes them there."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from ai_features.models import InjectionFinding
from config.core.admin import ReadOnlyAdmin
from payments.models import Payment
from subscriptions import models as billing
from subscriptions.models import DailyUsage
from subscriptions.services import sweeps
from tests.factories import make_business, make_user

from .rows import build, each, second
from .test_ledger import capture, give, hold

_APPS = {"payments", "subscriptions", "ai_features"}
READ_ONLY = [model for model, page in site._registry.items() if isinstance(page, ReadOnlyAdmin)]
# The list of the first is a report, that of the second the rates of rules.
PAGES = [
    model
    for model in READ_ONLY
    if model._meta.app_label in _APPS and model not in (DailyUsage, InjectionFinding)
]

pytestmark = pytest.mark.django_db


class _Undo(Exception):
    pass


@pytest.fixture
def staff():
    return signed_in(User.objects.create_superuser("admin@sika.test", "x"))


@pytest.fixture
def used():
    """A business whose ledger has a grant, a capture, an abandoned and an open hold."""
    member = make_business(name="Kofi Mart")
    give(member, "5")
    capture(hold(member, "1"))
    hold(member, "0.5", now=timezone.now() - timedelta(minutes=15))
    sweeps.release_stale_holds(now=timezone.now())
    hold(member, "0.25")
    return member


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def url(model, what=""):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{what}"


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def queries(client, page):
    client.get(page)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(page).status_code == 200
    return len(seen)


def test_every_table_of_money_is_here():
    assert {model.__name__ for model in PAGES} == {
        "AddonPeriod",
        "AIMonthlyAddon",
        "AIRequest",
        "AITransaction",
        "AICreditPurchase",
        "Alert",
        "AlertDelivery",
        "AlertPreferences",
        "Budget",
        "BusinessAICredits",
        "CreditEntry",
        "CreditGrant",
        "CreditHold",
        "Dispute",
        "Licence",
        "LicenceMonth",
        "Payment",
        "Refund",
        "Settlement",
        "Receipt",
        "StorefrontPeriod",
        "StorefrontPlan",
        "WebhookEvent",
    }
    for model in (
        billing.CreditSlice,
        billing.UsageCounter,
        billing.BudgetCounter,
        billing.TierCounter,
        billing.TrialClaim,
        billing.ReceiptCounter,
    ):
        assert not site.is_registered(model)


def test_pages_open_for_staff_alone_and_change_nothing(staff, subtests):
    strangers = [Client(), signed_in(make_user())]
    with pytest.raises(_Undo), transaction.atomic():  # these rows do not balance
        rows = build()
        for model in PAGES:
            with each(model, subtests):
                opens_and_changes_nothing(model, rows[model], staff, strangers)
        raise _Undo


def opens_and_changes_nothing(model, row, staff, strangers):
    before = list(model.objects.order_by("pk").values())
    change, delete = url(model, f"{row.pk}/change/"), url(model, f"{row.pk}/delete/")

    assert "delete_selected" not in text(staff.get(url(model)))
    assert 'name="_save"' not in text(staff.get(change))
    for page in (url(model), change, delete, url(model, "add/")):
        for stranger in strangers:
            answer = stranger.get(page)
            assert (answer.status_code, answer.url) == (302, f"/admin/login/?next={page}")
    values = {field.name: "1" for field in model._meta.fields}
    assert staff.get(url(model, "add/")).status_code == 403
    assert staff.post(url(model, "add/"), values).status_code == 403
    assert staff.post(change, values).status_code == 403
    assert staff.get(delete).status_code == 403
    assert staff.post(delete, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    staff.post(url(model), chosen)

    assert list(model.objects.order_by("pk").values()) == before


def test_ten_rows_take_no_more_queries_than_one(staff, subtests):
    staff.get("/admin/")  # what is read once is read
    with pytest.raises(_Undo), transaction.atomic():
        rows = build()
        for model in PAGES:
            with each(model, subtests):
                with CaptureQueriesContext(connection) as with_one:
                    staff.get(url(model))
                for _ in range(9):
                    second(rows[model]).save(force_insert=True)

                with CaptureQueriesContext(connection) as with_ten:
                    shown = text(staff.get(url(model)))
                assert shown.count("data-label") >= 10
                assert len(with_ten) == len(with_one)
        raise _Undo


@pytest.mark.parametrize(
    ("parent", "child", "changes"),
    [
        (billing.BusinessAICredits, billing.CreditGrant, {}),
        (billing.CreditGrant, billing.CreditSlice, {"grant": None}),
        (billing.CreditEntry, billing.CreditSlice, {}),
        (billing.AIMonthlyAddon, billing.AddonPeriod, {}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_rows_below_a_row_take_no_more_queries_and_come_in_pages(staff, parent, child, changes):
    with pytest.raises(_Undo), transaction.atomic():
        rows = build()
        page = url(parent, f"{rows[parent].pk}/change/")
        with_one = queries(staff, page)
        for number in range(60):
            if "grant" in changes:
                changes = {"grant": rows[parent], "entry": _another_entry(rows)}
            if child is billing.AddonPeriod:
                changes = {"number": number + 1}
            second(rows[child], **changes).save(force_insert=True)

        with CaptureQueriesContext(connection) as with_sixty:
            shown = text(staff.get(page))
        assert len(with_sixty) == with_one
        assert _rows(shown) == 50
        assert _rows(text(staff.get(page, {f"{_prefix(shown)}-page": "2"}))) == 11
        raise _Undo


def _another_entry(rows):
    entry = second(rows[billing.CreditEntry])
    entry.save(force_insert=True)
    return entry


def _rows(page):
    return len(re.findall(rf'name="{_prefix(page)}-\d+-id"', page))


def _prefix(page):
    return page.partition("-TOTAL_FORMS")[0].rpartition('name="')[2]


def test_an_account_shows_its_grants_and_leads_to_what_moved_them(staff, used):
    make_business(name="Ama Stores")
    page = text(staff.get(url(billing.BusinessAICredits, f"{used.business_id}/change/")))

    assert "Kofi Mart" in page
    grant = billing.CreditGrant.objects.get()
    assert url(billing.CreditGrant, f"{grant.pk}/change/") in page
    for model in (billing.CreditEntry, billing.CreditHold, billing.AITransaction):
        link = f"{url(model)}?business__id__exact={used.business_id}"
        assert link in page
        assert f"{model.objects.count()} result" in text(staff.get(link))


def test_an_entry_shows_its_slices(staff, used):
    entry = billing.CreditEntry.objects.get(kind="capture")
    page = text(staff.get(url(billing.CreditEntry, f"{entry.pk}/change/")))

    assert f"hold:{entry.hold_id}:capture" in page
    assert url(billing.CreditHold, f"{entry.hold_id}/change/") in page
    assert url(billing.CreditGrant, f"{billing.CreditGrant.objects.get().pk}/change/") in page
    assert page.count("-1.00") == 2


def test_entries_are_found_by_key_and_business_and_filtered_by_kind(staff, used):
    key = billing.CreditEntry.objects.get(kind="capture").key
    grant = billing.CreditGrant.objects.get().key

    for query in ({"q": key}, {"kind__exact": "capture"}):
        page = text(staff.get(url(billing.CreditEntry), query))
        assert key in page
        assert grant not in page
    assert grant in text(staff.get(url(billing.CreditEntry), {"q": "kofi"}))
    assert grant not in text(staff.get(url(billing.CreditEntry), {"q": "nobody"}))


def test_a_transaction_shows_its_margin_and_leads_to_its_request(staff, used):
    sold = billing.AITransaction.objects.get(status="success")

    page = text(staff.get(url(billing.AITransaction)))
    assert "99.8%" in page  # a credit at GHS 1.00 for a call of GHS 0.00208
    assert "0.0021" in page
    page = text(staff.get(url(billing.AITransaction, f"{sold.pk}/change/")))
    assert f"/admin/ai_features/airequest/{sold.request_id}/change/" in page
    assert f"{used.user.email} (owner)" in page


def test_a_purchase_leads_to_its_payment_and_grant(staff):
    with pytest.raises(_Undo), transaction.atomic():
        rows = build()
        payment = rows[Payment]
        page = text(staff.get(url(billing.AICreditPurchase)))

        assert url(Payment, f"{payment.pk}/change/") in page
        assert url(billing.CreditGrant, f"{rows[billing.CreditGrant].pk}/change/") in page
        raise _Undo
