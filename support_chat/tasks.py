from uuid import UUID

from celery import shared_task
from django.utils import timezone

from support_chat.services import delivering, replying

QUEUE, PRIORITY_QUEUE = "chat", "chat_priority"


@shared_task  # its queue: CELERY_TASK_ROUTES, and ask_for_reply
def write_reply(message_id: int) -> None:
    replying.write(message_id=message_id, now=timezone.now())


@shared_task
def sweep_replies() -> None:
    for message_id in replying.take_back_stale(now=timezone.now()):
        ask_for_reply(message_id=message_id, priority=False)


@shared_task
def deliver_chat_webhook(delivery_id: str) -> None:
    delivering.deliver(delivery_id=UUID(delivery_id), now=timezone.now())


@shared_task
def sweep_chat_webhooks() -> None:
    for delivery_id in delivering.due(now=timezone.now() - delivering.GRACE):
        deliver_chat_webhook.delay(str(delivery_id))


def ask_for_reply(*, message_id: int, priority: bool) -> None:
    """Gives a reply to the chat's workers; enterprise has a queue of its own, which they eat first."""
    write_reply.apply_async((message_id,), queue=PRIORITY_QUEUE if priority else QUEUE, retry=False)
