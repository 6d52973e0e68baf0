import structlog
from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from config import audit, ops, retention
from config.core.invariants import violations
from config.core.retention import prune
from subscriptions.services import operations

_log = structlog.get_logger("sika.books")


@shared_task(expires=30)  # an old one would tell of the past
def heartbeat() -> None:
    """Shows `/readyz` that the queue moves: beat asked, Redis carried, a worker ran it."""
    ops.note_worker()


@shared_task
def audit_books() -> None:
    """Every broken invariant is an error in the log, with its first rows, and an alert, once a day."""
    for broken in violations(audit.INVARIANTS):
        _log.error("books_broken", invariant=broken.name, rows=broken.named_rows())
        operations.tell_broken(rule=broken.name, rows=broken.named_rows(), now=timezone.now())


@shared_task
def prune_data() -> None:
    if prune(kinds=retention.kinds(now=timezone.now()), most_batches=50):
        prune_data.delay()  # the rest in a task of its own: none may take minutes


@worker_ready.connect
def beat_at_once(**signal: object) -> None:
    """A worker that has just started shows itself without waiting for the schedule."""
    heartbeat.delay()
