"""Anticipated refusals. One handler (`exception_handler.py`) turns them into `{code, detail, …data}`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class DomainError(Exception):
    """A refusal the product foresees. `detail` tells the reader what to do; `data` joins the JSON body."""

    code = "error"
    status_code = 400
    detail = "The request can't be carried out."
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, detail: str | None = None, **data: Any) -> None:
        self.detail = detail or type(self).detail
        self.data = data
        super().__init__(self.detail)


class NotFound(DomainError):
    """Also used for what belongs to another business: the two must not be told apart."""

    code = "not_found"
    status_code = 404
    detail = "Not found."


class PermissionRefused(DomainError):
    code = "permission_denied"
    status_code = 403
    detail = "Your role does not allow this. Ask the owner of the business."


class Conflict(DomainError):
    code = "conflict"
    status_code = 409
    detail = "This conflicts with the current state."


class Busy(DomainError):
    """A lock or a connection could not be had in time. Nothing was changed."""

    code = "busy"
    status_code = 503
    detail = "The service is busy. Nothing was changed; try again in a moment."
