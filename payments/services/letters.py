"""A page with our words on it, for a gateway that wants a file with every answer to a dispute."""

from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

_FONT, _SIZE, _MARGIN = "Helvetica", 11, 72


def letter(*, title: str, message: str) -> bytes:
    """A PDF of one page: `message` has at most 500 characters, so it fits."""
    paper = BytesIO()
    width, height = A4
    canvas = Canvas(paper, pagesize=A4, invariant=True)
    canvas.setTitle(title)
    text = canvas.beginText(_MARGIN, height - _MARGIN)
    text.setFont("Helvetica-Bold", _SIZE)
    text.textLines([title, ""])
    text.setFont(_FONT, _SIZE)
    text.textLines(simpleSplit(message, _FONT, _SIZE, width - 2 * _MARGIN))
    canvas.drawText(text)
    canvas.save()
    return paper.getvalue()
