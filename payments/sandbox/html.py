"""Pieces of HTML that both kinds of page use: no file is loaded from anywhere."""

from collections.abc import Mapping
from html import escape

from .store import Transaction

STYLE = """
:root { color-scheme: light; --ink: #14213d; --soft: #566078; --line: #d5dae4; --act: #1d5fd1;
  --bad: #b3261e;
        --good: #0b6b3a; --back: #eef1f6; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--back); color: var(--ink);
       font: 1rem/1.5 system-ui, sans-serif; }
.note { background: var(--ink); color: #fff; text-align: center; padding: .5rem 1rem; font-size: .875rem; }
h1, h2, p { margin: 0; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
button, .button { display: block; min-height: 3rem; padding: .625rem 1rem; border-radius: .625rem;
  font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
  border: 1px solid transparent;
  background: var(--act); color: #fff; }
button:hover, .button:hover { filter: brightness(.94); }
.plain { background: #fff; color: var(--ink); border-color: var(--line); }
input, select { font: inherit; color: inherit; background: #fff; border: 1px solid var(--line);
  border-radius: .625rem; padding: .5rem .75rem; min-width: 0; }
input[type=checkbox], input[type=radio] { accent-color: var(--act); }
:is(a, button, input, select):focus-visible { outline: 3px solid #f2a900; outline-offset: 2px; }
.phone { background: #fff; border: .5rem solid var(--ink); border-radius: 1.75rem;
  padding: 1.25rem 1rem 1rem;
  display: grid; gap: .75rem; align-content: start; text-align: center; position: relative; }
.phone::before { content: ""; position: absolute; top: .375rem; left: 50%; width: 3rem; height: .25rem;
  margin-left: -1.5rem; border-radius: 1rem; background: var(--line); }
.phone .says { background: #f6f8fb; border-radius: .75rem; padding: .75rem; text-align: left;
  font-size: .9375rem; }
.phone .says b { display: block; font-size: 1.25rem; }
.phone .who { font-size: .875rem; color: var(--soft); }
.mtn { border-color: #b98900; } .vod { border-color: #c4122f; } .atl { border-color: #0b5ea8; }
"""


def amount(one: Transaction) -> str:
    return cedis(one.amount)


def cedis(pesewas: int) -> str:
    return f"GH₵ {pesewas // 100:,}.{pesewas % 100:02d}"


def phone(one: Transaction, network: str, says: str, inside: str) -> str:
    """A phone with a prompt on it; `inside` are its buttons."""
    return f"""<div class="phone {escape(one.network)}">
<p class="who">{escape(network)} · {escape(one.phone)}</p>
<div class="says"><b>{amount(one)}</b>{escape(says)}</div>
{inside}</div>"""


def choices(name: str, options: Mapping[str, str], chosen: str) -> str:
    """Radio buttons as tiles; `options` are markup."""
    checked = chosen if chosen in options else next(iter(options))
    return "".join(
        f'<label><input type="radio" name="{name}" value="{value}"'
        f"{' checked' if value == checked else ''}><span>{text}</span></label>"
        for value, text in options.items()
    )


def document(title: str, body: str, *, style: str, refresh: int = 0) -> str:
    """`refresh`: seconds after which the browser loads it again; 0 never."""
    again = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">{again}
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{escape(title)} · Payment sandbox</title>
<style>{STYLE}{style}</style></head>
<body><div class="note">Payment sandbox: no real money moves here</div>{body}</body></html>"""
