"""How many messages a person may send: counted in PostgreSQL, exact under any number of parallel sends.

A member's are counted by calendar day and hour of the platform, a guest's over the last 24 hours. All of one
person's sends meet in one row (`ChatUse`, `GuestUse`), so whatever else is checked after it is exact as well.
"""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from subscriptions.selectors import licences
from support_chat.errors import (
    ChatDayUsedUp,
    ChatHourUsedUp,
    ChatLimitReached,
    GuestLimitReached,
    TooManyOpen,
)
from support_chat.models import ChatUse, GuestUse, SupportConversation
from support_chat.types import ASSISTANTS, DEFAULT_ASSISTANT, Asker, Limits

_GUEST_WINDOW = timedelta(hours=24)
_HOUR = timedelta(hours=1)
_GUEST = Limits(
    plan="guest",
    per_day=10,
    per_hour=None,
    per_conversation=50,
    open_conversations=10,
    assistants=frozenset([DEFAULT_ASSISTANT]),
)

# Clocks of two processes differ a little: what was counted for a later hour or day is never counted back.
_COUNT = """
INSERT INTO support_chat_chatuse AS mine (user_id, day, sent_in_day, hour, sent_in_hour)
SELECT %(user)s, %(day)s, 1, %(hour)s, 1 WHERE %(per_day)s > 0 AND %(per_hour)s > 0
ON CONFLICT (user_id) DO UPDATE
   SET day = greatest(mine.day, excluded.day),
       sent_in_day = CASE WHEN mine.day >= excluded.day THEN mine.sent_in_day + 1 ELSE 1 END,
       hour = greatest(mine.hour, excluded.hour),
       sent_in_hour = CASE WHEN mine.hour >= excluded.hour THEN mine.sent_in_hour + 1 ELSE 1 END
 WHERE (mine.day < excluded.day OR mine.sent_in_day < %(per_day)s)
   AND (mine.hour < excluded.hour OR mine.sent_in_hour < %(per_hour)s)
RETURNING 1
"""
_COUNT_GUEST = """
INSERT INTO support_chat_guestuse AS mine (guest_id, sent_at)
VALUES (%(guest)s, ARRAY[%(now)s::timestamptz])
ON CONFLICT (guest_id) DO UPDATE
   SET sent_at = (mine.sent_at || %(now)s::timestamptz)[
           greatest(1, cardinality(mine.sent_at) + 2 - %(per_day)s) : cardinality(mine.sent_at) + 1]
 WHERE cardinality(mine.sent_at) < %(per_day)s
    OR mine.sent_at[cardinality(mine.sent_at) + 1 - %(per_day)s] <= %(since)s
RETURNING 1
"""


def limits(*, asker: Asker, now: datetime) -> Limits:
    """What the asker's licence in force allows. One query; none for a guest."""
    if asker.user_id is None:
        return _GUEST
    plan = licences.chat_licence(user_id=asker.user_id, now=now)
    return Limits(
        plan=plan.slug,
        per_day=plan.messages_per_day,
        per_hour=plan.messages_per_hour,
        per_conversation=plan.messages_per_conversation,
        open_conversations=plan.open_conversations,
        assistants=frozenset(ASSISTANTS if "all" in plan.assistants else plan.assistants),
        uploads=plan.uploads,
        streaming=plan.streaming,
        priority=plan.priority,
        integrations=plan.integrations,
    )


def count_message(*, asker: Asker, limits: Limits, now: datetime) -> None:
    """Counts one message, or raises ChatDayUsedUp, ChatHourUsedUp or GuestLimitReached and counts nothing.

    To be called inside the transaction that stores the message; the asker's row stays locked until its end.
    """
    day, hour = _windows(now)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT if asker.user_id else _COUNT_GUEST,
            {
                "user": asker.user_id,
                "guest": asker.guest_id,
                "day": day.date(),
                "hour": hour,
                "per_day": limits.per_day,
                "per_hour": limits.per_hour,
                "now": now,
                "since": now - _GUEST_WINDOW,
            },
        )
        if cursor.fetchone() is None:
            raise _refusal(asker, limits, now)


def check_open(*, asker: Asker, limits: Limits) -> None:
    """Raises TooManyOpen when one more conversation may not be opened. Exact after `count_message`."""
    opened = SupportConversation.objects.filter(status__in=["open", "with_staff"])
    mine = opened.filter(user=asker.user_id) if asker.user_id else opened.filter(guest_id=asker.guest_id)
    if mine.count() >= limits.open_conversations:
        raise TooManyOpen(limit=limits.open_conversations)


def left(*, asker: Asker, limits: Limits, now: datetime) -> dict[str, Any]:
    """What may still be sent, and when it starts again. One query."""
    day, hour = _windows(now)
    if asker.user_id is None:
        assert asker.guest_id is not None
        guest = GuestUse.objects.filter(pk=asker.guest_id).first()
        recent = [at for at in (guest.sent_at if guest else []) if at > now - _GUEST_WINDOW]
        oldest = recent[0] if recent else now
        return {"plan": limits.plan, "day": _left(limits.per_day, len(recent), oldest + _GUEST_WINDOW)}
    use = ChatUse.objects.filter(user=asker.user_id).first()
    today = use.sent_in_day if use and use.day >= day.date() else 0
    this_hour = use.sent_in_hour if use and use.hour >= hour else 0
    assert limits.per_hour is not None
    return {
        "plan": limits.plan,
        "day": _left(limits.per_day, today, _next_midnight(day)),
        "hour": _left(limits.per_hour, this_hour, hour + _HOUR),
    }


def left_in(
    *, asker: Asker, limits: Limits, conversation: SupportConversation, now: datetime
) -> dict[str, Any]:
    """`left`, and what is left of the conversation. One query."""
    used = conversation.messages_used
    room = {"limit": limits.per_conversation, "used": used, "left": max(limits.per_conversation - used, 0)}
    return left(asker=asker, limits=limits, now=now) | {"conversation": room}


def _refusal(asker: Asker, limits: Limits, now: datetime) -> ChatLimitReached:
    there = left(asker=asker, limits=limits, now=now)
    window = there["day"] if there["day"]["left"] == 0 else there["hour"]
    kind: type[ChatLimitReached] = ChatDayUsedUp if window is there["day"] else ChatHourUsedUp
    return (GuestLimitReached if asker.user_id is None else kind)(
        limit=window["limit"],
        used=window["used"],
        resets_at=window["resets_at"].isoformat(),
        retry_after=max(1, round((window["resets_at"] - now).total_seconds())),
        plan=limits.plan,
    )


def _left(limit: int, used: int, resets_at: datetime) -> dict[str, Any]:
    return {"limit": limit, "used": used, "left": max(limit - used, 0), "resets_at": resets_at}


def _windows(now: datetime) -> tuple[datetime, datetime]:
    """When the calendar day and hour that contain `now` began."""
    local = now.astimezone(ZoneInfo(settings.PLATFORM_TIME_ZONE))
    return (
        local.replace(hour=0, minute=0, second=0, microsecond=0),
        local.replace(minute=0, second=0, microsecond=0),
    )


def _next_midnight(day: datetime) -> datetime:
    return datetime.combine(day.date() + timedelta(days=1), time(), day.tzinfo)
