"""`audit_ledger` holds on healthy books, and names the rule and the row on tampered ones."""

from decimal import Decimal
from typing import NamedTuple

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from structlog.testing import capture_logs

from config.audit import INVARIANTS
from config.tasks import audit_books
from subscriptions.services import budgets
from tests.ai_features.conftest import PRODUCT
from tests.factories import make_business
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop, deliveries, process
from tests.subscriptions.test_ledger import give, hold
from tests.support_chat.talking import Chatter


class Tamper(NamedTuple):
    """`sql` falsifies what no constraint sees; `row` finds the row that must be named, by `column`."""

    rule: str
    sql: str
    column: str
    row: str = "SELECT business_id FROM subscriptions_businessaicredits"


USED = "WHERE credits_charged > 0"
PURCHASE = "SELECT id FROM subscriptions_aicreditpurchase"
RECEIPT = "SELECT number FROM subscriptions_receipt"
PAYMENT = "SELECT reference FROM payments_payment"
REQUEST = "SELECT id FROM ai_features_airequest WHERE status = '{}' ORDER BY created_at LIMIT 1"
REFUND = (
    "INSERT INTO payments_refund (id, payment_id, amount_ghs, status, reason, requested_by,"
    " gateway_refund_id, gateway_message, attempts, next_check_at, created_at, history)"
    " SELECT gen_random_uuid(), id, 1, 'PENDING', 'x', {}, '', '', 1, {}, now(), '[]' FROM payments_payment"
)
SOLD = "WHERE source = 'purchase'"
GRANT = f"SELECT id FROM subscriptions_creditgrant {SOLD}"
FREE = "SELECT id FROM subscriptions_creditgrant WHERE source = 'monthly_free'"
CAPTURED = "SELECT id FROM subscriptions_credithold WHERE state = 'captured'"
OPEN = "SELECT id FROM subscriptions_credithold WHERE state = 'open'"

LICENCE_MONTH = (
    "INSERT INTO subscriptions_licence (user_id, kind, status, expires_at, created_at)"
    " SELECT id, 'api_tier', 'active', {}, now() FROM accounts_user;"
    " INSERT INTO subscriptions_licencemonth (id, licence_id, business_id, ordered_by_id, plan, plan_name,"
    " price_usd, fx_rate, price_ghs, payment_id, paid_by_id, status, paid_at, anchor_at, starts_at, ends_at,"
    " used, taken_back_at, created_at)"
    " SELECT gen_random_uuid(), licence.id, business_id, 1, 'pro', 'Pro', 1, 1, 1, payment.id, payment.id,"
    " {}, now(), now(), now(), now() + interval '1 day', '0', {}, now()"
    " FROM payments_payment payment, subscriptions_licence licence"
)

TAMPERS = [
    Tamper("1.", "UPDATE subscriptions_businessaicredits SET balance = balance + 1", "business_id"),
    Tamper(
        "1b.",
        "UPDATE subscriptions_creditentry SET balance_after = balance_after + 1 WHERE kind = 'capture'",
        "id",
        "SELECT id FROM subscriptions_creditentry WHERE kind = 'capture'",
    ),
    Tamper("2.", "UPDATE subscriptions_businessaicredits SET held = held + 0.01", "business_id"),
    Tamper("3.", f"UPDATE subscriptions_aitransaction SET credits_charged = 0.02 {USED}", "id", CAPTURED),
    Tamper(
        "3b.",
        "UPDATE subscriptions_credithold SET state = 'released', captured = 0 WHERE state = 'captured'",
        "id",
        f"SELECT id FROM subscriptions_aitransaction {USED}",
    ),
    Tamper(
        "4.", "UPDATE subscriptions_creditgrant SET key = 'gone' WHERE source = 'purchase'", "id", PURCHASE
    ),
    Tamper(
        "4b.",
        "UPDATE payments_payment SET unapplied = true",
        "id",
        PURCHASE,
    ),
    Tamper(
        "4c.",
        "UPDATE subscriptions_aicreditpurchase"
        " SET status = 'PENDING', grant_id = NULL, paid_by_id = NULL, completed_at = NULL",
        "reference",
        PAYMENT,
    ),
    Tamper("4d.", "DELETE FROM subscriptions_receipt", "reference", PAYMENT),
    Tamper("4e.", "UPDATE subscriptions_receipt SET base_ghs = base_ghs - 0.01", "number", RECEIPT),
    Tamper(
        "4f.",
        "INSERT INTO payments_refund (id, payment_id, amount_ghs, status, reason, gateway_refund_id,"
        " gateway_message, attempts, created_at, finished_at, history)"
        " SELECT gen_random_uuid(), id, 1, 'PROCESSED', 'x', '', '', 1, now(), now(), '[]'"
        " FROM payments_payment",
        "number",
        RECEIPT,
    ),
    Tamper(
        "4g.",
        "UPDATE subscriptions_receiptcounter SET last = last + 1",
        "last",
        "SELECT last FROM subscriptions_receiptcounter",
    ),
    Tamper("4h.", "UPDATE subscriptions_receipt SET number = 'SK-2025-000001'", "number", RECEIPT),
    Tamper("4i.", "UPDATE subscriptions_aicreditpurchase SET status = 'REFUNDED'", "id", PURCHASE),
    Tamper(
        "4j.",
        "INSERT INTO subscriptions_aimonthlyaddon (id, business_id, user_id, price_ghs, credits,"
        " rollover_cap, status, renews, created_at)"
        " SELECT gen_random_uuid(), business_id, 1, 50, 100, 50, 'LAPSED', false, now()"
        " FROM subscriptions_businessaicredits",
        "id",
        "SELECT id FROM subscriptions_aimonthlyaddon",
    ),
    Tamper(
        "4k.",
        "WITH addon AS (INSERT INTO subscriptions_aimonthlyaddon (id, business_id, user_id, price_ghs,"
        " credits, rollover_cap, status, renews, anchor_at, period_end, next_step_at, created_at)"
        " SELECT gen_random_uuid(), business_id, 1, 50, 100, 50, 'ACTIVE', true, now(),"
        " now() + interval '1 month', now(), now() FROM subscriptions_businessaicredits RETURNING id)"
        " INSERT INTO subscriptions_addonperiod (addon_id, number, payment_id, paid_by_id, grant_id,"
        " starts_at, ends_at, rolled_over) SELECT addon.id, 0, payment_id, paid_by_id, grant_id, now(),"
        " now() + interval '1 month', 0 FROM addon, subscriptions_aicreditpurchase;"
        " UPDATE payments_payment SET status = 'REFUNDED', refunded_ghs = paid_ghs",
        "reference",
        PAYMENT,
    ),
    Tamper(
        "5.",
        "UPDATE subscriptions_creditgrant SET remaining = remaining - 0.01 WHERE source = 'purchase'",
        "id",
        "SELECT id FROM subscriptions_creditgrant WHERE source = 'purchase'",
    ),
    Tamper("6.", "UPDATE subscriptions_businessaicredits SET total_used = total_used + 1", "business_id"),
    Tamper("6b.", "UPDATE subscriptions_businessaicredits SET debt = 1", "business_id"),
    Tamper(
        "7.",
        "UPDATE subscriptions_credithold SET expires_at = now() - interval '6 minutes' WHERE state = 'open'",
        "id",
        OPEN,
    ),
    Tamper(
        "8.",
        "UPDATE subscriptions_usagecounter SET held_usd = held_usd + 1"
        f" WHERE id = (SELECT counter_id FROM ({OPEN.replace('SELECT id', 'SELECT counter_id')}) open)",
        "id",
        f"SELECT counter_id FROM ({OPEN.replace('SELECT id', 'SELECT counter_id')}) open",
    ),
    Tamper("9.", f"UPDATE subscriptions_creditgrant SET taken_back = 1 {SOLD}", "id", GRANT),
    Tamper("10.", f"UPDATE subscriptions_creditgrant SET frozen_at = now() {SOLD}", "id", GRANT),
    Tamper(
        "11.",
        f"{REFUND.format('1', 'now()')};"
        " UPDATE payments_refund SET status = 'PROCESSED', finished_at = now(), next_check_at = NULL",
        "id",
        GRANT,
    ),
    Tamper("14.", f"UPDATE subscriptions_creditgrant SET source = 'monthly_free' {SOLD}", "id", FREE),
    Tamper(
        "15.",
        "INSERT INTO subscriptions_storefrontplan (id, business_id, user_id, storefronts, price_ghs,"
        " next_storefronts, next_price_ghs, status, anchor_at, period_end, next_step_at, renews,"
        " created_at) SELECT gen_random_uuid(), business_id, 1, 1, 100, 1, 100, 'ACTIVE',"
        " now() - interval '1 day', now(), now(), true, now() FROM subscriptions_businessaicredits",
        "id",
        "SELECT id FROM subscriptions_storefrontplan",
    ),
    Tamper(
        "the sums of a day",
        "INSERT INTO subscriptions_usagewatermark (business_id, timezone, rolled_until, closing_until)"
        " SELECT business_id, 'UTC', clock_timestamp(), clock_timestamp()"
        " FROM subscriptions_businessaicredits",
        "business_id",
    ),
    Tamper(
        "12.",
        "UPDATE subscriptions_budgetcounter SET held = held + 1",
        "id",
        "SELECT id FROM subscriptions_budgetcounter ORDER BY id LIMIT 1",
    ),
    Tamper(
        "12b.",
        "UPDATE subscriptions_budgetcounter SET spent = spent + 1",
        "id",
        "SELECT id FROM subscriptions_budgetcounter ORDER BY id LIMIT 1",
    ),
    Tamper(
        "13.",
        "UPDATE subscriptions_tiercounter SET requests = requests + 1",
        "id",
        "SELECT id FROM subscriptions_tiercounter",
    ),
    Tamper(
        "16.",
        LICENCE_MONTH.format("NULL", "'taken_back'", "now()"),
        "id",
        "SELECT id FROM subscriptions_licencemonth",
    ),
    Tamper(
        "17.",
        LICENCE_MONTH.format("now()", "'paid'", "NULL"),
        "id",
        "SELECT id FROM subscriptions_licence",
    ),
    Tamper(
        "a successful payment collected",
        "UPDATE payments_payment SET paid_ghs = amount_ghs - 1",
        "reference",
        PAYMENT,
    ),
    Tamper(
        "what went back of a payment", "UPDATE payments_payment SET refunded_ghs = 1", "reference", PAYMENT
    ),
    Tamper(
        "a payment is refunded when",
        "UPDATE payments_payment SET refunded_ghs = paid_ghs",
        "reference",
        PAYMENT,
    ),
    Tamper("an open refund will be", REFUND.format("1", "NULL"), "id", "SELECT id FROM payments_refund"),
    Tamper(
        "somebody asked for a refund",
        REFUND.format("NULL", "now()"),
        "id",
        "SELECT id FROM payments_refund",
    ),
    Tamper(
        "only a payment that was paid",
        f"{REFUND.format('1', 'now()')};"
        " UPDATE payments_payment SET status = 'REVIEW', settled_at = NULL, review_reason = 'x'",
        "id",
        "SELECT id FROM payments_refund",
    ),
    Tamper(
        "a settled payment names the mode",
        "UPDATE payments_payment SET gateway_domain = ''",
        "reference",
        PAYMENT,
    ),
    Tamper(
        "a finished payment is not asked about",
        "UPDATE payments_payment SET next_check_at = now()",
        "reference",
        PAYMENT,
    ),
    Tamper(
        "an open payment will be asked about",
        "UPDATE payments_payment SET status = 'PENDING', next_check_at = NULL, settled_at = NULL",
        "reference",
        PAYMENT,
    ),
    Tamper(
        "only a payment that still waits may have a prompt",
        "UPDATE payments_payment SET prompt_open = true, prompt_expires_at = now(),"
        " phone = '055' || lpad(id::text, 7, '0'), network = 'mtn'",
        "reference",
        PAYMENT,
    ),
    Tamper(
        "an applied event belongs to a payment",
        "UPDATE payments_webhookevent SET reference = 'sika-of-nobody'",
        "id",
        "SELECT id FROM payments_webhookevent WHERE outcome = 'applied'",
    ),
    Tamper(
        "an event is processed after it came",
        "UPDATE payments_webhookevent SET attempts = 0",
        "id",
        "SELECT id FROM payments_webhookevent WHERE outcome = 'applied'",
    ),
    Tamper(
        "an answered AI request and its transaction",
        "UPDATE ai_features_airequest SET credits_charged = 9 WHERE status = 'succeeded'",
        "id",
        REQUEST.format("succeeded"),
    ),
    Tamper(
        "a failed AI request was not charged",
        "UPDATE ai_features_airequest SET status = 'failed', credits_charged = 0 WHERE status = 'succeeded'",
        "id",
        REQUEST.format("failed"),
    ),
    Tamper(
        "no AI answer waits for its charge longer",
        "UPDATE ai_features_airequest SET status = 'answered', finished_at = now() - interval '21 minutes'",
        "id",
        REQUEST.format("answered"),
    ),
    Tamper(
        "a conversation is with staff",
        "UPDATE support_chat_supportconversation SET status = 'with_staff'",
        "id",
        "SELECT id FROM support_chat_supportconversation",
    ),
    Tamper(
        "no reply of the chat waits longer",
        "UPDATE support_chat_supportmessage SET lease_until = now() - interval '11 minutes'"
        " WHERE status = 'pending'",
        "id",
        "SELECT id FROM support_chat_supportmessage WHERE status = 'pending'",
    ),
]


class _Undo(Exception):
    pass


@pytest.fixture(scope="module")
def business(shared_db):
    """It bought credits, used some and is using more; every table of money has a row."""
    sandbox = PaystackSandbox()
    sandbox.reset()
    shop = Shop()
    budgets.create(
        business_id=shop.business_id, unit="credits", monthly_limit=Decimal(50), now=timezone.now()
    )
    reference = shop.buy(sandbox)
    for deliver in deliveries(sandbox, reference):
        assert deliver() == 200
    for event_id in _all("SELECT id FROM payments_webhookevent"):
        process(event_id)
    hold(shop.membership, "0.5")
    Chatter(member=shop.membership).send()
    assert shop.client.post("/api/ai/product-description/", PRODUCT).status_code == 200


@pytest.fixture
def books(business, db):
    """Undone after each test, whatever it tampers with."""


def _all(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [value for (value,) in cursor.fetchall()]


def test_healthy_books_pass(books, capsys):
    call_command("audit_ledger")

    out = capsys.readouterr().out.splitlines()
    assert len(out) == len(INVARIANTS) + 1
    assert all(line.startswith("ok ") for line in out[:-1])
    assert out[-1] == f"All {len(INVARIANTS)} invariants hold."


def test_every_rule_has_somebody_who_breaks_it():
    broken = [[rule.name for rule in INVARIANTS if rule.name.startswith(t.rule)] for t in TAMPERS]

    assert sorted(name for names in broken for name in names) == sorted(rule.name for rule in INVARIANTS)


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.rule)
def test_tampering_is_found_and_named(books, tamper, capsys):
    with pytest.raises(_Undo), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in ("creditentry", "creditslice", "receipt"):
                cursor.execute(f"ALTER TABLE subscriptions_{table} DISABLE TRIGGER append_only")
            cursor.execute(tamper.sql)
        (row,) = _all(tamper.row)

        with pytest.raises(CommandError, match=f"of {len(INVARIANTS)} invariants are broken; the rows are"):
            call_command("audit_ledger")
        said = _by_rule(capsys.readouterr().out)
        with capture_logs() as logs:
            audit_books()
        raise _Undo

    (rows,) = [rows for rule, rows in said.items() if rule.startswith(tamper.rule)]
    assert any(f"{tamper.column}={row}" in line.split(", ") for line in rows), said
    logged = {line["invariant"]: line["rows"] for line in logs if line["event"] == "books_broken"}
    assert logged == said


def _by_rule(out):
    """What is printed under each broken rule."""
    rules: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in out.splitlines():
        if line.startswith("BROKEN "):
            rows = rules[line.removeprefix("BROKEN").strip()] = []
        elif line.startswith("  "):
            rows.append(line.strip())
    return rules


def test_many_broken_rows_are_cut_and_it_says_so(db, capsys):
    for _ in range(21):
        give(make_business(), "1")
    with pytest.raises(_Undo), transaction.atomic():
        connection.cursor().execute("UPDATE subscriptions_businessaicredits SET debt = 1")
        with pytest.raises(CommandError, match=rf"^1 of {len(INVARIANTS)} invariants"):
            call_command("audit_ledger")
        raise _Undo

    (rows,) = _by_rule(capsys.readouterr().out).values()
    assert len(rows) == 21
    assert rows[-1] == "perhaps more: these are the first"
