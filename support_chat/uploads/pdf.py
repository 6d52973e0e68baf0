"""The text of a PDF, and nothing of what it would do by itself."""

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import Configuration, PdfReader, apply_configuration
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from .refused import Refused

# Of one stream, unpacked: more than any page of text has, less than would hurt.
_MOST_UNPACKED = 16 * 1024 * 1024
_MOST_OBJECTS = 50_000
# PDF 32000-1, 12.6.4 and 7.11.4: what runs, sends or starts something, and files inside the file.
_ACTIVE_KEYS = frozenset(["/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/EF", "/RichMediaContent"])
_ACTIVE_VALUES = frozenset(
    ["/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/EmbeddedFile", "/RichMedia", "/GoToE"]
)
_NESTS = (DictionaryObject, ArrayObject)

_CAREFUL = Configuration(
    zlib_maximum_output_length=_MOST_UNPACKED,
    lzw_maximum_output_length=_MOST_UNPACKED,
    run_length_maximum_output_length=_MOST_UNPACKED,
    brotli_maximum_output_length=_MOST_UNPACKED,
    array_based_stream_maximum_output_length=_MOST_UNPACKED,
    stream_decoding_work_maximum_length=4 * _MOST_UNPACKED,
    stream_parsing_work_maximum_count=500_000,
    jbig2dec_binary=None,
    disable_legacy_handling=True,
)
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read(content: bytes, *, most_pages: int, most_characters: int) -> tuple[str, int]:
    """The text, at most so long, and the number of pages. Raises Refused."""
    try:
        with apply_configuration(_CAREFUL):
            return _read(content, most_pages, most_characters)
    except (LimitReachedError, MemoryError):
        raise Refused("too_heavy") from None
    except (PyPdfError, RecursionError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError):
        raise Refused("broken") from None


def _read(content: bytes, most_pages: int, most_characters: int) -> tuple[str, int]:
    reader = PdfReader(BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise Refused("encrypted")
    pages = len(reader.pages)
    if pages == 0:
        raise Refused("broken")
    if pages > most_pages:
        raise Refused("too_long")
    _check_active(reader)
    return _text(reader, most_characters), pages


def _text(reader: PdfReader, most: int) -> str:
    parts: list[str] = []
    length = 0
    for page in reader.pages:
        if (contents := page.get_contents()) is not None:
            contents.get_data()  # of a bomb: raises, where extracting would go on without it
        text = page.extract_text()
        parts.append(text)
        length += len(text) + 2
        if length > most:
            break
    return "\n\n".join(parts)[:most]


def _check_active(reader: PdfReader) -> None:
    """Looks at every object, reachable or not, and at what is compressed into others."""
    numbers = {(number, generation) for generation, ids in reader.xref.items() for number in ids}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > _MOST_OBJECTS:
        raise Refused("too_heavy")
    todo: list[Any] = [reader.trailer]
    todo += (
        IndirectObject(number, generation, reader).get_object() for number, generation in numbers if number
    )
    while todo:
        thing = todo.pop()
        if isinstance(thing, DictionaryObject) and _is_active(thing):
            raise Refused("active")
        todo += _inner(thing)


def _is_active(thing: DictionaryObject) -> bool:
    names = (value for value in dict.values(thing) if isinstance(value, NameObject))
    return not (_ACTIVE_KEYS.isdisjoint(thing) and _ACTIVE_VALUES.isdisjoint(names))


def _inner(thing: Any) -> Iterator[Any]:
    """What is written into it; other objects come by themselves."""
    if isinstance(thing, DictionaryObject):
        yield from (one for one in dict.values(thing) if isinstance(one, _NESTS))
    elif isinstance(thing, ArrayObject):
        yield from (one for one in list.__iter__(thing) if isinstance(one, _NESTS))
