"""Examples in the API's document that belong to no single feature."""

from typing import Any

from ai_features.features import product_description
from ai_features.features.base import Feature

REQUEST_ID = "0199a1f2-6f0e-7c3a-9d3b-2f6a1c4e8b10"
DESCRIBED = product_description.EXAMPLE_RESULT


def envelope(feature: Feature) -> dict[str, Any]:
    return {
        "id": REQUEST_ID,
        "feature": feature.slug,
        "source": "ai",
        "result": finished_example(feature),
        "credits_charged": 0.10,
        "new_balance": 4.90,
        "low_credit_warning": True,
        "model": "openai/gpt-6-luna",
        "response_time_ms": 1240,
        "notice": None,
    }


def finished_example(feature: Feature) -> dict[str, Any]:
    """The example's answer with what is computed here."""
    item = feature.input_serializer(data=feature.example)
    item.is_valid(raise_exception=True)
    return feature.finish(feature.facts(dict(item.validated_data)), feature.example_result)


STORED = {
    "id": REQUEST_ID,
    "feature": "product_description",
    "status": "succeeded",
    "source": "ai",
    "result": DESCRIBED,
    "credits_charged": 0.10,
    "model": "openai/gpt-6-luna",
    "response_time_ms": 1240,
    "notice": None,
    "error_code": None,
    "repeats": None,
    "created_at": "2026-11-21T10:00:00Z",
    "finished_at": "2026-11-21T10:00:01Z",
}
SENT = {
    "id": REQUEST_ID,
    "model": "openai/gpt-6-luna",
    "messages": [{"role": "user", "content": '{"product": {"name": "Shea butter"}}'}],
}
RECEIPT = {
    "transaction_id": 1201,
    "status": "success",
    "source": "ai",
    "held": 0.10,
    "captured": 0.10,
    "returned": 0.00,
    "late": False,
    "grants": [{"source": "trial", "credits": 0.10, "unit_value_ghs": 0}],
    "model": "openai/gpt-6-luna",
    "price_version": "2026-11-01T00:00:00Z",
    "created_at": "2026-11-21T10:00:01Z",
}
JOB_SUMMARY = {
    "id": "0199a1f2-7a10-7c3a-9d3b-2f6a1c4e8b11",
    "feature": "product_description",
    "status": "running",
    "total": 2,
    "done": 1,
    "failed": 0,
    "percent": 50,
    "credits_charged": 0.10,
    "created_at": "2026-11-21T10:00:00Z",
    "finished_at": None,
}
JOB = {
    **JOB_SUMMARY,
    "items": [
        {
            "index": 0,
            "status": "done",
            "request_id": REQUEST_ID,
            "result": DESCRIBED,
            "error": None,
            "detail": "",
        },
        {"index": 1, "status": "waiting", "request_id": None, "result": None, "error": None, "detail": ""},
    ],
}
NEW_JOB = {"feature": "product_description", "items": [{"name": "Shea butter"}, {"name": "Black soap"}]}
INSUFFICIENT = {
    "code": "insufficient_credits",
    "detail": (
        "This needs 0.10 credits and 0.00 are there. Buy a pack (from STARTER: 30.00 credits for GHS 30.00),"
        " or ask an owner or manager to."
    ),
    "required": 0.10,
    "available": 0.00,
    "shortfall": 0.10,
    "packs": [{"type": "STARTER", "price": 30.00, "total_credits": 30.00}],
    "local_answer": {"source": "local", "result": DESCRIBED, "credits_charged": 0, "notice": "…"},
    "last_good_answer": {
        "source": "cached",
        "request_id": REQUEST_ID,
        "result": DESCRIBED,
        "credits_charged": 0,
        "model": "openai/gpt-6-luna",
        "answered_at": "2026-11-18T09:12:00Z",
        "age": "3 days",
        "notice": "The AI's last answer to this question, 3 days old; free. It may be out of date.",
    },
}
