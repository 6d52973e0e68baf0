"""Buying credits in a real browser, against the whole product: each network, and everything that goes wrong.

Every page is looked at once, 1280 and 390 pixels wide; the pictures are in var/screenshots.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.live.product import Product

from .buyer import Buyer, Shop, visiting


@pytest.fixture(scope="module")
def shop(product: Product) -> Shop:
    return Shop(product)


@pytest.fixture(scope="module")
def left_alone(browser: Browser, shop: Shop) -> Iterator[Buyer]:
    """Declined their prompt before all other tests, and does not touch the page while those run."""
    with visiting(browser) as page:
        buyer = Buyer(shop, page)
        buyer.prompt("mtn")
        assert buyer.on_the_phone("decline") == "failed"
        yield buyer


@pytest.fixture
def buyer(browser: Browser, shop: Shop, left_alone: Buyer) -> Iterator[Buyer]:
    with visiting(browser) as page:
        buyer = Buyer(shop, page)
        yield buyer
        assert buyer.errors == []


def test_a_prompt_that_is_approved(buyer: Buyer) -> None:
    """The page finds out by itself."""
    buyer.prompt("mtn")
    buyer.sees("approve", "mtn-1-prompt")
    assert buyer.on_the_phone("approve") == "success"
    buyer.sees("paid", "mtn-2-paid")
    assert buyer.gained == 100


def test_a_code_wrong_then_right(buyer: Buyer) -> None:
    buyer.prompt("vod")
    buyer.sees("code", "vod-1-code")
    shown = buyer.page.locator("#left").inner_text()  # the time that is left runs
    buyer.page.wait_for_function(
        "before => document.getElementById('left').textContent !== before", arg=shown
    )
    buyer.page.get_by_label("Code").fill("999999")
    buyer.press("Confirm")
    assert "not accepted" in buyer.page.get_by_role("alert").inner_text()
    buyer.sees("code", "vod-2-wrong")
    assert [error for error in buyer.errors if "400 (Bad Request)" not in error] == []
    buyer.errors.clear()
    buyer.page.get_by_label("Code").fill("123456")
    buyer.press("Confirm")
    buyer.sees("approve")
    buyer.pays()
    assert buyer.gained == 100


def test_a_card_on_the_payment_page(buyer: Buyer) -> None:
    buyer.order(payment_method="PAYSTACK")
    buyer.looks("card-1-page")
    buyer.page.get_by_text("Test card").click()
    buyer.looks("card-2-chosen")
    buyer.press("Pay GH₵ 80.00")
    buyer.sees("paid", "card-3-paid")
    assert buyer.gained == 100


def test_a_card_that_is_declined_and_then_the_phone(buyer: Buyer) -> None:
    buyer.order(payment_method="PAYSTACK")
    buyer.page.get_by_text("Test card").click()
    buyer.page.get_by_text("Insufficient funds").click()
    buyer.press("Pay GH₵ 80.00")
    buyer.looks("declined-1-page")
    buyer.press("Back to the shop")
    buyer.sees("failed", "declined-2-back")
    buyer.press("Try another way")
    buyer.sees("failed", "declined-3-again")
    pay_with(buyer, "Telecel Cash")
    buyer.sees("code")
    buyer.page.get_by_label("Code").fill("123456")
    buyer.press("Confirm")
    buyer.sees("approve")
    buyer.pays()
    assert buyer.gained == 100


def test_a_prompt_that_times_out_and_another_network(buyer: Buyer) -> None:
    buyer.prompt("mtn")
    buyer.press("I have paid")
    assert "not seen the payment" in buyer.page.get_by_role("status").inner_text()
    buyer.sees("approve", "timeout-1-too-early")
    assert buyer.on_the_phone("timeout") == "failed"
    buyer.press("I have paid")
    buyer.sees("failed", "timeout-2-failed")
    buyer.press("Try again")
    chosen = buyer.page.get_by_label("Network").evaluate("one => one.options[one.selectedIndex].text")
    assert chosen == "Telecel Cash"  # the one that was tried comes last
    pay_with(buyer, "AT Money")
    buyer.sees("approve")
    buyer.pays()
    assert buyer.gained == 100


def test_a_prompt_that_is_approved_late(buyer: Buyer) -> None:
    buyer.prompt("atl")
    assert buyer.on_the_phone("timeout") == "failed"
    buyer.press("I have paid")
    buyer.sees("failed")
    assert buyer.on_the_phone("late") == "success"
    buyer.press("I have paid")
    buyer.sees("paid")
    assert buyer.gained == 100


def test_a_prompt_that_is_declined_and_then_the_payment_page(buyer: Buyer, left_alone: Buyer) -> None:
    """The page found out by itself, once the gateway might be asked, ten seconds after the prompt."""
    left_alone.sees("failed", "refused-1")
    left_alone.press("Try again")
    left_alone.press("Pay with a card instead")
    left_alone.press("Open the payment page")
    left_alone.page.get_by_text("Test card").click()
    left_alone.press("Pay GH₵ 80.00")
    left_alone.sees("paid")
    assert (buyer.gained, left_alone.errors) == (100, [])


def pay_with(buyer: Buyer, network: str) -> None:
    buyer.page.get_by_label("Mobile-money number").fill(buyer.phone)
    buyer.page.get_by_label("Network").select_option(network)
    buyer.press("Send the prompt")
