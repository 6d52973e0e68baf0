"""A receipt or credit note as a PDF: one A5 page, drawn from the stored row alone."""

import threading
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

from django.utils import timezone
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from payments.types import PaymentMethod
from subscriptions.models import DocumentKind, Receipt

WIDTH, HEIGHT = A5
LEFT, RIGHT = 36.0, WIDTH - 36
MIDDLE = WIDTH / 2 + 12
PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
DARK, GREY, LINE = (0.1, 0.1, 0.12), (0.42, 0.42, 0.46), (0.82, 0.82, 0.85)

# A font object keeps its place in its file, so two threads must not draw with it at once. Drawing is pure
# computing: under the interpreter's own lock, threads would gain nothing from doing it in parallel.
_drawing = threading.Lock()


def render(*, receipt: Receipt) -> bytes:
    """The document; the same bytes for the same receipt. Long texts are wrapped, then shortened with “…”.

    A character without a glyph in the font is shown as “?”. Right-to-left names are drawn letter by letter,
    not joined. No query, no network; a few milliseconds, one at a time in a process.
    """
    with _drawing:
        _fonts()
        file = BytesIO()
        canvas = Canvas(file, pagesize=A5, invariant=True, pageCompression=1, lang="en-GB")
        canvas.setTitle(f"{receipt.get_kind_display()} {receipt.number}")
        canvas.setAuthor(printable(receipt.seller_name, PLAIN))
        _draw(_Page(canvas), receipt)
        canvas.showPage()
        canvas.save()
    return file.getvalue()


@cache
def _fonts() -> dict[str, TTFont]:
    """Reportlab's own font has neither the cedi sign nor Twi's ɛ and ɔ."""
    fonts = {
        name: TTFont(name, str(Path(__file__).parent / "fonts" / f"{name}.ttf")) for name in (PLAIN, BOLD)
    }
    for font in fonts.values():
        pdfmetrics.registerFont(font)
    return fonts


def printable(text: str, font: str) -> str:
    """`text` composed, on one line, with “?” for what the font has no glyph for."""
    glyphs = _fonts()[font].face.charToGlyph
    shown = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category in ("Cc", "Zs", "Zl", "Zp"):
            shown.append(" ")
        elif category == "Cf" or 0xFE00 <= ord(char) <= 0xFE0F:
            continue  # invisible: joiners, directions, variants of emoji
        else:
            shown.append(char if ord(char) in glyphs else "?")
    return " ".join("".join(shown).split())


def wrap(text: str, font: str, size: float, width: float, lines: int) -> list[str]:
    """At most `lines` lines of at most `width` points. A word wider than a line is cut where it must be."""
    done: list[str] = []
    line = ""
    for word in printable(text, font).split(" "):
        longer = f"{line} {word}".strip()
        if _width(longer, font, size) <= width:
            line = longer
            continue
        done += [line] if line else []
        while _width(word, font, size) > width:
            fits = _that_fits(word, font, size, width)
            done.append(word[:fits])
            word = word[fits:]
        line = word
    done.append(line)
    if len(done) > lines:
        last = done[lines - 1] + "…"
        while _width(last, font, size) > width:
            last = last[:-2] + "…"
        done = [*done[: lines - 1], last]
    return done


def _that_fits(word: str, font: str, size: float, width: float) -> int:
    return next(n for n in range(len(word), 0, -1) if n == 1 or _width(word[:n], font, size) <= width)


def _width(text: str, font: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, font, size))


class _Page:
    """A canvas and how far down it is filled."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.y = HEIGHT - 52

    def text(
        self,
        text: str,
        x: float = LEFT,
        *,
        font: str = PLAIN,
        size: float = 9,
        color: tuple[float, float, float] = DARK,
        right: bool = False,
    ) -> None:
        """On the current line; does not move on."""
        self.canvas.setFont(font, size)
        self.canvas.setFillColorRGB(*color)
        (self.canvas.drawRightString if right else self.canvas.drawString)(x, self.y, printable(text, font))

    def column(self, lines: Iterable[str], x: float = LEFT, *, font: str = PLAIN, size: float = 9) -> None:
        for line in lines:
            self.text(line, x, font=font, size=size)
            self.down(size * 1.4)

    def pair(self, label: str, value: str, x: float) -> None:
        self.text(label, x, size=7.5, color=GREY)
        self.down(11)
        self.text(value, x)
        self.down(17)

    def down(self, points: float) -> None:
        self.y -= points

    def rule(self) -> None:
        self.canvas.setStrokeColorRGB(*LINE)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(LEFT, self.y, RIGHT, self.y)


def _draw(page: _Page, receipt: Receipt) -> None:
    _seller(page, receipt)
    _who_and_when(page, receipt)
    _what(page, receipt)
    _amounts(page, receipt)
    _how(page, receipt)


def _seller(page: _Page, receipt: Receipt) -> None:
    title = receipt.get_kind_display()
    page.text(title, RIGHT, font=BOLD, size=17, right=True)
    room = RIGHT - LEFT - _width(title, BOLD, 17) - 24
    page.column(wrap(receipt.seller_name, BOLD, 12, room, 2), font=BOLD, size=12)
    page.column(wrap(receipt.seller_address, PLAIN, 8.5, room, 3) if receipt.seller_address else [], size=8.5)
    page.column([f"TIN {receipt.seller_tin}"] if receipt.seller_tin else [], size=8.5)
    page.down(6)
    page.rule()
    page.down(22)


def _who_and_when(page: _Page, receipt: Receipt) -> None:
    top = page.y
    page.pair("Number", receipt.number, MIDDLE)
    page.pair("Date", _moment(receipt.created_at), MIDDLE)
    if receipt.corrects is not None:
        page.pair("Corrects receipt", receipt.corrects.number, MIDDLE)
    below = page.y
    page.y = top
    page.text("Customer", size=7.5, color=GREY)
    page.down(11)
    room = MIDDLE - LEFT - 16
    page.column(wrap(receipt.customer_name, BOLD, 9, room, 3), font=BOLD)
    page.column(wrap(receipt.customer_email, PLAIN, 8, room, 2), size=8)
    page.y = min(page.y, below) - 10


def _what(page: _Page, receipt: Receipt) -> None:
    page.text("Description", size=7.5, color=GREY)
    page.text("Amount, GH₵", RIGHT, size=7.5, color=GREY, right=True)
    page.down(7)
    page.rule()
    page.down(17)
    is_sale = receipt.kind == DocumentKind.RECEIPT
    page.text(_money(receipt.total_ghs), RIGHT, right=True)
    what = receipt.description if is_sale else f"Money back: {receipt.description}"
    page.column(wrap(what, PLAIN, 9, RIGHT - LEFT - 90, 3))
    if is_sale and receipt.credits:
        page.text(_credits(receipt), size=8, color=GREY)
        page.down(13)
    page.rule()
    page.down(20)


def _amounts(page: _Page, receipt: Receipt) -> None:
    lines = [("Net amount", receipt.base_ghs)]
    for tax in receipt.taxes:
        lines.append((f"{tax['name']} {_percent(Decimal(tax['rate']))}", Decimal(tax["amount_ghs"])))
    for label, amount in lines:
        page.text(wrap(label, PLAIN, 9, RIGHT - MIDDLE - 70, 1)[0], MIDDLE)
        page.text(_money(amount), RIGHT, right=True)
        page.down(15)
    page.down(4)
    label = "Total paid" if receipt.kind == DocumentKind.RECEIPT else "Returned"
    page.text(label, MIDDLE, font=BOLD, size=10.5)
    page.text(f"GH₵ {_money(receipt.total_ghs)}", RIGHT, font=BOLD, size=10.5, right=True)
    page.down(16)
    page.text("All taxes are included in the price.", RIGHT, size=7.5, color=GREY, right=True)
    page.down(24)
    page.rule()
    page.down(20)


def _how(page: _Page, receipt: Receipt) -> None:
    page.pair("Paid by", _paid_by(receipt), LEFT)
    page.pair("Payment reference", receipt.reference, LEFT)


def _paid_by(receipt: Receipt) -> str:
    """The channel tells card from mobile money where the buyer chose on the payment page."""
    if receipt.channel:
        return receipt.channel.replace("_", " ").capitalize()
    return dict(PaymentMethod.choices).get(receipt.payment_method, receipt.payment_method)


def _moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment, timezone.get_default_timezone()):%-d %B %Y, %H:%M %Z}"


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}%"


def _credits(receipt: Receipt) -> str:
    if not receipt.bonus_credits:
        return f"{receipt.credits:,.2f} credits"
    total = receipt.credits + receipt.bonus_credits
    return f"{receipt.credits:,.2f} credits and {receipt.bonus_credits:,.2f} bonus: {total:,.2f} in all"
