"""A copy of a picture that has its pixels and nothing else: no place, no camera, no second file behind it."""

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from . import kinds
from .refused import Refused

_FORMATS = {kinds.PNG: "PNG", kinds.JPEG: "JPEG", kinds.WEBP: "WEBP"}
_QUALITY = 85


def copy(content: bytes, kind: str, *, most_pixels: int, longest_side: int) -> tuple[bytes, int, int]:
    """The copy, upright and at most so large, with its width and height. Raises Refused."""
    Image.MAX_IMAGE_PIXELS = None  # looked at here, before a pixel is unpacked
    try:
        with Image.open(BytesIO(content), formats=[_FORMATS[kind]]) as opened:
            if opened.width * opened.height > most_pixels:
                raise Refused("too_large")
            upright = ImageOps.exif_transpose(opened)
            bare = upright.convert(_mode(upright))
    except MemoryError:
        raise Refused("too_heavy") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        raise Refused("broken") from None
    bare.info.clear()
    bare.thumbnail((longest_side, longest_side))
    out = BytesIO()
    bare.save(out, _FORMATS[kind], **({} if kind == kinds.PNG else {"quality": _QUALITY}))
    return out.getvalue(), bare.width, bare.height


def _mode(picture: Image.Image) -> str:
    if picture.format != "JPEG" and picture.has_transparency_data:
        return "RGBA"
    return "L" if picture.mode in ("1", "L") else "RGB"
