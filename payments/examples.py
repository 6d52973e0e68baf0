"""Examples for the OpenAPI document."""

REFERENCE = "sika-0b6c1f0e6c0d4b6f8f1f0c5f2a7d9e31"
PAID = {
    "reference": REFERENCE,
    "status": "SUCCESSFUL",
    "purpose": "credit_purchase",
    "method": "MOMO",
    "amount": 50.00,
    "currency": "GHS",
    "channel": "mobile_money",
    "payment_url": f"https://sika.example/payments/{REFERENCE}/",
    "next_action": "",
    "display_text": "",
    "expires_at": "2026-11-21T09:33:00Z",
    "message": "Approved",
    "created_at": "2026-11-21T09:30:00Z",
    "settled_at": "2026-11-21T09:31:12Z",
    "attempts": [
        {
            "reference": REFERENCE,
            "status": "SUCCESSFUL",
            "method": "MOMO",
            "network": "mtn",
            "created_at": "2026-11-21T09:30:00Z",
        }
    ],
}
PROMPTED = {
    **PAID,
    "status": "PENDING",
    "channel": "",
    "next_action": "approve_on_phone",
    "display_text": "Approve the payment on your phone with your mobile-money PIN.",
    "message": "",
    "settled_at": None,
    "attempts": [
        {
            "reference": REFERENCE,
            "status": "PENDING",
            "method": "MOMO",
            "network": "mtn",
            "created_at": "2026-11-21T09:30:00Z",
        }
    ],
}
RETRY = {"phone": "055 123 4987", "network": "mtn"}
CARDS = {
    "results": [
        {
            "id": 7,
            "brand": "visa",
            "last4": "4081",
            "exp_month": 12,
            "exp_year": 2034,
            "bank": "TEST BANK",
            "created_at": "2026-11-21T09:31:12Z",
        }
    ],
    "next": None,
    "previous": None,
}
