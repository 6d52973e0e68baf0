"""Asks a model until every item has an answer that passes all checks: at most twice.

No transaction and no database connection is held here. Everything ends by one deadline.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings

from ai_features import costs, providers
from ai_features.features import schema
from ai_features.features.base import Facts, Feature, Result
from ai_features.privacy import markup
from ai_features.providers import breaker
from ai_features.providers.base import Completion, Message, Prompt, Provider, ProviderFailed
from ai_features.services import question as questions
from config.core import json
from subscriptions.types import ProviderUsage

log = structlog.get_logger("sika.ai")

_ATTEMPTS = 2
# While another model can still be tried, one may not use up the whole time.
_SHARE_OF_TIME = 0.6
_FENCE = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)


@dataclass
class Draft:
    """What the attempts brought: a result or None per item, what was wrong, what it all cost."""

    results: list[Result | None]
    problems: list[str] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    usage: ProviderUsage | None = None

    @property
    def missing(self) -> list[int]:
        return [index for index, result in enumerate(self.results) if result is None]

    @property
    def delivered(self) -> int:
        return len(self.results) - len(self.missing)


@dataclass(frozen=True)
class Order:
    """What may be asked of whom: the priced models in order of choice."""

    feature: Feature
    facts: list[Facts]
    models: Sequence[costs.Price]
    output_tokens_per_item: int
    usd_to_ghs: Decimal
    revenue_ghs: Decimal | None
    user_hash: str
    guidance: str


def ask_until_usable(order: Order) -> Draft:
    """One attempt and, for the items whose answer failed a check, one repair.

    Raises ProviderFailed when nothing came back at all. A draft without a usable result has
    its `usage`, which the provider will bill.
    """
    # Before the clock starts: the first look-up in a process imports an SDK.
    usable = [(providers.find(price.provider), price) for price in order.models]
    deadline = time.monotonic() + settings.AI_TIMEOUT_SECONDS
    draft = Draft(results=[None] * len(order.facts))
    for _ in range(_ATTEMPTS):
        try:
            if not attempt(order, usable, draft, deadline):
                break
        except ProviderFailed:
            if draft.usage is None:
                raise
            break
        if not draft.missing:
            break
    return draft


def attempt(order: Order, usable: list[tuple[Provider, costs.Price]], draft: Draft, deadline: float) -> bool:
    """Asks for the items still missing and keeps what passes. Raises ProviderFailed.

    False, and nobody was asked, when every model would make the call cost more than it brings in.
    """
    missing = draft.missing
    facts = [order.facts[index] for index in missing]
    messages = questions.messages(order.feature, facts, guidance=order.guidance, corrections=draft.problems)
    usable = [choice for choice in usable if affordable(order, choice[1], draft, messages)]
    if not usable:
        log.warning("no repair: it would cost more than the call brings in", feature=order.feature.slug)
        return False
    draft.sent = messages
    completion, price = call_provider(order, usable, draft.sent, len(facts), deadline)
    usage = costs.of_completion(completion=completion, price=price, usd_to_ghs=order.usd_to_ghs)
    draft.usage = costs.add(draft.usage, usage)
    draft.problems = []
    for index, raw in zip(missing, split(parse(completion.text), len(facts)), strict=True):
        result, problems = check(order.feature, order.facts[index], raw)
        if problems:
            draft.problems += problems
        else:
            draft.results[index] = order.feature.finish(order.facts[index], result)
    return True


def affordable(order: Order, price: costs.Price, draft: Draft, messages: list[Message]) -> bool:
    """Whether a repair, at its dearest, and what was spent before stay within the revenue of the call.

    The first attempt was weighed before the hold, with the margin floor.
    """
    if draft.usage is None or order.revenue_ghs is None:
        return True
    count = len(draft.missing)
    repair_usd = costs.predict_usd(
        price=price,
        messages=messages,
        schema=schema.for_items(order.feature.output_serializer, count),
        max_output_tokens=order.output_tokens_per_item * count,
    )
    return draft.usage.cost_ghs + repair_usd * order.usd_to_ghs <= order.revenue_ghs


def call_provider(
    order: Order,
    usable: list[tuple[Provider, costs.Price]],
    messages: list[Message],
    count: int,
    deadline: float,
) -> tuple[Completion, costs.Price]:
    """The first answer that any model gives. Raises ProviderFailed."""
    wanted = schema.for_items(order.feature.output_serializer, count)
    failure = ProviderFailed("resting")  # every model failed a moment ago
    for place, (provider, price) in enumerate(usable, 1):
        if not breaker.allows(price.slug):
            continue
        left = deadline - time.monotonic()
        share = 1.0 if place == len(usable) else _SHARE_OF_TIME
        prompt = Prompt(
            messages=messages,
            schema=wanted,
            model=price.name,
            max_output_tokens=order.output_tokens_per_item * count,
            reasoning_effort=price.reasoning_effort,
            deadline=time.monotonic() + left * share,
            user_hash=order.user_hash,
        )
        try:
            completion = provider.complete(prompt)
        except ProviderFailed as error:
            log.warning("provider failed", model=price.slug, reason=error.reason)
            failure = error
            if not error.retryable:
                break
            breaker.failed(price.slug, retry_after=error.retry_after)
        else:
            breaker.succeeded(price.slug)
            return completion, price
    raise failure


def parse(text: str) -> Any:
    """The JSON of an answer, also from a code fence, without links, images and HTML; None when it is none."""
    fenced = _FENCE.match(text)
    try:
        return plain(json.loads(fenced.group(1) if fenced else text))
    except (ValueError, RecursionError):
        return None


def split(answer: Any, count: int) -> list[Any]:
    """The answers to the single items; None for each that is not there."""
    if count == 1:
        return [answer]
    items = answer.get("items") if isinstance(answer, dict) else None
    items = items if isinstance(items, list) else []
    return [*items[:count], *[None] * (count - len(items))]


def check(feature: Feature, facts: Facts, raw: Any) -> tuple[Result, list[str]]:
    """The result and what is wrong with it: first against the output schema, then figure by figure."""
    result, problems = schema.problems(feature.output_serializer, raw)
    if problems:
        return {}, ["the answer must be JSON exactly in the required form", *problems]
    return result, feature.check(facts, result)


def plain(data: Any) -> Any:
    """The same tree, its texts without links, images and HTML."""
    if isinstance(data, str):
        return markup.strip(data)
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return data
