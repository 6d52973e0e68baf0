"""Gives each test a clean database with the catalogue in it, and audits the books after each that used it."""

import gc
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils import timezone
from xdist.scheduler import LoadScopeScheduling

from config.catalogue.sync import FOLDER, sync
from config.core.models import forget_dated
from tests.books import audit
from tests.faults.report import pytest_terminal_summary as pytest_terminal_summary
from tests.live.product import Product, running

# What is started once for all tests below a path: the whole product, the processes that are killed.
SHARED = {"tests/live": "product", "tests/browser": "product", "tests/faults/test_kills": "kills"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-benchmarks", action="store_true", help="measure tests/benchmarks (make bench)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--run-benchmarks"):
        items[:] = [item for item in items if "benchmarks" not in item.path.parts]


def pytest_collection_finish() -> None:
    """What is there by now stays: not to look through it for garbage saves a tenth of the time."""
    gc.collect()
    gc.freeze()


class Scheduling(LoadScopeScheduling):
    """Gives each process the next test, but all that share something dear to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for path, group in SHARED.items() if nodeid.startswith(path)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """The whole product with its demo shop, as `make run` starts it."""
    folder = Path(tempfile.mkdtemp(prefix="sika-live-"))
    with running(folder) as product:
        yield product
        assert product.stop(signal.SIGTERM) == 0
    shutil.rmtree(folder)


@receiver(post_migrate, sender=apps.get_app_config("core"))
def load_catalogue(**_: Any) -> None:
    """Prices and roles are there for every test, as in every installation.

    Sent when the test database is made, and again when a test with real commits has been cleaned up after.
    """
    sync(path=FOLDER / "pos.toml", now=timezone.now())


@pytest.fixture(autouse=True)
def _fresh_copies() -> Iterator[None]:
    forget_dated()
    cache.clear()
    yield
    forget_dated()


@pytest.fixture(autouse=True)
def _books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    used = {"db", "transactional_db"} & set(request.fixturenames)
    if not used and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("db")  # set up before this one, so it is still there afterwards
    yield
    audit()
