"""What warns and what stops: alerts, preferences, budgets, quotas."""

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
