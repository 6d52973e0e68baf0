"""The ceiling of what the house pays for replies in a day."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone
from pytest_django import Settings

from subscriptions.models import Alert
from support_chat import texts
from support_chat.errors import DailyCostReached
from support_chat.services import spending
from tests.concurrency.together import together
from tests.sandboxes import AISandbox
from tests.support_chat.talking import ANSWER, QUESTION, Chatter

A_HAIR = Decimal("0.00000001")


def test_below_it_a_model_answers_and_from_it_on_our_help(
    chatter: Chatter, model_provider: AISandbox, settings: Settings
) -> None:
    first = chatter.say()
    settings.CHAT_DAILY_COST_USD = first.cost_usd + A_HAIR
    assert (first.source, chatter.say().source) == ("model", "model")
    asked = len(model_provider.calls())
    for _ in range(2):
        reply = chatter.say()
        assert reply.text == f"{texts.text('search', 'en')}\n\n{QUESTION}\n{ANSWER}"
        assert (reply.source, reply.error_code, reply.cost_usd) == ("search", "daily_cost_reached", 0)
    assert len(model_provider.calls()) == asked
    alert = Alert.objects.get(kind="cost_budget")
    assert (alert.business, alert.key) == (None, f"chat_cost:{reply.created_at:%Y-%m-%d}")


def test_the_next_day_begins_at_nothing(chatter: Chatter, settings: Settings) -> None:
    reply = chatter.say()
    settings.CHAT_DAILY_COST_USD = reply.cost_usd
    midnight = (reply.created_at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    with pytest.raises(DailyCostReached):
        spending.check(now=midnight - timedelta(microseconds=1))
    spending.check(now=midnight)


def test_none_is_set(chatter: Chatter, settings: Settings) -> None:
    settings.CHAT_DAILY_COST_USD = Decimal(0)
    assert [chatter.say().source for _ in range(2)] == ["model", "model"]


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_are_stopped_and_told_of_once(chatter: Chatter, settings: Settings) -> None:
    settings.CHAT_DAILY_COST_USD = chatter.say().cost_usd
    outcomes = together([partial(spending.check, now=timezone.now())] * 8)
    assert [type(one) for one in outcomes] == [DailyCostReached] * 8
    assert Alert.objects.filter(kind="cost_budget").count() == 1
