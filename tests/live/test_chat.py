"""The support chat over the whole product: two web processes, the chat's own worker, real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
import requests

from .chatting import Shop, Stream
from .product import Product

QUESTION = "What is my balance? I sell soap. I sell rice. I sell oil. I sell salt. Tell me now."


@pytest.fixture(scope="module")
def shop(product: Product) -> Shop:
    return Shop(product.url, product.sandbox_url)


def slowly(product: Product, times: int = 1) -> None:
    """The next answers of the model come piece by piece, a twentieth of a second apart."""
    body = {"fault": "drip", "times": times}
    url = f"{product.sandbox_url}/openai/v1/_sandbox/script"
    requests.post(url, json=body, timeout=10).raise_for_status()


def shown(events: list[tuple[str, str, Any]], number: int) -> str:
    """What a client shows of a message: a start drops what was there."""
    text = ""
    for _, name, data in events:
        if data.get("number") == number:
            text = "" if name == "message.start" else text + data["text"] if name == "delta" else text
    return text


def test_a_dropped_connection_goes_on_where_it_was(product: Product, shop: Shop) -> None:
    slowly(product)
    asked = shop.ask_streaming(QUESTION)
    first = next(data for _, name, data in asked.read() if name == "delta")
    assert QUESTION.startswith(first["text"])
    last_id = asked.drop()
    conversation_id = asked.events[0][2]["conversation_id"]
    resumed = shop.follow(conversation_id, last_id)
    end = resumed.until("message.end", number=2)
    resumed.drop()
    events = asked.events + resumed.events
    assert shown(events, 2) == end["text"] == shop.messages(conversation_id)[1][3]
    ids = [event_id for event_id, _, _ in events]
    assert ids == sorted(set(ids), key=lambda one: tuple(map(int, one.split("-"))))
    assert end["text"].startswith(QUESTION)
    assert len(resumed.events) >= 3  # the connection was dropped in the middle


def test_the_answer_is_there_though_nobody_listens(product: Product, shop: Shop) -> None:
    slowly(product)
    asked = shop.ask_streaming(QUESTION)
    next(asked.read())
    asked.drop()
    conversation_id = asked.events[0][2]["conversation_id"]
    again = shop.follow(conversation_id)  # without an id: from the beginning of what is unfinished
    assert again.until("message.end", number=2)["text"].startswith(QUESTION)
    assert shown(again.events, 2) == again.events[-1][2]["text"]


def test_two_web_processes_and_one_conversation(product: Product, shop: Shop) -> None:
    """Eight questions at once: the order is kept, nothing is doubled, and either process shows all of it."""
    conversation_id = shop.ask(QUESTION)["conversation"]["id"]
    streams = _on_both(product, lambda: shop.follow(conversation_id))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: shop.ask(QUESTION, conversation_id=conversation_id), range(8)))
    numbers = sorted(
        number for one in answers for number in (one["message"]["number"], one["reply"]["number"])
    )
    assert numbers == list(range(3, 19))
    assert all(one["reply"]["number"] == one["message"]["number"] + 1 for one in answers)
    stored = shop.messages(conversation_id)
    assert [(number, author) for number, author, _, _ in stored] == [
        (number, "bot" if number % 2 == 0 else "user") for number in range(1, 19)
    ]
    seen = [_until_all_ended(stream, set(range(4, 19, 2))) for stream in streams]
    assert all(one == seen[0] for one in seen)
    for number, author, _, text in stored[2:]:
        if author == "bot":
            assert shown(seen[0], number) == text


def _until_all_ended(stream: Stream, numbers: set[int]) -> list[tuple[str, str, Any]]:
    ended: set[int] = set()
    for _, name, data in stream.read():
        if name == "message.end":
            ended.add(data["number"])
        if ended == numbers:
            break
    stream.drop()
    return stream.events


def _on_both(product: Product, follow: Callable[[], Stream]) -> list[Stream]:
    """Streams until each of the two web processes holds one."""
    streams: list[Stream] = []
    for _ in range(20):
        streams.append(follow())
        if len(_web_processes_of(product, streams)) == 2:
            return streams
    raise AssertionError("one web process took twenty connections in a row")


def _web_processes_of(product: Product, streams: list[Stream]) -> set[int]:
    ports = {stream.port for stream in streams}
    web_port = int(product.url.rpartition(":")[2])
    return {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.pid and connection.laddr.port == web_port and connection.raddr
        if connection.raddr.port in ports
    }
