"""Examples in the API's document."""

REQUEST_ID = "0199a1f2-6f0e-7c3a-9d3b-2f6a1c4e8b10"
PRODUCT = {
    "name": "Shea butter",
    "brand": "Ama Naturals",
    "category": "Skin care",
    "attributes": {"weight": "250 g", "origin": "Tamale"},
    "price": 45.50,
    "keywords": ["unrefined", "moisturiser"],
    "tone": "friendly",
    "length": "short",
}
DESCRIBED = {
    "title": "Ama Naturals Shea Butter 250 g",
    "description": "Unrefined shea butter from Tamale, for soft skin every day.",
    "bullets": ["Unrefined", "250 g", "From Tamale"],
    "seo_title": "Ama Naturals Shea Butter 250 g",
    "seo_description": "Unrefined shea butter from Tamale, 250 g, GHS 45.50.",
    "tags": ["shea butter", "moisturiser"],
}
ENVELOPE = {
    "id": REQUEST_ID,
    "feature": "product_description",
    "source": "ai",
    "result": DESCRIBED,
    "credits_charged": 0.10,
    "new_balance": 4.90,
    "low_credit_warning": True,
    "model": "openai/gpt-6-luna",
    "response_time_ms": 1240,
    "notice": None,
}
STORED = {
    "id": REQUEST_ID,
    "feature": "product_description",
    "status": "succeeded",
    "source": "ai",
    "result": DESCRIBED,
    "credits_charged": 0.10,
    "model": "openai/gpt-6-luna",
    "response_time_ms": 1240,
    "notice": None,
    "error_code": None,
    "repeats": None,
    "created_at": "2026-11-21T10:00:00Z",
    "finished_at": "2026-11-21T10:00:01Z",
}
SENT = {
    "id": REQUEST_ID,
    "model": "openai/gpt-6-luna",
    "messages": [{"role": "user", "content": '{"product": {"name": "Shea butter"}}'}],
}
RECEIPT = {
    "transaction_id": 1201,
    "status": "success",
    "source": "ai",
    "held": 0.10,
    "captured": 0.10,
    "returned": 0.00,
    "late": False,
    "grants": [{"source": "trial", "credits": 0.10, "unit_value_ghs": 0}],
    "model": "openai/gpt-6-luna",
    "price_version": "2026-11-01T00:00:00Z",
    "created_at": "2026-11-21T10:00:01Z",
}
INSUFFICIENT = {
    "code": "insufficient_credits",
    "detail": "You don't have enough credits for this. Buy a pack to continue.",
    "required": 0.10,
    "available": 0.00,
    "shortfall": 0.10,
    "packs": [{"type": "STARTER", "price": 30.00, "total_credits": 30.00}],
    "local_answer": {"source": "local", "result": DESCRIBED, "credits_charged": 0, "notice": "…"},
}
