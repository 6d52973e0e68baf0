"""Buying credits in a real browser, against the whole product: each network, and everything that goes wrong.

Every page is looked at 1280 and 390 pixels wide; the pictures are in var/screenshots.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.live.product import Product

from .buyer import Buyer, visiting


@pytest.fixture
def buyer(product: Product, browser: Browser) -> Iterator[Buyer]:
    with visiting(product, browser) as buyer:
        yield buyer
        assert buyer.errors == []


def test_a_prompt_that_is_approved(buyer: Buyer) -> None:
    buyer.prompt("mtn")
    buyer.sees("approve", "mtn-1-prompt")
    assert buyer.on_the_phone("approve") == "success"
    buyer.sees("paid", "mtn-2-paid")
    assert buyer.credits == 100


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
    buyer.sees("approve", "vod-3-prompt")
    assert buyer.on_the_phone("approve") == "success"
    buyer.sees("paid", "vod-4-paid")
    assert buyer.credits == 100


def test_a_card_on_the_payment_page(buyer: Buyer) -> None:
    buyer.order(payment_method="PAYSTACK")
    buyer.looks("card-1-page")
    buyer.page.get_by_text("Test card").click()
    buyer.looks("card-2-chosen")
    buyer.press("Pay GH₵ 80.00")
    buyer.sees("paid", "card-3-paid")
    assert buyer.credits == 100


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
    pay_with(buyer, "AT Money")
    buyer.sees("approve", "declined-4-prompt")
    assert buyer.on_the_phone("approve") == "success"
    buyer.sees("paid", "declined-5-paid")
    assert buyer.credits == 100


def test_a_prompt_that_is_declined_and_then_the_payment_page(buyer: Buyer) -> None:
    """The page finds out by itself, once the gateway may be asked."""
    buyer.prompt("mtn")
    assert buyer.on_the_phone("decline") == "failed"
    buyer.sees("failed", "refused-1")
    assert buyer.credits == 0
    buyer.press("Try again")
    buyer.press("Pay with a card instead")
    buyer.press("Open the payment page")
    buyer.page.get_by_text("Test card").click()
    buyer.press("Pay GH₵ 80.00")
    buyer.sees("paid", "refused-2-paid")
    assert buyer.credits == 100


def test_a_prompt_that_times_out_and_another_network(buyer: Buyer) -> None:
    buyer.prompt("mtn")
    assert buyer.on_the_phone("timeout") == "failed"
    buyer.press("I have paid")
    buyer.sees("failed", "timeout-1")
    buyer.press("Try again")
    chosen = buyer.page.get_by_label("Network").evaluate("one => one.options[one.selectedIndex].text")
    assert chosen == "Telecel Cash"  # the one that was tried comes last
    pay_with(buyer, "AT Money")
    buyer.sees("approve", "timeout-2-prompt")
    assert buyer.on_the_phone("approve") == "success"
    buyer.sees("paid", "timeout-3-paid")
    assert buyer.credits == 100


def test_a_prompt_that_is_approved_late(buyer: Buyer) -> None:
    buyer.prompt("mtn")
    assert buyer.on_the_phone("timeout") == "failed"
    buyer.press("I have paid")
    buyer.sees("failed", "late-1-failed")
    assert buyer.on_the_phone("late") == "success"
    buyer.press("I have paid")
    buyer.sees("paid", "late-2-paid")
    assert buyer.credits == 100


def test_pressing_too_early_that_one_has_paid(buyer: Buyer) -> None:
    buyer.prompt("atl")
    buyer.press("I have paid")
    assert "not seen the payment" in buyer.page.get_by_role("status").inner_text()
    buyer.sees("approve", "early-1")
    assert buyer.on_the_phone("approve") == "success"
    buyer.sees("paid", "early-2-paid")
    assert buyer.credits == 100


def pay_with(buyer: Buyer, network: str) -> None:
    buyer.page.get_by_label("Mobile-money number").fill(buyer.phone)
    buyer.page.get_by_label("Network").select_option(network)
    buyer.press("Send the prompt")
