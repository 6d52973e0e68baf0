"""The caller's address, as far as it can be trusted."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

_IPV6_SITE = 64  # one customer has a whole /64 and could change addresses with every call


def client_ip(request: HttpRequest) -> str:
    """The address to count calls by; "unknown" when there is none, as behind a Unix socket.

    X-Forwarded-For is believed only as far as our own TRUSTED_PROXIES have written it: each appends the
    address it saw, so the one that the outermost of them saw is the last but so many.
    """
    candidate = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(forwarded) >= proxies:
        candidate = forwarded[-proxies].strip()
    try:
        address = ipaddress.ip_address(candidate)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_SITE), strict=False).network_address)
