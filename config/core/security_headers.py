"""Content-Security-Policy: the last wall against a script that found its way into a page.

The API answers JSON and may load nothing. A page has no scripts, except the API documents, the pages of a
payer and the admin, which run our own files, never inline ones; the admin's Alpine evaluates expressions in
its templates.
Styles may be inline.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_NOTHING = "default-src 'none'; frame-ancestors 'none'"
_PAGE = (
    "default-src 'none'; img-src 'self' data:; font-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_POLICIES = {  # by the start of the path, the first that fits
    "/api/docs": f"{_PAGE}; script-src 'self'",
    "/api/": _NOTHING,
    "/payments/": f"{_PAGE}; script-src 'self'",
    "/admin/": f"{_PAGE}; script-src 'self' 'unsafe-eval'",
}


class ContentSecurityPolicy:
    """Middleware. A view that sets the header itself keeps its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _policy(request.path))
        return response


def _policy(path: str) -> str:
    return next((policy for start, policy in _POLICIES.items() if path.startswith(start)), _PAGE)
