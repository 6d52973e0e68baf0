"""The production settings, as a deploy meets them."""

import json
import re

import pytest
from django.core.management import CommandError, call_command

from config.settings.services import AI_COMPANIES

from .commands import PRODUCTION, ROOT, manage, run

REQUIRED = sorted(set(PRODUCTION) - {"SIKA_ENV"})


def test_check_deploy_is_clean():
    done = manage("check", "--deploy", "--fail-level", "WARNING", environment=PRODUCTION)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
        "",
    )


# One process for all of them: reads the settings once without each.
WITHOUT_EACH = """
import importlib, os, sys
for name in sys.argv[1:]:
    value = os.environ.pop(name)
    for module in [one for one in sys.modules if one.startswith("config.settings")]:
        del sys.modules[module]
    try:
        importlib.import_module("config.settings.production")
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    os.environ[name] = value
"""


def test_each_required_variable_is_asked_for():
    done = run("-c", WITHOUT_EACH, *REQUIRED, environment=PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"ImproperlyConfigured: set {name} in the environment; see .env.example" for name in REQUIRED
    ]


def test_a_missing_variable_ends_a_command():
    done = manage("check", environment={**PRODUCTION, "OPENAI_API_KEY": ""})
    assert done.returncode == 1
    assert "set OPENAI_API_KEY in the environment; see .env.example" in done.stderr
    assert "secret-of" not in done.stderr


def test_an_encryption_key_that_is_none_is_told_at_the_start():
    keys = PRODUCTION["FIELD_ENCRYPTION_KEYS"] + ",tooshort"
    done = manage("check", environment={**PRODUCTION, "FIELD_ENCRYPTION_KEYS": keys})
    assert done.returncode == 1
    assert "FIELD_ENCRYPTION_KEYS: each is 32 bytes in URL-safe base64; see .env.example" in done.stderr
    assert "tooshort" not in done.stderr


@pytest.mark.parametrize("command", ["up", "seed_demo", "sandbox"])
def test_what_is_for_one_machine_refuses_production(command, settings):
    settings.SIKA_ENV = "production"
    with pytest.raises(CommandError, match="production"):
        call_command(command)


def test_the_environment_says_what_production_is():
    done = manage("sandbox", environment=PRODUCTION)
    assert done.returncode == 1
    assert "production" in done.stderr


def test_the_openapi_document_has_no_warnings(tmp_path, capfd):
    file = tmp_path / "schema.json"
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json", file=str(file))
    assert capfd.readouterr().err == ""
    assert json.loads(file.read_text())["openapi"] == "3.1.0"


def test_a_company_that_may_be_asked_needs_its_key():
    done = manage("check", environment={**PRODUCTION, "AI_PROVIDERS": "openai,anthropic"})

    assert done.returncode == 1
    assert "set ANTHROPIC_API_KEY in the environment" in done.stderr


def variables_read() -> set[str]:
    """Every environment variable named in the code: env("X"), required("X"), os.environ["X"] …"""
    reading = re.compile(
        r"""(?:env|env_list|env_datetime|required|environ\.get|environ)[(\[]\s*["']([A-Z][A-Z_]+)["']"""
    )
    files = [ROOT / "manage.py", *(ROOT / "config").rglob("*.py")]
    companies = {f"{name.upper()}_{what}" for name in AI_COMPANIES for what in ("BASE_URL", "API_KEY")}
    return companies | {name for file in files for name in reading.findall(file.read_text())}


def variables_documented() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_variable_is_in_the_example():
    read = variables_read()
    assert {"SIKA_ENV", "SECRET_KEY", "PAYSTACK_SECRET_KEY", "SIKA_DATA_DIR"} <= read
    assert read - variables_documented() == set()


def test_the_example_documents_nothing_that_is_gone():
    compose = (ROOT / "docker-compose.yml").read_text() + (ROOT / "Dockerfile").read_text()
    unused = variables_documented() - variables_read()
    assert {name for name in unused if name not in compose} == set()
