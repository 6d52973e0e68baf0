"""The hosted page's HTML: no scripts, usable on a small phone."""

import time
from html import escape

from .card_list import CARDS, FIRST, Card
from .html import amount, choices, document, phone
from .outcomes import NETWORKS, TEST_PHONE
from .store import Transaction

_STYLE = """
main { width: min(28rem, calc(100% - 2rem)); margin: 1.5rem auto; padding: 1.5rem; background: #fff;
       border-radius: 1rem; display: grid; gap: 1.25rem; }
header { padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
header p { color: var(--soft); font-size: .9375rem; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; white-space: nowrap; font-variant-numeric: tabular-nums; }
h2 { font-size: 1.375rem; line-height: 1.3; }
form { display: grid; gap: 1.25rem; }
button, .button { width: 100%; }
legend, .label { display: block; padding: 0; margin-bottom: .375rem; font-weight: 600;
  font-size: .9375rem; }
.choices { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: .5rem; }
.choices label, .cards label { border: 1px solid var(--line); border-radius: .625rem; cursor: pointer; }
.choices label { display: grid; place-items: center; min-height: 3rem; padding: .5rem; text-align: center;
                 line-height: 1.25; }
.cards { display: grid; gap: .5rem; }
.cards label { display: flex; gap: .75rem; align-items: center; min-height: 3rem; padding: .5rem .75rem; }
.cards small { display: block; color: var(--soft); font-size: .8125rem; line-height: 1.3; }
.cards span { line-height: 1.35; font-variant-numeric: tabular-nums; }
label:has(:checked) { border-color: var(--act); box-shadow: inset 0 0 0 1px var(--act);
  background: #eaf1fd; }
.choices label:has(:checked) { font-weight: 600; }
label:has(input[type=radio]:focus-visible) { outline: 3px solid #f2a900; outline-offset: 2px; }
.choices label { position: relative; }
.choices input { position: absolute; inset: 0; opacity: 0; pointer-events: none; }
input[type=tel], input[type=text] { display: block; width: 100%; min-height: 3rem; }
.momo, .card { display: grid; gap: 1.25rem; }
form:has([value=card]:checked) .momo, form:not(:has([value=card]:checked)) .card { display: none; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; }
.problem { padding: .75rem 1rem; border-radius: .625rem; background: #fcebe9; color: var(--bad); }
.soft { color: var(--soft); }
.center { text-align: center; justify-items: center; } .center > * { width: 100%; }
footer { color: var(--soft); font-size: .8125rem; text-align: center; overflow-wrap: anywhere; }
"""
_WAYS = {"mobile_money": "Mobile money", "card": "Test card"}
_PROMPT_BUTTONS = """<form method="post"><button name="outcome" value="approve">Approve with PIN</button>
<div class="pair"><button class="plain" name="outcome" value="decline">Decline</button>
<button class="plain" name="outcome" value="timeout">Let it time out</button></div></form>"""


def checkout(one: Transaction, *, leave_url: str, problem: str = "", chosen: dict[str, str]) -> str:
    """`chosen` is what the form held when it was sent with a `problem`."""
    ways = {name: text for name, text in _WAYS.items() if name in one.channels}
    cards = choices("card", {card.number: _tile(card) for card in CARDS.values()}, chosen.get("card", ""))
    number = escape(chosen.get("phone", TEST_PHONE))
    body = f"""{_alert(problem)}
<form method="post">
  <fieldset><legend>Pay with</legend>
    <div class="choices">{choices("channel", ways, chosen.get("channel", ""))}</div></fieldset>
  <div class="momo">
    <fieldset><legend>Network</legend>
      <div class="choices">{choices("network", NETWORKS, chosen.get("network", ""))}</div></fieldset>
    <div><label class="label" for="phone">Phone number</label>
      <input id="phone" name="phone" type="tel" inputmode="numeric" value="{number}"></div>
  </div>
  <fieldset class="card"><legend>Card</legend><div class="cards">{cards}</div></fieldset>
  <button>Pay {amount(one)}</button>
  {_link(leave_url, "Leave without paying", "plain")}
</form>"""
    return _page(one, f"Pay {amount(one)}", body)


def voucher(one: Transaction, *, right: str, problem: str = "") -> str:
    """The network wants a code that the payer gets by dialling."""
    body = f"""<div><h2>Enter your voucher code</h2>
<p class="soft">Dial *110# on {escape(one.phone)} to generate a voucher code.</p></div>
{_alert(problem)}
<form method="post">
  <div><label class="label" for="otp">Voucher code</label>
    <input id="otp" name="otp" type="text" inputmode="numeric" autocomplete="one-time-code" required></div>
  <button>Go on</button>
  {_link("?other=1", "Pay another way", "plain")}
</form>
<p class="soft">In the sandbox the right code is {escape(right)}.</p>"""
    return _page(one, "Enter your voucher code", body)


def prompt(one: Transaction) -> str:
    """Looks again by itself: the sandbox's own page may answer the prompt too."""
    network = NETWORKS.get(one.network, one.network)
    left = max(0, int(one.prompt_until - time.time()))
    says = f"Enter your PIN to pay. This asks for {left} more seconds."
    body = f"""<div><h2>Approve it on your phone</h2>
<p class="soft">This is the phone that the prompt went to. You are the one who holds it.</p></div>
{phone(one, network, says, _PROMPT_BUTTONS)}
{_link("?other=1", "Pay another way", "plain")}"""
    return _page(one, "Approve it on your phone", body, refresh=5)


def bank(one: Transaction) -> str:
    """The bank wants to see the payer before the card pays."""
    card = CARDS.get(one.card, FIRST)
    body = f"""<div><h2>Your bank asks: is this you?</h2>
<p class="soft">{amount(one)} with {card.brand.capitalize()}, ending in {card.number[-4:]}.</p></div>
<form method="post"><button name="outcome" value="approve">Yes, pay</button>
<button class="plain" name="outcome" value="decline">No, decline</button></form>"""
    return _page(one, "Your bank asks", body)


def question(one: Transaction, what: str, right: str, problem: str = "") -> str:
    body = f"""<h2>Your card asks for more</h2>
{_alert(problem)}
<form method="post">
  <div><label class="label" for="answer">{escape(what)}</label>
    <input id="answer" name="answer" type="text" inputmode="numeric" autocomplete="off" required></div>
  <button>Go on</button>
  {_link("?other=1", "Pay another way", "plain")}
</form>
<p class="soft">In the sandbox the right answer is {escape(right)}.</p>"""
    return _page(one, "Your card asks for more", body)


def failed(one: Transaction, *, again: bool, leave_url: str) -> str:
    reason = f"{one.gateway_response.rstrip('.')}. No money was taken."
    links = _link("?other=1", "Try again", "") if again else ""
    links += _link(leave_url, "Back to the shop", "plain" if again else "")
    return _message(one, "The payment did not go through", reason, links)


def paid(one: Transaction, leave_url: str) -> str:
    text = "You can close this page." if one.status == "success" else "The money went back since."
    return _message(one, "Paid", f"{amount(one)} was paid. {text}", _link(leave_url, "Back to the shop", ""))


def over(one: Transaction, leave_url: str) -> str:
    text = "Transaction cannot be completed. Session timeout exceeded."
    return _message(one, "This page is over", text, _link(leave_url, "Back to the shop", ""))


def unknown() -> str:
    text = "This checkout page does not exist. Start the payment again."
    return document(
        "Page not found", f'<main class="center"><h2>Page not found</h2><p>{text}</p></main>', style=_STYLE
    )


def _tile(card: Card) -> str:
    return f"{card.spaced}<small>{card.effect}</small>"


def _alert(problem: str) -> str:
    return f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""


def _link(url: str, text: str, kind: str) -> str:
    return f'<a class="button {kind}" href="{escape(url)}">{text}</a>' if url else ""


def _message(one: Transaction, title: str, text: str, links: str) -> str:
    inner = f'<h2>{title}</h2><p class="soft">{escape(text)}</p>{links}'
    footer = f"<footer>Reference {escape(one.reference)}</footer>"
    return document(title, f'<main class="center">{inner}{footer}</main>', style=_STYLE)


def _page(one: Transaction, title: str, body: str, *, refresh: int = 0) -> str:
    header = f"<header><h1>{amount(one)}</h1><p>{escape(one.email)}</p></header>"
    footer = f"<footer>Reference {escape(one.reference)}</footer>"
    return document(title, f"<main>{header}{body}{footer}</main>", style=_STYLE, refresh=refresh)
