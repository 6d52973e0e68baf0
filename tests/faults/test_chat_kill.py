"""A web process is killed (SIGKILL) while it streams a reply: the next connection shows all of it."""

import time

import pytest
from rest_framework.test import APIClient

from support_chat.models import SupportMessage
from tests.factories import access_token
from tests.live.chatting import Shop
from tests.sandboxes import AISandbox
from tests.support_chat.processes import wait_for, web
from tests.support_chat.talking import Chatter, teach, text_of

BODY = " ".join(f"Then step {letter}." for letter in "abcdefgh")


@pytest.mark.django_db(transaction=True)
def test_a_web_process_that_dies_takes_no_reply_with_it(worker: None, model_provider: AISandbox) -> None:
    teach(body=BODY)
    chatter = Chatter(plan="pro")
    assert isinstance(chatter.client, APIClient)
    with web(workers=1) as served:
        shop = Shop(served.url, "", token=access_token(chatter.member.user))
        model_provider.fail("drip")
        asked = shop.ask_streaming("How do I buy credits with mobile money?")
        next(data for _, name, data in asked.read() if name == "delta")
        (doomed,) = served.workers
        doomed.kill()
        doomed.wait(10)
        last_id = asked.drop()
        conversation_id = str(SupportMessage.objects.get(number=1).conversation_id)
        time.sleep(0.2)
        wait_for(served.url)
        resumed = shop.follow(conversation_id, last_id)
        end = resumed.until("message.end", number=2)
        resumed.drop()
    assert text_of(asked.events + resumed.events, 2) == end["text"] == BODY
    reply = SupportMessage.objects.get(number=2)
    assert (reply.text, reply.attempts) == (BODY, 1)
