"""What a file is, told from its content alone: its name and what the sender says of it prove nothing."""

import csv
import unicodedata
from itertools import islice

PNG, JPEG, WEBP, PDF = "image/png", "image/jpeg", "image/webp", "application/pdf"
TEXT, CSV = "text/plain", "text/csv"
IMAGES = (PNG, JPEG, WEBP)
ALL = (*IMAGES, PDF, TEXT, CSV)
# A name for saving a file of this kind ends with one of these.
ENDINGS = {
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg"),
    WEBP: (".webp",),
    PDF: (".pdf",),
    TEXT: (".txt", ".log", ".md"),
    CSV: (".csv",),
}
# What people try, so that the refusal can say what to do instead.
OFFICE, ARCHIVE, MARKUP, OTHER_IMAGE, PROGRAM = "office", "archive", "markup", "other_image", "program"
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", OFFICE),
    (b"{\\rtf", OFFICE),
    (b"\x1f\x8b", ARCHIVE),
    (b"Rar!", ARCHIVE),
    (b"7z\xbc\xaf", ARCHIVE),
    (b"GIF8", OTHER_IMAGE),
    (b"II*\0", OTHER_IMAGE),
    (b"MM\0*", OTHER_IMAGE),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"#!", PROGRAM),
)
_MARKUP = ("<svg", "<html", "<!doctype", "<script", "<?xml", "<?php", "<!entity", "<iframe")
_HEAD = 4096
_SNIFFED_LINES = 20


def kind_of(content: bytes) -> str:
    """The media type of an allowed file, else what it looks like instead; empty for what nobody knows."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK"):  # a zip: the newer office files are, too. None is ever unpacked
        return OFFICE if b"[Content_Types].xml" in content or b"mimetypeapp" in content[:60] else ARCHIVE
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"):
        return OTHER_IMAGE
    for sign, kind in _OTHERS:
        if content.startswith(sign):
            return kind
    text = decode(content)
    if text is None:
        return ""
    if any(sign in text[:_HEAD].lower() for sign in _MARKUP):
        return MARKUP
    return CSV if _is_table(text) else TEXT


def decode(content: bytes) -> str | None:
    """As text: UTF-8, UTF-16 with its mark, or Windows' Western European; None for other bytes."""
    encodings = ["utf-8-sig", "cp1252"]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if all(_is_written(character) for character in set(text)) else None
    return None


def clean(text: str) -> str:
    """Without what nobody sees: control and direction marks, and what no database can store."""
    seen = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode()
    hidden = {mark for mark in set(seen) if mark not in "\n\t" and unicodedata.category(mark) in ("Cc", "Cf")}
    return seen.translate({ord(mark): None for mark in hidden}).strip() if hidden else seen.strip()


def _is_written(character: str) -> bool:
    return character in "\t\n\r\f" or unicodedata.category(character) != "Cc"


def _is_table(text: str) -> bool:
    """Whether the first lines have equally many fields, two or more, with one of the usual separators."""
    lines = [line for line in islice(text.splitlines(), _SNIFFED_LINES) if line.strip()]
    if len(lines) < 2:
        return False
    try:
        widths = [{len(row) for row in csv.reader(lines, delimiter=mark)} for mark in ",;\t|"]
    except csv.Error:
        return False
    return any(len(width) == 1 and min(width) > 1 for width in widths)
