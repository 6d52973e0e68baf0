"""How forgetting goes about it, whatever it forgets; each app's test_retention.py says what and when."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from config import retention, tasks
from config.core import retention as core
from config.core.models import IdempotencyRecord
from tests.pruning import prune

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def key(expires_at: datetime = NOW - SECOND, **values: Any) -> IdempotencyRecord:
    return IdempotencyRecord.objects.create(
        business_id=uuid4(), key="a-key-0001", locked_until=NOW - SECOND, expires_at=expires_at, **values
    )


def test_keys_go_when_they_have_expired_with_their_answers() -> None:
    key(response_status=200, response_body='{"title": "Shea butter"}')
    kept = [key(expires_at=NOW, response_status=200).pk]
    assert prune(NOW) == {"expired Idempotency-Keys": 1}
    assert [one.pk for one in IdempotencyRecord.objects.all()] == kept


def test_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "BATCH", 2)
    monkeypatch.setattr(core, "_LOOK", 4)  # so that it has to look twice
    for _ in range(5):
        key()
    (kind, *_) = retention.kinds(now=NOW)
    assert list(core.batches(kind=kind)) == [2, 2, 1]


def test_the_task_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "BATCH", 2)
    for _ in range(5):
        key()
    assert core.prune(kinds=retention.kinds(now=NOW), most_batches=2) is True
    assert IdempotencyRecord.objects.count() == 1
    tasks.prune_data()
    assert IdempotencyRecord.objects.count() == 0
    assert core.prune(kinds=retention.kinds(now=NOW), most_batches=2) is False


@pytest.mark.parametrize("moment", ["x", "2999-01-01T00:00Z"])
def test_a_wrong_moment_is_refused(moment: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("prune_data", as_of=moment)
    assert refused.value.returncode == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_in_use_is_left_and_said() -> None:
    held, free = key(), key()
    other = connections.create_connection("default")
    with transaction.atomic():
        other.connect()
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM core_idempotencyrecord WHERE id = %s FOR UPDATE", [held.pk])
    try:
        with pytest.raises(CommandError, match="1 were in use") as left:
            prune(NOW)
    finally:
        other.close()
    assert left.value.returncode == 1
    assert [one.pk for one in IdempotencyRecord.objects.all()] == [held.pk] != [free.pk]
    assert prune(NOW) == {"expired Idempotency-Keys": 1}
