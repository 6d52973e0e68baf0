"""The one door through which a feature reaches a model: limited, charged, checked and logged.

`run` is the order of the steps. What happens between a hold and its end happens without a transaction and
without a database connection.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings

from accounts.errors import BusinessInactive, RoleNotAllowed
from ai_features import cache
from ai_features.errors import (
    AddonRequired,
    AnswerUnusable,
    InputRefused,
    MarginFloor,
    NoModel,
    ProviderRefused,
    ProviderUnavailable,
)
from ai_features.features.base import Feature, Result
from ai_features.models import AIRequest
from ai_features.privacy import injection
from ai_features.privacy.sanitise import keyed_hash, restore_tree
from ai_features.providers import breaker
from ai_features.providers.base import Message, ProviderFailed, ProviderRejected
from ai_features.services import asking, last_good, margin, outcomes
from ai_features.services import question as questions
from ai_features.services.call import Answer, Call, shape
from ai_features.services.caller import Caller
from ai_features.services.margin import Offer
from ai_features.services.question import Question
from config.core import json, rate_limit
from config.core.db import release_connection
from config.core.errors import DomainError
from config.core.idempotency import KeyReused
from subscriptions.ai_billing import AIBillingService
from subscriptions.errors import FxRateUnknown, KeyAlreadyCharged, PriceUnknown
from subscriptions.selectors import account, catalogue, tiers
from subscriptions.services import refusals
from subscriptions.types import Hold

log = structlog.get_logger("sika.ai")


def run(*, feature: Feature, data: Any, caller: Caller, now: datetime) -> Answer:
    """Answers one question, or raises the DomainError that says why not; a failure is never charged."""
    call = Call(feature, catalogue.feature(slug=feature.slug, now=now), caller, now)
    check_access(call)
    check_rate(call)
    question = validate_input(call, data)
    key = cache_key(call, question)
    with cache.once(key, fresh=question.fresh) as stored:
        if stored is not None:
            return outcomes.give_cached(call, question, stored)
        local = route_locally(call, question)
        if local is not None:
            return outcomes.give_local(call, question, local)
        prompt = sanitise(call, question)
        flags = check_injection(call, question)
        offer = guard_margin(call, question, prompt)
        try:
            hold = take_hold(call, question, offer)
        except KeyAlreadyCharged:
            return first_answer(call, question)
        draft = ask(call, question, offer, hold)  # provider, schema, figures, one repair
        return settle(call, question, hold, draft, flags, key)


def check_access(call: Call) -> None:
    """The business is active, the role may use the feature, the add-on is there when the feature needs it."""
    caller = call.caller
    if not caller.business_is_active:
        raise BusinessInactive
    if call.feature.slug not in caller.features:
        raise RoleNotAllowed(feature=call.feature.slug)
    if call.price.needs_addon and not account.has_active_addon(
        business_id=caller.business_id, now=call.started_at
    ):
        raise AddonRequired(feature=call.feature.slug)


def check_rate(call: Call) -> None:
    rate_limit.check(scope="ai", identity=str(call.caller.membership_id), limit=settings.RATE_LIMITS["ai"])


def validate_input(call: Call, data: Any) -> Question:
    return questions.read(call.feature, data)


def cache_key(call: Call, question: Question) -> str:
    """Made of the sanitised input, so this is where the sanitiser really runs; nothing has left yet."""
    return cache.key(
        business_id=call.caller.business_id,
        role=call.caller.role,
        feature=call.feature.slug,
        version=call.feature.version,
        model_class=call.price.model_class,
        items=question.clean_items,
    )


def route_locally(call: Call, question: Question) -> list[Result] | None:
    """The feature's own answers, when it has one for every item."""
    answers = [call.feature.local_answer(facts) for facts in question.facts]
    found = [answer for answer in answers if answer is not None]
    return found if len(found) == len(answers) else None


def sanitise(call: Call, question: Question) -> list[Message]:
    """The prompt, made from sanitised input alone."""
    return questions.messages(call.feature, question.facts, guidance=call.caller.guidance)


def check_injection(call: Call, question: Question) -> list[str]:
    """The rules that only flag. Raises InputRefused for one that blocks."""
    findings = injection.check_tree(question.clean_items)
    flags = sorted({finding.rule for finding in findings})
    blocked = [finding for finding in findings if finding.mode == "block"]
    if blocked:
        errors = [
            {"field": question.field(f.field), "code": f.rule, "detail": "Reads like an order to the AI."}
            for f in blocked
        ]
        error = InputRefused(errors=errors, request_id=call.id)
        outcomes.log_refused(call, question, error, flags)
        raise error
    return flags


def guard_margin(call: Call, question: Question, prompt: list[Message]) -> Offer:
    """The models that leave the margin floor. Refuses, logs and tells support when there is none."""
    try:
        return margin.choose(
            business_id=call.caller.business_id,
            feature=call.feature,
            price=call.price,
            prompt=prompt,
            count=len(question.items),
            now=call.started_at,
        )
    except (MarginFloor, NoModel, PriceUnknown, FxRateUnknown) as refusal:
        refusal.data["request_id"] = call.id
        outcomes.refuse_and_tell(call, question, refusal)
        offer_instead(call, question, refusal)
        raise


def take_hold(call: Call, question: Question, offer: Offer) -> Hold:
    """Reserves the price of every item and whatever else limits the call. Raises what the ledger raises."""
    caller = call.caller
    try:
        tier = tiers.tier_limits(user_id=caller.user_id, business_id=caller.business_id, now=call.now)
        return AIBillingService.hold(
            business_id=caller.business_id,
            membership_id=caller.membership_id,
            user_id=caller.user_id,
            feature=call.feature.slug,
            credits=call.price.credits * len(question.items),
            request_id=call.id,
            idempotency_key=caller.idempotency_key,
            predicted_cost_usd=offer.predicted_cost_usd,
            daily_limit_usd=caller.daily_limit_usd,
            tier=tier,
            now=call.now,
        )
    except KeyAlreadyCharged:
        raise
    except DomainError as refusal:
        if refusal.code in refusals.QUOTAS:
            refusals.note(
                business_id=caller.business_id, user_id=caller.user_id, code=refusal.code, now=call.now
            )
        offer_instead(call, question, refusal)
        raise


def first_answer(call: Call, question: Question) -> Answer:
    """The answer that this Idempotency-Key was charged for: whoever gave it died before saying so.

    Raises KeyReused when the key was charged for another question.
    """
    caller = call.caller
    same_key = AIRequest.objects.filter(
        business_id=caller.business_id, idempotency_key=caller.idempotency_key, source="ai"
    )
    first = same_key.exclude(status="failed").order_by("-created_at").first()
    if first is None:
        raise KeyAlreadyCharged
    asked = json.loads(json.dumps(question.clean_data))  # as it is stored
    if (first.feature, first.request_data) != (call.feature.slug, asked):
        raise KeyReused
    return Answer(
        id=first.pk,
        feature=first.feature,
        source=first.source,
        result=first.result,
        credits_charged=first.credits_charged,
        new_balance=None,
        low_credit_warning=False,
        model=first.model,
        response_time_ms=first.response_time_ms,
        notice=first.notice or None,
    )


def ask(call: Call, question: Question, offer: Offer, hold: Hold) -> asking.Draft:
    """A draft with at least one usable result. When there is none, gives the hold back and raises."""
    draft = None
    try:
        release_connection()
        draft = asking.ask_until_usable(order(call, question, offer))
        if not draft.delivered:
            raise AnswerUnusable
    except (DomainError, ProviderFailed) as failure:
        error = as_refusal(failure)
        error.data["request_id"] = call.id
        outcomes.give_back(call, question, hold, error.code, draft)
        offer_instead(call, question, error)
        raise error from None
    except Exception:
        outcomes.give_back(call, question, hold, "internal_error", draft)
        raise
    return draft


def order(call: Call, question: Question, offer: Offer) -> asking.Order:
    return asking.Order(
        feature=call.feature,
        facts=question.facts,
        models=offer.models,
        output_tokens_per_item=offer.output_tokens_per_item,
        usd_to_ghs=offer.usd_to_ghs,
        revenue_ghs=offer.revenue_ghs,
        user_hash=keyed_hash(f"user:{call.caller.user_id}"),
        guidance=call.caller.guidance,
    )


def settle(
    call: Call, question: Question, hold: Hold, draft: asking.Draft, flags: list[str], key: str
) -> Answer:
    return outcomes.settle(call, question, hold, draft, flags, key)


def as_refusal(failure: DomainError | ProviderFailed) -> DomainError:
    """What the caller is told. The provider's own words stay inside: they may quote the prompt."""
    if isinstance(failure, DomainError):
        return failure
    if isinstance(failure, ProviderRejected):
        return ProviderRefused()
    return ProviderUnavailable(retry_after=round(breaker.PAUSE_SECONDS))


def offer_instead(call: Call, question: Question, refusal: DomainError) -> None:
    """Puts what there is without a call into the body of a refusal, so that the shop can go on; free.

    `local_answer`: a plain text made here. `last_good_answer`: the AI's last answer to this question, if any.
    """
    results: list[Result | None] = [question.feature.local_text(facts) for facts in question.facts]
    refusal.data["local_answer"] = {
        "source": "local",
        "result": restore_tree(shape(question, results), question.tokens),
        "credits_charged": Decimal(0),
        "notice": "Written from your own data without AI; free.",
    }
    same_question = last_good.question_key(cache_key(call, question), question.tokens)
    found = last_good.find(business_id=call.caller.business_id, question_key=same_question, now=call.now)
    if found is not None:
        refusal.data["last_good_answer"] = found
