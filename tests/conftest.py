"""Gives each test a clean database with the catalogue in it, and audits the books after every one that used it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone

from config.catalogue.sync import FOLDER, sync
from config.core.invariants import violations
from config.core.models import CatalogueSource, DatedModel, forget_dated
from payments.invariants import INVARIANTS as PAYMENTS
from subscriptions.invariants import INVARIANTS as SUBSCRIPTIONS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-benchmarks", action="store_true", help="measure tests/benchmarks (make bench)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--run-benchmarks"):
        items[:] = [item for item in items if "benchmarks" not in item.path.parts]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Prices and roles are there for every test, as in every installation."""
    with django_db_blocker.unblock():
        sync(path=FOLDER / "pos.toml", now=timezone.now())


@pytest.fixture(autouse=True)
def _fresh_copies() -> Iterator[None]:
    forget_dated()
    cache.clear()
    yield
    forget_dated()


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Real commits, for threads and processes. Afterwards every table but the catalogue is emptied."""
    with django_db_blocker.unblock():
        yield
        audit()
        kept = {model._meta.db_table for model in apps.get_models() if issubclass(model, DatedModel)}
        kept |= {
            CatalogueSource._meta.db_table,
            "django_migrations",
            "django_content_type",
            "auth_permission",
        }
        tables = set(connection.introspection.table_names()) - kept
        names = ", ".join(connection.ops.quote_name(table) for table in sorted(tables))
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY")
        connections.close_all()


@pytest.fixture(autouse=True)
def _books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    used = {"db", "transactional_db"} & set(request.fixturenames)
    if not used and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("db")  # set up before this one, so it is still there afterwards
    yield
    audit()


def audit() -> None:
    assert violations([*PAYMENTS, *SUBSCRIPTIONS]) == []
