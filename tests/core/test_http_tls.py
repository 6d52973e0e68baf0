"""Faults of the encryption: a stranger was told nothing, a line that breaks may have been used."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.core.http import JsonClient, OutcomeUnknown, ServiceUnavailable


class Tls:
    """Takes one encrypted request, then talks nonsense below the encryption."""

    def __init__(self, folder: Path) -> None:
        self.certificate = str(folder / "certificate.pem")
        key = str(folder / "key.pem")
        write_certificate(self.certificate, key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.heard = b""

    def serve(self) -> None:
        plain, _ = self.listener.accept()
        with plain:
            try:
                line = self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=True)
                while not self.heard.endswith(b"}"):
                    self.heard += line.recv(65_536)
                os.write(line.fileno(), b"this is not TLS" * 10)
                line.close()
            except OSError:
                return


def write_certificate(certificate: str, key: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here, now = x509.IPAddress(IPv4Address("127.0.0.1")), datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    Path(certificate).write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    Path(key).write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture
def tls(tmp_path) -> Iterator[Tls]:
    server = Tls(tmp_path)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server
    thread.join(5)
    server.listener.close()


def test_a_stranger_with_a_wrong_certificate_is_told_nothing(tls):
    with pytest.raises(ServiceUnavailable):
        JsonClient(base_url=tls.url, headers={}).post("/pay", {})

    assert tls.heard == b""


def test_an_encrypted_line_that_breaks_after_the_request_has_an_unknown_outcome(tls, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.certificate)

    with pytest.raises(OutcomeUnknown):
        JsonClient(base_url=tls.url, headers={}).post("/pay", {"amount": 100})

    assert tls.heard.endswith(b'{"amount": 100}')
