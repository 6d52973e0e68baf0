"""The chat's figures cost what the period holds, not what lies before it."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from subscriptions.services import fx
from support_chat.analytics import Scope, report
from tests.factories import make_business

from .report import add

NOW = datetime(2126, 11, 21, 12, 0, tzinfo=UTC)
FEW, MANY = 10_000, 1_000_000
EACH = 20  # messages of a conversation
CALLS = 5

_CONVERSATIONS = """
INSERT INTO support_chat_supportconversation (
    id, business_id, membership_id, user_id, assistant, language, language_is_fixed, status, segment, title,
    summary, summary_up_to, messages_used, last_number, failures, reopened, csat_comment, created_at,
    last_message_at)
SELECT md5(%(label)s || n)::uuid, member.business_id, member.id, member.user_id, 'executive', 'en', false,
       'open', 1, '', '', 0, 10, 20, 0, 0, '', %(until)s::timestamptz - n * %(step)s::interval,
       %(until)s::timestamptz - n * %(step)s::interval
  FROM accounts_membership member, generate_series(1, %(conversations)s) n
"""
_VALUES = """
INSERT INTO support_chat_supportmessage (
    conversation_id, number, segment, author, status, text, source, sources, language, model, cost_usd,
    error_code, attempts, asker, request_hash, created_at, first_text_at, finished_at, answers_id)
"""
_QUESTIONS = f"""{_VALUES}
SELECT md5(%(label)s || n)::uuid, 2 * m - 1, 1, 'user', 'done',
       'how do I ' || (ARRAY['buy credits', 'get a refund', 'print a receipt'])[1 + n %% 3],
       '', '[]', 'en', '', 0, '', 0, '', '', moment, NULL, moment, NULL
  FROM generate_series(1, %(conversations)s) n, generate_series(1, %(each)s / 2) m, LATERAL (
       SELECT %(until)s::timestamptz - n * %(step)s::interval + m * interval '2 seconds' AS moment) one
"""
# Help as it is once in fifty.
_REPLIES = f"""{_VALUES}
SELECT asked.conversation_id, number + 1, 1, 'bot', 'done', 'Open the page and follow the steps.',
       CASE WHEN id %% 50 = 0 THEN 'search' ELSE 'model' END, '[]', 'en', '', 0.0001, '', 0, '', '',
       created_at, created_at + interval '1 second', created_at + interval '2 seconds', id
  FROM support_chat_supportmessage asked
 WHERE author = 'user' AND NOT EXISTS (
       SELECT FROM support_chat_supportmessage reply WHERE reply.answers_id = asked.id)
"""


def fill(label: str, messages: int, until: datetime, days: int) -> None:
    """So many messages, spread over the `days` before `until`."""
    conversations = messages // EACH
    values: dict[str, Any] = {
        "label": label,
        "conversations": conversations,
        "each": EACH,
        "until": until,
        "step": timedelta(days=days) / conversations,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET session_replication_role = replica")
        cursor.execute(_CONVERSATIONS, values)
        cursor.execute(_QUESTIONS, values)
        cursor.execute(_REPLIES, values)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE support_chat_supportmessage, support_chat_supportconversation")


def median_ms(messages: int) -> float:
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        found = report(scope=Scope(days=30), now=NOW)
        times.append((time.perf_counter() - started) * 1000)
        assert found["messages"] == messages
    return sorted(times)[CALLS // 2]


@pytest.mark.django_db(transaction=True)
def test_a_million_older_messages() -> None:
    """Median time of the 30-day report over 10,000 messages. Bar: at most 2 times with a million before."""
    make_business(name="Shop")
    fx.set_rate(currency="USD", ghs=Decimal(16), effective_from=NOW - timedelta(days=400), source="test")
    fill("new", FEW, NOW - timedelta(minutes=1), 28)
    few = median_ms(FEW)
    fill("old", MANY, NOW - timedelta(days=60), 300)
    many = median_ms(FEW)
    fill("much", MANY, NOW - timedelta(minutes=1), 28)
    print(f"\na million messages within the 30 days: {median_ms(FEW + MANY):.0f} ms")
    add(
        f"chat figures of 30 days, {MANY:,} older messages",
        "without them",
        ours=many,
        theirs=few,
        bar="<= 2",
        holds=many <= 2 * few,
        unit="ms",
    )
    assert many <= 2 * few
