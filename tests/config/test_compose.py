"""The deploy files, read as Docker would read them: no engine is needed."""

import re
from typing import Any

import pytest
import yaml

from .commands import ROOT
from .test_production import REQUIRED, variables_documented

COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = {"web", "worker", "chat", "beat", "migrate"}


def test_the_services():
    assert set(SERVICES) == OURS | {"postgres", "redis", "proxy"}


def test_every_variable_is_in_the_example():
    named = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    assert {"POSTGRES_PASSWORD", "SIKA_DOMAIN", "WEB_PROCESSES"} <= named
    assert named - variables_documented() == set()


def test_only_the_proxy_is_reachable_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_are_locked_down(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["env_file"] == ".env"
    assert service["environment"]["SIKA_ENV"] == "production"


def test_migrations_run_once_before_anything_serves():
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker", "chat", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", ["web", "worker", "chat", "postgres", "redis"])
def test_what_others_wait_for_has_a_health_check(name):
    assert SERVICES[name]["healthcheck"]["test"]


def test_data_outlives_its_container():
    kept = yaml.safe_load(COMPOSE)["volumes"]
    for name, folder in (("postgres", "/var/lib/postgresql"), ("redis", "/data")):
        volume, _, inside = SERVICES[name]["volumes"][0].partition(":")
        assert volume in kept
        assert inside == folder


def test_a_task_may_finish_before_its_worker_is_killed(settings):
    assert SERVICES["worker"]["stop_grace_period"] == "130s"
    assert settings.CELERY_TASK_TIME_LIMIT < 130
    # Else a task would be given out again while it runs.
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > settings.CELERY_TASK_TIME_LIMIT


def test_the_image_is_pinned_and_not_root():
    final = DOCKERFILE.rsplit("FROM ", 1)[1]
    assert "USER sika" in final
    assert DOCKERFILE.count("--require-hashes") == 2
    assert "COPY . " not in DOCKERFILE


def test_the_image_holds_every_app_and_builds_with_every_required_variable():
    for package in ROOT.glob("*/__init__.py"):
        if package.parent.name != "tests":
            assert f"COPY {package.parent.name} {package.parent.name}\n" in DOCKERFILE
    for name in REQUIRED:
        assert f"{name}=" in DOCKERFILE
