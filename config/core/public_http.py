"""Addresses that a customer gave us are reached on the public internet alone, never inside our own network.

The address is looked at after connecting and before a byte is sent: a name that pointed elsewhere a moment
ago, when somebody checked it, gains nothing.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import urllib3
from requests.adapters import HTTPAdapter

from .errors import DomainError

_LONGEST_NAME = 253  # RFC 1035, and 63 for each label; DNS can't be asked for more
_LONGEST_LABEL = 63
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressNotAllowed(DomainError):
    code = "address_not_allowed"
    detail = "Give the full https:// address of a server on the public internet."


def check(url: str, *, allow_loopback: bool) -> str:
    """The host of a full https address, without asking DNS. Raises AddressNotAllowed.

    With `allow_loopback` also http, to this machine.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressNotAllowed from None
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if (
        not is_plain
        or not 0 < len(host) <= _LONGEST_NAME
        or port == 0
        or parts.username is not None
        or parts.password is not None
    ):
        raise AddressNotAllowed
    if allow_loopback and _is_loopback(host) and parts.scheme in ("http", "https"):
        return host
    if parts.scheme != "https":
        raise AddressNotAllowed
    try:
        is_good = is_public(host)
    except ValueError:  # a name; its last label is no number, which could be an address in disguise
        labels = host.removesuffix(".").split(".")
        is_good = len(labels) > 1 and not labels[-1][:1].isdigit()
        is_good = is_good and all(0 < len(label) <= _LONGEST_LABEL for label in labels)
    if not is_good:
        raise AddressNotAllowed
    return host


def is_public(address: str) -> bool:
    """Whether this IP address is on the public internet. Raises ValueError when it is none."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class PublicAdapter(HTTPAdapter):
    """For a requests session: refuses to connect to anything but public addresses."""

    def __init__(self, *, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            scheme: _pool(scheme, allow_loopback=self._allow_loopback) for scheme in ("http", "https")
        }


def _pool(scheme: str, *, allow_loopback: bool) -> type[urllib3.HTTPConnectionPool]:
    pools: dict[str, Any] = {"http": urllib3.HTTPConnectionPool, "https": urllib3.HTTPSConnectionPool}
    connection_class: Any = pools[scheme].ConnectionCls

    class Connection(connection_class):
        def _new_conn(self) -> socket.socket:
            found: socket.socket = super()._new_conn()
            address = found.getpeername()[0]
            if is_public(address) or (allow_loopback and _is_loopback(address)):
                return found
            found.close()
            raise urllib3.exceptions.NewConnectionError(self, "not a public address")

    return type("PublicPool", (pools[scheme],), {"ConnectionCls": Connection})
