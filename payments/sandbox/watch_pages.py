"""HTML of the page to watch and steer."""

import time
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from . import outcomes
from .delivery import Deliveries
from .faults import FAULTS
from .html import amount, cedis, document, phone
from .script import CHOICES, Script
from .store import Store, Transaction
from .watch_style import LIVE, STYLE

SETTINGS = ("card_charge", "refunds_end", "after_otp", "webhook_signature", "webhook_form")
_SHOWN = 20
_LABELS = {
    "card_charge": "A saved card",
    "refunds_end": "New refunds go to",
    "after_otp": "A right code leads to",
    "webhook_signature": "Webhook signature",
    "webhook_form": "Webhook form",
}
_GOOD = ("success", "processed", "declined", "200")
_BAD = ("failed", "merchant-accepted", "auto-accepted", "reversed", "no answer", "needs-attention")


def page(store: Store, script: Script, deliveries: Deliveries, *, problem: str = "") -> str:
    open_prompts = [
        one
        for one in store.find("json_extract(state, '$.prompt_until') > ?", [time.time()])
        if one.status == "ongoing"
    ]
    alert = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    total, volume = store.count("TRUE", [])
    settle = _button("settle", "", "", "Settle all", "plain")
    body = f"""<main class="watch">
<div class="top"><h1>Play the payer, the bank and the network</h1>
<p class="counts" id="counts" data-live><span><b>{total}</b> transactions</span>
<span><b>{cedis(volume)}</b> paid</span><span><b>{len(open_prompts)}</b> open prompts</span></p></div>{alert}
<div class="parts">
{_part("phones", "Phones", _phones(open_prompts))}
{_part("transactions", "Transactions", _transactions(store), settle)}
{_part("refunds", "Refunds", _refunds(store))}
{_part("disputes", "Disputes", _disputes(store))}
{_part("webhooks", "Webhooks", _webhooks(deliveries), _held(deliveries))}
{_part("requests", "Calls received", _requests(script))}
</div><aside>{_steer(script)}</aside></main>{LIVE}"""
    return document("Watch and steer", body, style=STYLE)


def _part(name: str, title: str, inner: str, beside: str = "") -> str:
    head = f'<div class="head"><h2>{title}</h2>{beside}</div>'
    return f'<section id="{name}" data-live>{head}{inner}</section>'


def _phones(waiting: list[Transaction]) -> str:
    if not waiting:
        return '<p class="soft">No prompt is open on any phone.</p>'
    return f'<div class="phones">{"".join(map(_phone, waiting))}</div>'


def _phone(one: Transaction) -> str:
    left = max(0, int(one.prompt_until - time.time()))
    says = "Waits for a voucher code." if one.step == "send_otp" else "Enter your PIN to pay."
    ways = {"approve": "Approve", "decline": "Decline", "timeout": "Time out"}
    buttons = _form("phone", one.reference, ways)
    return phone(one, outcomes.NETWORKS.get(one.network, ""), f"{says} {left} s left.", buttons)


def _transactions(store: Store) -> str:
    rows = [
        (
            escape(one.reference),
            amount(one),
            _way(one),
            _pill(one.status, one.step),
            _form(*_transaction_acts(one)),
        )
        for one in store.find(limit=_SHOWN)
    ]
    return _table(("Reference", "Amount", "Way", "Status", ""), rows, "Nothing was opened yet.")


def _way(one: Transaction) -> str:
    if one.card:
        return f"card {one.card[-4:]}"
    return outcomes.NETWORKS.get(one.network, "") if one.phone else "page"


def _transaction_acts(one: Transaction) -> tuple[str, str, dict[str, str]]:
    if one.status == "success":
        return "", one.reference, {"dispute": "Dispute", "webhook": "Webhook again"}
    if one.status == "reversed":
        return "", one.reference, {"webhook": "Webhook again"}
    if one.status == "failed" and one.phone:
        return "phone", one.reference, {"late": "Approve late"}
    return "pay", one.reference, {"approve": "Approve", "decline": "Decline"}


def _refunds(store: Store) -> str:
    rows = [
        (
            escape(row["reference"]),
            cedis(row["amount"]),
            _pill(row["status"]),
            _form("refund", str(row["id"]), _moves(row["status"])),
        )
        for row in store.all("refund")[:_SHOWN]
    ]
    return _table(("Payment", "Amount", "Status", ""), rows, "No refund was asked for.")


def _moves(status: str) -> dict[str, str]:
    ways = {"processed": "Processed", "failed": "Failed", "needs-attention": "Needs attention"}
    ended = status in ("processed", "failed")
    return {} if ended else {way: text for way, text in ways.items() if way != status}


def _disputes(store: Store) -> str:
    ways = {"auto-accepted": "Shop loses", "declined": "Shop wins", "remind": "Remind"}
    rows = [
        (
            escape(row["reference"]),
            cedis(row["amount"]),
            _pill(row["resolution"] or row["status"]),
            _form("decide", str(row["id"]), {} if row["resolution"] else ways),
        )
        for row in store.all("dispute")[:_SHOWN]
    ]
    return _table(("Payment", "Amount", "Status", ""), rows, "No payer has complained.")


def _webhooks(deliveries: Deliveries) -> str:
    rows = [
        (
            escape(one["reference"]),
            escape(one["event"]),
            " ".join(_pill(str(answer or "no answer")) for answer in one["answers"]) or _pill("recorded"),
        )
        for one in _last(deliveries.log)
    ]
    return _table(("Payment", "Event", "Answers"), rows, "None was sent.")


def _held(deliveries: Deliveries) -> str:
    if not deliveries.held:
        return ""
    ways = {"forwards": f"Send {deliveries.held} held", "backwards": "Send backwards"}
    return _form("release", "", ways)


def _requests(script: Script) -> str:
    rows = [
        (
            escape(f"{one['method']} {one['path']}"),
            escape(one["fault"]),
            "" if one["answer"] is None else _pill(str(one["answer"] or "no answer")),
        )
        for one in _last(script.requests)
    ]
    return _table(("Call", "Fault", "Answer"), rows, "None came.")


def _steer(script: Script) -> str:
    armed = [f"{plan['fault']} × {plan.get('times', 1)} {plan.get('path', '')}" for plan in script.faults]
    armed += [f"{script.fail_next} × {script.fail_calls} {script.fail_path}"] if script.fail_next else []
    shown = "".join(f'<li><span class="pill wait">{escape(one)}</span></li>' for one in armed)
    settings = "".join(_setting(script, name) for name in SETTINGS)
    ticks = _tick("lose_webhooks", "Lose all webhooks", script.lose_webhooks)
    ticks += _tick("webhook_hold", "Hold webhooks", script.webhook_hold)
    return f"""<section id="steer"><h2>Faults</h2>
<ul id="armed" data-live>{shown or '<li class="soft">All calls are answered well.</li>'}</ul>
<form class="steer" method="post"><input type="hidden" name="what" value="fault">
<div class="two"><label>Next calls get <select name="how">{_options(FAULTS, "500")}</select></label>
<label>Times <input name="times" value="1" inputmode="numeric"></label></div>
<label>Path begins with <input name="path" placeholder="/charge"></label><button>Arm</button></form>
<h2>Behaviour</h2>
<form class="steer" method="post"><input type="hidden" name="what" value="script">
{settings}{ticks}<button>Set</button></form>
{_button("reset", "", "", "Good behaviour again", "plain")}</section>"""


def _setting(script: Script, name: str) -> str:
    options = _options(CHOICES[name], getattr(script, name))
    return f'<label>{_LABELS[name]} <select name="{name}">{options}</select></label>'


def _tick(name: str, text: str, is_on: bool) -> str:
    checked = " checked" if is_on else ""
    return f'<label class="tick"><input type="checkbox" name="{name}" value="yes"{checked}> {text}</label>'


def _options(values: Iterable[str], chosen: str) -> str:
    return "".join(f"<option{' selected' if value == chosen else ''}>{value}</option>" for value in values)


def _form(what: str, which: str, ways: dict[str, str]) -> str:
    """Buttons of one row. Without `what`, each way is a button of its own kind."""
    if not ways:
        return ""
    kinds = ["", *["plain"] * len(ways)]
    if not what:
        return f"""<div class="acts">{
            "".join(_button(way, which, "", text, "plain") for way, text in ways.items())
        }</div>"""
    inner = "".join(
        f'<button class="{kind}" name="how" value="{way}">{text}</button>'
        for kind, (way, text) in zip(kinds, ways.items(), strict=False)
    )
    return f'<form class="acts" method="post">{_hidden(what, which)}{inner}</form>'


def _button(what: str, which: str, how: str, text: str, kind: str) -> str:
    button = f'<button class="{kind}" name="how" value="{how}">{text}</button>'
    return f'<form method="post">{_hidden(what, which)}{button}</form>'


def _hidden(what: str, which: str) -> str:
    return (
        f'<input type="hidden" name="what" value="{what}">'
        f'<input type="hidden" name="which" value="{escape(which)}">'
    )


def _pill(status: str, step: str = "") -> str:
    kind = "good" if status in _GOOD else "bad" if status in _BAD or status[:1] in "45" else ""
    kind = kind or ("wait" if status not in ("abandoned", "recorded") else "")
    text = f"{status} · {step.replace('_', ' ')}" if step and status == "ongoing" else status
    return f'<span class="pill {kind}">{escape(text)}</span>'


def _last(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(entries)[: -_SHOWN - 1 : -1]


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], empty: str) -> str:
    if not rows:
        return f'<p class="soft">{empty}</p>'
    kinds = ["amount" if name == "Amount" else "" for name in heads[:-1]] + ["last"]
    head = "".join(f"<th>{name}</th>" for name in heads)
    lines = "".join(
        "<tr>"
        + "".join(f'<td class="{kind}">{cell}</td>' for kind, cell in zip(kinds, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
