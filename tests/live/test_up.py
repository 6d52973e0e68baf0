"""`manage.py up` from outside: what it says, what it serves, and how it ends."""

import signal
import socket
import subprocess
import sys

import pytest
import requests

from config.demo import PEOPLE

from .product import ROOT, running

PAGES = ["/healthz", "/readyz", "/api/schema/", "/api/docs/", "/admin/login/"]


def test_start_kill_start_again_and_stop(data):
    with running(data) as product:
        for page in PAGES:
            assert requests.get(product.url + page, timeout=30).status_code == 200, page
        assert requests.get(product.url + "/readyz", timeout=30).json() == {
            "status": "ready",
            "database": "ok",
            "migrations": "ok",
            "redis": "ok",
            "worker": "ok",
        }
        for person in PEOPLE:
            assert person.email in product.said()
            assert person.password in product.said()
        assert f"{product.url}/api/docs/" in product.said()

        second = product.manage("up")
        assert second.returncode == 1
        assert f"Sika already runs from this folder ({product.url}, process" in second.stderr

        where = product.manage("shell", "--verbosity=0", "--command", SHOW)
        assert where.stdout.split() == [product.url, f"{product.sandbox_url}/paystack", str(len(PEOPLE))]

        product.stop(signal.SIGKILL)
        assert len(product.left_behind()) >= 6  # PostgreSQL, Valkey, web, worker, beat, sandbox

    with running(data) as product:
        assert "processes that an earlier run left behind" in product.said()
        assert requests.get(product.url + "/readyz", timeout=30).json()["status"] == "ready"
        assert product.stop(signal.SIGINT) == 0
        assert product.said().rstrip().endswith("Sika has stopped; the next start finds the same data.")
        assert product.left_behind() == []


SHOW = """
from django.conf import settings
from accounts.models import User
print(settings.PUBLIC_URL, settings.PAYSTACK_BASE_URL, User.objects.count())
"""


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_a_port_that_is_taken_is_named(data, option):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "up", option, str(port)],
            cwd=ROOT,
            env={"SIKA_DATA_DIR": str(data), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert f"Port {port} is taken. Choose another {option}" in done.stderr
