"""One free question: answered here, free and at once, when that is possible; else by the paid model."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.errors import BusinessInactive
from ai_features.features import FEATURES, open_question
from ai_features.routing import AI, LOCAL, Decision, decide
from ai_features.services import account_answers, gateway, outcomes
from ai_features.services import question as questions
from ai_features.services.call import Answer, Call, Routing
from ai_features.services.caller import Caller
from ai_features.services.question import Question
from config.core.errors import DomainError
from subscriptions.selectors import catalogue

# What is answered here is logged under a name of its own; the model's answers under the feature that is paid.
_HERE = replace(open_question.FEATURE, slug="ask", version="1")
_WITH_CUSTOMERS = FEATURES["customer_insight"]


def run(*, data: Any, caller: Caller, now: datetime) -> Answer:
    """Answers one question, or raises the DomainError that says why not and what can be asked free.

    Only the model's answers need the right to Customer Insight, and only they are charged.
    """
    has_customers = isinstance(data, dict) and "customers" in data
    question = questions.read(_WITH_CUSTOMERS if has_customers else open_question.FEATURE, data)
    decision = _decide(question, has_customers=has_customers)
    if decision.route == LOCAL:
        answer = _answer_here(question, decision, caller, now)
        if answer is not None:
            return answer
        decision = Decision(AI, decision.intent, "the customers given do not hold the answer", Decimal(1))
    try:
        return gateway.run(
            feature=question.feature, data=question, caller=caller, now=now, routing=_stored(decision)
        )
    except DomainError as refusal:
        refusal.data["free_questions"] = list(account_answers.FREE_QUESTIONS)
        raise


def _decide(question: Question, *, has_customers: bool) -> Decision:
    decision = decide(question.clean_items[0]["question"], has_data=has_customers)
    if question.ask_ai:
        return replace(decision, route=AI, reason="the AI was asked for", confidence=Decimal(1))
    return decision


def _answer_here(question: Question, decision: Decision, caller: Caller, now: datetime) -> Answer | None:
    """From the account or from the customers given; None when these do not hold the answer."""
    if not caller.business_is_active:
        raise BusinessInactive
    if decision.intent in account_answers.INTENTS:
        call = Call(_HERE, None, caller, now, _stored(decision))
        gateway.check_rate(call)
        # Without the customers: such an answer has nothing to do with them.
        asked = {"question": question.clean_items[0]["question"]}
        result = account_answers.give(decision=decision, caller=caller, now=now)
        return outcomes.give_local(call, Question(_HERE, [asked], False, fresh=False), [result])
    price = catalogue.feature(slug=question.feature.slug, now=now)
    call = Call(question.feature, price, caller, now, _stored(decision))
    gateway.check_rate(call)
    local = gateway.route_locally(call, question)
    return None if local is None else outcomes.give_local(call, question, local)


def _stored(decision: Decision) -> Routing:
    names = ("route", "intent", "reason", "confidence")
    return {name: getattr(decision, name) for name in names}
