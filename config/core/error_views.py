"""Errors outside REST framework's views: under /api/ they have the same shape, elsewhere they are pages."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import csrf, defaults

from .errors import DomainError, NotFound, PermissionRefused


class BadRequest(DomainError):
    code = "bad_request"
    detail = "The request can't be understood."


class InternalError(DomainError):
    code = "internal_error"
    status_code = 500
    detail = "Something went wrong on our side. It is logged; name the X-Request-ID when you ask about it."


class NotJson(DomainError):
    code = "parse_error"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return as_json(BadRequest()) if _is_api(request) else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return (
        as_json(PermissionRefused()) if _is_api(request) else defaults.permission_denied(request, exception)
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if _is_api(request):
        return as_json(PermissionRefused("Send the CSRF token, or use an access token instead of cookies."))
    return csrf.csrf_failure(request, reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return as_json(NotFound()) if _is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return as_json(InternalError()) if _is_api(request) else defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def as_json(error: DomainError) -> JsonResponse:
    """The refusal as REST framework's views would answer it."""
    return JsonResponse({"code": error.code, "detail": error.detail}, status=error.status_code)
