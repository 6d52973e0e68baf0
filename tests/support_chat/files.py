"""Files that people send, and files that nobody should."""

import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

from PIL import Image
from pypdf import PdfWriter
from pypdf.actions import JavaScript
from reportlab.pdfgen import canvas


def pdf(*lines: str, pages: int = 1, password: str | None = None) -> bytes:
    out = BytesIO()
    paper = canvas.Canvas(out, encrypt=password)
    for number in range(pages):
        for place, line in enumerate(lines or [f"Page {number + 1}"]):
            paper.drawString(72, 700 - 20 * place, line)
        paper.showPage()
    paper.save()
    return out.getvalue()


def pdf_with_javascript() -> bytes:
    writer = PdfWriter(clone_from=BytesIO(pdf("Invoice")))
    writer.add_open_action(JavaScript("app.alert(1)"))
    return _written(writer)


def pdf_with_a_file() -> bytes:
    writer = PdfWriter(clone_from=BytesIO(pdf("Invoice")))
    writer.add_attachment("setup.exe", b"MZ")
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def raw_pdf(objects: Sequence[bytes]) -> bytes:
    """Of objects as they are written; the first is the catalogue."""
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows)
    return body + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, start)


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def pdf_bomb(megabytes: int) -> bytes:
    """A page that unpacks to so much."""
    packed = zlib.compress(b" " * (megabytes * 1024 * 1024), 9)
    return raw_pdf([CATALOGUE, PAGES, PAGE, stream(packed, b"/Filter /FlateDecode")])


def pdf_in_itself() -> bytes:
    """Its tree of pages has no end."""
    return raw_pdf([CATALOGUE, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"])


def pdf_with_action(action: bytes, where: bytes = b"/OpenAction") -> bytes:
    """Written as nobody writes it who has nothing to hide."""
    catalogue = b"<< /Type /Catalog /Pages 2 0 R %s 5 0 R >>" % where
    return raw_pdf([catalogue, PAGES, PAGE, stream(b""), action])


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 6), mode: str = "RGB", **save: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, kind, **save)
    return out.getvalue()


def picture_bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is so large."""
    content = bytearray(picture())
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def picture_with_a_place() -> bytes:
    """A photo that says where and with what it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x0110] = "Camera of Ama"
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    return picture("JPEG", exif=exif.tobytes(), comment=b"Makola market")


def archive(**files: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/"), content)
    return out.getvalue()
