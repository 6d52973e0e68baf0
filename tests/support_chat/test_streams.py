"""Events: everybody who follows sees each once and in order; those that are gone come from the database."""

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from config.settings.services import redis_database
from support_chat.models import SupportMessage
from support_chat.services import conversations, following, streams
from support_chat.services.hub import Hub, follow, hub
from tests.support_chat.talking import ANSWER, Chatter, events, text_of, write


def tell(conversation_id: uuid.UUID, *numbers: int) -> None:
    for number in numbers:
        streams.publish(conversation_id=conversation_id, event="delta", number=number, text="x")


def read(found: Any, count: int) -> list[int]:
    """The numbers of the next events, None left out."""
    numbers: list[int] = []
    for event in found:
        if event is not None:
            numbers.append(following.number_of(event) or 0)
        if len(numbers) == count:
            return numbers
    return numbers


def test_everybody_sees_every_event_once_and_in_order() -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    tell(one, 1, 2)
    seen: dict[str, list[int]] = {}

    def reader(name: str, conversation_id: uuid.UUID, count: int) -> None:
        found = follow(conversation_id=conversation_id, after=streams.START, seconds=5, beat=1)
        seen[name] = read(found, count)

    threads = [
        threading.Thread(target=reader, args=("first", one, 6)),
        threading.Thread(target=reader, args=("second", one, 6)),
        threading.Thread(target=reader, args=("other", other, 1)),
    ]
    for number, thread in enumerate(threads, 3):
        thread.start()
        tell(one, number)
    tell(other, 9)
    tell(one, 6)
    for thread in threads:
        thread.join()
    assert seen == {"first": [1, 2, 3, 4, 5, 6], "second": [1, 2, 3, 4, 5, 6], "other": [9]}
    assert hub()._channels == {}


def test_two_processes_read_one_conversation() -> None:
    """Each process has a hub of its own; neither takes events away from the other."""
    conversation_id = uuid.uuid4()
    hubs = [Hub(redis_database(settings.REDIS_URL, streams.DATABASE)) for _ in range(2)]
    with (
        hubs[0].following(conversation_id=conversation_id, after=streams.START) as (_, first),
        hubs[1].following(conversation_id=conversation_id, after=streams.START) as (_, second),
    ):
        tell(conversation_id, 1, 2)
        for events_of_one in (first, second):
            got = [events_of_one.get(timeout=5) for _ in range(2)]
            assert [following.number_of(event) for event in got if event] == [1, 2]


def test_who_joins_between_two_events_misses_none_and_sees_none_before_its_time() -> None:
    """Live events may be in the queue before the older ones have been looked up."""
    conversation_id = uuid.uuid4()
    tell(conversation_id, 1)
    with hub().following(conversation_id=conversation_id, after=streams.START) as (_, first):
        first.get(timeout=5)
        joined = follow(conversation_id=conversation_id, after=streams.START, seconds=5, beat=1)
        assert read(joined, 1) == [1]
        tell(conversation_id, 2, 3)
        for _ in range(2):
            first.get(timeout=5)
        assert read(joined, 2) == [2, 3]


def test_who_comes_later_sees_what_was_before_and_who_comes_back_nothing_twice() -> None:
    conversation_id = uuid.uuid4()
    tell(conversation_id, 1, 2, 3)
    all_of_it = follow(conversation_id=conversation_id, after=streams.START, seconds=5, beat=1)
    first = next(all_of_it)
    assert first is not None
    resumed = follow(conversation_id=conversation_id, after=first[0], seconds=5, beat=1)
    assert read(resumed, 2) == [2, 3]
    assert read(all_of_it, 2) == [2, 3]


def test_silence_is_told_and_ends() -> None:
    found = follow(conversation_id=uuid.uuid4(), after=streams.START, seconds=0.3, beat=0.1)
    assert set(found) == {None}


def test_the_reply_as_events(chatter: Chatter, django_capture_on_commit_callbacks: Any) -> None:
    sent = chatter.send()
    assert sent.reply is not None
    with django_capture_on_commit_callbacks(execute=True):
        write(sent.reply)
    streams.publish(conversation_id=sent.conversation.pk, event="delta", number=99, text="later")
    sent.reply.finished_at = None  # as the web process that sent it knows it
    found = events(following.reply_events(reply=sent.reply, position=sent.position, seconds=5))
    assert [name for _, name, _ in found] == [
        *("message.start", "delta", "delta", "delta", "sources", "message.end")
    ]
    assert text_of(found, 2) == ANSWER


@pytest.fixture
def asked(chatter: Chatter, django_capture_on_commit_callbacks: Any) -> SupportMessage:
    """A reply that was written, with all its events."""
    sent = chatter.send()
    assert sent.reply is not None
    with django_capture_on_commit_callbacks(execute=True):
        return write(sent.reply)


def follow_again(reply: SupportMessage, last_id: str | None) -> list[tuple[str, str, Any]]:
    stream = following.conversation_events(
        conversation_id=reply.conversation_id, last_id=last_id, seconds=0.2
    )
    return events(stream)


def test_a_connection_that_drops_goes_on_where_it_was(asked: SupportMessage) -> None:
    whole = streams.since(conversation_id=asked.conversation_id, event_id=streams.START)
    names = [name for _, name, _ in whole]
    assert names == ["message.start", "delta", "delta", "delta", "sources", "message.end"]
    for at, (last_id, _, _) in enumerate(whole, 1):
        rest = follow_again(asked, last_id)
        assert [one[0] for one in rest] == [one[0] for one in whole[at:]]


@pytest.mark.parametrize("last_id", ["1-1", "nonsense", "99999999999999999-0", "-", "5-x"])
def test_an_unknown_id_is_no_error(asked: SupportMessage, last_id: str) -> None:
    found = follow_again(asked, last_id)
    assert found == [] or text_of(found, 2) == ANSWER


def test_events_that_are_gone_are_made_up_from_the_database(asked: SupportMessage) -> None:
    first_id = streams.since(conversation_id=asked.conversation_id, event_id=streams.START)[0][0]
    redis.Redis.from_url(redis_database(settings.REDIS_URL, streams.DATABASE)).flushdb()
    found = follow_again(asked, first_id)
    assert [name for _, name, _ in found] == ["message.start", "delta", "sources", "message.end"]
    assert text_of(found, 2) == found[-1][2]["text"] == ANSWER


def test_without_an_id_an_unfinished_reply_comes_from_its_beginning(chatter: Chatter) -> None:
    sent = chatter.send()
    assert sent.reply is not None
    streams.publish(conversation_id=sent.conversation.pk, event="message.start", number=2, author="bot")
    streams.publish(conversation_id=sent.conversation.pk, event="delta", number=2, text="Open ")
    assert text_of(follow_again(sent.reply, None), 2) == "Open "


def test_without_an_id_what_is_over_is_not_told_again(asked: SupportMessage) -> None:
    assert follow_again(asked, None) == []


def test_a_second_attempt_begins_its_message_anew(chatter: Chatter) -> None:
    """The first worker died after half a sentence."""
    sent = chatter.send()
    assert sent.reply is not None
    streams.publish(conversation_id=sent.conversation.pk, event="message.start", number=2, author="bot")
    streams.publish(conversation_id=sent.conversation.pk, event="delta", number=2, text="Open Bu")
    write(sent.reply)
    told = streams.since(conversation_id=sent.conversation.pk, event_id=streams.START)
    frames = [following.frame(event) for event in told]
    assert text_of(events("".join(frames)), 2) == ANSWER


def test_staff_s_words_and_the_hand_over_are_seen_live(
    chatter: Chatter, django_capture_on_commit_callbacks: Any
) -> None:
    conversation = chatter.send().conversation
    with django_capture_on_commit_callbacks(execute=True):
        locked = conversations.lock(conversation_id=conversation.pk)
        conversations.post(
            conversation=locked,
            author="staff",
            text="Hello, this is Esi.",
            staff_id=chatter.member.user_id,
            now=timezone.now(),
        )
        conversations.close(asker=chatter.asker, conversation_id=conversation.pk, now=timezone.now())
    found = events(following.conversation_events(conversation_id=conversation.pk, last_id=None, seconds=0.2))
    assert text_of(found, 3) == "Hello, this is Esi."
    told = {"conversation_id": str(conversation.pk), "status": "closed"}
    assert found[-1][1:] == ("conversation", told)


@pytest.fixture
def no_redis(settings: Any) -> Iterator[None]:
    """For the streams alone."""
    settings.REDIS_URL = "unix:///nonexistent/valkey.sock"
    streams._outage.cache_clear()
    hub.cache_clear()
    yield
    streams._outage.cache_clear()
    hub.cache_clear()


def test_without_redis_the_answer_comes_from_the_database(no_redis: None, chatter: Chatter) -> None:
    sent = chatter.send()
    assert sent.reply is not None
    write(SupportMessage.objects.get(pk=sent.reply.pk))
    found = events(following.reply_events(reply=sent.reply, position=sent.position, seconds=5))
    assert [name for _, name, _ in found] == ["message.start", "delta", "sources", "message.end"]
    assert text_of(found, 2) == ANSWER


def test_without_redis_whoever_follows_is_told_too(no_redis: None, chatter: Chatter) -> None:
    sent = chatter.send()
    assert sent.reply is not None
    pieces = following.conversation_events(conversation_id=sent.conversation.pk, last_id=None, seconds=2.5)
    told = [next(pieces)]
    write(sent.reply)
    found = events("".join([*told, *pieces]))
    assert [name for _, name, _ in found] == ["message.start", "delta", "sources", "message.end"]
    assert text_of(found, 2) == ANSWER
