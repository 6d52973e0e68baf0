"""Turns every exception of a view into the one error shape: `{code, detail, …data}`.

Validation adds `errors: [{field, code, detail}]`, where `field` is the path into the body (`items.0.price`).
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import psycopg_pool
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from .errors import Busy, DomainError, NotFound, PermissionRefused

# Waited too long for a lock or a connection, or two transactions waited for each other: nothing was changed.
_BUSY = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.QueryCanceled,
    psycopg_pool.PoolTimeout,
)


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. Returns None for what nobody foresaw, which becomes a logged 500."""
    error = as_domain_error(exc)
    if error is not None:
        set_rollback()
        headers = dict(error.headers)
        if "retry_after" in error.data:
            headers["Retry-After"] = str(error.data["retry_after"])
        body = {"code": error.code, "detail": error.detail, **error.data}
        return Response(body, status=error.status_code, headers=headers)
    if isinstance(exc, exceptions.APIException):
        set_rollback()
        return _from_drf(exc)
    return None


def as_domain_error(exc: Exception) -> DomainError | None:
    """The refusal that this exception amounts to; None for what nobody foresaw."""
    if isinstance(exc, DomainError):
        return exc
    if isinstance(exc, OperationalError) and isinstance(exc.__cause__, _BUSY):
        return Busy()
    if isinstance(exc, Http404):
        return NotFound()
    if isinstance(exc, PermissionDenied):
        return PermissionRefused()
    return None


def _from_drf(exc: exceptions.APIException) -> Response:
    headers = {}
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_flatten(exc.get_full_details(), ()))
        first = errors[0] if errors else {"field": "", "detail": "The input is not valid."}
        detail = f"{first['field']}: {first['detail']}" if first["field"] else first["detail"]
        body: dict[str, Any] = {"code": "validation_error", "detail": detail, "errors": errors}
        return Response(body, status=exc.status_code, headers=headers)
    codes = exc.get_codes()
    body = {"code": codes if isinstance(codes, str) else exc.default_code, "detail": str(exc.detail)}
    return Response(body, status=exc.status_code, headers=headers)


def _flatten(details: Any, path: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if _is_leaf(details):
        yield {"field": ".".join(path), "code": str(details["code"]), "detail": str(details["message"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _flatten(inner, path if name == "non_field_errors" else (*path, str(name)))
    else:
        for index, inner in enumerate(details):
            if inner:
                yield from _flatten(inner, path if _is_leaf(inner) else (*path, str(index)))


def _is_leaf(details: Any) -> bool:
    # The values tell it from a serializer that happens to have the fields `message` and `code`.
    return (
        isinstance(details, dict)
        and set(details) == {"message", "code"}
        and isinstance(details["message"], str)
    )
