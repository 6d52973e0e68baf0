"""The catalogue in the admin: a change adds a version, history can't be touched, nonsense is refused."""

import secrets
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from config.catalogue.tables import TABLES
from subscriptions.models import AIModel, CreditPack, Feature, FxRate, ModelRoute
from subscriptions.selectors import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return User.objects.create_superuser(f"{secrets.token_hex(6)}@sika.test", "correct-horse-battery")


@pytest.fixture
def browser(staff):
    client = Client()
    client.force_login(staff)
    return client


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def page_of(row):
    return url(type(row), "change", row.pk)


def posted(row, **changes):
    """What the change form of this row would send, with these changes."""
    sent = {"effective_from_0": "", "effective_from_1": ""}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.name)
        if field.name in ("id", "effective_from", type(row).key_field) or value in (None, False):
            continue
        sent[field.name] = (
            ",".join(value) if isinstance(value, list) else "on" if value is True else str(value)
        )
    return sent | changes


def problems(response):
    assert response.status_code == 200
    form = response.context["adminform"].form
    return [str(error) for errors in form.errors.values() for error in errors]


def current(model, key):
    return next(row for row in model.in_force(timezone.now()) if getattr(row, model.key_field) == key)


def test_every_page_opens(browser):
    for table in TABLES:
        row = table.model._default_manager.order_by("pk").first()
        for address in (url(table.model, "changelist"), url(table.model, "add"), page_of(row)):
            assert browser.get(address).status_code == 200, address


def test_changing_a_price_adds_a_version_and_keeps_the_old_one(browser, staff):
    old, before = current(CreditPack, "VALUE"), timezone.now()

    response = browser.post(page_of(old), posted(old, price_ghs="85.00"))

    assert response.status_code == 302
    first, second = CreditPack.objects.filter(type="VALUE").order_by("effective_from")
    assert (first.pk, first.price_ghs, first.effective_from) == (old.pk, Decimal("80.00"), old.effective_from)
    assert (second.price_ghs, second.credits, second.savings) == (Decimal("85.00"), Decimal("83.33"), "20%")
    assert before <= second.effective_from <= timezone.now()
    assert catalogue.pack(type="VALUE", now=timezone.now()).price_ghs == Decimal("85.00")
    entry = LogEntry.objects.get()
    assert (entry.user, entry.action_flag, entry.object_id) == (staff, CHANGE, str(second.pk))
    assert entry.get_change_message() == "Changed Price (GHS)."


def test_a_change_can_be_scheduled_then_corrected_then_called_off(browser):
    old = current(CreditPack, "VALUE")
    later = {"effective_from_0": "2090-01-01", "effective_from_1": "00:00:00"}

    browser.post(page_of(old), posted(old, price_ghs="85.00", **later))

    scheduled = CreditPack.objects.get(type="VALUE", effective_from__year=2090)
    assert catalogue.pack(type="VALUE", now=timezone.now()).price_ghs == Decimal("80.00")

    browser.post(page_of(scheduled), posted(scheduled, price_ghs="86.00", **later))

    scheduled.refresh_from_db()
    assert scheduled.price_ghs == Decimal("86.00")
    assert catalogue.pack(type="VALUE", now=scheduled.effective_from).price_ghs == Decimal("86.00")

    assert browser.post(url(CreditPack, "delete", scheduled.pk), {"post": "yes"}).status_code == 302
    assert catalogue.pack(type="VALUE", now=scheduled.effective_from).price_ghs == Decimal("80.00")
    assert CreditPack.objects.filter(type="VALUE").count() == 1


def test_history_can_be_neither_changed_nor_deleted(browser):
    old = current(CreditPack, "VALUE")
    browser.post(page_of(old), posted(old, price_ghs="85.00"))
    new = current(CreditPack, "VALUE")

    assert browser.post(page_of(old), posted(old, price_ghs="1.00")).status_code == 403
    assert browser.get(page_of(old)).status_code == 200
    for row in (old, new):
        assert browser.post(url(CreditPack, "delete", row.pk), {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [old.pk, new.pk], "post": "yes"}
    browser.post(url(CreditPack, "changelist"), bulk)
    assert CreditPack.objects.filter(type="VALUE").count() == 2
    old.refresh_from_db()
    assert old.price_ghs == Decimal("80.00")


def test_a_pack_can_be_withdrawn_and_offered_again(browser):
    old = current(CreditPack, "PRO")
    form = posted(old)
    del form["is_active"]

    browser.post(page_of(old), form)
    assert CreditPack.find("PRO", timezone.now()) is None

    gone = CreditPack.objects.filter(type="PRO").latest("effective_from")
    browser.post(page_of(gone), posted(gone, is_active="on"))
    assert catalogue.pack(type="PRO", now=timezone.now()).price_ghs == Decimal("180.00")
    assert CreditPack.objects.filter(type="PRO").count() == 3


def test_a_new_row_is_in_force_at_once_and_its_derived_fields_are_filled(browser):
    sent = {
        "slug": "openai/gpt-7",
        "input_usd": "3",
        "cached_input_usd": "0.3",
        "output_usd": "15",
        "is_active": "on",
        "effective_from_0": "",
        "effective_from_1": "",
    }

    assert browser.post(url(AIModel, "add"), sent).status_code == 302

    model = catalogue.ai_model(slug="openai/gpt-7", now=timezone.now())
    assert (model.provider, model.name, model.output_usd) == ("openai", "gpt-7", Decimal(15))


def test_the_list_tells_versions_apart(browser):
    now = timezone.now()
    FxRate.objects.create(currency="USD", ghs="15.80", effective_from=now)
    FxRate.objects.create(currency="USD", ghs="15.50", effective_from=now + timedelta(days=9))
    FxRate.objects.create(currency="EUR", ghs="18", effective_from=now, is_active=False)

    def rates(**query):
        rows = browser.get(url(FxRate, "changelist"), query).context["cl"].result_list
        return [str(row.ghs.normalize()) for row in rows]

    assert rates() == ["18", "15.5", "15.8", "16"]
    assert rates(state="in force") == ["15.8"]
    assert rates(state="scheduled") == ["15.5"]
    assert rates(state="withdrawn") == ["18"]
    assert rates(state="past") == ["16"]


@pytest.mark.parametrize(
    ("model", "key", "changes", "refusal"),
    [
        (CreditPack, "VALUE", {}, "Nothing is different from the version in force."),
        (CreditPack, "VALUE", {"price_ghs": "0"}, "Must be more than zero"),
        (CreditPack, "VALUE", {"price_ghs": "-5"}, "Must not be negative"),
        (CreditPack, "VALUE", {"price_ghs": ""}, "needs price_ghs, or min_price_ghs and max_price_ghs"),
        (
            CreditPack,
            "VALUE",
            {"effective_from_0": "2020-01-01", "effective_from_1": "00:00:00"},
            "This is in the past. Leave it empty to start at once.",
        ),
        (
            AIModel,
            "openai/gpt-6-luna",
            {"input_usd": "0"},
            "Must be more than zero",
        ),
        (
            AIModel,
            "openai/gpt-6-luna",
            {"is_active": ""},
            "[model_routes.small] 'openai/gpt-6-luna' has no price under [ai_models]",
        ),
        (
            ModelRoute,
            "small",
            {"models_in_order": "openai/gpt-9"},
            "[model_routes.small] 'openai/gpt-9' has no price under [ai_models]",
        ),
        (
            Feature,
            "report_summary",
            {"model_class": "huge"},
            "[features.report_summary] model_class 'huge' has no [model_routes] entry",
        ),
        (
            Role,
            "manager",
            {"is_owner": "on"},
            "[roles] exactly one role must be is_owner; there are 2: manager, owner",
        ),
        (Role, "cashier", {"capabilities": "fly"}, "unknown capabilities: fly"),
        (FxRate, "USD", {"is_active": ""}, "[fx_rates] needs an entry 'USD'"),
    ],
)
def test_what_the_file_may_not_say_the_admin_may_not_either(browser, model, key, changes, refusal):
    row, count = current(model, key), model.objects.count()
    sent = {
        name: value for name, value in posted(row, **changes).items() if (name, value) != ("is_active", "")
    }

    assert problems(browser.post(page_of(row), sent))[0] == refusal
    assert model.objects.count() == count


def test_staff_without_the_permission_may_not_change_prices(browser, staff):
    User.objects.filter(pk=staff.pk).update(is_superuser=False)
    row = current(CreditPack, "VALUE")

    assert browser.post(page_of(row), posted(row, price_ghs="1.00")).status_code == 403
    assert CreditPack.objects.filter(type="VALUE").count() == 1
