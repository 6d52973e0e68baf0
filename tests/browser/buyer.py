"""Somebody with a phone and a browser: orders through the API, and looks at every page on both screens."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import requests
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.live.product import ROOT, Product

SCREENSHOTS = ROOT / "var" / "screenshots"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
WAIT_MS = 25_000  # the page asks every few seconds, the gateway is left alone for the first ten
_numbers = count(1)


class Buyer:
    """`page` is what they see; `errors` is what the browser complained about."""

    def __init__(self, product: Product, page: Page) -> None:
        self.product, self.page = product, page
        self.errors: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.phone = f"0244{next(_numbers):06}"
        email = f"{self.phone}@buyer.example"
        signed_up = self._post(
            "/api/auth/app/v1/auth/signup", email=email, password="correct-horse-battery", name="Ama"
        )
        self._token = signed_up["meta"]["access_token"]
        self._post("/api/business/", name="Ama Stores", storefront="Makola")

    def order(self, **how: Any) -> str:
        """Orders a Value pack, opens where it is paid; the payment's reference."""
        answer = self._post("/api/subscriptions/ai/purchase/", pack_type="VALUE", **how)
        self.page.goto(answer["payment_url"])
        return str(answer["payment_reference"])

    def prompt(self, network: str) -> str:
        return self.order(payment_method="MOMO", phone=self.phone, network=network)

    def on_the_phone(self, what: str) -> str:
        """Approves, declines, times out, or approves late, at the prompt of the payment that is shown."""
        reference = self.page.url.split("/payments/")[1].split("/")[0]
        url = f"{self.product.sandbox_url}/paystack/_sandbox/phone/{reference}"
        reply = requests.post(url, json={"outcome": what}, timeout=10)
        return str(reply.json()["message"])

    def sees(self, outcome: str, name: str) -> None:
        """Waits for this outcome; no screen scrolls sideways. Keeps a picture of each."""
        expect(self.page.locator(f'main[data-outcome="{outcome}"]')).to_be_visible(timeout=WAIT_MS)
        self.looks(name)

    def looks(self, name: str) -> None:
        for width, size in (("wide", WIDE), ("narrow", NARROW)):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
            across = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert across <= 0, f"{name} scrolls sideways by {across} pixels on a {width} screen"

    def press(self, text: str) -> None:
        self.page.get_by_role("button", name=text).or_(self.page.get_by_role("link", name=text)).click()

    def subscribe(self) -> None:
        """Orders the monthly add-on, opens where it is paid."""
        answer = self._post("/api/subscriptions/ai/addon/subscribe/", payment_method="PAYSTACK")
        self.page.goto(answer["payment_url"])

    def spend(self) -> None:
        """A product description: 0.1 credits."""
        self._post("/api/ai/product-description/", name="Shea butter, 500 g")

    @property
    def credits(self) -> float:
        reply = requests.get(
            f"{self.product.url}/api/subscriptions/ai/credits/", headers=self._headers(), timeout=10
        )
        return float(reply.json()["balance"])

    def _post(self, path: str, **body: Any) -> Any:
        reply = requests.post(f"{self.product.url}{path}", json=body, headers=self._headers(), timeout=30)
        assert reply.status_code < 300, reply.text
        return reply.json()

    def _headers(self) -> dict[str, str]:
        token = getattr(self, "_token", None)
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)


@contextmanager
def visiting(product: Product, browser: Browser) -> Iterator[Buyer]:
    context = browser.new_context(viewport=NARROW, has_touch=True)  # type: ignore[arg-type]
    buyer = Buyer(product, context.new_page())
    yield buyer
    context.close()
