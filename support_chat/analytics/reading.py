"""The statements behind the figures. Each reads what was written in the period, by its time, and no more.

A day is the business's own, a guest's the platform's. `since` and `until` lie outside of the days wherever
one is: by them the index finds the rows, by their day they are counted.
"""

from typing import Any

from django.db import connection

from .issues import LONGEST, MOST_QUESTIONS, Question

Row = dict[str, Any]

_OF_SCOPE = """(%(assistant)s::text IS NULL OR conversation.assistant = %(assistant)s)
   AND (%(language)s::text IS NULL OR conversation.language = %(language)s)
   AND (%(business)s::uuid IS NULL OR conversation.business_id = %(business)s)"""
_DAY = "({time} AT TIME ZONE coalesce(business.timezone, %(zone)s))::date"
_PERIOD = f"{{time}} >= %(since)s AND {{time}} < %(until)s AND {_DAY} BETWEEN %(first)s AND %(last)s"
_JOINED = """JOIN support_chat_supportconversation conversation ON conversation.id = {row}.conversation_id
  LEFT JOIN accounts_business business ON business.id = conversation.business_id"""
_WRITTEN = f"""support_chat_supportmessage message {_JOINED.format(row="message")}
 WHERE {_PERIOD.format(time="message.created_at")} AND {_OF_SCOPE}"""
_ANSWERED = "('curated', 'model', 'search')"

# What a message is to the figures. A reply that was not given because staff took over is none.
_SUMS = f"""
SELECT {_DAY.format(time="message.created_at")} AS day, author, message.language,
       CASE WHEN author = 'staff' THEN 'staff'
            WHEN author <> 'bot' OR error_code = 'with_staff' THEN ''
            WHEN message.status = 'done' THEN source
            WHEN message.status = 'failed' THEN 'failed'
            ELSE '' END AS answer,
       count(*) AS messages, count(*) FILTER (WHERE number = 1) AS begun, sum(cost_usd) AS cost_usd
  FROM {_WRITTEN}
 GROUP BY 1, 2, 3, 4
"""  # noqa: S608 — the text is all ours, here and below
_ACTIVE_BY_DAY = f"""
SELECT day, count(*) AS conversations
  FROM (SELECT DISTINCT {_DAY.format(time="message.created_at")} AS day, message.conversation_id
          FROM {_WRITTEN}) one
 GROUP BY day
"""  # noqa: S608
_REPLY_TIMES = f"""
SELECT count(*) AS replies,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
           ORDER BY extract(epoch FROM message.first_text_at - message.created_at)::float) AS first_text,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
           ORDER BY extract(epoch FROM message.finished_at - message.created_at)::float) AS whole
  FROM {_WRITTEN} AND author = 'bot' AND message.status = 'done'
"""  # noqa: S608

# How it stands now with each conversation in which something was written in the period. `helped`: after the
# user's last message came an answer. Staff alone resolve; a ticket closed before staff said a word helped
# nobody.
_OUTCOMES = f"""
WITH active AS MATERIALIZED (SELECT DISTINCT message.conversation_id AS id FROM {_WRITTEN})
SELECT CASE
         WHEN conversation.status = 'with_staff' THEN 'ongoing'
         WHEN conversation.status = 'open' AND conversation.last_message_at > %(quiet_since)s THEN 'ongoing'
         WHEN conversation.status = 'resolved' THEN 'with_human'
         WHEN helped.yes IS NULL OR (ticket.status = 'closed' AND ticket.first_reply_at IS NULL)
         THEN 'unresolved'
         WHEN ticket.status IS NOT NULL THEN 'with_human'
         ELSE 'without_human' END AS outcome,
       count(*) AS conversations,
       count(*) FILTER (WHERE reopened > 0) AS reopened,
       count(*) FILTER (WHERE reopened > 0 OR conversation.status = 'resolved') AS ever_resolved
  FROM active JOIN support_chat_supportconversation conversation USING (id)
  LEFT JOIN LATERAL (
        SELECT status, first_reply_at FROM support_chat_supportticket
         WHERE conversation_id = conversation.id ORDER BY created_at DESC LIMIT 1) ticket ON true
  LEFT JOIN LATERAL (
        SELECT number FROM support_chat_supportmessage
         WHERE conversation_id = conversation.id AND author = 'user' ORDER BY number DESC LIMIT 1) asked
    ON true
  LEFT JOIN LATERAL (
        SELECT true AS yes FROM support_chat_supportmessage
         WHERE conversation_id = conversation.id AND number > asked.number AND status = 'done'
           AND (author = 'staff' OR source IN {_ANSWERED}) LIMIT 1) helped ON true
 GROUP BY 1
"""  # noqa: S608
_TICKETS = f"""
SELECT reason, category, grouping(reason) AS any_reason, grouping(category) AS any_category,
       count(*) AS tickets, count(DISTINCT ticket.conversation_id) AS conversations,
       count(first_reply_at) AS replied,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
           ORDER BY extract(epoch FROM first_reply_at - ticket.created_at)::float) AS first_reply
  FROM support_chat_supportticket ticket {_JOINED.format(row="ticket")}
 WHERE {_PERIOD.format(time="ticket.created_at")} AND {_OF_SCOPE}
 GROUP BY GROUPING SETS ((), (reason), (category))
"""  # noqa: S608
_RATINGS = f"""
SELECT csat, count(*) AS ratings
  FROM support_chat_supportconversation conversation
  LEFT JOIN accounts_business business ON business.id = conversation.business_id
 WHERE csat_at IS NOT NULL AND {_PERIOD.format(time="conversation.csat_at")} AND {_OF_SCOPE}
 GROUP BY csat
"""  # noqa: S608
# What reads like an order to the model is no question.
_QUESTIONS = f"""
SELECT message.conversation_id, left(message.text, {LONGEST}) AS text, coalesce(reply.source, '') AS source
  FROM support_chat_supportmessage message
  LEFT JOIN support_chat_supportmessage reply ON reply.answers_id = message.id
  {_JOINED.format(row="message")}
 WHERE {_PERIOD.format(time="message.created_at")} AND {_OF_SCOPE} AND message.author = 'user'
   AND coalesce(reply.error_code, '') <> 'input_refused'
 ORDER BY message.created_at DESC, message.id DESC LIMIT {MOST_QUESTIONS}
"""  # noqa: S608
# Declined: no help, so no model was asked. A model that failed (an error code) says nothing of our help.
_GAPS = f"""
SELECT reply.conversation_id, left(message.text, {LONGEST}) AS text, reply.source
  FROM support_chat_supportmessage reply
  JOIN support_chat_supportmessage message ON message.id = reply.answers_id
  {_JOINED.format(row="reply")}
 WHERE {_PERIOD.format(time="reply.created_at")} AND {_OF_SCOPE} AND reply.status = 'done'
   AND reply.source IN ('none', 'search') AND (reply.source = 'search' OR reply.error_code = '')
 ORDER BY reply.created_at DESC, reply.id DESC LIMIT {MOST_QUESTIONS}
"""  # noqa: S608


def sums(scope: Row) -> list[Row]:
    """By day, author, language and kind of answer: messages, conversations begun, cost."""
    return _rows(_SUMS, scope)


def active_by_day(scope: Row) -> dict[Any, int]:
    return {row["day"]: row["conversations"] for row in _rows(_ACTIVE_BY_DAY, scope)}


def reply_times(scope: Row) -> Row:
    """Of the bot's finished replies, in seconds: [median, 90th percentile], or None without any."""
    return _rows(_REPLY_TIMES, scope)[0]


def outcomes(scope: Row) -> dict[str, Row]:
    return {row["outcome"]: row for row in _rows(_OUTCOMES, scope)}


def tickets(scope: Row) -> list[Row]:
    return _rows(_TICKETS, scope)


def ratings(scope: Row) -> dict[int, int]:
    return {row["csat"]: row["ratings"] for row in _rows(_RATINGS, scope)}


def questions(scope: Row) -> list[Question]:
    return [Question(**row) for row in _rows(_QUESTIONS, scope)]


def gaps(scope: Row) -> list[Question]:
    return [Question(**row) for row in _rows(_GAPS, scope)]


def _rows(sql: str, scope: Row) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, scope)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
