"""An alert of the running product: stored within five seconds of its cause, mailed right after."""

import time
import uuid
from typing import Any

import requests

from .product import Product


def test_a_crossing_is_told_within_seconds(product: Product) -> None:
    api = requests.Session()

    def call(method: str, path: str, body: Any = None) -> Any:
        reply = api.request(method, product.url + path, json=body, timeout=20)
        assert reply.status_code < 300, reply.text
        return reply.json()

    email = f"{uuid.uuid4().hex[:12]}@shop.example"
    person = {"email": email, "password": "correct-horse-battery", "name": "Esi"}
    signed_up = call("POST", "/api/auth/app/v1/auth/signup", person)
    api.headers["Authorization"] = f"Bearer {signed_up['meta']['access_token']}"
    call("POST", "/api/business/", {"name": "Esi Stores", "storefront": "Osu"})
    call("PATCH", "/api/business/preferences/", {"low_credit_threshold": 5})
    call("POST", "/api/subscriptions/ai/trial/")
    started = time.monotonic()
    call("PATCH", "/api/business/preferences/", {"low_credit_threshold": 6})
    found: list[dict[str, Any]] = []
    while not found:
        assert time.monotonic() - started < 5
        time.sleep(0.05)
        found = call("GET", "/api/business/alerts/?unread=true")["results"]
    assert [alert["title"] for alert in found] == ["5 credits left"]
    while "Subject: [Sika] Esi Stores: 5 credits left" not in product.said():
        assert time.monotonic() - started < 20
        time.sleep(0.1)
    assert f"To: {email}" in product.said()
