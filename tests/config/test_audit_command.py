"""`audit_ledger` holds on healthy books, and names what is wrong on tampered ones."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from config.audit import INVARIANTS
from config.core.invariants import violations
from subscriptions.services import ledger
from tests.factories import make_business
from tests.subscriptions.test_ledger import capture, give, hold

NUMBERS = ["1.", "1b.", "2.", "3.", "3b.", "5.", "6.", "6b.", "8."]

# Each falsifies one thing that no constraint can see. Triggers are off: audits are for whoever can do that.
TAMPER = {
    "1.": "UPDATE subscriptions_businessaicredits SET balance = balance + 1",
    "1b.": "UPDATE subscriptions_creditentry SET balance_after = balance_after + 1",
    "2.": "UPDATE subscriptions_businessaicredits SET held = held + 0.01",
    "3.": "UPDATE subscriptions_aitransaction SET credits_charged = 0.02 WHERE credits_charged > 0",
    "3b.": "UPDATE subscriptions_credithold SET state = 'released', captured = 0 WHERE state = 'captured'",
    "5.": "UPDATE subscriptions_creditgrant SET remaining = remaining - 0.01",
    "6.": "UPDATE subscriptions_businessaicredits SET total_used = total_used + 1",
    "6b.": "UPDATE subscriptions_businessaicredits SET debt = 1",
    "8.": "UPDATE subscriptions_usagecounter SET held_usd = held_usd + 1",
}


class _Undo(Exception):
    pass


@pytest.fixture
def member(db):
    member = make_business()
    give(member, "5")
    capture(hold(member, "1"))
    hold(member, "0.5")
    return member


def test_healthy_books_pass(member, capsys):
    call_command("audit_ledger")
    out = capsys.readouterr().out.splitlines()
    assert len(out) == len(INVARIANTS) + 1
    assert all(line.startswith("ok ") for line in out[:-1])
    assert out[-1] == f"All {len(INVARIANTS)} invariants hold."


@pytest.mark.parametrize("number", NUMBERS)
def test_tampering_is_found_and_named(member, number, capsys):
    with pytest.raises(_Undo), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in ("creditentry", "creditslice"):
                cursor.execute(f"ALTER TABLE subscriptions_{table} DISABLE TRIGGER append_only")
            cursor.execute(TAMPER[number])
        broken = [violation.name for violation in violations(INVARIANTS)]
        assert any(name.startswith(number) for name in broken), broken
        with pytest.raises(CommandError, match=f"of {len(INVARIANTS)} invariants are broken"):
            call_command("audit_ledger")
        assert "BROKEN" in capsys.readouterr().out
        raise _Undo


def test_a_purchase_without_its_grant_is_found(member):
    business = member.business_id
    grant = ledger.grant(
        business_id=business,
        credits=Decimal(1),
        source="purchase",
        key=f"purchase:{uuid4()}",
        unit_value_ghs=Decimal(1),
        now=timezone.now(),
    )
    with pytest.raises(_Undo), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO payments_payment (reference, business_id, purpose, method, gateway,"
                " amount_ghs,"
                " currency, email, callback_url, status, payment_url, access_code, gateway_transaction_id,"
                " gateway_domain, gateway_response, channel, review_reason, created_at, settled_at)"
                " VALUES ('sika-x', %s, 'credit_purchase', 'PAYSTACK', 'paystack', 1, 'GHS', 'a@b.co', '',"
                " 'SUCCESSFUL', '', '', '1', 'test', '', '', '', now(), now()) RETURNING id",
                [business],
            )
            payment = cursor.fetchone()[0]
            cursor.execute(
                "INSERT INTO subscriptions_aicreditpurchase (id, business_id, payment_id, grant_id,"
                " pack_type, pack_name, payment_method, price_ghs, credits, bonus_credits, status,"
                " created_at, completed_at)"
                " VALUES (gen_random_uuid(), %s, %s, %s, 'X', 'X', 'MOMO', 1, 1, 0, 'SUCCESSFUL',"
                " now(), now())",
                [business, payment, grant.pk],
            )
        assert "4." in [violation.name[:2] for violation in violations(INVARIANTS)]
        raise _Undo
