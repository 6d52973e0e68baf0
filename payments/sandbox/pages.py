"""The HTML of the hosted page: no scripts, nothing loaded from elsewhere, usable on a small phone."""

from html import escape

from .outcomes import NETWORKS
from .store import Transaction

_STYLE = """
:root { color-scheme: light;
        --ink: #14213d; --soft: #5b6478; --line: #d5dae4; --act: #1d5fd1; --bad: #b3261e; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: #eef1f6; color: var(--ink);
       font: 1rem/1.5 system-ui, sans-serif; }
.note { background: #14213d; color: #fff; text-align: center; padding: .5rem 1rem; font-size: .875rem; }
main { width: min(28rem, calc(100% - 2rem)); margin: 1.5rem auto; padding: 1.5rem; background: #fff;
       border-radius: 1rem; }
header { margin-bottom: 1.25rem; padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
header p { margin: 0; color: var(--soft); font-size: .9375rem; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; white-space: nowrap;
     font-variant-numeric: tabular-nums; }
h2 { margin: 0 0 .5rem; font-size: 1.375rem; }
fieldset { border: 0; margin: 0 0 1.25rem; padding: 0; }
legend, .label { display: block; padding: 0; margin-bottom: .375rem; font-weight: 600; font-size: .9375rem; }
.choices { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: .5rem; }
.choices label { display: grid; place-items: center; min-height: 3rem; padding: .5rem; text-align: center;
                 line-height: 1.25; border: 1px solid var(--line); border-radius: .625rem; cursor: pointer; }
.choices label:has(:checked) { border-color: var(--act); box-shadow: inset 0 0 0 1px var(--act);
                               background: #eaf1fd; font-weight: 600; }
.choices label:has(:focus-visible), input:focus-visible, button:focus-visible, a:focus-visible {
  outline: 3px solid #f2a900; outline-offset: 2px; }
.choices input { position: absolute; opacity: 0; }
input[type=tel], input[type=text], select { display: block; width: 100%; min-height: 3rem;
  padding: .5rem .75rem; font: inherit; border: 1px solid var(--line); border-radius: .625rem; }
form:has([value=card]:checked) .momo, form:not(:has([value=card]:checked)) .card { display: none; }
button, .button { display: block; width: 100%; min-height: 3rem; padding: .75rem; border-radius: .625rem;
                  font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
                  border: 1px solid transparent; background: var(--act); color: #fff; }
.plain { background: #fff; color: var(--ink); border-color: var(--line); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; margin-top: .5rem; }
.pair + .button { margin-top: 1.25rem; border-color: transparent; }
.problem { margin: 0 0 1.25rem; padding: .75rem 1rem; border-radius: .625rem;
           background: #fcebe9; color: var(--bad); }
.message { text-align: center; }
.message p { margin: 0 0 1.5rem; color: var(--soft); }
.message .button + .button { margin-top: .5rem; }
footer { margin-top: 1.25rem; color: var(--soft); font-size: .8125rem; text-align: center;
         overflow-wrap: anywhere; }
"""

_WAYS = {"mobile_money": "Mobile money", "card": "Test card"}
# Numbers that Paystack documents for its test mode, and what they do.
CARDS = {
    "4084084084084081": "4081 · approved",
    "5192602722584796": "4796 · approved after the bank's page",
    "4084080000005408": "5408 · declined",
    "4084080000670037": "0037 · insufficient funds",
    "4084080000671803": "1803 · a refund fails",
    "4084080000671902": "1902 · a refund needs attention",
}


def checkout(one: Transaction, *, return_url: str, problem: str = "", chosen: dict[str, str]) -> str:
    """`chosen` is what the form held when it was sent with a `problem`."""
    ways = {name: text for name, text in _WAYS.items() if name in one.channels}
    channels = _choices("channel", ways, chosen)
    networks = _choices("network", NETWORKS, chosen)
    phone = escape(chosen.get("phone", "0551234987"))
    cards = "".join(f'<option value="{number}">{text}</option>' for number, text in CARDS.items())
    alert = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    leave = (
        f'<a class="button plain" href="{escape(return_url)}">Leave without paying</a>' if return_url else ""
    )
    body = f"""
<header><h1>{amount(one)}</h1><p>{escape(one.email)}</p></header>
{alert}
<form method="post">
  <fieldset><legend>Pay with</legend><div class="choices">{channels}</div></fieldset>
  <div class="momo">
    <fieldset><legend>Network</legend><div class="choices">{networks}</div></fieldset>
    <fieldset><label class="label" for="phone">Phone number</label>
      <input id="phone" name="phone" type="tel" inputmode="numeric" value="{phone}"></fieldset>
  </div>
  <div class="card">
    <fieldset><label class="label" for="card">Card</label>
      <select id="card" name="card">{cards}</select></fieldset>
  </div>
  <button name="outcome" value="approve">Approve the payment</button>
  <div class="pair">
    <button class="plain" name="outcome" value="decline">Decline</button>
    <button class="plain" name="outcome" value="timeout">Time out</button>
  </div>
  {leave}
</form>
<footer>Reference {escape(one.reference)}</footer>"""
    return page(f"Pay {amount(one)}", body)


def voucher(one: Transaction, *, return_url: str, problem: str = "") -> str:
    """Telecel asks for a code that the payer gets by dialling."""
    alert = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    body = f"""
<header><h1>{amount(one)}</h1><p>{escape(one.email)}</p></header>
{alert}
<form method="post">
  <fieldset><label class="label" for="otp">Dial *110# for a voucher code and enter it here</label>
    <input id="otp" name="otp" type="text" inputmode="numeric" autocomplete="one-time-code" required>
  </fieldset>
  <button>Pay</button>
</form>
<footer>The right code is 123456 · Reference {escape(one.reference)}</footer>"""
    return page(f"Pay {amount(one)}", body)


def failed(one: Transaction, return_url: str) -> str:
    again = f'<a class="button" href="{escape(one.access_code)}">Try again</a>'
    return _message(
        "The payment did not go through", f"{one.gateway_response}. No money was taken.", again, return_url
    )


def paid(one: Transaction, return_url: str) -> str:
    return _message("Paid", f"{amount(one)} was paid. You can close this page.", "", return_url)


def unknown() -> str:
    return _message("Page not found", "This checkout page does not exist. Start the payment again.", "", "")


def _message(title: str, text: str, action: str, return_url: str) -> str:
    kind = "button plain" if action else "button"
    back = f'<a class="{kind}" href="{escape(return_url)}">Back to the shop</a>' if return_url else ""
    return page(title, f'<div class="message"><h2>{title}</h2><p>{escape(text)}</p>{action}{back}</div>')


def _choices(name: str, options: dict[str, str], chosen: dict[str, str]) -> str:
    checked = chosen.get(name) if chosen.get(name) in options else next(iter(options))
    return "".join(
        f'<label><input type="radio" name="{name}" value="{value}"'
        f"{' checked' if value == checked else ''}>{text}</label>"
        for value, text in options.items()
    )


def amount(one: Transaction) -> str:
    return f"GH₵ {one.amount // 100:,}.{one.amount % 100:02d}"


def page(title: str, body: str, *, refresh: int = 0) -> str:
    """`refresh`: seconds after which the browser loads it again; 0 never."""
    again = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">{again}
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>{title} · Payment sandbox</title><style>{_STYLE}</style></head>
<body><div class="note">Payment sandbox: no real money moves here</div><main>{body}</main></body></html>"""
