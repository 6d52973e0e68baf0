"""`python -m support_chat.uploads.child '{…}' < file`: reads one file of a stranger.

A process of its own, with little memory, little time, no environment and nothing to write to but standard
output: one line of JSON, then the bytes to keep of a picture.
"""

import json
import resource
import sys
from typing import Any

from . import image, kinds, pdf
from .refused import Refused


def read(content: bytes, limits: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What is in a file of `limits["kind"]`, and the picture's copy. Raises Refused."""
    if limits["kind"] == kinds.PDF:
        text, pages = pdf.read(content, most_pages=limits["pages"], most_characters=limits["characters"])
        return {"text": text, "pages": pages}, b""
    copy, width, height = image.copy(
        content, limits["kind"], most_pixels=limits["pixels"], longest_side=limits["side"]
    )
    return {"width": width, "height": height}, copy


def _confine(limits: dict[str, Any]) -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, limits["output"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    limits = json.loads(sys.argv[1])
    _confine(limits)
    try:
        told, copy = read(sys.stdin.buffer.read(), limits)
    except Refused as refused:
        told, copy = {"refused": refused.reason}, b""
    except MemoryError:
        told, copy = {"refused": "too_heavy"}, b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + copy)


if __name__ == "__main__":
    main()
