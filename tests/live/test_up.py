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


def test_what_it_says_and_serves(product):
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


def test_any_web_process_tells_what_all_have_answered(product):
    def told():
        header = {"Authorization": "Bearer local-metrics-token"}
        page = requests.get(product.url + "/metrics", headers=header, timeout=30).text
        return [line for line in page.splitlines() if "_count{" in line and COUNTED in line]

    assert told() == []
    for _ in range(20):  # each on a connection of its own, so both processes get some
        assert requests.get(product.url + "/api/business/alerts/", timeout=30).status_code == 401
    assert {tuple(told()) for _ in range(8)} == {(f"sika_request_seconds_count{{{COUNTED}}} 20.0",)}


COUNTED = 'method="GET",route="/api/business/alerts/",status="401"'


def test_a_second_start_in_the_same_folder_is_refused(product):
    second = product.manage("up")
    assert second.returncode == 1
    assert f"Sika already runs from this folder ({product.url}, process" in second.stderr


def test_other_commands_find_what_runs(product):
    where = product.manage("shell", "--verbosity=0", "--command", SHOW)
    url, paystack, people = where.stdout.split()
    assert (url, paystack) == (product.url, f"{product.sandbox_url}/paystack")
    assert int(people) >= len(PEOPLE)


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


def test_killed_it_starts_again_and_stops(product):
    """The last one: after it, the product of all these tests is gone."""
    product.stop(signal.SIGKILL)
    assert len(product.left_behind()) >= 7  # PostgreSQL, Valkey, web, two workers, beat, sandbox

    with running(product.data) as again:
        assert "processes that an earlier run left behind" in again.said()
        assert requests.get(again.url + "/readyz", timeout=30).json()["status"] == "ready"
        assert again.stop(signal.SIGINT) == 0
        assert again.said().rstrip().endswith("Sika has stopped; the next start finds the same data.")
        assert again.left_behind() == []
