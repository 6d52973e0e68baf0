"""Corrections by hand: once each, with who and why, and never into what is held, frozen or not there."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Membership, User
from config.core.errors import NotFound
from subscriptions.errors import AdjustmentRefused, AdjustmentRepeated, NotEnoughToTake
from subscriptions.models import BusinessAICredits, CreditEntry, CreditGrant
from subscriptions.services import adjustments
from tests.concurrency.together import together
from tests.factories import make_business, make_user

from .money import NOW, Sale
from .test_admin_refunds import facts, told, with_rights
from .test_ledger import capture, give, hold

D = Decimal
WHY = "Outage of 3 May, ticket 81"


@pytest.fixture
def member(db: None) -> Membership:
    return make_business(name="Kofi Mart")


def adjust(business_id: UUID, credits: str, **values: Any) -> adjustments.Adjusted:
    given: dict[str, Any] = {"reason": WHY, "actor_id": 7, "now": NOW} | values
    return adjustments.adjust(business_id=business_id, credits=D(credits), **given)


def books(business_id: UUID) -> tuple[Decimal, ...]:
    row = BusinessAICredits.objects.get(pk=business_id)
    return row.balance, row.held, row.debt, row.total_purchased, row.total_used


def left(*grants: CreditGrant) -> list[Decimal]:
    return [CreditGrant.objects.get(pk=grant.pk).remaining for grant in grants]


# Giving.


def test_given_credits_are_free_and_say_who_and_why(member: Membership) -> None:
    ends = NOW + timedelta(days=30)
    done = adjust(member.business_id, "12.50", key="ticket-81", expires_at=ends, reason=f"  {WHY} ")
    assert done == adjustments.Adjusted(
        credits=D("12.50"), debt_paid=D(0), available=D("12.50"), repeated=False
    )
    grant = CreditGrant.objects.get()
    assert (grant.source, grant.credits, grant.unit_value_ghs, grant.expires_at) == (
        "adjustment",
        D("12.50"),
        D(0),
        ends,
    )
    entry = CreditEntry.objects.get()
    assert (entry.kind, entry.amount, entry.actor_id, entry.note) == ("grant", D("12.50"), 7, WHY)
    assert entry.key == grant.key == f"adjustment:{member.business_id}:ticket-81"
    assert books(member.business_id) == (D("12.50"), D(0), D(0), D(0), D(0))


@pytest.mark.parametrize("key", ["", "ticket-81"])
@pytest.mark.parametrize("credits", ["10", "-10"])
def test_twice_is_once(member: Membership, credits: str, key: str) -> None:
    give(member, "30")
    first = adjust(member.business_id, credits, key=key)
    again = adjust(member.business_id, credits, key=key, now=NOW + timedelta(days=900))
    assert (first.repeated, again.repeated) == (False, True)
    assert first.available == again.available == 30 + D(credits)
    assert CreditEntry.objects.filter(key__startswith="adjustment:").count() == 1


def test_another_reason_or_key_is_another_correction(member: Membership) -> None:
    for values in ({}, {"reason": "another"}, {"actor_id": 8}, {"key": "one"}, {"key": "two"}):
        assert not adjust(member.business_id, "1", **values).repeated
    assert books(member.business_id)[0] == D(5)


def test_a_key_means_one_correction_of_one_business(member: Membership) -> None:
    adjust(member.business_id, "10", key="one")
    for changed in ({"reason": "another"}, {"actor_id": 8}, {"expires_at": NOW + timedelta(days=1)}):
        with pytest.raises(AdjustmentRepeated):
            adjust(member.business_id, "10", key="one", **changed)
    with pytest.raises(AdjustmentRepeated):
        adjust(member.business_id, "-10", key="one")
    assert books(member.business_id)[0] == D(10)
    assert not adjust(make_business().business_id, "10", key="one").repeated


def test_a_debt_is_paid_first(member: Membership) -> None:
    sale = Sale(member)
    capture(hold(member, "100"))
    sale.dispute(status="LOST")
    assert books(member.business_id)[2] == D(100)
    done = adjust(member.business_id, "30")
    assert (done.debt_paid, done.available) == (D(30), D(0))
    done = adjust(member.business_id, "90")
    assert (done.debt_paid, done.available) == (D(70), D(20))
    assert adjust(member.business_id, "90").debt_paid == D(70)
    assert books(member.business_id) == (D(20), D(0), D(0), D(100), D(100))


# Taking.


def test_credits_leave_in_the_order_in_which_they_would_be_used(member: Membership) -> None:
    paid = give(member, "20", value="0.8")
    free = give(member, "20", value="0")
    soon = give(member, "20", value="0.5", days=1)
    gone = give(member, "20", value="0.5", days=0)
    done = adjust(member.business_id, "-45")
    assert (done.debt_paid, done.available) == (D(0), D(15))
    assert left(soon, free, paid, gone) == [D(0), D(0), D(15), D(20)]
    entry = CreditEntry.objects.get(kind="withdrawal")
    assert (entry.amount, entry.debt_change, entry.grant_id, entry.actor_id, entry.note) == (
        D(-45),
        D(0),
        None,
        7,
        WHY,
    )
    assert list(entry.slices.order_by("pk").values_list("grant_id", "amount")) == [
        (soon.pk, D(-20)),
        (free.pk, D(-20)),
        (paid.pk, D(-5)),
    ]


def test_no_more_than_there_is(member: Membership) -> None:
    give(member, "10")
    give(member, "7", days=0)
    hold(member, "4")
    before = books(member.business_id)
    with pytest.raises(NotEnoughToTake, match=r"^Only 6\.00 credits can be taken") as refusal:
        adjust(member.business_id, "-6.01")
    assert refusal.value.data == {"available": D(6)}
    assert books(member.business_id) == before
    assert CreditEntry.objects.filter(kind="withdrawal").count() == 0
    assert adjust(member.business_id, "-6").available == D(0)


def test_a_running_call_keeps_what_it_was_promised(member: Membership) -> None:
    give(member, "10")
    held = hold(member, "4")
    adjust(member.business_id, "-6")
    assert capture(held).credits_charged == D(4)
    assert books(member.business_id) == (D(0), D(0), D(0), D(10), D(4))


def test_disputed_credits_stay_where_they_are(member: Membership) -> None:
    sale = Sale(member)
    give(member, "10")
    dispute = sale.dispute()
    with pytest.raises(NotEnoughToTake, match=r"^Only 10\.00 credits"):
        adjust(member.business_id, "-11")
    sale.decide(dispute, "WON")
    assert adjust(member.business_id, "-11").available == D(99)


def test_what_was_taken_by_hand_is_not_taken_again_with_its_money(member: Membership) -> None:
    """100 credits for GHS 80: 40 corrected away, 10 used, and then the bank takes everything."""
    sale = Sale(member)
    adjust(member.business_id, "-40")
    capture(hold(member, "10"))
    assert sale.request().refund.amount_ghs == D(40)
    assert books(member.business_id) == (D(0), D(0), D(0), D(100), D(10))


def test_a_lost_dispute_owes_what_was_used_not_what_was_corrected(member: Membership) -> None:
    sale = Sale(member)
    adjust(member.business_id, "-40")
    capture(hold(member, "10"))
    sale.dispute(status="LOST")
    assert books(member.business_id) == (D(0), D(0), D(10), D(100), D(0))


# Refusals.


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"credits": "0"}, "Credits are a number other than 0"),
        ({"credits": "1.001"}, "at most two decimals"),
        ({"credits": "NaN"}, "Credits are a number"),
        ({"credits": "-Infinity"}, "Credits are a number"),
        ({"credits": "100000.01"}, "At most 100,000 credits"),
        ({"credits": "-100000.01"}, "At most 100,000 credits"),
        ({"reason": " "}, "Give a reason"),
        ({"reason": "x" * 201}, "at most 200 characters"),
        ({"key": "x" * 61}, "at most 60"),
        ({"key": "ä"}, "printable"),
        ({"expires_at": NOW}, "in the future"),
        ({"credits": "-1", "expires_at": NOW + timedelta(days=1)}, "Only given credits expire"),
    ],
)
def test_what_makes_no_sense_is_refused(member: Membership, values: dict[str, Any], said: str) -> None:
    with pytest.raises(AdjustmentRefused, match=said):
        adjust(member.business_id, **{"credits": "1", **values})
    assert not BusinessAICredits.objects.exists()


def test_an_unknown_business_is_refused(db: None) -> None:
    with pytest.raises(NotFound, match="There is no business with this id"):
        adjust(uuid4(), "1")


# At once.


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_correct_once() -> None:
    business_id = make_business().business_id
    outcomes = together([partial(adjust, business_id, "10")] * 8)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert sorted(one.repeated for one in outcomes) == [False, *[True] * 7]
    assert books(business_id)[0] == D(10)


@pytest.mark.django_db(transaction=True)
def test_takings_against_holds_take_each_credit_once() -> None:
    member = make_business()
    give(member, "40")
    takings = [partial(adjust, member.business_id, "-10", key=str(number)) for number in range(5)]
    outcomes = together([*takings, *[partial(hold, member, "10", cost="0")] * 5])
    refused = [one for one in outcomes if isinstance(one, Exception)]
    assert len(refused) == 6
    balance, held, *_ = books(member.business_id)
    assert balance == held
    assert (40 - balance) + held == D(40)


# By command.


@pytest.fixture
def staff(db: None) -> User:
    user = make_user(email="support@sika.test")
    user.is_staff = True
    user.save()
    return user


def run(business_id: Any, credits: str, *options: str) -> None:
    call_command(
        "grant_credits",
        f"--business={business_id}",
        f"--credits={credits}",
        f"--reason={WHY}",
        "--by=support@sika.test",
        *options,
    )


def test_the_command_gives_and_takes_once(member: Membership, staff: User, capsys: Any) -> None:
    run(member.business_id, "25", "--dry-run")
    assert not BusinessAICredits.objects.exists()
    run(member.business_id, "25", "--expires", "2126-12-31")
    run(member.business_id, "25", "--expires", "2126-12-31T00:00+00:00")
    run(member.business_id, "-3.50", "--key", "one")
    assert capsys.readouterr().out.splitlines() == [
        "25 credits would be given. 25.00 credits would be available.",
        "25 credits were given. 25.00 credits are available.",
        "Nothing was changed: this was done before. 25.00 credits are available.",
        "3.50 credits were taken. 21.50 credits are available.",
    ]
    assert CreditGrant.objects.get().expires_at == datetime.fromisoformat("2126-12-31T00:00+00:00")
    assert set(CreditEntry.objects.values_list("actor_id", "note")) == {(staff.pk, WHY)}


def test_what_the_command_refuses(member: Membership, staff: User) -> None:
    for business, credits, option, said in (
        ("81", "1", "--dry-run", "'81' is not the id of a business"),
        (uuid4(), "1", "--dry-run", "There is no business with this id"),
        (member.business_id, "ten", "--dry-run", "'ten' is not a number"),
        (member.business_id, "0.001", "--dry-run", "at most two decimals"),
        (member.business_id, "-1", "--dry-run", "Only 0.00 credits can be taken"),
        (member.business_id, "1", "--expires=tomorrow", "'tomorrow' is not a time"),
    ):
        with pytest.raises(CommandError, match=said):
            run(business, credits, option)
    staff.is_staff = False
    staff.save()
    with pytest.raises(CommandError, match="is not a staff member"):
        run(member.business_id, "1")
    assert not CreditEntry.objects.exists()


# In the admin.


def page(member: Membership) -> str:
    return f"/admin/subscriptions/businessaicredits/{member.business_id}/correct/"


@pytest.fixture
def clerk(db: None) -> Client:
    return with_rights("change_businessaicredits", "view_businessaicredits")


def test_staff_correct_credits_once_per_page(member: Membership, clerk: Client) -> None:
    give(member, "30")
    shown = clerk.get(page(member))
    assert facts(shown.content.decode()) == {
        "Business": "Kofi Mart",
        "Balance": "30.00 credits",
        "Can be taken": "30.00 credits",
    }
    form = {
        "key": str(shown.context["form"].initial["key"]),
        "credits": "12.5",
        "expires_on": "2126-12-31",
        "reason": WHY,
    }
    assert "12.5 credits were given. 42.50 are available." in told(clerk, clerk.post(page(member), form))
    assert "This was done before. 42.50 credits are available." in told(clerk, clerk.post(page(member), form))
    changed = clerk.post(page(member), form | {"credits": "13"})
    assert changed.status_code == 422
    assert b"This was done before, with other values." in changed.content
    grant = CreditGrant.objects.get(key__startswith="adjustment:")
    assert grant.expires_at == datetime.fromisoformat("2127-01-01T00:00+00:00")
    entry = CreditEntry.objects.get(key=grant.key)
    log = LogEntry.objects.order_by("pk").first()
    assert log is not None
    assert (entry.actor_id, entry.note) == (log.user_id, WHY)


def test_what_staff_get_wrong_is_said_and_kept(member: Membership, clerk: Client) -> None:
    give(member, "30")
    form = {"key": str(uuid4()), "credits": "-30.01", "reason": WHY}
    refused = clerk.post(page(member), form)
    assert refused.status_code == 422
    assert b"Only 30.00 credits can be taken" in refused.content
    assert b'value="-30.01"' in refused.content
    assert form["key"].encode() in refused.content
    assert clerk.post(page(member), form | {"credits": "1.234"}).status_code == 422
    assert clerk.post(page(member), form | {"reason": ""}).status_code == 422
    assert books(member.business_id)[0] == D(30)


def test_only_who_may_change_accounts_corrects_them(member: Membership, db: None) -> None:
    give(member, "30")
    for right in ("view_businessaicredits", "change_creditgrant"):
        client = with_rights(right)
        form = {"key": str(uuid4()), "credits": "1", "reason": WHY}
        assert client.get(page(member)).status_code == 403
        assert client.post(page(member), form).status_code == 403
    assert books(member.business_id)[0] == D(30)
