from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from config.catalogue.sync import FOLDER
from config.catalogue.tables import TABLES
from config.core.models import CatalogueSource, forget_dated

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def edited(tmp_path):
    """A function: pos.toml with each old text replaced by a new one, as a file of its own."""

    def edit(*replacements: tuple[str, str], name: str = "edited.toml"):
        text = (FOLDER / "pos.toml").read_text("utf-8")
        for old, new in replacements:
            assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
            text = text.replace(old, new)
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return edit


def empty():
    """No catalogue at all, as before the first load."""
    with connection.cursor() as cursor:
        tables = [table.model._meta.db_table for table in TABLES] + [CatalogueSource._meta.db_table]
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
    forget_dated()


def rows(model):
    """Everything the table holds, for comparing before with after."""
    return list(model.objects.order_by("pk").values())


def everything():
    return {table.section: rows(table.model) for table in TABLES} | {"source": rows(CatalogueSource)}
