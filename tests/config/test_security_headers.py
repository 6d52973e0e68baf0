import pytest
from django.test import Client

NOTHING = "default-src 'none'; frame-ancestors 'none'"


def policy(path: str) -> dict[str, str]:
    header = Client().get(path).headers["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


@pytest.mark.parametrize("path", ["/api/schema/", "/api/business/", "/api/no-such-path/"])
def test_the_api_may_load_nothing(path, db):
    assert Client().get(path).headers["Content-Security-Policy"] == NOTHING


def test_the_documents_run_only_our_files():
    found = policy("/api/docs/")
    assert found["script-src"] == "'self'"
    assert found["default-src"] == "'none'"


def test_other_pages_run_no_script_but_keep_their_styles(db):
    found = policy("/no-such-page/")
    assert "script-src" not in found
    assert found["default-src"] == "'none'"
    assert found["style-src"] == "'self' 'unsafe-inline'"


def test_the_pages_of_a_payer_run_only_our_files(db):
    found = policy("/payments/return/?reference=unknown")
    assert found["script-src"] == "'self'"
    assert found["default-src"] == "'none'"
    assert found["form-action"] == "'self'"


def test_the_admin_runs_no_inline_script(db):
    found = policy("/admin/login/")
    assert found["script-src"] == "'self' 'unsafe-eval'"
    assert found["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", ["/api/docs/", "/admin/login/", "/payments/return/"])
def test_pages_have_no_inline_script_that_would_be_blocked(path, db):
    html = Client().get(path).content.decode()
    scripts = [part.split(">", 1) for part in html.split("<script")[1:]]
    inline = [tag for tag, rest in scripts if "src=" not in tag and "application/json" not in tag]
    assert inline == []
