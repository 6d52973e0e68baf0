"""Messages by day, hour, conversation and open conversations: exact at every edge."""

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F

from config.core.errors import DomainError
from support_chat.errors import (
    ChatDayUsedUp,
    ChatHourUsedUp,
    ConversationFull,
    GuestLimitReached,
    TooManyOpen,
)
from support_chat.models import ChatUse, SupportConversation, SupportMessage
from support_chat.services import askers, conversations, quotas, sending
from tests.concurrency.together import together
from tests.support_chat.talking import Chatter

MORNING = datetime(2126, 11, 21, 9, 59, 59, tzinfo=UTC)  # Accra is at UTC
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def use_up(chatter: Chatter, *, day: int, hour: int, at: datetime = MORNING) -> None:
    ChatUse.objects.update_or_create(
        user=chatter.member.user,
        defaults={
            "day": at.date(),
            "sent_in_day": day,
            "hour": at.replace(minute=0, second=0, microsecond=0),
            "sent_in_hour": hour,
        },
    )


def refusal(chatter: Chatter, at: datetime, **draft: Any) -> DomainError:
    before = (SupportMessage.objects.count(), list(ChatUse.objects.values()))
    with pytest.raises(DomainError) as refused:
        chatter.send(now=at, **draft)
    assert (SupportMessage.objects.count(), list(ChatUse.objects.values())) == before
    return refused.value


def test_twenty_a_day(chatter: Chatter) -> None:
    use_up(chatter, day=18, hour=0)
    conversation_id = chatter.send(now=MORNING).conversation.pk  # 19
    chatter.send(now=MORNING, conversation_id=conversation_id)  # 20
    refused = refusal(chatter, MORNING, conversation_id=conversation_id)  # 21
    assert isinstance(refused, ChatDayUsedUp)
    assert refused.data == {
        "limit": 20,
        "used": 20,
        "resets_at": "2126-11-22T00:00:00+00:00",
        "retry_after": 14 * 3600 + 1,
        "plan": "free",
    }
    midnight = datetime(2126, 11, 22, tzinfo=UTC)
    assert isinstance(refusal(chatter, midnight - timedelta(microseconds=1)), ChatDayUsedUp)
    chatter.send(now=midnight, conversation_id=conversation_id)
    assert ChatUse.objects.values_list("sent_in_day", "sent_in_hour").get() == (1, 1)


def test_ten_an_hour_within_the_day(chatter: Chatter) -> None:
    use_up(chatter, day=9, hour=9)
    chatter.send(now=MORNING)  # 10
    refused = refusal(chatter, MORNING)  # 11
    assert isinstance(refused, ChatHourUsedUp)
    assert (refused.data["limit"], refused.data["resets_at"]) == (10, "2126-11-21T10:00:00+00:00")
    assert refused.data["retry_after"] == 1
    chatter.send(now=MORNING + timedelta(seconds=1))  # the next hour, the same day
    assert ChatUse.objects.values_list("sent_in_day", "sent_in_hour").get() == (11, 1)


def test_the_day_is_told_before_the_hour(chatter: Chatter) -> None:
    use_up(chatter, day=20, hour=10)
    assert isinstance(refusal(chatter, MORNING), ChatDayUsedUp)


def test_a_clock_that_is_behind_opens_no_new_hour(chatter: Chatter) -> None:
    use_up(chatter, day=10, hour=10)
    assert isinstance(refusal(chatter, MORNING - HOUR), ChatHourUsedUp)
    use_up(chatter, day=20, hour=0)
    assert isinstance(refusal(chatter, MORNING - DAY), ChatDayUsedUp)


def test_pro_has_more(chatter: Chatter) -> None:
    chatter.buy("pro")
    use_up(chatter, day=20, hour=10, at=datetime.now(UTC))
    sent = chatter.send()
    left = quotas.left_in(
        asker=chatter.asker,
        limits=chatter.limits(),
        conversation=sent.conversation,
        now=sent.message.created_at,
    )
    assert (left["plan"], left["day"]["left"], left["hour"]["left"]) == ("pro", 479, 89)
    assert left["conversation"] == {"limit": 200, "used": 1, "left": 199}


def test_fifty_in_a_conversation_then_a_new_one_that_knows_it(chatter: Chatter) -> None:
    reply = chatter.say()
    SupportConversation.objects.update(messages_used=49)
    chatter.send(conversation_id=reply.conversation_id)  # 50
    refused = refusal(chatter, MORNING, conversation_id=reply.conversation_id)  # 51
    assert isinstance(refused, ConversationFull)
    assert refused.data == {"limit": 50, "continue_from": str(reply.conversation_id)}
    new = chatter.send("Go on", continue_from=reply.conversation_id).conversation
    assert new.carried_from_id == reply.conversation_id
    assert "user: How do I buy credits with mobile money?\nbot: Open Buy credits." in new.summary
    assert (new.messages_used, new.last_number) == (1, 2)


def test_ten_open_conversations(chatter: Chatter) -> None:
    first = chatter.send().conversation
    SupportConversation.objects.bulk_create(
        SupportConversation(
            business_id=chatter.member.business_id,
            membership=chatter.member,
            user=chatter.member.user,
            assistant="executive",
            created_at=MORNING,
            last_message_at=MORNING,
        )
        for _ in range(8)
    )
    chatter.send()  # the tenth
    refused = refusal(chatter, datetime.now(UTC))
    assert isinstance(refused, TooManyOpen)
    assert refused.data == {"limit": 10}
    conversations.close(asker=chatter.asker, conversation_id=first.pk, now=datetime.now(UTC))
    chatter.send()


def test_guests_send_ten_in_any_24_hours(db: None) -> None:
    asker = askers.guest(uuid.uuid4())
    limits = quotas.limits(asker=asker, now=MORNING)

    def send(at: datetime) -> None:
        sending.send(asker=asker, limits=limits, draft=sending.Draft(text="Hi"), key=None, now=at)

    for number in range(10):
        send(MORNING + number * HOUR)
    with pytest.raises(GuestLimitReached) as refused:
        send(MORNING + DAY - timedelta(seconds=1))
    assert refused.value.data == {
        "limit": 10,
        "used": 10,
        "resets_at": (MORNING + DAY).isoformat(),
        "retry_after": 1,
        "plan": "guest",
    }
    SupportConversation.objects.update(status="closed", ended_at=MORNING)
    send(MORNING + DAY)  # the first is forgotten, the second is not
    with pytest.raises(GuestLimitReached):
        send(MORNING + DAY + timedelta(minutes=59))
    left = quotas.left(asker=asker, limits=limits, now=MORNING + DAY)
    assert left["day"]["left"] == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("used", [{"day": 10, "hour": 0}, {"day": 0, "hour": 0}], ids=["day", "hour"])
def test_32_at_once_get_exactly_what_is_left(used: dict[str, int]) -> None:
    chatter = Chatter()
    conversation_id = chatter.send(now=MORNING).conversation.pk
    use_up(chatter, day=used["day"], hour=used["hour"])
    limits, asker = chatter.limits(MORNING), chatter.asker

    def send() -> Any:
        draft = sending.Draft(text="Hello", conversation_id=conversation_id)
        return sending.send(asker=asker, limits=limits, draft=draft, key=None, now=MORNING)

    answers = together([send] * 32)
    refused = [one for one in answers if isinstance(one, (ChatDayUsedUp, ChatHourUsedUp))]
    assert (len(answers) - len(refused), len(refused)) == (10, 22)
    assert all(isinstance(one, (sending.Sent, ChatDayUsedUp, ChatHourUsedUp)) for one in answers)
    numbers = list(SupportMessage.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 23))


@pytest.mark.django_db(transaction=True)
def test_the_race_is_real() -> None:
    """The control: whoever looks first and counts afterwards lets more pass than the limit."""
    chatter = Chatter()
    use_up(chatter, day=19, hour=0)
    limits, asker = chatter.limits(MORNING), chatter.asker
    looked = threading.Barrier(8)

    def look_then_count() -> bool:
        may = quotas.left(asker=asker, limits=limits, now=MORNING)["day"]["left"] > 0
        looked.wait(10)
        if may:
            ChatUse.objects.filter(user=asker.user_id).update(sent_in_day=F("sent_in_day") + 1)
        return may

    assert together([look_then_count] * 8) == [True] * 8
    assert ChatUse.objects.get().sent_in_day == 27


@pytest.mark.django_db(transaction=True)
def test_32_at_once_fill_a_conversation_to_its_limit_and_without_one_all_pass() -> None:
    chatter = Chatter(plan="pro")
    asker, limits = chatter.asker, chatter.limits()

    def sends(conversation_id: Any) -> list[Any]:
        draft = sending.Draft(text="Hello", conversation_id=conversation_id)
        now = datetime.now(UTC)
        return together(
            [lambda: sending.send(asker=asker, limits=limits, draft=draft, key=None, now=now)] * 32
        )

    full = chatter.send().conversation
    SupportConversation.objects.filter(pk=full.pk).update(messages_used=limits.per_conversation - 5)
    answers = sends(full.pk)
    assert sorted(type(one).__name__ for one in answers) == ["ConversationFull"] * 27 + ["Sent"] * 5
    control = sends(chatter.send().conversation.pk)
    assert [type(one).__name__ for one in control] == ["Sent"] * 32
    full.refresh_from_db()
    assert (full.messages_used, full.last_number) == (200, 12)


@pytest.mark.django_db(transaction=True)
def test_16_at_once_open_what_may_be_open() -> None:
    chatter = Chatter(plan="pro")
    asker, limits = chatter.asker, quotas.limits(asker=chatter.asker, now=datetime.now(UTC))
    SupportConversation.objects.bulk_create(
        SupportConversation(
            business_id=chatter.member.business_id,
            membership=chatter.member,
            user=chatter.member.user,
            assistant="executive",
            created_at=MORNING,
            last_message_at=MORNING,
        )
        for _ in range(97)
    )
    answers = together(
        [
            lambda: sending.send(
                asker=asker, limits=limits, draft=sending.Draft(text="Hi"), key=None, now=datetime.now(UTC)
            )
        ]
        * 16
    )
    assert sorted(type(one).__name__ for one in answers) == ["Sent"] * 3 + ["TooManyOpen"] * 13
