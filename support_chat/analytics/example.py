"""What the figures look like, for the API's document."""

from typing import Any

_ANSWERS = {"curated": 30, "model": 84, "search": 4, "none": 6, "staff": 25, "failed": 1}
_DAY = {"conversations": 62, "begun": 58, "messages": 283}
_COST = {"cost_usd": 0.02520000, "cost_ghs": 0.40320000}

SUPPORT_ANALYTICS: dict[str, Any] = {
    "period_days": 30,
    **_DAY,
    "questions": 133,
    "answers": [
        {"by": source, "answers": count, "share": share}
        for (source, count), share in zip(
            _ANSWERS.items(), (20.00, 56.00, 2.67, 4.00, 16.67, 0.67), strict=True
        )
    ],
    "times": {
        "first_text": {"count": 124, "median_s": 0.74, "p90_s": 1.91},
        "whole_reply": {"count": 124, "median_s": 1.62, "p90_s": 4.20},
        "staff_first_reply": {"count": 11, "median_s": 312.00, "p90_s": 1804.50},
    },
    "resolution": {
        "without_human": 41,
        "with_human": 9,
        "unresolved": 6,
        "ongoing": 6,
        "resolved": 50,
        "rate": 89.29,
        "rate_without_human": 73.21,
        "reopened": 2,
        "reopened_rate": 20.00,
    },
    "handoff": {
        "tickets": 12,
        "conversations": 12,
        "rate": 19.35,
        "reasons": [{"reason": "user", "tickets": 8}, {"reason": "model", "tickets": 4}],
        "categories": [{"category": "payments", "tickets": 7}, {"category": "other", "tickets": 5}],
    },
    "csat": {
        "ratings": 20,
        "mean": 4.35,
        "distribution": [
            {"rating": rating, "ratings": count} for rating, count in enumerate((1, 0, 2, 5, 12), 1)
        ],
    },
    "cost": {
        **_COST,
        "cost_usd_per_conversation": 0.00040645,
        "cost_ghs_per_conversation": 0.00650323,
        "cost_usd_per_resolved": 0.00050400,
        "cost_ghs_per_resolved": 0.00806400,
    },
    "languages": [
        {"language": "en", "questions": 100, "share": 75.19},
        {"language": "fr", "questions": 33, "share": 24.81},
    ],
    "by_day": [{"day": "2026-11-21", **_DAY, "answers": _ANSWERS, **_COST}],
    "issues": {
        "read": 133,
        "at_most": 2000,
        "groups": [
            {
                "question": "How do I buy credits with MoMo?",
                "questions": 17,
                "conversations": 15,
                "declined": 0,
                "from_search": 1,
            }
        ],
    },
    "gaps": {
        "read": 10,
        "at_most": 2000,
        "groups": [
            {
                "question": "Can I print labels for my shelves?",
                "questions": 3,
                "conversations": 3,
                "declined": 3,
                "from_search": 0,
            }
        ],
    },
}
