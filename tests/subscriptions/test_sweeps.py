"""What nobody ended is ended once, however often and by however many it is tried."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from subscriptions.models import AITransaction, BusinessAICredits, CreditEntry, CreditGrant, CreditHold
from subscriptions.services import sweeps
from subscriptions.signals import lease_ended
from tests.factories import make_business
from tests.patience import impatient

from .test_ledger import give, hold

LEASE = timedelta(minutes=15)


@pytest.fixture
def member(db):
    return make_business()


def test_only_holds_whose_lease_has_ended_are_released(member):
    now = timezone.now()
    give(member, "5")
    stale = hold(member, "1", now=now - LEASE)
    live = hold(member, "1", now=now - LEASE + timedelta(seconds=1))

    assert sweeps.release_stale_holds(now=now, dry_run=True) == 1
    assert BusinessAICredits.objects.get().held == 2
    assert sweeps.release_stale_holds(now=now) == 1
    assert sweeps.release_stale_holds(now=now) == 0

    assert BusinessAICredits.objects.get().held == 1
    states = dict(CreditHold.objects.values_list("pk", "state"))
    assert states == {stale.id: "expired", live.id: "open"}
    logged = AITransaction.objects.get()
    assert (logged.hold_id, logged.status, logged.error_code) == (stale.id, "abandoned", "abandoned")


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_release_each_hold_once():
    member = make_business()
    now = timezone.now()
    give(member, "5")
    for _ in range(8):
        hold(member, "0.5", now=now - LEASE, cost="0.001")

    def sweep(_):
        try:
            return sweeps.release_stale_holds(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sweep, range(4))) == 8
    account = BusinessAICredits.objects.get()
    assert (account.balance, account.held) == (5, 0)
    assert AITransaction.objects.filter(status="abandoned").count() == 8


@pytest.mark.django_db(transaction=True)
def test_an_account_that_is_locked_is_left_for_the_next_run():
    now = timezone.now()
    ama, kofi = make_business(), make_business(name="Kofi Mart")
    for member in (ama, kofi):
        give(member, "5")
        hold(member, "1", now=now - LEASE)

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        BusinessAICredits.objects.select_for_update().get(pk=ama.business_id)
        assert pool.submit(impatient_sweep, now).result() == 1
        assert held_by_business() == {ama.business_id: Decimal(1), kofi.business_id: Decimal(0)}

    assert sweeps.release_stale_holds(now=now) == 1
    assert held_by_business() == {ama.business_id: Decimal(0), kofi.business_id: Decimal(0)}


def impatient_sweep(now):
    try:
        with impatient():
            return sweeps.release_stale_holds(now=now)
    finally:
        connection.close()


def held_by_business():
    return dict(BusinessAICredits.objects.values_list("pk", "held"))


def test_a_receiver_that_breaks_does_not_keep_the_credits(member):
    def broken(**_):
        raise RuntimeError("no answer")

    now = timezone.now()
    give(member, "5")
    hold(member, "1", now=now - LEASE)
    lease_ended.connect(broken)
    try:
        assert sweeps.release_stale_holds(now=now) == 1
    finally:
        lease_ended.disconnect(broken)
    assert BusinessAICredits.objects.get().held == 0


def test_the_command_says_what_it_would_do_and_does_it(member, capsys):
    give(member, "5")
    hold(member, "1", now=timezone.now() - LEASE)

    for arguments, said in [
        (["--dry-run"], "1 holds would be released.\n"),
        ([], "1 holds were released.\n"),
        ([], "0 holds were released.\n"),
    ]:
        call_command("release_stale_holds", *arguments)
        assert capsys.readouterr().out == said
    assert BusinessAICredits.objects.get().held == 0


def test_an_open_hold_older_than_the_expiry_keeps_the_grant_until_its_lease_ends(member):
    now = timezone.now()
    dying = give(member, "3", days=1)
    hold(member, "1", now=now - LEASE)
    CreditGrant.objects.filter(pk=dying.pk).update(expires_at=now - timedelta(seconds=1))

    assert sweeps.expire_credits(now=now) == (0, Decimal(0))
    assert sweeps.release_stale_holds(now=now) == 1
    assert sweeps.expire_credits(now=now) == (1, Decimal("3.00"))
    assert BusinessAICredits.objects.get().balance == 0


def test_expired_credits_leave_the_books_once(member, capsys):
    now = timezone.now()
    give(member, "5")
    dying = give(member, "3", days=1)
    CreditGrant.objects.filter(pk=dying.pk).update(expires_at=now - timedelta(seconds=1))

    assert sweeps.expire_credits(now=now, dry_run=True) == (1, Decimal("3.00"))
    assert sweeps.expire_credits(now=now) == (1, Decimal("3.00"))
    assert sweeps.expire_credits(now=now) == (0, Decimal(0))
    assert BusinessAICredits.objects.get().balance == 5
    assert CreditEntry.objects.get(kind="expiry").amount == -3

    call_command("expire_credits", "--as-of", "2026-01-01T00:00Z", "--dry-run")
    assert capsys.readouterr().out == "0 credits of 0 grants would expire.\n"


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        ("soon", "'soon' is not a time, e.g. 2026-12-01T00:00Z"),
        (
            datetime(2199, 1, 1, tzinfo=UTC).isoformat(),
            "--as-of lies in the future: credits that are still good would be lost",
        ),
    ],
)
def test_a_moment_that_would_do_harm_is_refused(moment, message):
    with pytest.raises(CommandError) as refused:
        call_command("expire_credits", "--as-of", moment)
    assert (str(refused.value), refused.value.returncode) == (message, 2)
