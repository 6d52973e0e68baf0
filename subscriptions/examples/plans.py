"""What is paid by the month: storefronts and licences."""

from .purchases import REFERENCE

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
