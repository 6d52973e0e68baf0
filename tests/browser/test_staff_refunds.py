"""Staff give back what a shop has not used, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from config.demo import ADMIN
from tests.live.product import Product

from .buyer import WIDE, Buyer, Shop, Visitor, visiting


@pytest.fixture(scope="module")
def buyer(product: Product, browser: Browser) -> Iterator[Buyer]:
    with visiting(browser) as page:
        yield Buyer(Shop(product), page)


@pytest.fixture(scope="module")
def staff(product: Product, browser: Browser) -> Iterator[Visitor]:
    """Has signed in."""
    with visiting(browser) as page:
        page.goto(f"{product.url}/admin/")
        page.locator('input[name="username"]').fill(ADMIN.email)
        page.locator('input[name="password"]').fill(ADMIN.password)
        page.locator('button[type="submit"]').click()
        expect(page).to_have_url(f"{product.url}/admin/")
        yield Visitor(page)


def pay_by_card(buyer: Buyer, name: str) -> None:
    buyer.page.get_by_text("Test card").click()
    buyer.page.get_by_role("button", name=re.compile("^Pay")).click()
    buyer.sees("paid", name)


def fact(staff: Visitor, name: str) -> str:
    return staff.page.locator("dt", has_text=name).locator("xpath=following-sibling::dd").inner_text()


def press_refund(staff: Visitor) -> None:
    """On a phone it is in the menu behind the three dots."""
    staff.page.set_viewport_size(WIDE)
    staff.page.get_by_role("link", name="Refund", exact=True).click()


def test_a_refund_is_looked_at_confirmed_and_made_once(
    product: Product, buyer: Buyer, staff: Visitor
) -> None:
    buyer.order(payment_method="PAYSTACK")
    pay_by_card(buyer, "")
    buyer.shop.post("/api/ai/product-description/", name="Shea butter, 500 g")
    assert buyer.shop.credits == 99.9

    statuses: list[int] = []
    staff.page.on("response", lambda one: statuses.append(one.status))
    staff.page.goto(f"{product.url}/admin/subscriptions/aicreditpurchase/")
    staff.page.locator('a[href$="/change/"]:visible', has_text=re.compile(r"20\d\d")).first.click()
    staff.looks("staff-refund-1-purchase")
    press_refund(staff)
    assert fact(staff, "Goes back to the payer") == "GHS 79.92 of 80.00 paid"
    assert fact(staff, "Credits taken back") == "99.90 of 100.00 sold"
    assert fact(staff, "Stays used") == "0.10 credits"
    staff.looks("staff-refund-2-form")

    staff.page.get_by_role("button", name="Refund GHS 79.92").click()
    expect(staff.page.get_by_text("This field is required.")).to_be_visible()
    staff.looks("staff-refund-3-no-reason")
    staff.page.get_by_label("Reason").fill("Wrong pack, ticket 81")
    staff.page.get_by_role("button", name="Refund GHS 79.92").click()
    expect(staff.page.get_by_text("GHS 79.92 is on its way back.")).to_be_visible()
    staff.looks("staff-refund-4-done")
    assert buyer.shop.credits == 0

    press_refund(staff)
    refused = re.compile("already under way|None of these credits can be refunded")
    expect(staff.page.get_by_text(refused)).to_be_visible()
    staff.looks("staff-refund-5-refused")
    assert buyer.shop.credits == 0
    assert [status for status in statuses if status >= 400] == [422]  # the form without a reason


def test_a_month_of_the_add_on(product: Product, buyer: Buyer, staff: Visitor) -> None:
    buyer.subscribe()
    pay_by_card(buyer, "staff-month-0-paid")

    staff.page.set_viewport_size(WIDE)
    staff.page.goto(f"{product.url}/admin/subscriptions/aimonthlyaddon/")
    staff.page.locator('a[href$="/change/"]:visible', has_text=re.compile(r"20\d\d")).first.click()
    staff.looks("staff-month-1-addon")
    staff.page.get_by_role("link", name="Number 0").click()
    staff.looks("staff-month-2-period")
    press_refund(staff)
    assert fact(staff, "Goes back to the payer") == "GHS 50.00 of 50.00 paid"
    staff.looks("staff-month-3-form")
    staff.page.get_by_label("Reason").fill("Not wanted, ticket 82")
    staff.page.get_by_role("button", name="Refund GHS 50.00").click()
    expect(staff.page.get_by_text("GHS 50.00 is on its way back.")).to_be_visible()
    assert buyer.shop.credits == 0
