"""The desk in the admin: who waits, what was said, buttons for those who may, and a record of each look."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from support_chat.models import StaffView, SupportConversation, SupportMessage, SupportTicket
from support_chat.services import desk, escalation
from tests.factories import make_business, make_user
from tests.support_chat.desk_staff import browser_of, make_staff, said, waiting
from tests.support_chat.talking import Chatter

LIST = "/admin/support_chat/supportconversation/"
NOW = timezone.now()
JSON = {"Accept": "application/json"}


@pytest.fixture
def conversation(chatter: Chatter) -> SupportConversation:
    return waiting(chatter, timezone.now() - timedelta(minutes=12))


@pytest.fixture
def efua(db: None) -> Client:
    return browser_of(make_staff())


def page(conversation: SupportConversation, what: str = "change") -> str:
    return f"{LIST}{conversation.pk}/{what}/"


def text(response: Any) -> str:
    assert response.status_code == 200, response
    return str(response.content.decode())


def news(client: Client, conversation: SupportConversation, **query: Any) -> Any:
    reply = client.get(page(conversation, "news"), query)
    assert reply.status_code == 200
    return reply.json()


def rows(client: Client, **query: Any) -> set[str]:
    """What the list is of, without drawing it."""
    request = RequestFactory().get(LIST, query)
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    shown = site._registry[SupportConversation].get_changelist_instance(request)
    return {str(row.pk) for row in shown.result_list}


def test_the_list_shows_who_waits_and_none_of_their_words(
    efua: Client, conversation: SupportConversation
) -> None:
    other = Chatter(member=make_business(name="Kofi's"))
    theirs = other.send("My secret question", language="fr").conversation
    shown = text(efua.get(LIST))
    assert rows(efua) == {str(conversation.pk)}
    assert re.search("1[2-9]\xa0minutes", shown) and "payments" in shown
    assert "I paid by MoMo" not in shown and "secret" not in text(efua.get(LIST, {"status": "all"}))
    assert StaffView.objects.count() == 0
    both = {str(conversation.pk), str(theirs.pk)}
    staff_id = int(efua.session["_auth_user_id"])
    for query, found in [
        ({"status": "all"}, both),
        ({"status": "open"}, {str(theirs.pk)}),
        ({"status": "resolved"}, set()),
        ({"status": "all", "language__exact": "fr"}, {str(theirs.pk)}),
        ({"status": "all", "assistant__exact": "executive"}, both),
        ({"priority": "normal"}, {str(conversation.pk)}),
        ({"priority": "urgent"}, set()),
        ({"assigned": "nobody"}, {str(conversation.pk)}),
        ({"assigned": "me"}, set()),
        ({"waiting": "5"}, {str(conversation.pk)}),
        ({"waiting": "60"}, set()),
        ({"q": "Kofi's"}, {str(theirs.pk)}),
        ({"q": str(theirs.pk)}, {str(theirs.pk)}),
    ]:
        assert rows(efua, **query) == found, query
    desk.assign(staff_id=staff_id, conversation_id=conversation.pk, seen=None, now=NOW)
    assert (rows(efua, assigned="me"), rows(efua, assigned="others")) == ({str(conversation.pk)}, set())


def guest_waiting(minutes: int) -> SupportConversation:
    at = NOW - timedelta(minutes=minutes)
    talk = SupportConversation.objects.create(
        guest_id=uuid4(), assistant="executive", created_at=at, last_message_at=at
    )
    escalation.escalate(asker=None, conversation_id=talk.pk, now=at)
    return talk


def test_who_waits_longest_stands_first_in_few_queries(efua: Client) -> None:
    made = [guest_waiting(minutes) for minutes in (5, 30, 20)]
    with CaptureQueriesContext(
        connection,
    ) as few:
        shown = text(efua.get(LIST))
    order = re.findall(rf"{LIST}([0-9a-f-]{{36}})/change", shown)
    assert list(dict.fromkeys(order)) == [str(made[place].pk) for place in (1, 2, 0)]
    guest_waiting(0)
    with CaptureQueriesContext(connection) as more:
        text(efua.get(LIST))
    assert len(more) == len(few)


def test_the_page_shows_every_author_in_order_and_is_a_view(
    efua: Client, conversation: SupportConversation
) -> None:
    staff_id = int(efua.session["_auth_user_id"])
    desk.reply(staff_id=staff_id, conversation_id=conversation.pk, text="<b>Which</b>?", key="k" * 8, now=NOW)
    shown = text(efua.get(page(conversation)))
    authors = re.findall(r'class="sc-msg sc-(\w+)', shown)
    assert authors == ["user", "bot", "system", "staff"]
    assert "&lt;b&gt;Which&lt;/b&gt;?" in shown and "<b>Which" not in shown
    assert "not given: staff took over" in shown
    view = StaffView.objects.get()
    assert (view.staff_id, view.conversation_id, view.through) == (staff_id, conversation.pk, "desk")
    assert not re.search(r"<script(?![^>]* src=)[^>]*>[^<]", shown.split('id="desk"')[1])


def test_the_page_gets_news_by_itself(
    efua: Client, chatter: Chatter, conversation: SupportConversation
) -> None:
    first = news(efua, conversation, after=0, version="")
    assert [one["number"] for one in first["messages"]] == [1, 2, 3]
    assert (first["after"], first["may_reply"]) == (3, True)
    assert 'data-status="with_staff"' in first["state"]
    seen = {"after": 3, "version": first["version"], "view": first["view"]}
    quiet = news(efua, conversation, **seen)
    assert (quiet["messages"], "state" in quiet, quiet["view"]) == ([], False, first["view"])
    chatter.send("Are you there?", conversation_id=conversation.pk)
    more = news(efua, conversation, **seen)
    assert [one["number"] for one in more["messages"]] == [4]
    assert "Are you there?" in more["messages"][0]["html"]
    assert StaffView.objects.count() == 1
    SupportMessage.objects.filter(number=4).update(segment=2)
    assert "A new segment begins" in news(efua, conversation, **seen)["messages"][0]["html"]
    assert news(efua, conversation, after="x", version="x" * 500, view="-1")["messages"] != []
    assert StaffView.objects.count() == 2  # without a view of its own, looking is another one


def test_what_the_bot_writes_is_asked_for_until_it_has_ended(efua: Client, chatter: Chatter) -> None:
    sent = chatter.send()
    assert news(efua, sent.conversation, after=0)["after"] == 1
    assert "is writing" in news(efua, sent.conversation, after=1)["messages"][0]["html"]
    SupportMessage.objects.filter(author="bot").update(
        status="done", text="There.", finished_at=NOW, lease_until=None
    )
    ended = news(efua, sent.conversation, after=1)
    assert (ended["after"], "There." in ended["messages"][0]["html"]) == (2, True)


def test_long_ones_are_shown_page_by_page(efua: Client, conversation: SupportConversation) -> None:
    made = [
        SupportMessage(
            conversation=conversation, number=number, author="user", created_at=NOW, finished_at=NOW
        )
        for number in range(4, 151)
    ]
    SupportMessage.objects.bulk_create(made)
    newest = text(efua.get(page(conversation)))
    numbers = [int(number) for number in re.findall(r'data-number="(\d+)"', newest)]
    assert (numbers, "?before=51" in newest) == (list(range(51, 151)), True)
    oldest = text(efua.get(page(conversation), {"before": "51"}))
    assert [int(one) for one in re.findall(r'data-number="(\d+)"', oldest)] == list(range(1, 51))
    assert "data-live" not in oldest


def test_every_button_does_its_work_and_is_kept(efua: Client, conversation: SupportConversation) -> None:
    def press(what: str, **values: Any) -> Any:
        return efua.post(page(conversation, what), values)

    assert press("reply", text="Which number?", key="12345678").url == page(conversation)
    assert said(conversation)[-1] == ("staff", "Which number?")
    press("classify", priority="urgent", category="billing")
    ticket = SupportTicket.objects.get()
    assert (ticket.priority, ticket.category) == ("urgent", "billing")
    press("resolve")
    conversation.refresh_from_db()
    assert conversation.status == "resolved"
    press("assign", seen="")
    press("hand-back")
    press("close")
    conversation.refresh_from_db()
    assert (conversation.status, conversation.segment, conversation.reopened) == ("closed", 3, 0)
    told = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert told == [
        "Priority urgent, category billing",
        "Resolved",
        "Took the ticket",
        "Handed back to the bot",
        "Closed for good",
    ]
    assert not LogEntry.objects.filter(object_repr__contains="paid").exists()
    assert "I paid" not in text(efua.get(page(conversation, "history")))


def test_without_leaving_the_page_the_answer_is_json(efua: Client, conversation: SupportConversation) -> None:
    url = page(conversation, "reply")
    sent = efua.post(url, {"text": "Hello", "key": "12345678"}, headers=JSON)
    assert (sent.status_code, sent.json()) == (200, {"problem": ""})
    for values, problem in [
        ({"text": "", "key": "12345678"}, "This field is required."),
        ({"text": "x" * 4001, "key": "12345678"}, "at most 4000 characters"),
        ({"text": "a\0b", "key": "12345678"}, "Null characters"),
        ({"text": "x", "key": "?"}, "Enter a valid value."),
    ]:
        refused = efua.post(url, values, headers=JSON)
        assert (refused.status_code, problem in refused.json()["problem"]) == (422, True), values
    desk.hand_back(staff_id=int(efua.session["_auth_user_id"]), conversation_id=conversation.pk, now=NOW)
    late = efua.post(url, {"text": "Late", "key": "87654321"}, headers=JSON)
    assert (late.status_code, "Nothing was sent" in late.json()["problem"]) == (409, True)
    assert "Late" not in str(said(conversation))
    assert "Nothing was sent" in text(efua.post(url, {"text": "Late", "key": "87654321"}, follow=True))


def test_who_may_not_act_reads_and_who_may_not_read_sees_nothing(
    conversation: SupportConversation,
) -> None:
    reader = browser_of(make_staff("view_supportconversation"))
    shown = text(reader.get(page(conversation)))
    assert "<button" not in shown.split('id="desk"')[1].split("</aside>")[0]
    nobody = browser_of(make_staff("view_supportticket", "view_staffview"))
    outsider = browser_of(make_user())
    before = StaffView.objects.count()
    for what in ("reply", "assign", "classify", "hand-back", "resolve", "close"):
        values = {"text": "x", "key": "12345678", "priority": "low", "category": "other"}
        assert reader.post(page(conversation, what), values).status_code == 403, what
        assert nobody.post(page(conversation, what), values).status_code == 403, what
        assert outsider.post(page(conversation, what), values).status_code == 302, what
    for what in ("change", "news"):
        assert nobody.get(page(conversation, what)).status_code == 403
        assert outsider.get(page(conversation, what)).status_code == 302
    assert nobody.get(LIST).status_code == 403
    # The lists that they may see tell nothing that was said, and change nothing.
    ticket, view = SupportTicket.objects.get(), StaffView.objects.latest("pk")
    for url in (f"supportticket/{ticket.pk}/change/", f"staffview/{view.pk}/change/", "staffview/"):
        assert "I paid" not in text(nobody.get(f"/admin/support_chat/{url}"))
    assert nobody.post(f"/admin/support_chat/staffview/{view.pk}/delete/").status_code == 403
    assert StaffView.objects.count() == before
    conversation.refresh_from_db()
    assert (conversation.status, len(said(conversation))) == ("with_staff", 2)


def test_a_form_from_another_site_is_refused(conversation: SupportConversation) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_staff())
    assert client.post(page(conversation, "resolve")).status_code == 403
    conversation.refresh_from_db()
    assert conversation.status == "with_staff"


def test_one_that_is_not_there_leads_back(efua: Client) -> None:
    for unknown in (uuid4(), "nonsense"):
        assert efua.get(f"{LIST}{unknown}/change/").status_code == 302
    assert efua.get(f"{LIST}{uuid4()}/news/").status_code == 404


def test_a_guest_is_served_as_well(efua: Client, db: None) -> None:
    talk = guest_waiting(1)
    assert "Guest" in text(efua.get(LIST)) and "a guest" in text(efua.get(page(talk)))
