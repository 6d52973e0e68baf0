"""The page to watch the sandbox and to play the payer, the bank and the weather: `GET /_sandbox/`."""

import time
from html import escape
from typing import Any

from config.core.loopback import App, Request, Response, html_response, redirect

from . import charges, disputes, outcomes, pages, refunds
from .delivery import Deliveries
from .script import FAULTS, Script
from .store import Store, Transaction

_SHOWN = 25
_WAITING = ("pay_offline", "send_otp", "ongoing", "pending")
_STYLE = """
main { width: min(72rem, calc(100% - 2rem)); background: none; padding: 0; }
section { background: #fff; border-radius: 1rem; padding: 1.25rem; margin-bottom: 1rem; }
h1 { font-size: 1.5rem; white-space: normal; } h2 { font-size: 1.125rem; }
.phones { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; }
.phone { border: .5rem solid #14213d; border-radius: 1.75rem; padding: 1rem; min-height: 15rem; display: flex;
         flex-direction: column; gap: .5rem; background: #f6f8fb; }
.phone b { font-size: 1.25rem; } .phone p { margin: 0; font-size: .875rem; color: var(--soft); }
.phone form { margin-top: auto; display: grid; gap: .375rem; }
button { min-height: 2.25rem; padding: .25rem .75rem; font-size: .875rem; width: auto; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
td, th { text-align: left; padding: .5rem .5rem .5rem 0; border-top: 1px solid var(--line);
         vertical-align: top; overflow-wrap: anywhere; }
td form { display: flex; flex-wrap: wrap; gap: .375rem; }
.state { display: inline-block; border-radius: 1rem; padding: 0 .625rem; background: #e4e9f2; }
.success, .processed, .s200 { background: #d6f0e0; color: #0b5a32; }
.failed, .s0, .s401, .s500 { background: #fcebe9; color: var(--bad); }
.weather { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
select, .weather input { min-height: 2.25rem; font: inherit; border: 1px solid var(--line);
                         border-radius: .625rem; padding: .25rem .5rem; }
.empty { color: var(--soft); margin: 0; }
@media (max-width: 40rem) { td, th { display: block; border: 0; padding: .125rem 0; }
  thead { display: none; } tr { display: block; border-top: 1px solid var(--line); padding: .5rem 0; } }
"""


def register(app: App, store: Store, script: Script, deliveries: Deliveries) -> None:
    @app.get("/_sandbox/")
    def watch(request: Request) -> Response:
        return html_response(_page(store, script, deliveries))

    @app.post("/_sandbox/")
    def act(request: Request) -> Response:
        form = request.form()
        what, which, how = form.get("what", ""), form.get("which", ""), form.get("how", "")
        if what == "phone" and how in ("approve", "decline", "timeout", "late"):
            charges.phone(store, deliveries, which, how)
        elif what == "page" and how in outcomes.OUTCOMES:
            _pay_page(store, deliveries, which, how)
        elif what == "refund" and how in refunds.STATES:
            refunds.move(store, deliveries, which, how)
        elif what == "dispute":
            disputes.open_dispute(store, deliveries, which, None, "fraud")
        elif what == "decide" and how in disputes.RESOLUTIONS:
            disputes.decide(store, deliveries, which, how)
        elif what == "webhook":
            _again(store, deliveries, which)
        elif what == "fault" and how in FAULTS:
            script.set({"fail_next": how, "fail_path": form.get("path", "")})
        elif what == "script":
            script.set({"card_charge": form.get("card_charge", "success")})
            script.set({"refunds_end": form.get("refunds_end", "processed")})
            script.set({"lose_webhooks": form.get("lose_webhooks") == "yes"})
        elif what == "reset":
            script.reset()
        return redirect("./")


def _pay_page(store: Store, deliveries: Deliveries, reference: str, outcome: str) -> None:
    if outcomes.pay(store, reference, outcome=outcome, channel="mobile_money", phone="0551234987"):
        one = store.by_reference(reference)
        if one is not None and one.status == "success":
            deliveries.send(one)


def _again(store: Store, deliveries: Deliveries, reference: str) -> None:
    one = store.by_reference(reference)
    if one is not None:
        deliveries.send(one)


def _page(store: Store, script: Script, deliveries: Deliveries) -> str:
    rows = store.newest_first()[:_SHOWN]
    waiting = [one for one in rows if one.phone and one.status in _WAITING]
    body = f"""<style>{_STYLE}</style>
<section><h1>Payment sandbox</h1><p class="empty">You are the payer, the bank and the weather.</p></section>
<section><h2>Phones</h2>{_phones(waiting)}</section>
<section><h2>Transactions</h2>{_transactions(rows)}</section>
<section><h2>Refunds</h2>{_refunds(store)}</section>
<section><h2>Disputes</h2>{_disputes(store)}</section>
<section><h2>Weather</h2>{_weather(script)}</section>
<section><h2>Webhooks</h2>{_deliveries(deliveries)}</section>"""
    return pages.page("Sandbox", body, refresh=5)


def _phones(waiting: list[Transaction]) -> str:
    if not waiting:
        return '<p class="empty">No prompt is open on any phone.</p>'
    return f'<div class="phones">{"".join(map(_phone, waiting))}</div>'


def _phone(one: Transaction) -> str:
    left = max(0, int(one.prompt_until - time.time()))
    says = "waits for a voucher code" if one.status == "send_otp" else f"pay within {left} s"
    network = outcomes.NETWORKS.get(one.network, one.network)
    return f"""<div class="phone"><p>{escape(network)} · {escape(one.phone)}</p>
<b>{pages.amount(one)}</b><p>{says}</p>
{_buttons("phone", one.reference, {"approve": "Approve", "decline": "Decline", "timeout": "Let it time out"})}
</div>"""


def _transactions(rows: list[Transaction]) -> str:
    lines = []
    for one in rows:
        how = {"approve": "Approve", "decline": "Decline"} if one.status in ("abandoned", "failed") else {}
        acts = _buttons("page", one.reference, how) if how else ""
        if one.status == "success":
            acts = _buttons("webhook", one.reference, {"send": "Webhook again"}) + _buttons(
                "dispute", one.reference, {"open": "Dispute"}
            )
        if one.phone and one.status == "failed":
            acts = _buttons("phone", one.reference, {"late": "Approve late"})
        cells = (escape(one.reference), pages.amount(one), escape(one.channel), _state(one.status), acts)
        lines.append(cells)
    return _table(("Reference", "Amount", "Channel", "Status", ""), lines)


def _refunds(store: Store) -> str:
    ways = {state: state.capitalize() for state in ("processed", "failed", "needs-attention")}
    lines = [
        (
            escape(row["reference"]),
            f"{row['amount'] / 100:,.2f}",
            _state(row["status"]),
            "" if row["status"] in ("processed", "failed") else _buttons("refund", str(row["id"]), ways),
        )
        for row in store.all("refund")[:_SHOWN]
    ]
    return _table(("Payment", "Amount", "Status", ""), lines)


def _disputes(store: Store) -> str:
    ways = {"auto-accepted": "Shop loses", "declined": "Shop wins"}
    lines = [
        (
            escape(row["reference"]),
            f"{row['amount'] / 100:,.2f}",
            _state(row["resolution"] or row["status"]),
            "" if row["resolution"] else _buttons("decide", str(row["id"]), ways),
        )
        for row in store.all("dispute")[:_SHOWN]
    ]
    return _table(("Payment", "Amount", "Status", ""), lines)


def _deliveries(deliveries: Deliveries) -> str:
    lines = [
        (
            escape(one["event"]),
            escape(one["reference"]),
            " ".join(
                f'<span class="state s{answer}">{answer or "no answer"}</span>' for answer in one["answers"]
            ),
        )
        for one in list(deliveries.log)[: -_SHOWN - 1 : -1]
    ]
    return _table(("Event", "Payment", "Answers"), lines)


def _weather(script: Script) -> str:
    faults = _options(FAULTS, script.fail_next)
    cards = _options(("success", "failed", "pending", "challenge"), script.card_charge)
    ends = _options(("processed", "pending", "failed", "needs-attention"), script.refunds_end)
    lost = " checked" if script.lose_webhooks else ""
    armed = f"Armed: {escape(script.fail_next)} {escape(script.fail_path)}" if script.fail_next else ""
    return f"""<form method="post" class="weather"><input type="hidden" name="what" value="fault">
<label>Next call <select name="how">{faults}</select></label>
<label>starting with <input name="path" placeholder="/charge" size="14"></label>
<button>Arm</button> {armed}</form><br>
<form method="post" class="weather"><input type="hidden" name="what" value="script">
<label>Saved cards <select name="card_charge">{cards}</select></label>
<label>New refunds <select name="refunds_end">{ends}</select></label>
<label><input type="checkbox" name="lose_webhooks" value="yes"{lost}> lose webhooks</label>
<button>Set</button></form><br>
<form method="post"><input type="hidden" name="what" value="reset">
<button class="plain">Good weather again</button></form>"""


def _options(values: tuple[str, ...], chosen: str) -> str:
    return "".join(f"<option{' selected' if value == chosen else ''}>{value}</option>" for value in values)


def _buttons(what: str, which: str, how: dict[str, str]) -> str:
    inner = "".join(
        f'<button class="{"" if index == 0 else "plain"}" name="how" value="{value}">{text}</button>'
        for index, (value, text) in enumerate(how.items())
    )
    return (
        f'<form method="post"><input type="hidden" name="what" value="{what}">'
        f'<input type="hidden" name="which" value="{escape(which)}">{inner}</form>'
    )


def _state(status: str, kind: str = "") -> str:
    return f'<span class="state {escape(kind or status)}">{escape(status)}</span>'


def _table(heads: tuple[str, ...], lines: list[Any]) -> str:
    if not lines:
        return '<p class="empty">None yet.</p>'
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
