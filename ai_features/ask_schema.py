"""The API's document of `ask/`."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from ai_features import examples
from ai_features.features import FEATURES, open_question
from ai_features.serializers import AskEnvelopeSerializer, FreshMixin, LocalAnswerSerializer
from config.core import openapi

_INSIGHT = FEATURES["customer_insight"]
_QUESTION = {"question": "How many credits do I have left?"}
_HERE = {
    **examples.envelope(open_question.FEATURE),
    "feature": "ask",
    "source": "local",
    "result": {
        "answer": "You have 4.90 credits to spend.",
        "figures": {"available": 4.90, "balance": 4.90, "held": 0, "debt": 0},
        "see": "/api/subscriptions/ai/credits/",
        "free_questions": ["How many credits do I have left?"],
    },
    "credits_charged": 0,
    "model": None,
    "low_credit_warning": False,
    "response_time_ms": 6,
    "indicator": "⚡ instant, free",
    "routing": {"route": "local", "intent": "balance", "reason": "asks about the balance", "confidence": 1},
}
_ADVISED = {
    **examples.envelope(open_question.FEATURE),
    "credits_charged": 0.50,
    "new_balance": 4.40,
    "indicator": "🤖 AI, 0.5 credits",
    "routing": {
        "route": "ai",
        "intent": "open",
        "reason": "asks for advice or writing: sell",
        "confidence": 0.95,
    },
}
EXAMPLES = [
    openapi.request(_QUESTION, "About the account"),
    openapi.request(open_question.EXAMPLE, "For advice"),
    openapi.request({**_INSIGHT.example, "question": "Who are my top customers?"}, "With customers"),
    openapi.response(_HERE, "Answered here"),
    openapi.response(_ADVISED, "Answered by the AI"),
    openapi.response(examples.INSUFFICIENT, "Too few credits", 402),
]


def request_body() -> Any:
    """The question alone, or with customers as in `customer-insight/`."""
    alone = type("AskRequest", (open_question.OpenQuestionInput, FreshMixin), {})
    with_customers = type("AskWithCustomersRequest", (_INSIGHT.input_serializer, FreshMixin), {})
    return _either("AskBody", alone, with_customers)


def answer() -> type[serializers.Serializer]:
    """Every result has `answer`; the rest depends on where it came from."""
    result = _either("AskResult", LocalAnswerSerializer, open_question.OpenQuestionOutput, _INSIGHT.delivers)
    return type("AskAnswer", (AskEnvelopeSerializer,), {"result": result})


def _either(name: str, *choices: Any) -> Any:
    return PolymorphicProxySerializer(
        component_name=name, serializers=list(choices), resource_type_field_name=None
    )
