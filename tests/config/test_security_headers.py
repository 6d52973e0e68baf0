import pytest
from django.test import Client

NOTHING = "default-src 'none'; frame-ancestors 'none'"


def policy(path: str) -> dict[str, str]:
    header = Client().get(path).headers["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


@pytest.mark.parametrize("path", ["/healthz", "/api/schema/", "/api/business/", "/no-such-page"])
def test_what_is_not_a_page_may_load_nothing(path, db):
    assert Client().get(path).headers["Content-Security-Policy"] == NOTHING


def test_the_documents_run_only_our_files():
    found = policy("/api/docs/")
    assert found["script-src"] == "'self'"
    assert found["default-src"] == "'self'"


def test_the_admin_runs_no_inline_script(db):
    found = policy("/admin/login/")
    assert found["script-src"] == "'self' 'unsafe-eval'"
    assert found["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", ["/api/docs/", "/admin/login/"])
def test_pages_have_no_inline_script_that_would_be_blocked(path, db):
    html = Client().get(path).content.decode()
    scripts = [part.split(">", 1) for part in html.split("<script")[1:]]
    inline = [tag for tag, rest in scripts if "src=" not in tag and "application/json" not in tag]
    assert inline == []
