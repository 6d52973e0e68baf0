"""The paths of the chat, as a client calls them."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.services import api_keys
from support_chat.models import ChatUse, SupportConversation, SupportMessage
from tests.factories import make_member
from tests.support_chat.talking import ANSWER, QUESTION, Chatter, events, teach, text_of, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _waits_briefly(settings: Any) -> None:
    settings.CHAT_WAIT_SECONDS = 0.05


def test_json(worker: None, settings: Any) -> None:
    settings.CHAT_WAIT_SECONDS = 10
    teach()
    answer = Chatter().post()
    assert answer.status_code == 200
    body = answer.json()
    assert (body["message"]["number"], body["message"]["text"]) == (1, QUESTION)
    assert (body["reply"]["number"], body["reply"]["text"], body["reply"]["source"]) == (2, ANSWER, "model")
    assert body["reply"]["sources"] == [{"slug": "buy", "title": QUESTION}]
    assert body["conversation"]["title"] == QUESTION
    assert body["quota"]["day"]["left"] == 19
    assert body["quota"]["conversation"] == {"limit": 50, "used": 1, "left": 49}


def test_a_stream_for_pro(worker: None) -> None:
    teach()
    answer = Chatter(plan="pro").post(stream=True)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")
    found = events(answer.streaming_content)
    assert [name for _, name, _ in found] == [
        "message.start",
        "delta",
        "delta",
        "delta",
        "sources",
        "message.end",
    ]
    assert text_of(found, 2) == found[-1][2]["text"] == ANSWER
    assert found[-1][2]["quota"]["day"]["left"] == 499


def test_free_has_no_stream(chatter: Chatter) -> None:
    refused = chatter.post(stream=True)
    assert (refused.status_code, refused.json()["code"]) == (403, "streaming_not_in_plan")
    assert refused.headers["Content-Type"] == "application/json"
    conversation = chatter.send().conversation
    refused = chatter.get(f"conversations/{conversation.pk}/stream")
    assert (refused.status_code, refused.json()["code"]) == (403, "streaming_not_in_plan")
    assert SupportMessage.objects.count() == 2


def test_who_waits_too_long_is_told_where_to_look(chatter: Chatter) -> None:
    answer = chatter.post()
    assert answer.status_code == 202
    assert answer.json()["reply"]["status"] == "pending"
    reply = SupportMessage.objects.get(author="bot")
    assert answer.headers["Location"] == f"/api/support/conversations/{reply.conversation_id}/messages/"
    write(reply)
    page = chatter.client.get(answer.headers["Location"]).json()["results"]
    assert [(one["number"], one["text"]) for one in page] == [(2, ANSWER), (1, QUESTION)]


def test_a_key_stores_a_message_once(chatter: Chatter) -> None:
    first = chatter.post(key="once-and-only").json()
    write(SupportMessage.objects.get(author="bot"))
    again = chatter.post(key="once-and-only").json()
    assert again["message"] == first["message"]
    assert (again["reply"]["text"], again["quota"]["day"]["used"]) == (ANSWER, 1)
    other = chatter.post("Something else", key="once-and-only")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert SupportMessage.objects.count() == 2
    short = chatter.post(key="short")
    assert (short.status_code, short.json()["code"]) == (400, "invalid_idempotency_key")


def test_a_key_gives_its_answer_again_when_nothing_is_left(chatter: Chatter) -> None:
    chatter.send(key="the-last-message")
    ChatUse.objects.update(sent_in_day=20)
    assert chatter.post(key="the-last-message").status_code == 202
    refused = chatter.post(key="one-too-many")
    assert (refused.status_code, refused.json()["code"]) == (429, "daily_limit")
    assert int(refused.headers["Retry-After"]) == refused.json()["retry_after"]


def test_a_key_is_its_owner_s(chatter: Chatter) -> None:
    chatter.send(key="the-same-key")
    colleague = Chatter(member=make_member(business=chatter.member.business, role="manager"))
    assert colleague.send(key="the-same-key").is_repeated is False


def test_the_same_key_twice_as_a_stream(worker: None) -> None:
    teach()
    chatter = Chatter(plan="pro")
    first = events(chatter.post(stream=True, key="streamed-once").streaming_content)
    again = events(chatter.post(stream=True, key="streamed-once").streaming_content)
    assert text_of(first, 2) == text_of(again, 2) == ANSWER
    assert SupportMessage.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "  "}, "message"),
        ({"message": "x" * 4001}, "message"),
        ({"message": 7 * "\0"}, "message"),
        ({}, "message"),
        ({"message": "x", "conversation_id": "x"}, "conversation_id"),
        ({"message": "x", "assistant": "hacker"}, "assistant"),
        ({"message": "x", "language": "klingon"}, "language"),
        (
            {
                "message": "x",
                "conversation_id": "5b0c7a52-5b5e-4a8e-9d3a-6f2a6f1c9a10",
                "continue_from": "5b0c7a52-5b5e-4a8e-9d3a-6f2a6f1c9a10",
            },
            "continue_from",
        ),
    ],
)
def test_bad_input(chatter: Chatter, body: dict[str, Any], field: str) -> None:
    refused = chatter.client.post("/api/support/chat", body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    assert (SupportMessage.objects.count(), ChatUse.objects.count()) == (0, 0)


def test_assistants_by_licence_and_role(chatter: Chatter) -> None:
    refused = chatter.post(assistant="inventory")
    assert (refused.status_code, refused.json()["code"]) == (403, "assistant_not_allowed")
    assert refused.json()["assistants"] == ["executive"]
    chatter.buy("pro")
    assert chatter.post(assistant="credit-and-collections").json()["conversation"]["assistant"] == (
        "credit_and_collections"
    )
    cashier = Chatter(role="cashier", plan="pro")
    assert cashier.post(assistant="inventory").json()["assistants"] == ["executive", "sales"]


def test_a_conversation_is_its_own_member_s(chatter: Chatter) -> None:
    """A colleague of the same business does not see it either."""
    conversation = chatter.send().conversation
    colleague = Chatter(member=make_member(business=chatter.member.business, role="manager"))
    for path in ("", "messages/", "stream"):
        assert colleague.get(f"conversations/{conversation.pk}/{path}").status_code == 404
    assert colleague.get("conversations/").json()["results"] == []
    assert colleague.post(conversation_id=conversation.pk).status_code == 404
    assert colleague.post(continue_from=conversation.pk).status_code == 404


def test_the_list_is_cached_until_something_is_written(
    chatter: Chatter, django_assert_max_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        chatter.send()
    with django_assert_max_num_queries(5):
        first = chatter.get("conversations/").json()["results"]
    SupportConversation.objects.update(title="Changed behind its back")
    assert chatter.get("conversations/").json()["results"] == first
    with django_capture_on_commit_callbacks(execute=True):
        chatter.send("Another one")
    titles = [one["title"] for one in chatter.get("conversations/").json()["results"]]
    assert titles == ["Another one", "Changed behind its back"]


def test_messages_come_fifty_at_a_time(chatter: Chatter, django_assert_max_num_queries: Any) -> None:
    conversation = chatter.send().conversation
    now = timezone.now()
    SupportMessage.objects.bulk_create(
        SupportMessage(
            conversation=conversation,
            number=number,
            author="user",
            text=str(number),
            created_at=now,
            finished_at=now,
        )
        for number in range(3, 121)
    )
    path, seen = f"conversations/{conversation.pk}/messages/", []
    with django_assert_max_num_queries(5):
        page = chatter.get(path).json()
    while True:
        seen.append([one["number"] for one in page["results"]])
        if page["next"] is None:
            break
        page = chatter.client.get(page["next"]).json()
    assert seen == [list(range(120, 70, -1)), list(range(70, 20, -1)), list(range(20, 0, -1))]


def test_closing(chatter: Chatter) -> None:
    conversation = chatter.send().conversation
    path = f"/api/support/conversations/{conversation.pk}/close"
    assert chatter.client.post(path).json()["status"] == "closed"
    assert chatter.client.post(f"{path}/").json()["status"] == "closed"
    refused = chatter.post(conversation_id=conversation.pk)
    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_closed")


def test_the_quota(chatter: Chatter) -> None:
    chatter.send()
    quota = chatter.get("quota/").json()
    assert (quota["plan"], quota["day"]["used"], quota["hour"]["left"]) == ("free", 1, 9)


def test_api_keys_need_their_scope(chatter: Chatter) -> None:
    _, token = api_keys.create(
        membership=chatter.member, name="x", scopes=["read"], expires_at=None, now=timezone.now()
    )
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/support/quota/").status_code == 200
    assert client.post("/api/support/chat", {"message": "Hi"}).json()["code"] == "scope_not_allowed"


def test_a_guest(db: None) -> None:
    given = APIClient().post("/api/support/guest/")
    assert (given.status_code, given.json()["quota"]["day"]["left"]) == (201, 10)
    guest = APIClient(HTTP_X_GUEST_TOKEN=given.json()["guest_token"])
    sent = guest.post("/api/support/chat", {"message": "What is Sika?"})
    assert sent.status_code == 202
    assert sent.json()["quota"]["day"]["left"] == 9
    assert "hour" not in sent.json()["quota"]
    mine = guest.get("/api/support/conversations/").json()["results"]
    assert [one["id"] for one in mine] == [sent.json()["conversation"]["id"]]
    reply = write(SupportMessage.objects.get(author="bot"))
    assert reply.source == "none"
    other = APIClient(HTTP_X_GUEST_TOKEN=APIClient().post("/api/support/guest/").json()["guest_token"])
    assert other.get("/api/support/conversations/").json()["results"] == []
    path = f"/api/support/conversations/{mine[0]['id']}/"
    assert (guest.get(path).status_code, other.get(path).status_code) == (200, 404)
    assert guest.post("/api/support/chat", {"message": "x", "assistant": "sales"}).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "IjRm:1a:b"])
def test_a_guest_token_must_be_ours(token: str, db: None) -> None:
    refused = APIClient(HTTP_X_GUEST_TOKEN=token).get("/api/support/quota/")
    assert (refused.status_code, refused.json()["code"]) == (401, "guest_token_invalid")


def test_guests_share_a_high_ceiling_by_address(db: None, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "guest_address": "3/hour"}
    guests = [
        APIClient(HTTP_X_GUEST_TOKEN=APIClient().post("/api/support/guest/").json()["guest_token"])
        for _ in range(4)
    ]
    address = "198.51.100.7"
    statuses = [guest.get("/api/support/quota/", REMOTE_ADDR=address).status_code for guest in guests]
    assert statuses == [200, 200, 200, 429]
