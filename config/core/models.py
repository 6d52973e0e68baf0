"""Shapes that models of several apps share, and the table behind Idempotency-Key."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone


class CreditsField(models.DecimalField):
    """Credits: two places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


class GhsField(models.DecimalField):
    """Cedis: two places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


class UsdField(models.DecimalField):
    """US dollars of provider cost: eight places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 8)
        super().__init__(*args, **kwargs)


_versions: dict[type[models.Model], tuple[float, dict[str, list[Any]]]] = {}
_versions_lock = threading.Lock()


class DatedModel(models.Model):
    """A catalogue row that is never edited, only followed by a newer one.

    The row in force for a key at a moment is the one with the latest `effective_from` not after it; a row
    that is not `is_active` withdraws the key. What was sold copies the values it was sold at.
    """

    key_field: ClassVar[str] = "slug"

    effective_from = models.DateTimeField(default=timezone.now)
    is_active = models.BooleanField(default=True, help_text="Untick to withdraw it from this date on.")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        changed_dated(type(self))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        changed_dated(type(self))
        return deleted

    @classmethod
    def in_force(cls, now: datetime) -> list[Self]:
        """All active rows in force at `now`, in the order their keys were first added.

        No query while the process's copy is fresh.
        """
        rows = (_latest(versions, now) for versions in _load(cls).values())
        return [row for row in rows if row is not None]

    @classmethod
    def find(cls, key: str, now: datetime) -> Self | None:
        """The active row in force for `key` at `now`, or None."""
        return _latest(_load(cls).get(key, []), now)


def _latest(versions: list[Any], now: datetime) -> Any:
    """`versions` come newest first."""
    row = next((row for row in versions if row.effective_from <= now), None)
    return row if row is not None and row.is_active else None


def _load(model: type[DatedModel]) -> dict[str, list[Any]]:
    # Every version is kept, so a scheduled change takes effect on the dot; only a row added this very
    # moment by another process can be up to CATALOGUE_CACHE_SECONDS late.
    found = _versions.get(model)
    if found is not None and found[0] > time.monotonic():
        return found[1]
    by_key: dict[str, list[Any]] = {}
    for row in model._default_manager.order_by("pk"):
        by_key.setdefault(getattr(row, model.key_field), []).append(row)
    for versions in by_key.values():
        versions.sort(key=lambda row: (row.effective_from, row.pk), reverse=True)
    with _versions_lock:
        _versions[model] = (time.monotonic() + settings.CATALOGUE_CACHE_SECONDS, by_key)
    return by_key


def changed_dated(model: type[DatedModel]) -> None:
    """To be called after writing to a catalogue table, so that this process reads it anew."""
    forget_dated(model)
    transaction.on_commit(lambda: forget_dated(model))  # another thread may have read in between


def forget_dated(model: type[DatedModel] | None = None) -> None:
    """Drops this process's copy of one catalogue table, or of all."""
    with _versions_lock:
        if model is None:
            _versions.clear()
        else:
            _versions.pop(model, None)


class IdempotencyRecord(models.Model):
    """One `Idempotency-Key` of one business: running until `locked_until`, or done with its response."""

    business_id = models.UUIDField()
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    locked_until = models.DateTimeField()
    response_status = models.PositiveSmallIntegerField(null=True)
    response_body = models.TextField(default="")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["business_id", "key"], name="idempotency_key_once")]


class CatalogueSource(models.Model):
    """What the catalogue file said when it was loaded last, to tell its changes from those of the admin."""

    name = models.CharField(max_length=40, unique=True)
    content = models.JSONField(default=dict)
