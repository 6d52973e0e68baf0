"""Two of the staff at the same moment, each with a connection of their own."""

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from support_chat.errors import AssignedMeanwhile, NotWithStaff
from support_chat.models import SupportConversation, SupportMessage, SupportTicket
from support_chat.services import desk, escalation, following
from tests.concurrency.together import together
from tests.sandboxes import AISandbox
from tests.support_chat.desk_staff import make_staff, waiting
from tests.support_chat.talking import Chatter, events

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


@pytest.fixture
def conversation(chatter: Chatter) -> SupportConversation:
    return waiting(chatter, NOW)


@pytest.fixture
def chatter(transactional_db: None, model_provider: AISandbox) -> Chatter:
    return Chatter()


def kinds(found: list[Any]) -> list[str]:
    return sorted(type(one).__name__ for one in found)


def test_one_of_two_gets_the_ticket_and_the_other_is_told(conversation: SupportConversation) -> None:
    staff = [make_staff(), make_staff(name="Kofi")]
    pk = conversation.pk
    assign = partial(desk.assign, conversation_id=pk, seen=None, now=NOW)
    found = together([partial(assign, staff_id=one.pk) for one in staff])
    assert kinds(found) == ["AssignedMeanwhile", "SupportTicket"]
    ticket = next(one for one in found if isinstance(one, SupportTicket))
    refusal = next(one for one in found if isinstance(one, AssignedMeanwhile))
    assert refusal.data == {
        "assigned_to": next(one.email for one in staff if one.pk == ticket.assigned_to_id)
    }


def test_two_replies_both_come_and_stand_in_one_order(conversation: SupportConversation) -> None:
    """The user's live stream has both, numbered as they are stored; the same key, pressed twice, has one."""
    staff = [make_staff(), make_staff(name="Kofi")]
    reply = partial(desk.reply, conversation_id=conversation.pk, key="12345678", now=NOW)
    found = together([partial(reply, staff_id=one.pk, text=one.name) for one in (*staff, staff[0])])
    assert found[0] == found[2]
    stored = SupportMessage.objects.filter(author="staff").order_by("number")
    assert sorted(stored.values_list("number", flat=True)) == [4, 5]
    stream = events(
        following.conversation_events(conversation_id=conversation.pk, last_id="0-0", seconds=0.2)
    )
    told = [data for _, name, data in stream if name == "message.end" and data["number"] > 3]
    assert sorted((one["number"], one["text"]) for one in told) == [(one.number, one.text) for one in stored]
    assert SupportTicket.objects.get().assigned_to_id in {one.pk for one in staff}


def test_of_resolve_and_hand_back_one_happens(conversation: SupportConversation) -> None:
    one, other = make_staff(), make_staff(name="Kofi")
    found = together(
        [
            lambda: desk.resolve(staff_id=one.pk, conversation_id=conversation.pk, now=NOW),
            lambda: desk.hand_back(staff_id=other.pk, conversation_id=conversation.pk, now=NOW),
        ]
    )
    assert kinds(found) == ["NotWithStaff", "SupportConversation"]
    conversation.refresh_from_db()
    ticket = SupportTicket.objects.get()
    assert (conversation.status, ticket.status) in [("resolved", "resolved"), ("open", "handed_back")]
    assert SupportMessage.objects.filter(author="system").count() == 2


def test_a_reply_is_before_the_end_or_is_refused(conversation: SupportConversation) -> None:
    one, other = make_staff(), make_staff(name="Kofi")
    pk = conversation.pk
    replied, resolved = together(
        [
            lambda: desk.reply(staff_id=one.pk, conversation_id=pk, text="Wait", key="12345678", now=NOW),
            lambda: desk.resolve(staff_id=other.pk, conversation_id=pk, now=NOW),
        ]
    )
    assert resolved.status == "resolved"
    numbers = dict(SupportMessage.objects.filter(number__gt=3).values_list("author", "number"))
    if isinstance(replied, NotWithStaff):
        assert numbers == {"system": 4}
    else:
        assert numbers == {"staff": 4, "system": 5}


def test_eight_calls_for_a_person_make_one_ticket(chatter: Chatter) -> None:
    pk = chatter.send().conversation.pk
    asker = chatter.asker
    found = together(
        [lambda: escalation.escalate(asker=asker, conversation_id=pk, now=NOW) for _ in range(8)]
    )
    assert sum(is_new for _, is_new in found) == 1
    assert len({ticket.pk for ticket, _ in found}) == 1
    assert SupportMessage.objects.filter(author="system").count() == 1
