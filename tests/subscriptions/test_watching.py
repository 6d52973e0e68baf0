"""What a business is told of by itself: once per cause."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import Membership
from subscriptions.models import Alert
from subscriptions.services import ledger, watching
from tests.concurrency.together import together
from tests.factories import make_business


def give(business_id: UUID, credits: str, *, key: str = "first", now: datetime) -> None:
    ledger.grant(
        business_id=business_id,
        credits=Decimal(credits),
        source="adjustment",
        key=key,
        unit_value_ghs=Decimal(0),
        now=now,
    )


@pytest.fixture
def member(db: None) -> Membership:
    return make_business()


@pytest.mark.django_db(transaction=True)
def test_many_that_see_a_crossing_tell_once() -> None:
    business_id, now = make_business().business_id, timezone.now()
    give(business_id, "9.99", now=now)
    together([partial(watching.check_business, business_id=business_id, now=now)] * 16)
    assert list(Alert.objects.values_list("key", flat=True)) == [f"low_credit:{business_id}:1"]


def test_at_the_threshold_nothing_is_told(member: Membership) -> None:
    give(member.business_id, "10.00", now=timezone.now())
    watching.check_business(business_id=member.business_id, now=timezone.now())
    assert not Alert.objects.exists()
