"""Examples for the OpenAPI document."""

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
REFERENCE = "sika-0b6c1f0e6c0d4b6f8f1f0c5f2a7d9e31"
PURCHASE_REQUEST = {
    "pack_type": "VALUE",
    "payment_method": "MOMO",
    "phone": "055 123 4987",
    "network": "mtn",
}
PURCHASE = {
    "purchase_id": "7d0f3c52-3f5e-4d0b-9c1a-5f0e6a1b2c3d",
    "payment_reference": REFERENCE,
    "payment_status": "PENDING",
    "payment_url": f"https://sika.example/payments/{REFERENCE}/",
    "next_action": "approve_on_phone",
    "display_text": "Approve the payment on your phone with your mobile-money PIN.",
    "expires_at": "2026-11-21T09:33:00Z",
    "pack_details": {"type": "VALUE", "price": 80, "credits": 83.33, "bonus": 16.67, "total_credits": 100},
}
VERIFIED = {
    "success": True,
    "credits_added": 100,
    "new_balance": 104.9,
    "message": "100.00 credits were added.",
}
PENDING = {
    "success": False,
    "status": "pending",
    "message": "The payment has not arrived yet. Approve it on your phone, then ask again.",
}
REFUND_REQUEST = {"reason": "Bought the wrong pack."}
REFUND = {
    "refund_id": "5d1f2a77-6f0e-4c58-9a53-0a4f0c6d2b10",
    "status": "REQUESTED",
    "refund_amount": 79.2,
    "credits_taken": 99,
    "message": "99.00 unspent credits were taken back. GHS 79.20 is on its way to whoever paid.",
}
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
ADDON = {
    "addon_id": "0c9d4b0e-6a2b-4a53-8b1f-1d2e3f4a5b6c",
    "monthly_price": 50,
    "monthly_credits": 100,
    "next_renewal": "2026-12-21T09:30:00Z",
    "payment_reference": REFERENCE,
    "payment_status": "PENDING",
    "payment_url": "https://checkout.paystack.com/0peioxfhpn",
    "next_action": "open_url",
    "display_text": "",
    "expires_at": None,
}
ADDON_DUE = {
    "addon_id": "0c9d4b0e-6a2b-4a53-8b1f-1d2e3f4a5b6c",
    "status": "DUE",
    "monthly_price": 50,
    "monthly_credits": 100,
    "rollover_cap": 50,
    "period_end": "2026-12-21T09:30:00Z",
    "next_renewal": None,
    "card": None,
    "cancelled_at": None,
    "owed": {
        "amount": 50,
        "starts_at": "2026-12-21T09:30:00Z",
        "ends_at": "2027-01-21T09:30:00Z",
        "pay_by": "2026-12-29T09:30:00Z",
        "payment_reference": REFERENCE,
        "payment_url": f"https://shop.example/payments/{REFERENCE}/?retry",
    },
    "periods": [
        {
            "number": 0,
            "starts_at": "2026-11-21T09:30:00Z",
            "ends_at": "2026-12-21T09:30:00Z",
            "price": 50,
            "rolled_over": 0,
            "payment_reference": "sika-6b1f0c9d4b0e4a53bbf11d2e3f4a5b6c",
            "receipt_number": "SK-2026-000124",
        }
    ],
}
CANCELLED = {
    "success": True,
    "cancelled_immediately": False,
    "message": "The add-on will not renew. Its credits stay yours until 21 December 2026.",
}
ATTEMPT = {
    "reference": REFERENCE,
    "status": "SUCCESSFUL",
    "method": "MOMO",
    "channel": "mobile_money",
    "next_action": "",
    "payment_url": "https://checkout.paystack.com/3ni8kdavz62431k",
    "created_at": "2026-11-21T09:38:10Z",
    "settled_at": "2026-11-21T09:40:00Z",
}
BOUGHT = {
    "id": "7d0f3c52-3f5e-4d0b-9c1a-5f0e6a1b2c3d",
    "pack_type": "VALUE",
    "pack_name": "Value",
    "price": 80,
    "credits": 83.33,
    "bonus_credits": 16.67,
    "total_credits": 100,
    "status": "SUCCESSFUL",
    "payment": ATTEMPT,
    "receipt_number": "SK-2026-000123",
    "created_at": "2026-11-21T09:38:10Z",
    "completed_at": "2026-11-21T09:40:00Z",
    "refundable": True,
    "refundable_amount": 79.2,
}
BOUGHT_DETAIL = {
    **BOUGHT,
    "refundable_amount": 39.2,
    "attempts": [ATTEMPT],
    "refunds": [
        {
            "id": "1f0a9f51-6f0e-4a7e-8a53-0c9a4a1d7b66",
            "reference": REFERENCE,
            "amount": 40,
            "status": "PROCESSED",
            "credit_note": "CN-2026-000004",
            "created_at": "2026-11-22T08:00:00Z",
            "finished_at": "2026-11-24T10:12:00Z",
        }
    ],
}
RECEIPT = {
    "number": "SK-2026-000123",
    "kind": "SK",
    "corrects": None,
    "issued_at": "2026-11-21T09:40:00Z",
    "seller_name": "Sika",
    "seller_tin": "C0001234567",
    "seller_address": "12 Oxford Street, Osu, Accra",
    "customer_name": "Ama's Provisions",
    "customer_email": "ama@shop.example",
    "description": "AI credits, Value pack",
    "credits": 83.33,
    "bonus_credits": 16.67,
    "base": 66.66,
    "taxes": [
        {"name": "VAT", "rate": 0.15, "amount": 10},
        {"name": "NHIL", "rate": 0.025, "amount": 1.67},
        {"name": "GETFund", "rate": 0.025, "amount": 1.67},
    ],
    "total": 80,
    "payment_method": "MOMO",
    "channel": "mobile_money",
    "payment_reference": REFERENCE,
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
ALERT = {
    "id": 41,
    "kind": "low_credit",
    "severity": "warning",
    "title": "9.4 credits left",
    "text": "You have 9.4 credits left: about 6 days, or 94 product descriptions.\n\nWe suggest the Value"
    " pack, 100 credits for GHS 80: at the 1.57 credits a day you use now, it lasts about 63 days.",
    "link": "https://sika.example/app/credits/buy?pack=VALUE",
    "data": {
        "available": "9.4",
        "threshold": "10",
        "runway_days": 6,
        "suggested_pack": {"type": "VALUE", "price": "80"},
    },
    "created_at": "2026-11-21T09:30:00Z",
    "is_read": False,
    "read_at": None,
}
ALERT_READ = {**ALERT, "is_read": True, "read_at": "2026-11-21T10:00:00Z"}
PREFERENCES = {
    "low_credit_threshold": 20,
    "emails": {
        "low_credit": True,
        "budget": True,
        "expiry": False,
        "unusual_spend": True,
        "renewal": True,
        "lapsed": True,
        "licence": True,
    },
    "email_managers": False,
    "webhook_is_set": True,
    "webhook_host": "hooks.slack.com",
}
PREFERENCES_UPDATE = {
    "low_credit_threshold": 20,
    "emails": {"expiry": False},
    "webhook_url": "https://hooks.slack.com/services/T0/B0/x",
}
NEW_BUDGET = {"unit": "credits", "limit": 60, "member_id": 12, "soft_only": False}
BUDGET_USE = {
    "id": 7,
    "scope": "member",
    "feature": None,
    "unit": "credits",
    "soft_only": False,
    "percent": 84.16,
    "period": "2026-11-01",
    "resets_at": "2026-12-01T00:00:00Z",
}
BUDGET = {
    **BUDGET_USE,
    "member_id": 12,
    "limit": 60,
    "spent": 50.5,
    "held": 0.1,
    "created_at": "2026-11-03T08:00:00Z",
}
QUOTA = {
    "requests": {
        "tier": "pro",
        "today": {"limit": 100, "used": 12, "left": 88, "resets_at": "2026-11-22T00:00:00Z"},
        "this_month": {"limit": 3000, "used": 210, "left": 2790, "resets_at": "2026-12-01T00:00:00Z"},
    },
    "daily_allowance": {
        "role": "cashier",
        "used_percent": 4.2,
        "left_percent": 95.8,
        "resets_at": "2026-11-22T00:00:00Z",
    },
    "budgets": [BUDGET_USE],
}
STOREFRONT_SUBSCRIBE = {"storefronts": 3, "payment_method": "PAYSTACK", "save_card": True}
STOREFRONT_SUBSCRIBED = {
    "plan_id": "3b7e8c1a-9d52-4a0f-8f0e-6c1d2a3b4c5d",
    "storefronts": 3,
    "monthly_price": 180,
    "next_renewal": "2026-12-21T09:30:00Z",
    "payment_reference": REFERENCE,
    "payment_status": "PENDING",
    "payment_url": "https://checkout.paystack.com/0peioxfhpn",
}
LICENCE_PRICE = {"usd": 9.99, "fx_rate": 16, "ghs": 159.84}
LICENCE_REQUEST = {"kind": "api_tier", "plan": "pro", "payment_method": "MOMO"}
LICENCE_ORDER = {
    "licence_id": "3f0d8c1e-2a4b-4c6d-8e9f-0a1b2c3d4e5f",
    "kind": "api_tier",
    "plan": "pro",
    "plan_name": "Pro",
    "user": "kofi@shop.example",
    "price": LICENCE_PRICE,
    "payment_reference": REFERENCE,
    "payment_status": "PENDING",
    "payment_url": "https://checkout.paystack.com/3ni8kdavz62431k",
    "next_action": "open_url",
    "display_text": "",
    "expires_at": None,
}
STOREFRONT_PLAN = {
    "plan_id": "3b7e8c1a-9d52-4a0f-8f0e-6c1d2a3b4c5d",
    "status": "ACTIVE",
    "storefronts": 3,
    "price": 180,
    "period_start": "2026-11-21T09:30:00Z",
    "period_end": "2026-12-21T09:30:00Z",
    "free_credits": 5,
    "renews": True,
    "next_renewal": "2026-12-21T09:30:00Z",
    "next_storefronts": 2,
    "next_price": 150,
    "owed": None,
}
STOREFRONT_QUOTE = {
    "storefronts": 6,
    "price": 300,
    "breakdown": [
        {"description": "4 storefronts", "amount": 200},
        {"description": "2 more, 50.00 each", "amount": 100},
    ],
    "base": 250,
    "taxes": [
        {"name": "VAT", "rate": 0.15, "amount": 37.5},
        {"name": "NHIL", "rate": 0.025, "amount": 6.25},
        {"name": "GETFund levy", "rate": 0.025, "amount": 6.25},
    ],
    "free_credits": 5,
    "change": {"pay_now": 60, "from_renewal": 300, "renews_at": "2026-12-21T09:30:00Z"},
}
STOREFRONT_CHANGED = {
    "storefronts": 3,
    "next_storefronts": 3,
    "pay_now": 10.67,
    "from_renewal": 200,
    "renews_at": "2026-12-21T09:30:00Z",
    "payment": {
        "payment_reference": REFERENCE,
        "payment_status": "PENDING",
        "payment_url": "https://checkout.paystack.com/0peioxfhpn",
        "next_action": "open_url",
        "display_text": "",
        "expires_at": None,
    },
    "message": "Your plan covers 4 storefronts once GHS 10.67 is paid for the rest of the month.",
}
STOREFRONT_CANCELLED = {
    "success": True,
    "cancelled_immediately": False,
    "message": "The storefront plan will not renew. It ends on 21 December 2026.",
}
LICENCE = {
    "id": "3f0d8c1e-2a4b-4c6d-8e9f-0a1b2c3d4e5f",
    "kind": "api_tier",
    "plan": "pro",
    "plan_name": "Pro",
    "user": "kofi@shop.example",
    "status": "active",
    "price": LICENCE_PRICE,
    "payment_reference": REFERENCE,
    "starts_at": "2026-11-21T09:40:00Z",
    "expires_at": "2026-12-21T09:40:00Z",
    "created_at": "2026-11-21T09:38:10Z",
}
TIER = {
    "tier": "pro",
    "name": "Pro",
    "reason": "paid_credits",
    "because": "Pro, because your business holds paid credits.",
    "requests_per_day": 100,
    "requests_per_month": 3000,
    "expires_at": None,
    "suspended": False,
    "tiers": [
        {
            "slug": "free",
            "name": "Free",
            "requests_per_day": 10,
            "requests_per_month": 100,
            "price_usd": 0,
            "price_ghs": 0,
        },
        {
            "slug": "pro",
            "name": "Pro",
            "requests_per_day": 100,
            "requests_per_month": 3000,
            "price_usd": 9.99,
            "price_ghs": 159.84,
        },
    ],
}
