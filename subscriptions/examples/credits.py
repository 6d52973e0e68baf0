"""What a business has, spends and reads of its credits."""

CREDITS = {
    "balance": 104.9,
    "total_purchased": 100,
    "total_used": 0.1,
    "has_monthly_addon": False,
    "monthly_addon_details": None,
    "held": 0,
    "available": 104.9,
    "debt": 0,
    "grants": [
        {
            "source": "trial",
            "credits": 5,
            "remaining": 4.9,
            "expires_at": None,
            "created_at": "2026-11-21T09:30:00Z",
            "frozen": False,
        },
        {
            "source": "purchase",
            "credits": 100,
            "remaining": 100,
            "expires_at": None,
            "created_at": "2026-11-21T09:40:00Z",
            "frozen": False,
        },
    ],
    "runway": {
        "days": None,
        "text": "about 1049 product descriptions",
        "per_feature": {"product_description": 1049},
    },
}
PRICING = {
    "credit_packs": [
        {
            "type": "VALUE",
            "name": "Value",
            "price": 80,
            "credits": 83.33,
            "bonus_credits": 16.67,
            "total_credits": 100,
            "cost_per_credit": 0.8,
            "savings": "20%",
            "recommended": True,
        },
        {
            "type": "CUSTOM",
            "name": "Custom amount",
            "price": None,
            "min_price": 10,
            "max_price": 5000,
            "credits": None,
            "bonus_credits": 0,
            "total_credits": None,
            "cost_per_credit": 1,
        },
    ],
    "feature_costs": [
        {
            "feature": "product_description",
            "name": "Product Description Generator",
            "credits": 0.1,
            "description": "Turns a product's name and attributes into a title, a description and tags.",
            "category": "basic",
        }
    ],
    "monthly_addon": {
        "available": True,
        "price": 50,
        "credits": 100,
        "description": "100 credits every month; up to 50 unused ones roll over.",
        "savings": "50%",
    },
}
CHECK = {
    "feature": "product_description",
    "has_credits": True,
    "required": 0.1,
    "available": 4.9,
    "shortfall": 0,
}
TRIAL = {"credits_added": 5, "new_balance": 5, "message": "5 free credits are yours."}
USAGE = {
    "period_days": 30,
    "period_start": "2026-10-23",
    "period_end": "2026-11-21",
    "current_balance": 104.9,
    "total_credits_used": 0.1,
    "total_requests": 1,
    "successful_requests": 1,
    "success_rate": 100,
    "avg_response_time_ms": 812,
    "feature_breakdown": [
        {
            "feature": "product_description",
            "name": "Product Description Generator",
            "requests": 1,
            "successful_requests": 1,
            "credits": 0.1,
        }
    ],
    "most_used_feature": "product_description",
    "daily": [{"day": "2026-11-21", "requests": 1, "successful_requests": 1, "credits": 0.1}],
    "cached": 0,
    "local": 0,
}
STATEMENT = {
    "from": "2026-11-01",
    "to": "2026-11-21",
    "timezone": "Africa/Accra",
    "opening_balance": 4.9,
    "closing_balance": 104.6,
    "totals": [
        {"kind": "capture", "entries": 1, "amount": -0.3, "debt_change": 0},
        {"kind": "grant", "entries": 1, "amount": 100, "debt_change": 0},
    ],
    "results": [
        {
            "id": 17,
            "created_at": "2026-11-21T09:40:00+00:00",
            "kind": "grant",
            "description": "Bought Value pack",
            "amount": 100,
            "debt_change": 0,
            "balance_after": 104.9,
            "request_id": None,
            "purchase_id": "7d0f3c52-3f5e-4d0b-9c1a-5f0e6a1b2c3d",
            "addon_id": None,
            "refund_id": None,
        },
        {
            "id": 18,
            "created_at": "2026-11-21T09:45:00+00:00",
            "kind": "capture",
            "description": "Product Description Generator ×3 items",
            "amount": -0.3,
            "debt_change": 0,
            "balance_after": 104.6,
            "request_id": "0b6c1f0e-6c0d-4b6f-8f1f-0c5f2a7d9e31",
            "purchase_id": None,
            "addon_id": None,
            "refund_id": None,
        },
    ],
    "next": None,
    "previous": None,
}
USE = {
    "id": 9,
    "request_id": "0b6c1f0e-6c0d-4b6f-8f1f-0c5f2a7d9e31",
    "created_at": "2026-11-21T09:45:00Z",
    "feature": "product_description",
    "status": "success",
    "source": "ai",
    "error_code": "",
    "partial": False,
    "late": False,
    "credits_charged": 0.3,
    "response_time_ms": 812,
    "member": 4,
    "email": "ama@shop.example",
}
