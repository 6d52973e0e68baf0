"""Customers' addresses: https on the public internet, and nothing of ours."""

import socket
import threading

import pytest

from config.core.http import JsonClient, ServiceUnavailable
from config.core.public_http import AddressNotAllowed, PublicAdapter, check, is_public

REFUSED = [
    "",
    "hooks.slack.com/services/x",
    "http://hooks.slack.com/services/x",
    "ftp://hooks.slack.com/x",
    "https://",
    "https://user:password@hooks.slack.com/x",
    "https://hooks.slack.com:0/x",
    "https://hooks.slack.com:70000/x",
    "https://hooks slack.com/x",
    "https://hooks.slack.com/\r\nx",
    "https://hooks.slack.com\\@127.0.0.1/",
    "https://localhost/x",
    "https://intranet/x",
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://0x7f.0.0.1/x",
    "https://10.0.0.8/x",
    "https://192.168.1.1/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/x",
    "https://0.0.0.0/x",
    "https://[::1]/x",
    "https://[fd00::1]/x",
    "https://[fe80::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://[2002:7f00:1::]/x",
    "https://[::1/x",
    f"https://{'a' * 64}.example/x",
    f"https://{'a.' * 124}example/x",
    "https://hooks..example/x",
    f"https://[2606:4700::1111%{'a' * 250}]/x",
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_not_public_is_refused(url: str) -> None:
    with pytest.raises(AddressNotAllowed):
        check(url, allow_loopback=False)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.slack.com/services/T0/B0/x", "hooks.slack.com"),
        ("https://HOOKS.slack.com:8443/x?y=1", "hooks.slack.com"),
        ("https://1.1.1.1/x", "1.1.1.1"),
        (f"https://{'a' * 63}.example/x", f"{'a' * 63}.example"),
        (f"https://{'a.' * 123}example/x", f"{'a.' * 123}example"),
        ("https://[2606:4700::1111]/x", "2606:4700::1111"),
    ],
)
def test_what_is_public_is_allowed(url: str, host: str) -> None:
    assert check(url, allow_loopback=False) == host


def test_this_machine_only_where_settings_say_so() -> None:
    assert check("http://127.0.0.1:8400/x", allow_loopback=True) == "127.0.0.1"
    for url in ("http://10.0.0.8/x", "http://hooks.slack.com/x", "https://169.254.169.254/x"):
        with pytest.raises(AddressNotAllowed):
            check(url, allow_loopback=True)


@pytest.mark.parametrize("address", ["224.0.0.1", "255.255.255.255", "::", "ff02::1"])
def test_addresses_of_many_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_a_name_that_leads_inside_is_cut_before_a_byte_is_sent() -> None:
    """`localhost` stands for any name whose owner points it at us."""
    with socket.create_server(("127.0.0.1", 0)) as inside:
        got: list[bytes] = []

        def listen() -> None:
            connection, _ = inside.accept()
            with connection:
                got.append(connection.recv(100))

        thread = threading.Thread(target=listen)
        thread.start()
        client = JsonClient(
            base_url=f"http://localhost:{inside.getsockname()[1]}",
            headers={"Authorization": "secret"},
            guard=PublicAdapter(allow_loopback=False),
        )
        with pytest.raises(ServiceUnavailable):
            client.post("/x", {"text": "x"})
        client.close()
        thread.join(5)
    assert got == [b""]
