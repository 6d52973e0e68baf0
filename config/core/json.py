"""JSON in and out with Decimal: a number stays the decimal it was written as, never a binary float."""

import re
from typing import Any, ClassVar

import simplejson
from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

from .errors import DomainError

MAX_DEPTH = 20

_other_types = JSONEncoder()
# The quote at the end may be missing: then no later one is the end of a string either.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def dumps(data: Any) -> str:
    """JSON text; Decimal becomes a number with its own digits, dates ISO 8601, UUIDs text."""
    return str(
        simplejson.dumps(
            data, use_decimal=True, default=_other_types.default, ensure_ascii=False, separators=(",", ":")
        )
    )


def loads(text: str | bytes) -> Any:
    """Parsed JSON, fractions as Decimal. Raises ValueError, also for NaN and Infinity."""
    try:
        return simplejson.loads(text, use_decimal=True, parse_constant=_refuse_constant)
    except (ArithmeticError, RecursionError):
        raise ValueError("a number is too large, or the nesting too deep") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class BodyTooLarge(DomainError):
    code = "body_too_large"
    status_code = 413
    detail = "The body is too large."


class NestedTooDeep(DomainError):
    code = "nested_too_deep"
    detail = f"The body has lists or objects inside one another more than {MAX_DEPTH} levels deep."


def _too_deep(text: bytes) -> bool:
    """Before parsing, as parsing is what depth may break. Linear; what is no JSON is left to the parser."""
    if text.count(b"[") + text.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", text)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def parse(body: bytes) -> Any:
    """A request's body. Raises NestedTooDeep, and ParseError for what is no JSON or no database can store."""
    if _too_deep(body):
        raise NestedTooDeep
    try:
        data = loads(body)
        if b"\\ud" in body.lower():
            dumps(data).encode()  # refuses a lone surrogate
    except ValueError as error:
        raise ParseError(f"The body is not valid JSON: {error}") from None
    return data


class DecimalJSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else dumps(data).encode()


class DecimalJSONParser(BaseParser):
    media_type = "application/json"
    renderer_class: ClassVar[type[BaseRenderer]] = DecimalJSONRenderer

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        text = stream.read(limit + 1)
        if len(text) > limit:
            raise BodyTooLarge(limit_bytes=limit)
        return parse(text)
