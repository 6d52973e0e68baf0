"""The rate limit every API view has unless it names others in `throttle_classes`."""

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.core.client_ip import client_ip
from config.core.rate_limit import check

from .models import ApiKey

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module through the settings


class CallerRate(BaseThrottle):
    """Counts by API key, else by user, else by address; rates in settings.RATE_LIMITS. Raises RateLimited."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        scope, identity = _caller(request)
        window = check(scope=scope, identity=identity, limit=settings.RATE_LIMITS[scope])
        view.headers.update(window.headers())
        return True


def _caller(request: Request) -> tuple[str, str]:
    if isinstance(request.auth, ApiKey):
        return "key", str(request.auth.pk)
    if request.user.is_authenticated:
        return "user", str(request.user.pk)
    return "anonymous", client_ip(request)
