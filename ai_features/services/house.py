"""A conversation with a model that the house pays: no credits, the cost is booked.

Everything that leaves is sanitised, and nothing is shown before it was checked: the answer comes sentence by
sentence, without links, images and HTML, and a sentence with a figure that was not in the data is left out.
No transaction and no database connection is held while a model is asked.
"""

import time
import uuid
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from ai_features import costs, providers
from ai_features.errors import AnswerUnusable, InputRefused, PrivacyCheckFailed
from ai_features.json_stream import FieldReader
from ai_features.models import AIRequest
from ai_features.privacy import injection
from ai_features.privacy.injection_rules import BLOCK, REDACT
from ai_features.privacy.sanitise import keyed_hash, restore, restore_tree, sanitise_tree
from ai_features.providers import breaker
from ai_features.providers.base import (
    Completion,
    Message,
    Prompt,
    Provider,
    ProviderFailed,
    estimate_tokens,
)
from ai_features.sentences import Sentences
from ai_features.services import asking, margin, spoken
from ai_features.services.gateway import as_refusal
from ai_features.services.talk import Delta, Reply, Restart, Talk
from config.core import json
from config.core.db import release_connection
from config.core.errors import DomainError
from subscriptions.ai_billing import AIBillingService
from subscriptions.selectors import catalogue
from subscriptions.types import ProviderUsage

__all__ = ["Delta", "Reply", "Restart", "Talk", "converse", "estimate_tokens", "reads_like_orders"]

log = structlog.get_logger("sika.ai")

MODEL_CLASS = "small"
_SHARE_OF_TIME = 0.6  # while another model can still be tried


@dataclass
class _Run:
    talk: Talk
    started_at: datetime
    messages: list[Message]
    clean: Any
    tokens: dict[str, str]
    usd_to_ghs: Decimal
    id: UUID = field(default_factory=uuid.uuid4)
    clock: float = field(default_factory=time.monotonic)
    flags: list[str] = field(default_factory=list)
    usage: ProviderUsage | None = None
    shown: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.clock) * 1000)

    @property
    def now(self) -> datetime:
        return self.started_at + timedelta(seconds=time.monotonic() - self.clock)


def converse(*, talk: Talk, now: datetime) -> Iterator[Delta | Restart | Reply]:
    """The pieces of the answer as they come, then the Reply.

    Raises InputRefused, PrivacyCheckFailed, NoModel, PriceUnknown, FxRateUnknown, ProviderUnavailable,
    ProviderRefused, AnswerUnusable. Whatever happens is logged; what a provider told of its cost is booked.
    """
    run = _prepare(talk, now)
    models = margin.in_service(catalogue.model_route(slug=MODEL_CLASS, now=now), now)
    try:
        _check_injection(run)
        release_connection()
        fields = yield from _ask(run, models)
        answer = "".join(run.shown).strip()
        if not answer:
            raise AnswerUnusable
    except (DomainError, ProviderFailed) as failure:
        error = as_refusal(failure)
        _book(run, error=error.code)
        raise error from None
    result = {**fields, "answer": answer}
    _book(run, result=result)
    yield Reply(
        request_id=run.id,
        answer=answer,
        fields=fields,
        left_out=run.left_out,
        model=run.usage.model if run.usage else "",
        cost_usd=run.usage.cost_usd if run.usage else Decimal(0),
    )


def reads_like_orders(text: str) -> bool:
    """Whether a text would be refused: it tries to give the model orders."""
    return any(finding.mode == BLOCK for finding in injection.check(text))


def _prepare(talk: Talk, now: datetime) -> _Run:
    try:
        clean, tokens = sanitise_tree(dict(talk.data), list(talk.names))
    except Exception as error:  # whatever it is: without the sanitiser nothing may leave
        log.error("sanitiser failed", error=type(error).__name__)
        raise PrivacyCheckFailed from error
    return _Run(
        talk=talk,
        started_at=now,
        clean=clean,
        tokens=tokens,
        messages=[
            {"role": "system", "content": talk.instructions.strip()},
            {"role": "user", "content": json.dumps(clean)},
        ],
        usd_to_ghs=catalogue.usd_to_ghs(now=now),
    )


def _check_injection(run: _Run) -> None:
    """Takes out what redacting rules found. Raises InputRefused for what blocks."""
    untrusted = {name: run.clean[name] for name in run.talk.untrusted if name in run.clean}
    findings = injection.check_tree(untrusted)
    run.flags = sorted({finding.rule for finding in findings})
    blocked = [finding for finding in findings if finding.mode == BLOCK]
    if blocked:
        raise InputRefused(
            errors=[
                {"field": one.field, "code": one.rule, "detail": "Reads like an order to the AI."}
                for one in blocked
            ]
        )
    if any(finding.mode == REDACT for finding in findings):
        run.clean = {**run.clean, **injection.without(untrusted, findings)}
        run.messages[-1] = {"role": "user", "content": json.dumps(run.clean)}


def _ask(run: _Run, models: Sequence[Any]) -> Generator[Delta | Restart, None, dict[str, Any]]:
    """Asks one model after the other until one has finished; returns the other fields of its answer."""
    usable = [(providers.find(price.provider), price) for price in models]
    deadline = time.monotonic() + settings.AI_TIMEOUT_SECONDS
    failure = ProviderFailed("resting")
    for place, (provider, price) in enumerate(usable, 1):
        if not breaker.allows(price.slug):
            continue
        left = deadline - time.monotonic()
        if left <= 0:
            break
        share = 1.0 if place == len(usable) else _SHARE_OF_TIME
        if run.shown:
            yield Restart()
        run.shown, run.left_out = [], []
        try:
            completion = yield from _read(run, provider, price, time.monotonic() + left * share)
        except ProviderFailed as error:
            log.warning("provider failed", model=price.slug, reason=error.reason)
            failure = error
            if not error.retryable:
                break
            breaker.failed(price.slug, retry_after=error.retry_after)
            continue
        breaker.succeeded(price.slug)
        usage = costs.of_completion(completion=completion, price=price, usd_to_ghs=run.usd_to_ghs)
        run.usage = costs.add(run.usage, usage)
        return _other_fields(run, completion)
    raise failure


def _read(run: _Run, provider: Provider, price: Any, deadline: float) -> Generator[Delta, None, Completion]:
    """One model's answer while it comes; returns its Completion. Raises ProviderFailed."""
    prompt = Prompt(
        messages=run.messages,
        schema=dict(run.talk.schema),
        model=price.name,
        max_output_tokens=settings.CHAT_MAX_OUTPUT_TOKENS,
        reasoning_effort=price.reasoning_effort,
        deadline=deadline,
        user_hash=keyed_hash(run.talk.asker),
    )
    reader, sentences = FieldReader("answer"), Sentences()
    completion: Completion | None = None
    for piece in provider.stream(prompt):
        if isinstance(piece, Completion):
            completion = piece
            break
        for sentence in sentences.feed(reader.feed(piece)):
            yield from _release(run, sentence)
    if completion is None:
        raise ProviderFailed("cut")
    for sentence in sentences.rest() if reader.is_done else []:  # half a sentence may say the contrary
        yield from _release(run, sentence)
    return completion


def _release(run: _Run, sentence: str) -> Iterator[Delta]:
    """The sentence, when it may be seen: names restored, markup out. Else it is left out."""
    text = spoken.plain(sentence)
    if spoken.is_invented(text, run.clean) or spoken.tells_orders(text, run.talk.instructions):
        run.left_out.append(sentence.strip())
        return
    if text:
        shown = restore(text, run.tokens)
        run.shown.append(shown)
        yield Delta(shown)


def _other_fields(run: _Run, completion: Completion) -> dict[str, Any]:
    """What else the answer says, names restored; nothing of what can't be read or has invented figures."""
    parsed = asking.parse(completion.text)
    if not isinstance(parsed, dict):
        return {}
    known = {
        name: value
        for name, value in parsed.items()
        if name in run.talk.schema["properties"] and name != "answer"
    }
    return {
        name: restore_tree(value, run.tokens)
        for name, value in known.items()
        if not spoken.is_invented(value, run.clean)
    }


def _book(run: _Run, *, result: dict[str, Any] | None = None, error: str = "") -> None:
    """One AI request and one transaction of a member's; a guest's cost stands with the message alone."""
    talk = run.talk
    if talk.business_id is None or talk.membership_id is None:
        return
    who: dict[str, Any] = {
        "business_id": talk.business_id,
        "membership_id": talk.membership_id,
        "user_id": talk.user_id,
        "feature": talk.feature,
        "request_id": run.id,
        "response_time_ms": run.elapsed_ms,
        "now": run.now,
    }
    with transaction.atomic():
        if error or run.usage is None:
            transaction_id = AIBillingService.log_failed_transaction(**who, error_code=error, usage=run.usage)
        else:
            transaction_id = AIBillingService.log_house_transaction(**who, usage=run.usage)
        AIRequest.objects.create(
            id=run.id,
            business_id=talk.business_id,
            membership_id=talk.membership_id,
            feature=talk.feature,
            prompt_version=talk.version,
            status=AIRequest.Status.FAILED if error else AIRequest.Status.SUCCEEDED,
            source=AIRequest.Source.AI,
            error_code=error,
            request_data=run.clean,
            sent=None if error == InputRefused.code else run.messages,
            result=result,
            flags=run.flags,
            transaction_id=transaction_id,
            model=run.usage.model if run.usage else "",
            usage=costs.to_json(run.usage) if run.usage else None,
            response_time_ms=run.elapsed_ms,
            created_at=run.started_at,
            finished_at=run.now,
        )
