"""The monthly add-on."""

from .purchases import REFERENCE

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
