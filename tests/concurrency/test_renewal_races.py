"""Renewals at once, with real commits: however many workers there are, one charge and one grant a month."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError

from payments.models import Payment
from payments.services import settlement
from subscriptions.errors import NoAddon
from subscriptions.models import AddonCharge, AddonPeriod, AIMonthlyAddon, Alert, CreditGrant
from subscriptions.services import addons, sweeps
from subscriptions.services.addons import renewing
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop
from tests.subscriptions.test_renewals import FIRST_END, charged, months, renew, run, started

from .together import together

pytestmark = pytest.mark.django_db(transaction=True)


def worker() -> Any:
    """Beat's task, and the tasks it hands out."""
    return run(FIRST_END)


def test_two_workers_and_beat_twice_charge_and_grant_once(sandbox: PaystackSandbox) -> None:
    shops = [Shop(), Shop(), Shop()]
    ran = [started(shops[0], sandbox, card=True), started(shops[1], sandbox, card=True)]
    asked = started(shops[2], sandbox)
    expire: Callable[[], Any] = partial(sweeps.expire_credits, now=FIRST_END)
    outcomes = together([*[worker] * 4, expire, expire])
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert run(FIRST_END) == []
    assert charged(sandbox) == AddonCharge.objects.count() == 2
    assert [len(months(addon)) for addon in ran] == [2, 2]
    assert [shop.balance for shop in shops] == [150, 150, 100]
    assert (CreditGrant.objects.count(), asked.periods.count(), Alert.objects.count()) == (5, 2, 1)


def test_without_the_lock_only_the_constraints_are_left(
    sandbox: PaystackSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: unlocked, several really decide to open the same month, and the database refuses them."""
    started(Shop(), sandbox)
    monkeypatch.setattr(
        renewing.locks, "lock_addon", lambda addon_id: AIMonthlyAddon.objects.get(pk=addon_id)
    )
    refused = 0
    for _ in range(5):
        outcomes = together([partial(run, FIRST_END)] * 6)
        refused += sum(1 for one in outcomes if isinstance(one, IntegrityError))
        if refused:
            break
        AddonPeriod.objects.filter(grant=None).delete()
        Alert.objects.all().delete()
        AIMonthlyAddon.objects.update(next_step_at=FIRST_END)
    assert refused > 0
    assert AddonPeriod.objects.count() == 2


def test_paid_by_the_owner_and_cancelled_at_once(sandbox: PaystackSandbox) -> None:
    """Either order is right: renewed and then cancelled, or cancelled and the money kept for a refund."""
    shop = Shop()
    addon = started(shop, sandbox)
    reference = renew(shop, FIRST_END).payment.reference
    sandbox.pay(reference)
    later = FIRST_END + timedelta(hours=1)
    cancel = partial(addons.cancel, business_id=shop.business_id, immediate=True, now=later)
    verify = partial(settlement.verify, reference=reference, now=later)
    outcomes = together([cancel, verify, verify, partial(run, later)])
    assert [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, NoAddon)] == []
    addon.refresh_from_db()
    payment = Payment.objects.get(reference=reference)
    assert (addon.status, payment.status) == ("CANCELLED", "SUCCESSFUL")
    assert len(months(addon)) == (1 if payment.unapplied else 2)


def test_two_attempts_after_the_lapse_start_it_once(sandbox: PaystackSandbox) -> None:
    shop = Shop()
    started(shop, sandbox)
    references = [renew(shop, FIRST_END).payment.reference for _ in range(2)]
    late = FIRST_END + timedelta(days=9)
    for reference in references:
        sandbox.pay(reference)
    settle = [partial(settlement.verify, reference=one, now=late) for one in references]
    outcomes = together([*settle, partial(run, late)])
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    statuses = sorted(AIMonthlyAddon.objects.values_list("status", flat=True))
    assert statuses == ["ACTIVE", "LAPSED"]
    assert sorted(Payment.objects.filter(reference__in=references).values_list("unapplied", flat=True)) == [
        False,
        True,
    ]
