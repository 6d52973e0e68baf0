"""What each constraint of the chat alone refuses: see `tests/subscriptions/test_constraints.py`."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.subscriptions.rows import NOW

CASES: dict[str, list[dict[str, Any]]] = {
    "chat_attachment_not_empty": [{"size": 0}],
    "chat_attachment_text_known": [{"text_status": "x"}],
    "chat_attachment_type_known": [{"media_type": "image/svg+xml"}],
    "chat_attachment_waits_once": [{"sha256": ...}],
    "chat_csat_one_to_five": [
        {"csat": 0, "csat_at": NOW},
        {"csat": 6, "csat_at": NOW},
        {"csat": 3},
        {"csat_at": NOW},
    ],
    "chat_delivery_due_until_it_ends": [
        {"due_at": None},
        {"ended_at": NOW},
        {"outcome": "delivered"},
        {"outcome": "dead", "due_at": None},
        {"outcome": "lost", "due_at": None, "ended_at": NOW},
    ],
    "chat_delivery_once": [{"event_id": ...}],
    "chat_message_author_known": [{"author": "ghost"}],
    "chat_message_bot_answers_user": [{"answers": None}],
    "chat_message_finished_iff_ended": [
        {"finished_at": None},
        {"status": "pending", "lease_until": NOW},
        {"status": "lost"},
        {"status": "streaming", "lease_until": NOW, "finished_at": None, "author": "staff"},
    ],
    "chat_message_key_once": [{"idempotency_key": ...}],
    "chat_message_leased_while_written": [
        {"lease_until": NOW},
        {"status": "pending", "finished_at": None},
    ],
    "chat_message_number_once": [{"number": ...}],
    "chat_of_member_or_guest": [
        {"guest_id": UUID(int=1)},
        {"business": None},
        {"membership": None},
        {"user": None},
    ],
    "chat_status_known": [{"status": "asleep"}, {"status": "closed"}, {"ended_at": NOW}],
    "chat_ticket_ended_iff_not_open": [
        {"ended_at": NOW},
        {"status": "resolved"},
        {"status": "resolved", "ended_at": NOW, "waiting_since": NOW},
    ],
    "chat_ticket_one_open": [{"conversation": ...}],
    "chat_webhook_events_known": [{"events": []}, {"events": ["message.created", "x"]}],
    "chat_webhook_sealed": [{"sealed_url": ""}, {"host": ""}, {"sealed_secret": ""}],
    "passage_once": [{"number": ...}],
    "chat_ticket_words_known": [{"priority": "x"}, {"reason": "x"}, {"sentiment": "x"}],
    "chat_view_ends_after_it_began": [{"viewed_at": NOW, "seen_until": NOW - timedelta(seconds=1)}],
    "chat_view_through_known": [{"through": "fax"}],
}
