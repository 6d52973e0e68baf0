"""What platform staff see of all businesses."""

_SUMS = {
    "queries": 1200,
    "successes": 1188,
    "paid": 240,
    "local": 900,
    "cached": 48,
    "credits": 96.50,
    "revenue_ghs": 81.20,
    "cost_usd": 0.31240000,
    "cost_ghs": 5.00,
    "margin_ghs": 76.20,
    "margin": 93.84,
    "roi": 1524.00,
    "cost_per_query": 0.00026033,
    "queries_per_usd": 3841.23,
    "local_ratio": 75.00,
}
USER_ANALYTICS = {
    "period_days": 7,
    "totals": _SUMS,
    "by_day": [{"day": "2026-11-21", **_SUMS}],
    "by_feature": [{"feature": "product_description", **_SUMS}],
    "by_model": [{"model": "openai/gpt-6-luna", **_SUMS}],
}
ANALYTICS = {
    **USER_ANALYTICS,
    "period_days": 30,
    "by_business": [{"business_id": "0199a1f2-6f0e-7c3a-9d3b-2f6a1c4e8b10", "name": "Ama Stores", **_SUMS}],
    "top_users": [{"user_id": 7, "email": "ama@shop.example", **_SUMS}],
    "money": {
        "sales_ghs": 260.00,
        "refunds_ghs": 30.00,
        "net_sales_ghs": 230.00,
        "recognised_ghs": 81.20,
        "of_it_expired_ghs": 0.00,
        "deferred_ghs": 148.80,
    },
    "conversion_opportunities": [
        {
            "business_id": "0199a1f2-6f0e-7c3a-9d3b-2f6a1c4e8b11",
            "name": "Kofi Cold Store",
            "free_credits": 5.00,
            "used": 4.60,
            "uses": 21,
        }
    ],
}
USER_USAGE = {
    **USER_ANALYTICS,
    "user_id": 7,
    "email": "ama@shop.example",
    "places": [
        {
            "business_id": "0199a1f2-6f0e-7c3a-9d3b-2f6a1c4e8b10",
            "business": "Ama Stores",
            "role": "owner",
            "daily_limit_usd": 10.00,
            "used_today_usd": 0.01240000,
            "remaining_today_usd": 9.98760000,
        }
    ],
}
