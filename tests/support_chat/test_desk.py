"""Asking for a person, and what staff do: the bot is silent meanwhile, and begins anew afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from config.core.errors import NotFound
from config.core.idempotency import KeyReused
from subscriptions.models import Alert
from subscriptions.tasks import deliver_alert
from support_chat import texts
from support_chat.errors import AssignedMeanwhile, ConversationClosed, NotWithStaff
from support_chat.models import StaffView, SupportConversation, SupportMessage, SupportTicket
from support_chat.services import conversations, desk, escalation, triage, viewing
from support_chat.types import Asker
from tests.factories import make_business
from tests.sandboxes import AISandbox
from tests.support_chat.desk_staff import api_of, make_staff, said, waiting
from tests.support_chat.talking import QUESTION, Chatter, lines, while_the_model_thinks, write

NOW = timezone.now()
SOON = NOW + timedelta(minutes=3)


def url(conversation: SupportConversation, what: str = "") -> str:
    return f"/api/support/conversations/{conversation.pk}/{what}"


@pytest.mark.parametrize(
    ("text", "enterprise", "read"),
    [
        ("How do I change my password?", False, ("account", "neutral", "normal")),
        ("I paid twice by MoMo", False, ("payments", "neutral", "normal")),
        ("You are thieves, a SCAM! I paid and got nothing", False, ("payments", "negative", "urgent")),
        ("This is useless", False, ("other", "negative", "high")),
        ("J'ai payé et rien reçu, c'est une arnaque", False, ("payments", "negative", "urgent")),
        ("Merci, comment voir ma facture ?", False, ("billing", "positive", "normal")),
        ("NOTHING WORKS HERE", False, ("other", "negative", "high")),
        ("How do I reorder stock?", True, ("inventory", "neutral", "high")),
        ("Hello", False, ("other", "neutral", "normal")),
    ],
)
def test_what_a_ticket_is_about_is_read_from_what_was_said(
    text: str, enterprise: bool, read: tuple[str, str, str]
) -> None:
    found = triage.read(texts=[text], is_enterprise=enterprise)
    assert (found.category, found.sentiment, found.priority) == read


def test_a_user_asks_for_a_person_and_staff_are_told_once(chatter: Chatter, settings: Any) -> None:
    settings.OPS_EMAILS = ["desk@sika.test"]
    conversation = chatter.send("I paid by MoMo, this is a scam").conversation
    before = chatter.get("quota/").json()
    first = chatter.client.post(url(conversation, "escalate"), {"reason": "Nobody helps"})
    again = chatter.client.post(url(conversation, "escalate"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["ticket"] == again.json()["ticket"]
    assert first.json()["conversation"]["status"] == "with_staff"
    ticket = SupportTicket.objects.get()
    assert (ticket.reason, ticket.category, ticket.priority) == ("user", "payments", "urgent")
    assert (ticket.sentiment, ticket.summary, ticket.status) == ("negative", "Nobody helps", "open")
    assert chatter.get("quota/").json() == before
    alert = Alert.objects.get(kind="support_ticket")
    assert (alert.business_id, alert.severity, alert.key) == (None, "critical", f"support_ticket:{ticket.pk}")
    assert alert.link.endswith(f"/admin/support_chat/supportconversation/{conversation.pk}/change/")
    assert "scam" not in alert.text + alert.title and "Nobody" not in alert.text + alert.title
    deliver_alert(alert.deliveries.get(channel="email").pk)
    assert [(one.to, "payments, urgent" in one.subject) for one in mail.outbox] == [
        (["desk@sika.test"], True)
    ]
    assert lines(conversation) == [(1, "user", "done"), (2, "bot", "failed"), (3, "system", "done")]


def test_it_is_asked_for_in_the_users_language(chatter: Chatter) -> None:
    conversation = chatter.send(language="fr").conversation
    chatter.client.post(url(conversation, "escalate"))
    assert said(conversation)[-1] == ("system", texts.text("handed_over", "fr"))


def test_a_closed_one_and_another_persons_can_not_be_handed_over(chatter: Chatter) -> None:
    conversation = chatter.send().conversation
    for stranger in (Chatter(member=make_business()).asker, Asker(guest_id=conversation.pk)):
        with pytest.raises(NotFound):
            escalation.escalate(asker=stranger, conversation_id=conversation.pk, now=NOW)
    conversations.close(asker=chatter.asker, conversation_id=conversation.pk, now=NOW)
    refused = chatter.client.post(url(conversation, "escalate"))
    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_closed")
    assert (SupportTicket.objects.count(), Alert.objects.filter(kind="support_ticket").count()) == (0, 0)


@pytest.mark.parametrize(
    ("body", "code"),
    [({"category": "weather"}, "invalid_choice"), ({"reason": "x" * 1001}, "max_length")],
)
def test_what_can_not_be_asked_for_is_explained(chatter: Chatter, body: Any, code: str) -> None:
    conversation = chatter.send().conversation
    refused = chatter.client.post(url(conversation, "escalate"), body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, code)
    assert SupportTicket.objects.count() == 0


def test_from_the_question_to_the_end(chatter: Chatter, model_provider: AISandbox) -> None:
    efua = make_staff()
    conversation = waiting(chatter, NOW)
    sent = desk.reply(
        staff_id=efua.pk, conversation_id=conversation.pk, text="Which number?", key="k" * 8, now=SOON
    )
    assert (sent.number, sent.author, sent.source, sent.staff_id) == (4, "staff", "staff", efua.pk)
    ticket = SupportTicket.objects.get()
    assert (ticket.first_reply_at, ticket.waiting_since, ticket.assigned_to_id) == (SOON, None, efua.pk)

    answer = chatter.send("0244 000 111", conversation_id=conversation.pk, now=SOON + timedelta(minutes=1))
    assert answer.reply is None
    ticket.refresh_from_db()
    assert ticket.waiting_since == SOON + timedelta(minutes=1)
    chatter.send("Hello?", conversation_id=conversation.pk, now=SOON + timedelta(minutes=2))
    ticket.refresh_from_db()
    assert ticket.waiting_since == SOON + timedelta(minutes=1)  # since the first of them
    shown = chatter.get(f"conversations/{conversation.pk}/messages/").json()["results"]
    assert [row["author"] for row in shown] == ["user", "user", "staff", "system", "user"]

    ended = desk.resolve(staff_id=efua.pk, conversation_id=conversation.pk, now=SOON)
    assert (ended.status, ended.ended_at, ended.segment) == ("resolved", SOON, 1)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.ended_at, ticket.waiting_since) == ("resolved", SOON, None)
    assert said(conversation)[-1] == ("system", texts.text("resolved", "en"))

    reply = chatter.say(QUESTION, conversation_id=conversation.pk)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.segment, conversation.reopened) == ("open", 2, 1)
    assert (reply.author, reply.status, reply.segment) == ("bot", "done", 2)
    assert "0244 000 111" not in str(model_provider.calls())


def test_a_person_again_after_it_was_resolved(chatter: Chatter) -> None:
    efua = make_staff()
    conversation = waiting(chatter, NOW)
    desk.resolve(staff_id=efua.pk, conversation_id=conversation.pk, now=SOON)
    assert chatter.client.post(url(conversation, "escalate")).status_code == 201
    conversation.refresh_from_db()
    assert (conversation.status, conversation.segment, conversation.reopened) == ("with_staff", 2, 1)
    assert conversation.ended_at is None
    assert SupportTicket.objects.filter(conversation=conversation).count() == 2
    assert Alert.objects.filter(kind="support_ticket").count() == 2


@pytest.mark.django_db(transaction=True)
def test_hand_back_while_the_bot_writes(chatter: Chatter, model_provider: AISandbox) -> None:
    """What it began before the hand-over is never given, though it may speak again when it has finished."""
    efua, reply = make_staff(), chatter.send().reply
    assert reply is not None
    with while_the_model_thinks(reply, model_provider) as counted:
        pk = reply.conversation_id
        escalation.escalate(asker=chatter.asker, conversation_id=pk, now=NOW)
        desk.hand_back(staff_id=efua.pk, conversation_id=pk, now=SOON)
    assert counted == [False]
    assert (reply.status, reply.error_code, reply.text) == ("failed", "with_staff", "")
    conversation = SupportConversation.objects.get()
    assert (conversation.status, conversation.segment, conversation.summary_up_to) == ("open", 2, 4)
    assert SupportTicket.objects.get().status == "handed_back"
    assert [line[1:] for line in lines(conversation)] == [
        ("user", "done"),
        ("bot", "failed"),
        ("system", "done"),
        ("system", "done"),
    ]
    assert chatter.say(conversation_id=conversation.pk).status == "done"


def test_a_reply_is_sent_once_per_key(chatter: Chatter) -> None:
    efua, kofi = make_staff(), make_staff(name="Kofi")
    conversation = waiting(chatter, NOW)
    call: dict[str, Any] = {"conversation_id": conversation.pk, "key": "same-key", "now": SOON}
    first = desk.reply(staff_id=efua.pk, text="One moment", **call)
    assert desk.reply(staff_id=efua.pk, text="One moment", **call) == first
    with pytest.raises(KeyReused):
        desk.reply(staff_id=efua.pk, text="Another", **call)
    assert desk.reply(staff_id=kofi.pk, text="Hello", **call).number == first.number + 1
    desk.resolve(staff_id=efua.pk, conversation_id=conversation.pk, now=SOON)
    assert desk.reply(staff_id=efua.pk, text="One moment", **call) == first  # sent before it was resolved


def test_what_is_over_is_not_answered(chatter: Chatter) -> None:
    efua = make_staff()
    conversation = waiting(chatter, NOW)
    pk = conversation.pk
    desk.hand_back(staff_id=efua.pk, conversation_id=pk, now=SOON)
    desk.hand_back(staff_id=efua.pk, conversation_id=pk, now=SOON)  # twice is once
    before = lines(conversation)
    refusals = [
        lambda: desk.reply(staff_id=efua.pk, conversation_id=pk, text="x", key="12345678", now=SOON),
        lambda: desk.resolve(staff_id=efua.pk, conversation_id=pk, now=SOON),
        lambda: desk.classify(conversation_id=pk, priority="low", category="other"),
    ]
    for refusal in refusals:
        with pytest.raises(NotWithStaff) as refused:
            refusal()
        assert refused.value.data == {"status": "open"}
    desk.close(staff_id=efua.pk, conversation_id=pk, now=SOON)
    desk.close(staff_id=efua.pk, conversation_id=pk, now=SOON)
    with pytest.raises(ConversationClosed):
        desk.assign(staff_id=efua.pk, conversation_id=pk, seen=None, now=SOON)
    with pytest.raises(NotWithStaff):
        desk.hand_back(staff_id=efua.pk, conversation_id=pk, now=SOON)
    assert [line[1] for line in lines(conversation)[len(before) :]] == ["system"]


def test_staff_step_in_unasked(chatter: Chatter) -> None:
    efua = make_staff()
    conversation = chatter.say().conversation
    ticket = desk.assign(staff_id=efua.pk, conversation_id=conversation.pk, seen=None, now=SOON)
    assert (ticket.reason, ticket.assigned_to_id, ticket.status) == ("staff", efua.pk, "open")
    assert Alert.objects.filter(kind="support_ticket").count() == 0  # somebody is there
    assert chatter.send(conversation_id=conversation.pk).reply is None


def test_a_ticket_is_taken_from_whom_one_saw(chatter: Chatter) -> None:
    efua, kofi = make_staff(), make_staff(name="Kofi")
    pk = waiting(chatter, NOW).pk
    desk.assign(staff_id=efua.pk, conversation_id=pk, seen=None, now=SOON)
    with pytest.raises(AssignedMeanwhile) as refused:
        desk.assign(staff_id=kofi.pk, conversation_id=pk, seen=None, now=SOON)
    assert refused.value.data == {"assigned_to": efua.email}
    assert desk.assign(staff_id=kofi.pk, conversation_id=pk, seen=efua.pk, now=SOON).assigned_to_id == kofi.pk


def test_a_closed_conversation_stops_the_bot(chatter: Chatter) -> None:
    efua, sent = make_staff(), chatter.send()
    desk.close(staff_id=efua.pk, conversation_id=sent.conversation.pk, now=SOON)
    assert sent.reply is not None
    assert write(sent.reply).status == "failed"
    assert said(sent.conversation)[-1] == ("system", texts.text("closed", "en"))


def test_feedback_is_one_to_five_and_the_last_one_counts(chatter: Chatter) -> None:
    conversation = chatter.say().conversation
    for rating in (0, 6, "x", None):
        refused = chatter.client.post(url(conversation, "feedback"), {"rating": rating})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "rating")
    assert chatter.client.post(url(conversation, "feedback"), {"rating": 2}).json()["csat"] == 2
    kept = chatter.client.post(url(conversation, "feedback"), {"rating": 5, "comment": "Kind"})
    assert (kept.status_code, kept.json()["csat"]) == (200, 5)
    conversation.refresh_from_db()
    assert (conversation.csat, conversation.csat_comment) == (5, "Kind")
    stranger = Chatter(member=make_business())
    assert stranger.client.post(url(conversation, "feedback"), {"rating": 1}).status_code == 404


def test_staff_see_everybodys_through_the_api_and_each_look_is_kept(chatter: Chatter) -> None:
    other = Chatter(member=make_business(name="Kofi's"))
    conversation, theirs = waiting(chatter, NOW), other.send().conversation
    efua = make_staff()
    client = api_of(efua)
    rows = client.get("/api/support/conversations/").json()["results"]
    assert {row["id"] for row in rows} == {str(conversation.pk), str(theirs.pk)}
    assert {row["title"] for row in rows} == {""}
    desk_of = {row["id"]: row["desk"] for row in rows}
    assert desk_of[str(theirs.pk)] == {
        "business": "Kofi's",
        "user": other.member.user.email,
        "priority": None,
        "category": None,
        "waiting_since": None,
        "assigned_to": None,
    }
    assert desk_of[str(conversation.pk)]["category"] == "payments"
    assert StaffView.objects.count() == 0
    assert client.get(url(conversation)).json()["title"] == "I paid by MoMo and got nothing"
    assert len(client.get(url(conversation, "messages/")).json()["results"]) == 2
    kept = StaffView.objects.values_list("staff", "conversation", "through")
    assert list(kept) == [(efua.pk, conversation.pk, "api")] * 2
    assert client.post(url(theirs, "escalate")).status_code == 201
    assert SupportTicket.objects.get(conversation=theirs).reason == "staff"
    assert client.get("/api/support/conversations/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_staff_without_the_permission_and_users_see_their_own(chatter: Chatter, settings: Any) -> None:
    conversation = waiting(chatter, NOW)
    no_permission = api_of(make_staff("view_staffview"))
    assert no_permission.get(url(conversation)).status_code in (403, 404)
    member = Chatter(member=make_business(name="Kofi's"))
    assert member.get("conversations/").json()["results"] == []
    assert chatter.get("conversations/").json()["results"][0].keys().isdisjoint({"desk"})
    settings.ADMIN_REQUIRE_MFA = True
    assert api_of(make_staff()).get(url(conversation)).status_code in (403, 404)
    assert StaffView.objects.count() == 0


def test_an_open_page_is_one_view_until_it_rests(chatter: Chatter) -> None:
    efua, kofi = make_staff(), make_staff(name="Kofi")
    pk = waiting(chatter, NOW).pk
    _, seen = viewing.view(staff_id=efua.pk, conversation_id=pk, through="desk", now=NOW)

    def go_on(seconds: int, staff_id: int = efua.pk) -> bool:
        now = NOW + timedelta(seconds=seconds)
        return viewing.go_on(view_id=seen.pk, staff_id=staff_id, conversation_id=pk, now=now)

    assert [go_on(2), go_on(31), go_on(2, kofi.pk)] == [True, True, False]
    seen.refresh_from_db()
    assert (seen.viewed_at, seen.seen_until) == (NOW, NOW + timedelta(seconds=31))
    assert go_on(31 + 121) is False  # it was away: that is another view


def test_messages_of_staff_are_no_messages_of_the_user(chatter: Chatter) -> None:
    """Neither counted, nor in the way of the user's limit."""
    efua = make_staff()
    conversation = waiting(chatter, NOW)
    used = conversation.messages_used
    desk.reply(staff_id=efua.pk, conversation_id=conversation.pk, text="Hello", key="k" * 8, now=SOON)
    conversation.refresh_from_db()
    assert conversation.messages_used == used
    assert SupportMessage.objects.get(author="staff").status == "done"
