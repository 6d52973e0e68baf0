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
STOREFRONT_SUBSCRIBE = {"storefronts": 3, "payment_method": "PAYSTACK", "save_card": True}
STOREFRONT_SUBSCRIBED = {
    "plan_id": "3b7e8c1a-9d52-4a0f-8f0e-6c1d2a3b4c5d",
    "storefronts": 3,
    "monthly_price": 180,
    "next_renewal": "2026-12-21T09:30:00Z",
    "payment_reference": REFERENCE,
    "payment_status": "PENDING",
    "payment_url": "https://checkout.paystack.com/0peioxfhpn",
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
