"""Reads uploaded files in a process of its own, which gets little memory, little time and no secrets."""

import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from config.core.errors import Busy
from support_chat.uploads import kinds
from support_chat.uploads.refused import Refused

MOST_CHARACTERS = 40_000
_MEGABYTE = 1024 * 1024
LIMITS = {
    "pages": 100,
    "characters": MOST_CHARACTERS,
    "pixels": 25_000_000,
    "side": 4096,
    "memory": 512 * _MEGABYTE,
    "cpu_seconds": 10,
    "output": 32 * _MEGABYTE,
}
SECONDS = 20.0
# Of one web process at the same time: each takes a core and half a gigabyte at worst.
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class FileRead:
    """`data` is what to keep: a picture's bare copy, otherwise the file as it came."""

    data: bytes
    text: str = ""
    pages: int | None = None


def read(content: bytes, kind: str) -> FileRead:
    """What is in a file of an allowed kind. Raises Refused; Busy when too many are being read.

    Call it without a database connection: it may take seconds.
    """
    if kind in (kinds.TEXT, kinds.CSV):
        return FileRead(data=content, text=(kinds.decode(content) or "")[:MOST_CHARACTERS])
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise Busy
    try:
        told, copy = _ask_child(content, kind)
    finally:
        _AT_ONCE.release()
    if "refused" in told:
        raise Refused(str(told["refused"]))
    if kind in kinds.IMAGES:
        return FileRead(data=copy)
    return FileRead(data=content, text=str(told["text"]), pages=int(told["pages"]))


def _ask_child(content: bytes, kind: str) -> tuple[dict[str, Any], bytes]:
    command = [sys.executable, "-m", "support_chat.uploads.child", json.dumps({**LIMITS, "kind": kind})]
    with tempfile.TemporaryFile() as answer:
        try:
            subprocess.run(  # our own program; the stranger's bytes are its input
                command,
                input=content,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                cwd=settings.BASE_DIR,
                env={},
                timeout=SECONDS,
                check=True,
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            raise Refused("too_heavy") from None  # killed by one of its limits
        answer.seek(0)
        line, _, copy = answer.read().partition(b"\n")
    return json.loads(line), copy
