"""Gives each test a clean database with the catalogue in it, and audits the books after each that used it."""

import atexit
import gc
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache as shared_cache
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils import timezone
from xdist.scheduler import LoadScopeScheduling

from ai_features.providers import breaker
from config.catalogue.sync import FOLDER, sync
from config.core import models as core_models
from config.core.models import DatedModel, forget_dated
from tests import personal, sandboxes
from tests.books import audit
from tests.faults.report import pytest_terminal_summary as pytest_terminal_summary
from tests.live.product import Product, running

# What is started once for all tests below a path: the whole product, the processes that are killed, an SDK
# that takes two seconds to import.
SHARED = {
    "tests/live": "product",
    "tests/browser": "product",
    "tests/faults/test_kills": "kills",
    "tests/ai_features/test_provider": "sdk",
}

TEMPLATE = "sika_template"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-benchmarks", action="store_true", help="measure tests/benchmarks (make bench)")
    parser.addoption(
        "--simulate", type=int, metavar="SEED", help="play tests/simulation whole (make simulate)"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--run-benchmarks"):
        items[:] = [item for item in items if "benchmarks" not in item.path.parts]
    if config.getoption("--simulate") is None:
        items[:] = [item for item in items if item.path.name != "test_whole_town.py" and not _is_more(item)]


def _is_more(item: pytest.Item) -> bool:
    """One week of the thousand purchases says most; the others wait for `make simulate`."""
    call = getattr(item, "callspec", None)
    return item.path.name == "test_thousand_purchases.py" and call is not None and call.params["week"] > 1


def pytest_collection(session: pytest.Session) -> None:
    gc.disable()  # nothing that is collected goes away again: a third of the time
    if "PYTEST_XDIST_WORKER" in os.environ and session.config.args == session.config.getini("testpaths"):
        _share_the_rewriting()


def _share_the_rewriting() -> None:
    """In a fresh clone pytest rewrites each file's asserts and keeps them: five seconds of each process.

    Each begins elsewhere, and finds what the others have kept. What can't be imported is told of later.
    """
    files = sorted(Path(__file__).parent.rglob("test_*.py"))
    process = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    begin = len(files) * process // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for path in files[begin:] + files[:begin]:
        with suppress(Exception, pytest.skip.Exception):
            import_module(".".join(path.relative_to(Path(__file__).parents[1]).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """What is there by now stays: not to look through it for garbage saves a tenth of the time."""
    gc.enable()
    gc.collect()
    gc.freeze()


class Scheduling(LoadScopeScheduling):
    """Gives each process the next test with all its parameters, and all that share something dear to one."""

    def _split_scope(self, nodeid: str) -> str:
        function = nodeid.partition("[")[0]
        return next((group for path, group in SHARED.items() if nodeid.startswith(path)), function)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """The whole product with its demo shop, as `make run` starts it."""
    folder = Path(tempfile.mkdtemp(prefix="sika-live-"))
    with running(folder) as product:
        yield product
        assert product.stop(signal.SIGTERM) in (0, -signal.SIGKILL)  # a test kills it
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, django_db_blocker: Any) -> None:
    """The first process migrates; all copy its database, which takes a tenth of the time."""
    test, name = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    own = test["NAME"]
    with psycopg.connect(os.environ["DATABASE_URL"]) as one_at_a_time, django_db_blocker.unblock():
        one_at_a_time.execute("SELECT pg_advisory_xact_lock(1)")
        if not one_at_a_time.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).rowcount:
            test["NAME"] = TEMPLATE
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            with connection.cursor() as cursor:
                cursor.execute(_KEEP)
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # a copied database has no visitors
            connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    test.update(NAME=own, TEMPLATE=TEMPLATE, MIGRATE=False)
    connection.creation.destroy_test_db = lambda *_, **__: None  # type: ignore[method-assign]  # it goes with its server


@receiver(post_migrate, sender=apps.get_app_config("core"))
def load_catalogue(**_: Any) -> None:
    """Prices and roles are there for every test, as in every installation. Sent when the template is made."""
    sync(path=FOLDER / "pos.toml", now=timezone.now())


# What a new installation contains, kept beside it, and what copies it back: 9 ms with plans that are kept,
# 49 when every table's were made each time.
_KEEP = """
DO $$ DECLARE name text; copies text := ''; BEGIN
    CREATE SCHEMA pristine;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE pristine.%1$I AS TABLE public.%1$I', name);
        copies := copies || format(
            'DELETE FROM public.%1$I; INSERT INTO public.%1$I SELECT * FROM pristine.%1$I;', name);
    END LOOP;
    EXECUTE format('CREATE FUNCTION pristine.restore() RETURNS void LANGUAGE plpgsql AS %L',
                   'BEGIN ' || copies || ' END');
END $$
"""


@cache
def _restorer(database: str) -> psycopg.Connection:
    """A connection of its own: on one of ours, what it sets would forget our plans."""
    other = psycopg.connect(**{**connection.get_connection_params(), "dbname": database}, autocommit=True)
    other.execute("SET session_replication_role = replica")  # no triggers: rows may go that never do
    atexit.register(other.close)
    return other


def _restore(self: Any, sql_list: list[str]) -> None:
    """After a test with real commits."""
    _restorer(self.connection.settings_dict["NAME"]).execute("SELECT pristine.restore()")


DatabaseOperations.execute_sql_flush = _restore  # type: ignore[assignment]
# Nothing is missing then that this would make.
flush.emit_post_migrate_signal = lambda *_, **__: None  # type: ignore[attr-defined]


# The process's copy of a new installation's catalogue: what each test would read anew, a query a table.
_CATALOGUE: dict[type[DatedModel], dict[str, list[Any]]] = {}


def _all_dated() -> list[type[DatedModel]]:
    return [model for model in apps.get_models() if issubclass(model, DatedModel)]


@pytest.fixture(scope="module")
def shared_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What a module's fixtures commit is there for all its tests; what these write is undone after each."""
    with django_db_blocker.unblock():
        yield
        _restorer(connection.settings_dict["NAME"]).execute("SELECT pristine.restore()")


@pytest.fixture(autouse=True)
def _fresh_copies() -> Iterator[None]:
    _forget_copies()
    breaker.forget()
    shared_cache.clear()
    yield
    _forget_copies()


def _forget_copies() -> None:
    forget_dated()
    until = time.monotonic() + settings.CATALOGUE_CACHE_SECONDS
    core_models._versions.update((model, (until, copy)) for model, copy in _CATALOGUE.items())


@pytest.fixture(autouse=True)
def _nothing_personal_leaves() -> Iterator[None]:
    """No name, phone, e-mail or id that a test made or sent ever reached the stand-in of the models."""
    sandboxes.allow()
    sandboxes.forbid(*personal.of_examples())
    yield
    assert sandboxes.leaks() == []


@pytest.fixture(autouse=True)
def _books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    used = {"db", "transactional_db"} & set(request.fixturenames)
    if not used and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("db")  # set up before this one, so it is still there afterwards
    if not _CATALOGUE:
        _CATALOGUE.update((model, core_models._load(model)) for model in _all_dated())
    yield
    audit()
