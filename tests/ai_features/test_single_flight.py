"""The same question at the same moment is asked once, and only among those who may share the answer."""

import time
from decimal import Decimal
from functools import partial

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts import access
from ai_features.features import collection_message, product_description
from ai_features.services import gateway, question
from ai_features.services.call import Call
from ai_features.services.caller import from_membership
from subscriptions.selectors import catalogue
from tests.ai_features.conftest import PRODUCT, Shop
from tests.concurrency.together import together
from tests.factories import client_for, make_member

pytestmark = pytest.mark.django_db(transaction=True)

D = Decimal


def sources(replies):
    return sorted(reply.json()["source"] for reply in replies)


def test_each_business_asks_for_itself(shop, sandbox):
    other = Shop()
    sandbox.fail("slow-0.3", times=2)

    replies = together([shop.describe, other.describe] * 3)

    assert sources(replies[::2]) == sources(replies[1::2]) == ["ai", "cached", "cached"]
    assert len(sandbox.calls()) == 2
    assert shop.account == other.account == (D("4.90"), D("0.00"))
    mine, theirs = ({reply.json()["id"] for reply in replies[start::2]} for start in (0, 1))
    for reply in replies[::2]:
        assert not any(request_id in (reply.json()["notice"] or "") for request_id in theirs)
    assert mine.isdisjoint(theirs)


def test_each_role_asks_for_itself(shop, sandbox):
    manager = client_for(make_member(business=shop.membership.business, role="manager"))
    sandbox.fail("slow-0.3", times=2)

    replies = together([shop.describe, lambda: shop.describe(client=manager)])

    assert sources(replies) == ["ai", "ai"]
    assert len(sandbox.calls()) == 2


def test_a_fresh_one_neither_waits_nor_shares_and_its_answer_is_the_one_kept(shop, sandbox):
    sandbox.fail("slow-0.9")
    first, fresh = together([shop.describe, lambda: later(shop.describe, {**PRODUCT, "fresh": True})])

    assert sources([first, fresh]) == ["ai", "ai"]
    assert first.json()["id"] in shop.describe().json()["notice"]  # the last to finish
    newest = shop.describe({**PRODUCT, "fresh": True}).json()
    assert newest["id"] in shop.describe().json()["notice"]
    assert len(sandbox.calls()) == 3
    assert shop.account == (D("4.70"), D("0.00"))


def later(call, *args):
    time.sleep(0.1)
    return call(*args)


def test_the_same_question_about_two_people_is_one_call_and_each_reads_the_right_name(shop, sandbox):
    """Their names left as the same token, so the answers are the same but for the name put back."""

    def remind(name):
        return shop.client.post(
            "/api/ai/collection-message/", {**collection_message.EXAMPLE, "customer": name}
        )

    sandbox.fail("slow-0.3")
    names = ["Ama Mensah", "Yaw Asante", "Esi Owusua"]  # as long as each other: an SMS is counted with them

    replies = together([partial(remind, name) for name in names])

    assert sources(replies) == ["ai", "cached", "cached"]
    assert len(sandbox.calls()) == 1
    for name, reply in zip(names, replies, strict=True):
        told = reply.json()["result"]["message"]
        assert [one for one in names if one in told] == [name]
    assert not any(name in str(sandbox.calls()) for name in names)


def test_when_the_one_that_asks_fails_the_others_ask_and_none_is_charged_for_nothing(shop, sandbox):
    sandbox.fail("500", times=8)

    replies = together([shop.describe] * 4)

    assert [reply.status_code for reply in replies] == [503] * 4
    assert 2 <= len(sandbox.calls()) <= 8
    assert shop.account == (D("5.00"), D("0.00"))
    assert {row[:3] for row in shop.transactions()} == {("failed", "ai", "provider_unavailable")}


def test_when_the_one_that_asks_is_killed_another_takes_its_place(shop, sandbox):
    """All it leaves behind is its mark, which ends by itself; here within a second."""
    now = timezone.now()
    membership, role = access.current(membership_id=shop.membership.pk, now=now)
    feature = product_description.FEATURE
    price = catalogue.feature(slug=feature.slug, now=now)
    dead = Call(feature, price, from_membership(membership, role), now)
    key = gateway.cache_key(dead, question.read(feature, PRODUCT))
    cache.add(f"{key}:running", 1, 1)
    sandbox.fail("slow-0.2")
    started = time.monotonic()

    replies = together([shop.describe] * 3)

    assert 0.8 < time.monotonic() - started < 5
    assert sources(replies) == ["ai", "cached", "cached"]
    assert len(sandbox.calls()) == 1
    assert shop.account == (D("4.90"), D("0.00"))
