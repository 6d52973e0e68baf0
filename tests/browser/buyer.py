"""A shop that orders through the API, and people who look at the pages in a browser, on both screens."""

import time
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
_AI = "/api/subscriptions/ai"
_numbers = count(1)


class Shop:
    """A shop that has signed up, and what it does through the API."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._headers: dict[str, str] = {}
        email = f"shop{next(_numbers)}@buyer.example"
        signed_up = self.post(
            "/api/auth/app/v1/auth/signup", email=email, password="correct-horse-battery", name="Ama"
        )
        self._headers = {"Authorization": f"Bearer {signed_up['meta']['access_token']}"}
        self.post("/api/business/", name="Ama Stores", storefront="Makola")

    def post(self, path: str, **body: Any) -> Any:
        reply = requests.post(f"{self.product.url}{path}", json=body, headers=self._headers, timeout=30)
        assert reply.status_code < 300, reply.text
        return reply.json()

    @property
    def credits(self) -> float:
        url = f"{self.product.url}/api/subscriptions/ai/credits/"
        return float(requests.get(url, headers=self._headers, timeout=10).json()["balance"])


class Visitor:
    """Somebody at a browser. `page` is what they see; `errors` is what the browser complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def sees(self, outcome: str, picture: str = "") -> None:
        """Waits for this outcome. `picture` is the name under which it is kept."""
        expect(self.page.locator(f'main[data-outcome="{outcome}"]')).to_be_visible(timeout=WAIT_MS)
        if picture:
            self.looks(picture)

    def looks(self, name: str) -> None:
        """No screen scrolls sideways. Keeps a picture of each."""
        for width, size in (("wide", WIDE), ("narrow", NARROW)):
            self.page.set_viewport_size(size)
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
            across = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert across <= 0, f"{name} scrolls sideways by {across} pixels on a {width} screen"

    def press(self, text: str) -> None:
        self.page.get_by_role("button", name=text).or_(self.page.get_by_role("link", name=text)).click()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)


class Buyer(Visitor):
    """Somebody of a shop, with a phone of their own."""

    def __init__(self, shop: Shop, page: Page) -> None:
        super().__init__(page)
        self.shop = shop
        self.phone = f"0244{next(_numbers):06}"
        self._had = shop.credits

    @property
    def gained(self) -> float:
        """Credits that came to the shop since they are there."""
        return self.shop.credits - self._had

    def order(self, **how: Any) -> None:
        """Orders a Value pack, opens where it is paid."""
        self.page.goto(self.shop.post(f"{_AI}/purchase/", pack_type="VALUE", **how)["payment_url"])

    def prompt(self, network: str) -> None:
        self.order(payment_method="MOMO", phone=self.phone, network=network)

    def subscribe(self) -> None:
        """Orders the monthly add-on, opens where it is paid."""
        self.page.goto(self.shop.post(f"{_AI}/addon/subscribe/", payment_method="PAYSTACK")["payment_url"])

    def on_the_phone(self, what: str) -> str:
        """Approves, declines, times out, or approves late, at the prompt of the payment that is shown."""
        reference = self.page.url.split("/payments/")[1].split("/")[0]
        url = f"{self.shop.product.sandbox_url}/paystack/_sandbox/phone/{reference}"
        return str(requests.post(url, json={"outcome": what}, timeout=10).json()["message"])

    def pays(self) -> None:
        """Approves the prompt and looks again when the credits are there: sooner than the page would."""
        assert self.on_the_phone("approve") == "success"
        end = time.monotonic() + WAIT_MS / 1000
        while self.gained == 0 and time.monotonic() < end:
            time.sleep(0.1)
        self.page.reload()
        self.sees("paid")


@contextmanager
def visiting(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=NARROW, has_touch=True)
    yield context.new_page()
    context.close()
