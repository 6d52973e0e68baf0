"""Writes the reply that a message waits for. Runs in a worker, away from the connection of whoever asked.

The order: a curated answer; our help, and "I don't know" when it has nothing; a model with our help; our help
as it is when no model answers. Network, and no transaction around it. Safe to repeat at any point.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q

from ai_features.errors import InputRefused
from ai_features.services import house
from config.core.errors import DomainError
from support_chat import languages
from support_chat.models import KnowledgeArticle, SupportConversation, SupportMessage

from . import askers, assistants, attachments, context, curated, finishing, quotas, retrieval, spending
from .retrieval import Passage
from .writing import Source, Writing

log = structlog.get_logger("sika.chat")

Status = SupportMessage.Status
# Longer than a model may take, so that nobody begins what somebody still writes.
_GRACE = timedelta(seconds=15)
_MOST_ATTEMPTS = 3
# When nobody has begun a reply by then, the sweeper gives it to a worker again.
WAITS = timedelta(seconds=20)
_SWEPT = 500
PASSAGES = 4  # that a model is told
_PASSAGES_SHOWN = 2
_FOLLOW_UP_WORDS = 8


def write(*, message_id: int, now: datetime) -> bool:
    """Writes one pending reply to its end; False when somebody else does, has done, or staff took over."""
    reply = _claim(message_id, now)
    if reply is None:
        return False
    try:
        asker = askers.of_conversation(reply.conversation, now=now)
    except DomainError as gone:  # a member who left
        return finishing.fail(reply, gone.code, now)
    writing = Writing(reply=reply, asker=asker, limits=quotas.limits(asker=asker, now=now), started_at=now)
    writing.begin()
    try:
        _answer(writing)
    except Exception:  # nobody foresaw it; whoever waits is told at once, not after three attempts
        log.exception("reply failed", message=reply.pk)
        writing.error_code = "internal_error"
        writing.say_instead("unavailable")
    return finishing.finish(writing)


def take_back_stale(*, now: datetime) -> list[int]:
    """Replies that nobody writes: their worker died, or their task was lost. Now they wait again.

    A worker that was only slow finds, at its end, that the reply is not its own any more.
    """
    stale = SupportMessage.objects.filter(status__in=["pending", "streaming"], lease_until__lte=now)
    taken = list(stale.order_by("lease_until").values_list("pk", flat=True)[:_SWEPT])
    stale.filter(pk__in=taken).update(status=Status.PENDING, lease_until=now + WAITS)
    return taken


def _claim(message_id: int, now: datetime) -> SupportMessage | None:
    """The reply, ours for as long as a model may take. One statement, so that of two workers one has it."""
    lease = now + timedelta(seconds=settings.AI_TIMEOUT_SECONDS) + _GRACE
    free = Q(status=Status.PENDING) | Q(status=Status.STREAMING, lease_until__lte=now)
    mine = SupportMessage.objects.filter(free, pk=message_id)
    if not mine.update(status=Status.STREAMING, lease_until=lease, attempts=F("attempts") + 1):
        return None
    reply = SupportMessage.objects.select_related("conversation", "answers").get(pk=message_id)
    if reply.conversation.status != SupportConversation.Status.OPEN:
        finishing.fail(reply, "with_staff", now)
        return None
    if reply.attempts > _MOST_ATTEMPTS:
        finishing.fail(reply, "given_up", now)
        return None
    return reply


def _answer(writing: Writing) -> None:
    conversation, question = writing.conversation, writing.question
    writing.files = attachments.told(conversation=conversation, up_to=writing.asked.number)
    curated_answer = curated.answer(question=question, language=conversation.language, now=writing.now)
    if curated_answer is not None and not any(file["of"] == "question" for file in writing.files):
        writing.source = Source.CURATED
        writing.sources = _source(curated_answer.article)
        writing.say(curated_answer.text)
        return
    if house.reads_like_orders(question):
        writing.error_code = InputRefused.code
        writing.say_instead("refused")
        return
    earlier = context.earlier(conversation=conversation, before=writing.asked.number)
    passages = _find(writing, earlier)
    if not passages and not writing.files and not context.is_about_account(question):
        writing.say_instead("unknown")
        return
    try:
        _ask_model(writing, earlier, passages)
    except InputRefused as refusal:
        writing.error_code = refusal.code
        writing.say_instead("refused")
    except DomainError as failure:
        log.warning("no model answered", reason=failure.code, message=writing.reply.pk)
        writing.error_code = failure.code
        _say_what_help_says(writing, passages)


def _source(slug: str) -> list[dict[str, str]]:
    found = KnowledgeArticle.objects.filter(slug=slug, is_published=True).first() if slug else None
    return [{"slug": found.slug, "title": found.title}] if found is not None else []


def _find(writing: Writing, earlier: context.Earlier) -> list[Passage]:
    """Our help for the question; what follows up on an earlier one is looked up together with that."""
    language, now = writing.conversation.language, writing.now
    found = retrieval.find(question=writing.question, language=language, limit=PASSAGES, now=now)
    before = next((one for one in reversed(earlier.messages) if one.author == "user"), None)
    if found or before is None or len(writing.question.split()) > _FOLLOW_UP_WORDS:
        return found
    both = f"{before.text} {writing.question}"
    return retrieval.find(question=both, language=language, limit=PASSAGES, now=now)


def _ask_model(writing: Writing, earlier: context.Earlier, passages: list[Passage]) -> None:
    spending.check(now=writing.now)
    for part in house.converse(talk=_talk(writing, earlier, passages), now=writing.now):
        if isinstance(part, house.Delta):
            writing.say(part.text)
        elif isinstance(part, house.Restart):
            writing.begin()
        else:
            _keep(writing, part, earlier, passages)


def _keep(writing: Writing, reply: house.Reply, earlier: context.Earlier, passages: list[Passage]) -> None:
    """What else the model's answer says."""
    writing.source = Source.MODEL
    writing.request_id, writing.model, writing.cost_usd = reply.request_id, reply.model, reply.cost_usd
    used = reply.fields.get("used")
    writing.sources = [
        {"slug": passage.article_slug, "title": passage.title}
        for number, passage in enumerate(passages, 1)
        if isinstance(used, list) and number in used
    ]
    handoff = reply.fields.get("handoff")
    writing.handoff = handoff if isinstance(handoff, dict) else None
    if earlier.to_fold:
        told = reply.fields.get("summary")
        writing.summary = told if isinstance(told, str) else context.digest(earlier.summary, earlier.to_fold)
        writing.summary_up_to = earlier.to_fold[-1].number


def _talk(writing: Writing, earlier: context.Earlier, passages: list[Passage]) -> house.Talk:
    conversation, asker = writing.conversation, writing.asker
    to_summarise = {
        "to_summarise": {"summary": earlier.summary, "messages": context.as_lines(earlier.to_fold)}
    }
    return house.Talk(
        feature="support_chat",
        version=assistants.VERSION,
        instructions=assistants.instructions(conversation.assistant, asker),
        data={
            "question": writing.question,
            "language": languages.NAMES[conversation.language],
            "passages": [
                {"number": number, "title": passage.title, "text": passage.text}
                for number, passage in enumerate(passages, 1)
            ],
            "account": context.of_account(asker=asker, limits=writing.limits, now=writing.now),
            "earlier": {"summary": earlier.summary, "messages": context.as_lines(earlier.messages)},
            **({"attachments": writing.files} if writing.files else {}),
            **(to_summarise if earlier.to_fold else {}),
        },
        schema=assistants.SCHEMA,
        untrusted=["question"],
        names=asker.names,
        business_id=asker.business_id,
        membership_id=asker.membership_id,
        user_id=asker.user_id,
        asker=asker.key,
    )


def _say_what_help_says(writing: Writing, passages: list[Passage]) -> None:
    """The best passages as they are; without any, that there is no answer now."""
    if not passages:
        writing.say_instead("unavailable")
        return
    best = passages[:_PASSAGES_SHOWN]
    writing.say_instead("search")
    for passage in best:
        writing.say(f"\n\n{passage.title}\n{passage.text}")
    writing.source = Source.SEARCH
    writing.sources = [{"slug": passage.article_slug, "title": passage.title} for passage in best]
