"""The page a payer waits on, in a real browser, on a desk and on a phone."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from payments.models import Payment
from payments.services import payments
from subscriptions.models import AICreditPurchase
from tests.sandboxes import PaystackSandbox
from tests.subscriptions.shop import Shop

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install the package chromium"),
]


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = SIZES[request.param]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        opened = browser.new_page(viewport={"width": width, "height": height})
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
        wide = opened.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert (errors, wide) == ([], width)  # nothing broke, nothing sticks out at the side


def elsewhere(call: Any, *args: Any, **kwargs: Any) -> Any:
    """Playwright's thread runs an event loop, in which Django refuses to touch the database."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_closing, call, *args, **kwargs).result(60)


def _closing(call: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return call(*args, **kwargs)
    finally:
        connections.close_all()


def ordered(network: str) -> tuple[Shop, str]:
    shop = Shop()
    return shop, shop.order(payment_method="MOMO", phone="0551234987", network=network)


def test_code_countdown_decline_another_network_paid(
    page: Page, live_server: Any, sandbox: PaystackSandbox
) -> None:
    shop, reference = elsewhere(ordered, "vod")
    page.goto(f"{live_server.url}/payments/{reference}/")
    expect(page.get_by_role("heading")).to_have_text("Enter the code")
    before = page.locator("#left").inner_text()
    page.wait_for_function("before => document.getElementById('left').textContent !== before", arg=before)

    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("That code was not accepted")
    page.get_by_label("Code").fill("123456")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading")).to_have_text("Approve it on your phone")

    sandbox.phone(reference, "decline")
    page.get_by_role("button", name="I have paid").click()
    expect(page.get_by_role("heading")).to_have_text("The payment did not go through")
    page.get_by_role("link", name="Try again").click()
    page.get_by_label("Mobile-money number").fill("020 123 4567")
    page.get_by_label("Network").select_option(label="AT Money")
    page.get_by_role("button", name="Send the prompt").click()
    expect(page.locator(".amount")).to_contain_text("AT Money · 020•••4567")

    again = elsewhere(lambda: Payment.objects.latest("pk").reference)
    sandbox.phone(again)
    elsewhere(shop.verify, again)  # as the webhook would
    expect(page.get_by_role("heading")).to_have_text("Paid. Thank you!", timeout=10_000)  # by itself
    assert elsewhere(lambda: (AICreditPurchase.objects.get().status, shop.balance)) == ("SUCCESSFUL", 100)


def test_the_gateways_page_and_back(page: Page, live_server: Any, sandbox: PaystackSandbox) -> None:
    _, reference = elsewhere(ordered, "mtn")
    page.goto(f"{live_server.url}/payments/{reference}/?retry")
    page.get_by_role("button", name="Pay with a card instead").click()
    expect(page.get_by_role("heading")).to_have_text("Continue on the payment page")
    page.get_by_role("link", name="Open the payment page").click()
    page.wait_for_url(f"{sandbox.url}/checkout/**")
    again = elsewhere(lambda: Payment.objects.latest("pk"))
    assert again.first_attempt_id is not None
    assert elsewhere(payments.start, payment_id=again.pk, now=timezone.now()).payment_url == page.url
