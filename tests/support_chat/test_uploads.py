"""What a file is and what is in it: told from its content, and refused when it is more than that."""

import json
import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from support_chat.models import Attachment
from support_chat.services import attachments, reading
from support_chat.uploads import child, kinds
from support_chat.uploads.refused import Refused

from . import files

OFFICE = files.archive(**{"[Content_Types].xml": b"<Types/>", "word__vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def refusal(content: bytes, **limits: Any) -> str:
    """Why it is not taken; what is in it, for one that is."""
    try:
        found, _ = child.read(content, {**reading.LIMITS, "kind": kinds.kind_of(content), **limits})
    except Refused as refused:
        return refused.reason
    return str(found)


KINDS = {
    "png": (files.picture(), "image/png"),
    "jpeg": (files.picture("JPEG"), "image/jpeg"),
    "webp": (files.picture("WEBP"), "image/webp"),
    "pdf": (files.pdf("x"), "application/pdf"),
    "text": (b"Dear support,\nmy till is stuck.", "text/plain"),
    "one line of text": ("Ɛte sɛn?".encode(), "text/plain"),
    "csv": (b"item,price\nrice,45.50\n", "text/csv"),
    "csv of a German Excel": ("Größe;Preis\nM;45,50\n".encode("cp1252"), "text/csv"),
    "text of Notepad": ("Größe".encode("utf-16"), "text/plain"),
    "gif": (files.picture("GIF"), "other_image"),
    "bmp": (files.picture("BMP"), ""),
    "tiff": (b"II*\0" + b"x" * 99, "other_image"),
    "heic": (b"\0\0\0\x18ftypheic" + b"\0" * 20, "other_image"),
    "zip": (files.archive(a=b"x"), "archive"),
    "gzip": (b"\x1f\x8b\x08" + b"\0" * 9, "archive"),
    "docm": (OFFICE, "office"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "markup"),
    "svg behind a mark": (b"\xef\xbb\xbf \n<?xml version='1.0'?><SVG onload=x>", "markup"),
    "html": (b"<!DOCTYPE html><script>x</script>", "markup"),
    "html behind text": (b"hello <script src=//evil></script>", "markup"),
    "php": (b"<?php system($_GET[0]);", "markup"),
    "shell": (b"#!/bin/sh\nrm -rf /", "program"),
    "exe": (b"MZ\x90\0" + b"\0" * 60, "program"),
    "elf": (b"\x7fELF\x02", "program"),
    "pdf behind something": (b"GIF89a%PDF-1.4", "other_image"),
    "noise": (bytes(range(256)), ""),
    "text with a nought": (b"hello\0world", ""),
    "text with an escape": (b"\x1b[31mred", ""),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_told_by_content(name: str) -> None:
    content, kind = KINDS[name]
    assert kinds.kind_of(content) == kind


HOSTILE: dict[str, tuple[bytes, str]] = {
    "javascript": (files.pdf_with_javascript(), "active"),
    "a file inside": (files.pdf_with_a_file(), "active"),
    "a name written in hex": (files.pdf_with_action(b"<< /S /J#61vaScript /J#53 (x) >>"), "active"),
    "a program to start": (files.pdf_with_action(b"<< /S /Launch /F (cmd.exe) >>"), "active"),
    "a form that sends": (files.pdf_with_action(b"[ << /S /SubmitForm >> ]", b"/AA"), "active"),
    "a script nobody points at": (files.pdf_with_action(b"<< /JS (x) >>", b"/X"), "active"),
    "an XFA form": (files.pdf_with_action(b"<< /XFA [] >>", b"/AcroForm"), "active"),
    "a password": (files.pdf("x", password="secret"), "encrypted"),
    "pages": (files.pdf(pages=101), "too_long"),
    "a bomb": (files.pdf_bomb(32), "too_heavy"),
    "pages in themselves": (files.pdf_in_itself(), "broken"),
    "no pages": (files.raw_pdf([files.CATALOGUE, b"<< /Type /Pages /Kids [] /Count 0 >>"]), "broken"),
    "a cut pdf": (files.pdf("x")[:300], "broken"),
    "nonsense": (b"%PDF-1.7\nnonsense", "broken"),
    "a cut picture": (files.picture(size=(300, 300))[:120], "broken"),
    "a png that is none": (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "broken"),
    "a jpeg that is none": (b"\xff\xd8\xff" + b"x" * 50, "broken"),
    "a webp that is none": (b"RIFF\0\0\0\0WEBPVP8 " + b"x" * 50, "broken"),
    "a picture of many dots": (files.picture_bomb(60_000, 60_000), "too_large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_in_it_is_refused(name: str) -> None:
    content, reason = HOSTILE[name]
    assert refusal(content) == reason


def test_the_control() -> None:
    assert refusal(files.pdf("Rice 45.50", pages=2)) == (
        "{'text': 'Rice 45.50\\n\\n\\nRice 45.50\\n', 'pages': 2}"
    )
    harmless = b"<< /S /GoTo /D [3 0 R /Fit] >>"
    assert refusal(files.pdf_with_action(harmless)) == "{'text': '', 'pages': 1}"


def test_a_long_text_is_cut() -> None:
    assert refusal(files.pdf("Rice 45.50", pages=9), characters=15) == (
        "{'text': 'Rice 45.50\\n\\n\\nRi', 'pages': 9}"
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_kept_bare_and_small(kind: str) -> None:
    content = files.picture(kind, (400, 200)) + b"PK\x03\x04 and a second file behind it"
    told, copy = child.read(content, {**reading.LIMITS, "kind": kinds.kind_of(content), "side": 100})
    assert told == {"width": 100, "height": 50}
    assert b"second file" not in copy
    with Image.open(BytesIO(copy)) as opened:
        assert (opened.format, opened.size) == (kind, (100, 50))


def test_a_photo_loses_its_place_and_stands_upright() -> None:
    content = files.picture_with_a_place()
    assert b"Camera of Ama" in content and b"Makola" in content
    told, copy = child.read(content, {**reading.LIMITS, "kind": "image/jpeg"})
    assert told == {"width": 6, "height": 8}
    assert b"Camera" not in copy and b"Makola" not in copy
    with Image.open(BytesIO(copy)) as opened:
        assert dict(opened.getexif()) == {}


def test_a_process_of_its_own_reads_and_takes_little_memory() -> None:
    assert reading.read(files.pdf("Rice 45.50"), "application/pdf").text == "Rice 45.50\n"
    limits = {**reading.LIMITS, "kind": "image/png", "memory": 120 * 1024 * 1024}
    done = subprocess.run(
        [sys.executable, "-m", "support_chat.uploads.child", json.dumps(limits)],
        input=files.picture_bomb(5000, 4900),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"refused": "too_heavy"}


def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0.01)
    with pytest.raises(Refused) as refused:
        reading.read(files.pdf("x"), "application/pdf")
    assert refused.value.reason == "too_heavy"


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("receipt.pdf", "application/pdf", "receipt.pdf"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\ama\\list.csv", "text/csv", "list.csv"),
        ("invoice.pdf.exe", "application/pdf", "invoice.pdf.exe.pdf"),
        ("gpj.\u202eexe.png", "image/png", "gpj.exe.png"),
        ('a";\r\nSet-Cookie: x=1.txt', "text/plain", "a_; Set-Cookie_ x=1.txt"),
        ("", "image/webp", "file.webp"),
        ("...", "image/jpeg", "file.jpg"),
        (".png", "image/png", "png.png"),
        ("ɛdziban.JPEG", "image/jpeg", "ɛdziban.JPEG"),
        ("x" * 300 + ".pdf", "application/pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_safe_to_save_under(name: str, kind: str, safe: str) -> None:
    assert attachments.safe_name(name, kind) == safe
    assert len(safe) <= (Attachment._meta.get_field("name").max_length or 0)
