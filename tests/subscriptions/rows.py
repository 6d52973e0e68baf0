"""One valid row of every table that has constraints, and what a second valid row must change."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import models, transaction

from accounts.models import ApiKey, Membership, Role, Storefront, User
from ai_features.models import AIJob, AIJobPart, AIRequest, FalsePositive, InjectionFinding
from config.core.models import CatalogueSource, IdempotencyRecord
from payments.models import (
    Dispute,
    Payment,
    PaymentAction,
    Refund,
    SavedCard,
    Settlement,
    WebhookEvent,
)
from subscriptions import models as billing
from tests.factories import make_business
from tests.support_chat import rows as support_chat_rows

NOW = datetime(2126, 11, 21, 9, 0, tzinfo=UTC)
D = Decimal
Row = models.Model


def word() -> str:
    return uuid4().hex


def new_payment(member: Membership) -> Payment:
    return Payment.objects.create(
        business_id=member.business_id,
        purpose="credit_purchase",
        method="MOMO",
        gateway="paystack",
        gateway_domain="test",
        gateway_transaction_id=word(),
        amount_ghs=D(50),
        email="ama@shop.test",
        phone=f"0{uuid4().int % 10**9:09d}",
        network="mtn",
        prompt_open=True,
        prompt_expires_at=NOW,
        created_at=NOW,
    )


def new_grant(member: Membership) -> billing.CreditGrant:
    return billing.CreditGrant.objects.create(
        business_id=member.business_id,
        source="purchase",
        key=word(),
        credits=D(10),
        remaining=D(4),
        unit_value_ghs=D(1),
        created_at=NOW,
    )


def new_hold(member: Membership, counter: billing.UsageCounter) -> billing.CreditHold:
    return billing.CreditHold.objects.create(
        business_id=member.business_id,
        membership=member,
        user_id=member.user_id,
        counter=counter,
        feature="product_description",
        request_id=uuid4(),
        idempotency_key=word(),
        credits=D(1),
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
    )


def new_entry(member: Membership, hold: billing.CreditHold) -> billing.CreditEntry:
    return billing.CreditEntry.objects.create(
        business_id=member.business_id,
        kind="capture",
        amount=D(-6),
        balance_after=D(4),
        key=word(),
        hold=hold,
        created_at=NOW,
    )


def new_refund(payment: Payment) -> Refund:
    return Refund.objects.create(
        payment=payment, amount_ghs=D(50), reason="x", gateway_refund_id=word(), created_at=NOW
    )


def new_receipt(payment: Payment, kind: str = "SK", **values: Any) -> billing.Receipt:
    return billing.Receipt.objects.create(
        number=word()[:20],
        kind=kind,
        year=2126,
        sequence=1,
        business_id=payment.business_id,
        payment=payment,
        seller_name="Sika",
        customer_name="Ama Stores",
        customer_email="ama@shop.test",
        description="x",
        credits=D(100),
        payment_method="MOMO",
        reference=payment.reference,
        base_ghs=D(50),
        taxes=[],
        total_ghs=D(50),
        created_at=NOW,
        **values,
    )


def new_alert(member: Membership) -> billing.Alert:
    return billing.Alert.objects.create(
        business_id=member.business_id,
        kind="low_credit",
        severity="warning",
        key=word(),
        title="x",
        text="x",
        created_at=NOW,
    )


def new_daily_usage(model: type[Row], business: Any, **keys: Any) -> Row:
    sums = {
        field.name: 0
        for field in model._meta.concrete_fields
        if isinstance(field, (models.BigIntegerField, models.DecimalField)) and not field.primary_key
    }
    rest = {"business": business, "day": NOW.date(), "feature": "x", **keys}
    return model._default_manager.create(**(sums | rest))


def new_budget(member: Membership) -> billing.Budget:
    return billing.Budget.objects.create(
        business_id=member.business_id, membership=member, unit="usd", monthly_limit=D(5), created_at=NOW
    )


def new_month(member: Membership, payment: Payment) -> billing.LicenceMonth:
    licence = billing.Licence.objects.create(user=member.user, kind="api_tier", created_at=NOW)
    return billing.LicenceMonth.objects.create(
        licence=licence,
        business_id=member.business_id,
        ordered_by_id=member.user_id,
        plan="pro",
        plan_name="Pro",
        price_usd=D("9.99"),
        fx_rate=D(16),
        price_ghs=D("159.84"),
        payment=payment,
        paid_by=payment,
        status="paid",
        paid_at=NOW,
        anchor_at=NOW,
        starts_at=NOW,
        ends_at=NOW + timedelta(days=30),
        created_at=NOW,
    )


@contextmanager
def each(model: type[Row], subtests: pytest.Subtests) -> Iterator[None]:
    """A test of its own for each table, though the rows are built once; what it does is undone."""
    with subtests.test(model.__name__), transaction.atomic():
        yield
        transaction.set_rollback(True)


def build() -> dict[type[Row], Row]:
    """The books of these rows do not balance: roll them back."""
    member = make_business()
    business = member.business
    payment, grant = new_payment(member), new_grant(member)
    counter = billing.UsageCounter.objects.create(membership=member, day=NOW.date())
    hold = new_hold(member, counter)
    entry = new_entry(member, hold)
    budget = new_budget(member)
    addon = billing.AIMonthlyAddon.objects.create(
        business=business,
        user_id=member.user_id,
        price_ghs=D(50),
        credits=D(100),
        status="ACTIVE",
        anchor_at=NOW,
        period_end=NOW + timedelta(days=30),
        next_step_at=NOW + timedelta(days=30),
        created_at=NOW,
    )
    period = billing.AddonPeriod.objects.create(
        addon=addon,
        number=0,
        payment=payment,
        paid_by=payment,
        grant=grant,
        starts_at=NOW,
        ends_at=addon.period_end,
        rolled_over=D(0),
    )
    plan = billing.StorefrontPlan.objects.create(
        business=business,
        user_id=member.user_id,
        storefronts=2,
        price_ghs=D(150),
        next_storefronts=1,
        next_price_ghs=D(100),
        status="ACTIVE",
        anchor_at=NOW,
        period_end=NOW + timedelta(days=30),
        next_step_at=NOW + timedelta(days=30),
        created_at=NOW,
    )
    refund = new_refund(payment)
    receipt = new_receipt(payment)
    credit_note = new_receipt(payment, kind="CN", corrects=receipt, refund=refund)
    alert = new_alert(member)
    job = AIJob.objects.create(
        business=business,
        membership=member,
        feature="x",
        total=1,
        sealed_items="x",
        next_attempt_at=NOW,
        created_at=NOW,
    )
    alert, month = new_alert(member), new_month(member, payment)
    rows: list[Row] = [
        alert,
        billing.AlertDelivery.objects.create(alert=alert, channel="email", due_at=NOW),
        billing.AlertPreferences.objects.create(business=business),
        billing.QuotaRefusal.objects.create(
            user_id=member.user_id, business=business, day=NOW.date(), code="daily_limit"
        ),
        member,
        business,
        member.user,
        Storefront.objects.get(business=business),
        ApiKey.objects.create(membership=member, name="till", prefix="x", key_hash=word(), scopes=[]),
        payment,
        WebhookEvent.objects.create(gateway="paystack", body_sha256=word(), next_attempt_at=NOW),
        SavedCard.objects.create(
            business=business,
            gateway="paystack",
            sealed_code="x",
            signature=word(),
            email="ama@shop.test",
            last4="4081",
            exp_month=12,
            exp_year=2134,
            created_at=NOW,
        ),
        refund,
        Dispute.objects.create(
            payment=payment,
            gateway_dispute_id=word(),
            amount_ghs=D(50),
            due_at=NOW,
            opened_at=NOW,
            next_check_at=NOW,
        ),
        PaymentAction.objects.create(
            payment=payment, actor_id=1, action="refund", reason="x", created_at=NOW
        ),
        Settlement.objects.create(
            gateway="paystack",
            gateway_settlement_id=word(),
            status="success",
            total_ghs=D(50),
            fees_ghs=D(1),
            paid_out_ghs=D(49),
            settled_on=NOW.date(),
            seen_at=NOW,
        ),
        IdempotencyRecord.objects.create(
            business_id=business.pk, key=word(), request_hash="x", locked_until=NOW, expires_at=NOW
        ),
        CatalogueSource.objects.create(name=word()),
        billing.BusinessAICredits.objects.create(business=business, balance=D(4), held=D(1)),
        grant,
        counter,
        budget,
        billing.BudgetCounter.objects.create(
            budget=budget, month=date(2126, 11, 1), unit="usd", monthly_limit=D(5), soft_only=False
        ),
        billing.TierCounter.objects.create(
            user_id=member.user_id, month=date(2126, 11, 1), requests=1, day=NOW.date(), today=1
        ),
        hold,
        entry,
        billing.CreditSlice.objects.create(entry=entry, grant=grant, amount=D(-6)),
        billing.AITransaction.objects.create(
            business=business,
            hold=hold,
            request_id=uuid4(),
            feature="x",
            status="success",
            source="ai",
            credits_charged=D(6),
            created_at=NOW,
        ),
        billing.AICreditPurchase.objects.create(
            business=business,
            payment=payment,
            paid_by=payment,
            grant=grant,
            pack_type="VALUE",
            pack_name="Value",
            payment_method="MOMO",
            price_ghs=D(80),
            credits=D(100),
            status="SUCCESSFUL",
            created_at=NOW,
            completed_at=NOW,
        ),
        billing.ReceiptCounter.objects.create(kind="SK", year=2126, last=1),
        credit_note,
        new_daily_usage(billing.DailyUsage, business, source="ai", status="failed", user_id=1),
        new_daily_usage(billing.DailyFeatureUsage, business),
        billing.UsageWatermark.objects.create(
            business=business, timezone="UTC", rolled_until=NOW, closing_until=NOW
        ),
        billing.EntryTotal.objects.create(
            business=business, entry_id=1, kind="grant", entries=1, amount=D(1), debt_change=D(0)
        ),
        billing.StaleUsage.objects.create(business=business, created_at=NOW),
        billing.TrialClaim.objects.create(
            business_id=business.pk, email_hash=word(), phone_hash=word(), created_at=NOW
        ),
        addon,
        period,
        billing.AddonCharge.objects.create(period=period, payment=payment, day=0, created_at=NOW),
        plan,
        billing.StorefrontPeriod.objects.create(
            plan=plan,
            number=0,
            storefronts=2,
            price_ghs=D(150),
            payment=payment,
            paid_by=payment,
            free_credits=D(5),
            grant=grant,
            starts_at=NOW,
            ends_at=plan.period_end,
        ),
        job,
        AIJobPart.objects.create(job=job, number=0, size=1),
        month,
        month.licence,
        billing.LicenceAction.objects.create(
            licence=month.licence, action="suspended", reason="x", by_id=1, created_at=NOW
        ),
        InjectionFinding.objects.create(
            business=business, request_id=uuid4(), rule="x", mode="flag", text_hash=word(), created_at=NOW
        ),
        FalsePositive.objects.create(
            business=business,
            request_id=uuid4(),
            rule="x",
            text_hash=word(),
            marked_by_id=1,
            note="x",
            created_at=NOW,
        ),
        AIRequest.objects.create(
            business=business,
            membership=member,
            feature="x",
            prompt_version="1",
            status="succeeded",
            source="ai",
            request_data={},
            result={},
            credits_charged=D(6),
            created_at=NOW,
            finished_at=NOW,
        ),
    ]
    rows += support_chat_rows.build(member, NOW)
    catalogue = [model for model in billing.__dict__.values() if _is_dated(model)]
    rows += [model._default_manager.order_by("pk")[0] for model in (Role, *catalogue)]
    return {type(row): row for row in rows}


def _is_dated(model: Any) -> bool:
    return isinstance(model, type) and hasattr(model, "effective_from")


_months = itertools.count(1)


def _another_month() -> dict[str, datetime]:
    start = NOW + timedelta(days=30 * next(_months))
    return {"starts_at": start, "ends_at": start + timedelta(days=30)}


# What must differ in a second row beside the first. A table that is not named needs only another primary key.
FRESH: dict[type[Row], Callable[[], dict[str, Any]]] = {
    User: lambda: {"email": f"{word()}@shop.test"},
    Storefront: lambda: {"name": word()},
    Membership: lambda: {"user": make_business().user},
    ApiKey: lambda: {"key_hash": word()},
    Payment: lambda: {
        "reference": word(),
        "gateway_transaction_id": word(),
        "prompt_open": False,
    },
    WebhookEvent: lambda: {"body_sha256": word()},
    SavedCard: lambda: {"signature": word()},
    Refund: lambda: {"payment": new_payment(make_business()), "gateway_refund_id": word()},
    Dispute: lambda: {"gateway_dispute_id": word()},
    Settlement: lambda: {"gateway_settlement_id": word()},
    IdempotencyRecord: lambda: {"key": word()},
    CatalogueSource: lambda: {"name": word()},
    AIJobPart: lambda: {"number": 1},
    FalsePositive: lambda: {"text_hash": word()},
    billing.Alert: lambda: {"key": word()},
    billing.AlertDelivery: lambda: {"alert": new_alert(make_business())},
    billing.AlertPreferences: lambda: {"business": make_business().business},
    billing.QuotaRefusal: lambda: {"user_id": uuid4().int % 10**9},
    billing.BusinessAICredits: lambda: {"business": make_business().business},
    billing.CreditGrant: lambda: {"key": word()},
    billing.UsageCounter: lambda: {"day": NOW.date() + timedelta(days=1)},
    billing.Budget: lambda: {"membership": make_business()},
    billing.BudgetCounter: lambda: {"month": date(2126, 12, 1)},
    billing.TierCounter: lambda: {"month": date(2126, 12, 1)},
    billing.CreditHold: lambda: {"request_id": uuid4(), "idempotency_key": word()},
    billing.CreditEntry: lambda: {"key": word()},
    billing.CreditSlice: lambda: {"grant": new_grant(make_business())},
    billing.AITransaction: lambda: {"request_id": uuid4(), "hold": None},
    billing.AICreditPurchase: lambda: {
        "payment": new_payment(make_business()),
        "paid_by": new_payment(make_business()),
        "grant": new_grant(make_business()),
    },
    billing.ReceiptCounter: lambda: {"year": 2127},
    billing.Receipt: lambda: {
        "number": word()[:20],
        "sequence": uuid4().int % 10**9,
        "refund": new_refund(new_payment(make_business())),
    },
    billing.DailyUsage: lambda: {"user_id": None},
    billing.EntryTotal: lambda: {"entry_id": 2},
    billing.DailyFeatureUsage: lambda: {"feature": "y"},
    billing.UsageWatermark: lambda: {"business": make_business().business},
    billing.TrialClaim: lambda: {"business_id": uuid4(), "email_hash": word(), "phone_hash": word()},
    billing.AIMonthlyAddon: lambda: {"business": make_business().business},
    billing.AddonCharge: lambda: {"payment": new_payment(make_business()), "day": 1, "open": False},
    billing.AddonPeriod: lambda: {
        "number": 1 + uuid4().int % 10**9,
        "payment": new_payment(make_business()),
        "paid_by": new_payment(make_business()),
        "grant": new_grant(make_business()),
    },
    billing.Licence: lambda: {"user": make_business().user},
    billing.LicenceMonth: lambda: {
        "payment": new_payment(make_business()),
        "paid_by": new_payment(make_business()),
        **_another_month(),
    },
    billing.StorefrontPlan: lambda: {"business": make_business().business},
    billing.StorefrontPeriod: lambda: {
        "number": 1 + uuid4().int % 10**9,
        "payment": new_payment(make_business()),
        "paid_by": new_payment(make_business()),
        "grant": new_grant(make_business()),
    },
    **support_chat_rows.fresh(NOW),
}


def second(first: Row, **changes: Any) -> Row:
    """An unsaved row beside `first`, valid but for `changes`."""
    model = type(first)
    fresh = FRESH.get(model, dict)()
    if hasattr(model, "effective_from"):
        fresh = {"effective_from": NOW}
    values = {field.attname: getattr(first, field.attname) for field in model._meta.concrete_fields}
    del values[model._meta.pk.attname]  # none is abstract
    for name, value in {**fresh, **changes}.items():
        values.pop(model._meta.get_field(name).attname, None)  # type: ignore[union-attr]  # a column
        values[name] = value
    return model(**values)
