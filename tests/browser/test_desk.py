"""A user asks for a person; staff answer in the admin, in a real browser, and neither of the two reloads."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from config.demo import ADMIN
from tests.live.chatting import Shop
from tests.live.product import Product

from .buyer import NARROW, Visitor, visiting

LIST = "/admin/support_chat/supportconversation/"


@pytest.fixture(scope="module")
def shop(product: Product) -> Shop:
    return Shop(product.url, product.sandbox_url)


@pytest.fixture(scope="module")
def staff(product: Product, browser: Browser) -> Iterator[Visitor]:
    """Has signed in, on a phone."""
    with visiting(browser) as page:
        page.goto(f"{product.url}/admin/")
        page.locator('input[name="username"]').fill(ADMIN.email)
        page.locator('input[name="password"]').fill(ADMIN.password)
        page.locator('button[type="submit"]').click()
        expect(page).to_have_url(f"{product.url}/admin/")
        yield Visitor(page)


def until(live: Iterator[tuple[str, str, Any]], name: str, **data: Any) -> Any:
    """What the next such event in the user's open stream says."""
    for _, found, values in live:
        if found == name and all(values.get(key) == value for key, value in data.items()):
            return values
    raise AssertionError(f"the stream ended without {name} {data}")


def test_from_a_call_for_a_person_to_the_bot_again(product: Product, shop: Shop, staff: Visitor) -> None:
    page = staff.page
    asked = shop.ask("What is my balance?")
    talk = asked["conversation"]["id"]
    stream = shop.follow(talk)
    live = stream.read()
    shop.call("POST", f"/api/support/conversations/{talk}/escalate", reason="I paid and got nothing")
    assert until(live, "message.end", number=3)["text"] == "A person of our team will answer you here."

    page.goto(f"{product.url}{LIST}")
    staff.looks("desk-1-list")
    page.set_viewport_size(NARROW)
    page.locator(f'a[href*="{talk}"]:visible').first.click()
    expect(page.locator("#desk-messages").get_by_text("What is my balance?")).to_be_visible()
    expect(page.locator("#desk-assigned")).to_have_text("nobody")
    page.evaluate("window.isTheSamePage = true")
    page.get_by_role("button", name="Assign to me").click()
    expect(page.locator("#desk-assigned")).to_have_text(ADMIN.email)
    staff.looks("desk-2-taken")

    page.set_viewport_size(NARROW)
    page.get_by_label("Your answer").fill("Good day, which number did you pay from?")
    page.get_by_role("button", name="Send").click()
    heard = until(live, "message.end", number=4)
    assert (heard["source"], heard["text"]) == ("staff", "Good day, which number did you pay from?")
    expect(page.get_by_label("Your answer")).to_have_value("")

    silent = shop.ask("From 0244 000 111", conversation_id=talk)
    assert (silent["reply"], silent["message"]["number"]) == (None, 5)
    expect(page.get_by_text("From 0244 000 111")).to_be_visible(timeout=10_000)
    staff.looks("desk-3-answered")

    page.set_viewport_size(NARROW)
    page.get_by_role("button", name="Resolve").click()
    assert until(live, "conversation", status="resolved")["status"] == "resolved"
    expect(page.locator("#desk-status")).to_have_attribute("data-status", "resolved")
    expect(page.get_by_label("Your answer")).to_be_hidden()
    rated = shop.call("POST", f"/api/support/conversations/{talk}/feedback", rating=5, comment="Kind")
    assert rated["csat"] == 5

    again = shop.ask("What is my balance?", conversation_id=talk)
    assert (again["reply"]["author"], again["reply"]["status"]) == ("bot", "done")
    assert (again["conversation"]["segment"], again["conversation"]["status"]) == (2, "open")
    assert [row[1] for row in shop.messages(talk)] == [
        *("user", "bot", "system", "staff", "user", "system", "user", "bot")
    ]
    stream.drop()
    expect(page.get_by_text("A new segment begins")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("5 of 5: Kind")).to_be_visible(timeout=10_000)
    assert page.locator("#desk-messages > [data-number]").count() == 8
    staff.looks("desk-4-again")
    assert page.evaluate("window.isTheSamePage") is True

    page.goto(f"{product.url}/admin/support_chat/staffview/")
    expect(page.locator(f'a[href*="{talk}"]:visible').first).to_be_visible()
    staff.looks("desk-5-views")
    assert staff.errors == []


def test_what_could_not_be_sent_is_kept(product: Product, shop: Shop, staff: Visitor) -> None:
    page = staff.page
    talk = shop.ask("What is my balance?")["conversation"]["id"]
    shop.call("POST", f"/api/support/conversations/{talk}/escalate")
    page.set_viewport_size(NARROW)
    page.goto(f"{product.url}{LIST}{talk}/change/")
    page.get_by_label("Your answer").fill("One moment")
    shop.call("POST", f"/api/support/conversations/{talk}/close")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#desk-problem")).to_have_text(re.compile("Nothing was sent"))
    expect(page.get_by_label("Your answer")).to_have_value("One moment")
    staff.looks("desk-6-too-late")
