"""What every path, or all of a package's, has in common before its view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import is_valid_path
from rest_framework.exceptions import ParseError

from . import error_views, json


class EitherSlash:
    """Every API path answers with and without its trailing slash; a redirect would lose a POST."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path.startswith("/api/") and not is_valid_path(path):
            other = path.rstrip("/") if path.endswith("/") else f"{path}/"
            if is_valid_path(other):
                request.path = request.path.removesuffix(path) + other
                request.path_info = other
        return self.get_response(request)


_FORM = "/auth/provider/redirect"  # a page submits it, so that the browser follows


class SignInBody:
    """Refuses bodies under /api/auth/ that its package would read with json.loads and then break on:
    nested too deep, with an endless number, with a lone surrogate."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info.removesuffix("/")
        if path.startswith("/api/auth/") and not path.endswith(_FORM) and request.body:
            try:
                json.parse(request.body)
            except json.NestedTooDeep as refusal:
                return error_views.as_json(refusal)
            except ParseError as error:
                return error_views.as_json(error_views.NotJson(str(error.detail)))
        return self.get_response(request)
