"""Packs: ordered, paid, receipted, refunded."""

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
